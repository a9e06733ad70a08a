"""Measurements of the real bot in the sandbox. Each prints one JSON object on standard output, progress on errors."""
