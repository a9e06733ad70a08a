"""/screening and /cut: the takes of a channel in a row, and the film of what was approved."""
