"""Pure functions from a job, a catalogue or an error to what a person reads."""
