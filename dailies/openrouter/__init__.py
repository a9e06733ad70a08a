"""OpenRouter's video API: protocol (no I/O), client (aiohttp), catalogue, and what a model offers."""
