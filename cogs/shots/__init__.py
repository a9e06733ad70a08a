"""/shots: the takes of a channel's shots."""
