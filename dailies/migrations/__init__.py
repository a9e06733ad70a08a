"""Numbered steps of the schema; dailies/database.py runs them at start."""
