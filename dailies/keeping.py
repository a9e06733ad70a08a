"""Old videos and reference images leave the disk."""

from __future__ import annotations

import contextlib
import logging
import time
from pathlib import Path

log = logging.getLogger(__name__)


def sweep(folder: Path, days: float, *, now: float | None = None) -> int:
    """Remove files in a folder that are older than so many days; returns how many. Blocks: call it in a thread."""
    before = (time.time() if now is None else now) - days * 86400
    removed = 0
    for path in folder.iterdir() if folder.is_dir() else ():
        # Downloads and fetches rename and remove their parts meanwhile.
        with contextlib.suppress(FileNotFoundError):
            if path.is_file() and path.stat().st_mtime < before:
                path.unlink()
                removed += 1
    if removed:
        log.info("removed %d files older than %g days from %s", removed, days, folder)
    return removed
