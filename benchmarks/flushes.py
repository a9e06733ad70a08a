"""Run bot.py, and log what it flushes to the disk. The variable FLUSH_LOG names the log.

Each line is a JSON list: an inode and what was flushed of it, a file's SHA-256 or a folder's names with their inodes.
Flushes by code in C, such as SQLite's, are not seen.
"""

from __future__ import annotations

import hashlib
import json
import os
import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol


class _HasFileno(Protocol):
    def fileno(self) -> int: ...


def state(path: Path) -> str | dict[str, int]:
    """Return what a flush of a file or a folder brings to the disk."""
    if path.is_dir():
        return {entry.name: entry.inode() for entry in os.scandir(path)}
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def install(log: Path) -> None:
    """Make os.fsync and os.fdatasync write to the log, from now on in this process."""
    opened = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def noted(flush: Callable[[int], None]) -> Callable[[int | _HasFileno], None]:
        def flush_and_note(file: int | _HasFileno) -> None:
            number = file if isinstance(file, int) else file.fileno()
            # Looked at first, and noted last: so never more is noted than was flushed.
            flushed = [os.fstat(number).st_ino, state(Path(f"/proc/self/fd/{number}"))]
            flush(number)
            os.write(opened, f"{json.dumps(flushed)}\n".encode())

        return flush_and_note

    os.fsync = noted(os.fsync)
    os.fdatasync = noted(os.fdatasync)


def main() -> None:
    """Run bot.py as `python bot.py` would."""
    install(Path(os.environ["FLUSH_LOG"]))
    script = Path(__file__).resolve().parents[1] / "bot.py"
    sys.argv[0] = str(script)
    sys.path[0] = str(script.parent)
    runpy.run_path(str(script), run_name="__main__")


if __name__ == "__main__":
    main()
