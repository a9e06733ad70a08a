"""/jobs: what became of earlier videos."""
