"""A page to use the bot from: Discord's channel as a person sees it, without an account."""
