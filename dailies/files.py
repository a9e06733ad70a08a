"""Atomic writes: a file is complete or missing, even after a crash or a power cut."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def write_atomically(path: Path, data: bytes) -> None:
    """Write a whole file. Blocks. Raises OSError, which leaves the old content in place."""
    # A unique name, because two threads may write the same file at once.
    part = path.with_name(f"{path.name}.{secrets.token_hex(8)}.part")
    try:
        part.write_bytes(data)
        put_in_place(part, path)
    finally:
        part.unlink(missing_ok=True)


def put_in_place(part: Path, path: Path) -> None:
    """Rename a completely written file to its final name in the same folder. Blocks. Raises OSError."""
    _flush(part)  # or the name could survive a power cut without the bytes
    part.replace(path)
    _flush(path.parent)


def _flush(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
