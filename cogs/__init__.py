"""The Discord side: commands, handlers, and the views and messages that people read."""
