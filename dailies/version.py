"""The version of Dailies: of a release, or of the one that is being made."""

VERSION = "0.9.0"
