"""/video and the message command "Animate image": from options to a job."""
