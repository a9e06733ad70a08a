"""Reference images: where they come from, what they are, and what is sent to the model."""
