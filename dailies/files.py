"""Files that outlive a power cut: complete or missing, and on the disk before anything names them."""

from __future__ import annotations

import hashlib
import os
import secrets
import threading
from pathlib import Path

_ONE_AT_A_TIME = threading.Lock()


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
    flush(part)  # or the name could survive a power cut without the bytes
    part.replace(path)
    flush(path.parent)


def put_once(part: Path, path: Path, sha256: str) -> None:
    """Rename a completely written file to its final name, unless the same bytes are there: a confined decoder that has
    that file may open no other. Blocks. Raises OSError.
    """
    with _ONE_AT_A_TIME:
        if is_whole(path, sha256):
            os.utime(path)  # or it could be deleted as an old one before a record names it
        else:
            put_in_place(part, path)


def is_whole(path: Path, sha256: str) -> bool:
    """Tell if a file holds the bytes with this SHA-256; False also when it cannot be read. Blocks."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False


def make_folder(folder: Path) -> None:
    """Create a folder, and those that it is in, where they are missing. Blocks. Raises OSError."""
    missing = [one for one in (folder, *folder.parents) if not one.is_dir()]
    for one in reversed(missing):
        one.mkdir(exist_ok=True)
        flush(one.parent)  # or everything in it would be gone with its name


def flush(path: Path) -> None:
    """Return once a file's bytes, or a folder's names, are on the disk. Blocks. Raises OSError."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
