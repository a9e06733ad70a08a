"""Discord's side of delivering a video."""
