"""Measurements of the real bot in the sandbox. Each prints one JSON object to stdout, and progress to stderr."""
