"""Reviews: people approve videos or ask for retakes, and approved ones go to a channel of their own."""
