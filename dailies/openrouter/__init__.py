"""OpenRouter's video API: protocol (no I/O), client (aiohttp), catalogue, and a model's offers."""
