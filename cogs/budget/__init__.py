"""/budget: limits in money and in jobs."""
