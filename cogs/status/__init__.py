"""The status message of a job, from its look to its rate limits."""
