"""/video and the menu entry Animate image: from options to a job."""
