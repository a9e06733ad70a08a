"""What Discord sees: commands that hand over, and the words and views that people read."""
