"""Room on the disk: for another video, checked before anything is paid, and for what is being written."""

from __future__ import annotations

import asyncio
import errno
import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from dailies.errors import DiskFull

FULL = (errno.ENOSPC, errno.EDQUOT)
"""Errors of a full disk, and of a used-up quota."""


def free_bytes(folder: Path) -> int:
    """Return bytes that this process may still write there. Blocks. Raises OSError."""
    return shutil.disk_usage(folder).free


@contextmanager
def writing() -> Generator[None]:
    """Raise DiskFull in place of the OSError of a disk without room; other errors stay as they are."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise DiskFull(0, 0) from error
        raise


class Disk:
    """The disk of a folder. least: megabytes that must be free, 0 for any. free: asks the system, in a thread."""

    def __init__(self, folder: Path, *, least: float, free: Callable[[Path], int] = free_bytes) -> None:
        self._folder = folder
        self._least = int(least * 1_000_000)
        self._free = free

    async def check(self) -> int:
        """Return the free bytes. Raises DiskFull if they are too few, or if the disk cannot be read."""
        try:
            free = await asyncio.to_thread(self._free, self._folder)
        except OSError as error:
            raise DiskFull(None, self._least) from error
        if free < self._least:
            raise DiskFull(free, self._least)
        return free
