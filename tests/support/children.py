"""The processes that a test has started and that still run."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path


def children(others: Collection[int] = ()) -> list[int]:
    """Return the ids of this process's children (Linux), without the server from which bots start.

    others: those of other tests in this process, which may still be ending.
    """
    listed = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii")
    found = [int(one) for one in listed.split() if not _is_server(Path(f"/proc/{one}/cmdline"))]
    return [one for one in found if one not in others]


def _is_server(command: Path) -> bool:
    try:
        return b"tests.support.warm_server" in command.read_bytes()
    except OSError:  # it has ended meanwhile
        return False
