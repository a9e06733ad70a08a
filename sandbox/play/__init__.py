"""Stories: what people do with the bot in the sandbox, one step after the other."""
