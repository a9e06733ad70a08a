"""Going on from a finished video: the ways, what each costs, and the last frame that one of them begins with."""
