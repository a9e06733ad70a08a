"""Knowledge of video models beyond what the API publishes."""
