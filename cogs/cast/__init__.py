"""/cast: named references of a team, added, shown, changed and removed."""
