"""From a downloaded file to the channel: what a video must be, and what a chat platform must do."""
