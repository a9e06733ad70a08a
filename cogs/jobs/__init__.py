"""/jobs: earlier videos."""
