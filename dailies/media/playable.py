"""Place of a conversion that plays everywhere: beside the file that came."""

from __future__ import annotations

from pathlib import Path


def playable(original: Path) -> Path:
    """Return the path of a file's conversion, whether it is there or not."""
    return original.with_name(f"{original.stem}.play.mp4")


def original_of(path: Path) -> Path:
    """Return the path of the file that came, for itself or for its conversion."""
    return path.with_name(path.name.removesuffix(".play.mp4") + ".mp4") if path.name.endswith(".play.mp4") else path
