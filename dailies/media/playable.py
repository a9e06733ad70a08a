"""Place of a conversion that plays everywhere: beside the file that came."""

from __future__ import annotations

from pathlib import Path


def playable(original: Path) -> Path:
    """Return the path of a file's conversion, whether it is there or not."""
    return original.with_name(f"{original.stem}.play.mp4")
