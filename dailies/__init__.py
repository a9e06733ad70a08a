"""The domain of Dailies: the life of a paid video job. It never imports discord, cogs or bot."""
