"""The cast of a team: named references that its prompts mention as @name."""
