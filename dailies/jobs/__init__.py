"""The life of a job, from the first check to delivery, and the runner that drives it."""
