"""The life of a job: its record, where it is kept, one function to read, and the runner that drives it."""
