"""/settings: what the people who manage a server set for it."""
