"""Files that something trusts later: each is there whole or not at all, also after a crash or a power cut."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def write_atomically(path: Path, data: bytes) -> None:
    """Write a whole file. Blocks. Raises OSError, and leaves the old content then."""
    # A name of its own: two threads may write the same file at once.
    part = path.with_name(f"{path.name}.{secrets.token_hex(8)}.part")
    try:
        part.write_bytes(data)
        put_in_place(part, path)
    finally:
        part.unlink(missing_ok=True)


def put_in_place(part: Path, path: Path) -> None:
    """Give a file that was written whole its name, in the same folder. Blocks. Raises OSError."""
    _flush(part)  # a name that survives a power cut must not stand for bytes that did not
    part.replace(path)
    _flush(path.parent)


def _flush(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
