"""Power cuts: what was written and never flushed is damaged, as file systems do that write a name before its bytes.

A kill alone loses nothing, because the system still has what was written.
"""

from __future__ import annotations

import json
import random
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks.flushes import state

OWN = ("dailies.sqlite", "dailies.lock")
"""Beginnings of the names of SQLite's files, which it flushes by itself (PRAGMA synchronous), and of an empty one."""

DAMAGES: Mapping[str, Callable[[Path, random.Random], object]] = {
    "emptied": lambda path, _: path.write_bytes(b""),
    "zeroed": lambda path, _: path.write_bytes(bytes(path.stat().st_size)),
    "cut": lambda path, rng: path.write_bytes(path.read_bytes()[: int(path.stat().st_size * rng.random())]),
}


class PowerCut:
    """Power cuts of one data folder. log: as flushes.py writes it. damaged: count of files by kind of damage."""

    def __init__(self, folder: Path, log: Path, rng: random.Random) -> None:
        self.damaged: Counter[str] = Counter()
        self._folder = folder
        self._log = log
        self._rng = rng
        self._before: dict[int, str | dict[str, int]] = {}

    def strike(self) -> None:
        """Damage what was not flushed; the bot must be off. What is left then is on the disk. Blocks."""
        flushed = dict(self._before)
        if self._log.exists():
            # A line that the kill cut off is of a flush that nobody relied on.
            lines = self._log.read_text().rpartition("\n")[0].splitlines()
            flushed |= dict(map(json.loads, lines))
        self._strike(self._folder, flushed, named=True)
        self._log.unlink(missing_ok=True)
        self._before = {path.stat().st_ino: state(path) for path in (self._folder, *self._folder.rglob("*"))}

    def _strike(self, folder: Path, flushed: Mapping[int, str | dict[str, int]], *, named: bool) -> None:
        names = flushed.get(folder.stat().st_ino)
        for path in sorted(folder.iterdir()):
            inode = path.stat().st_ino
            # A name that was not flushed with its folder may be gone, with all that is below it.
            known = named and isinstance(names, dict) and names.get(path.name) == inode
            if path.name.startswith(OWN) or (known and not path.is_dir() and flushed.get(inode) == state(path)):
                continue
            if not known and self._rng.random() < 0.5:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
                self.damaged["gone"] += 1
            elif path.is_dir():
                self._strike(path, flushed, named=known)
            elif flushed.get(inode) != state(path):
                damage = self._rng.choice(list(DAMAGES))
                DAMAGES[damage](path, self._rng)
                self.damaged[damage] += 1
