"""SQLite's file before it is opened: one process has it, and nothing of it is lost unnoticed."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import shutil
import sqlite3
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import ExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from dailies.errors import DatabaseError

log = logging.getLogger(__name__)

BUSY_SECONDS = 10.0
"""Limit of SQLite's wait for another process that writes."""
RESTORE = (
    "To restore a backup, move {path} away together with {name}-wal and {name}-shm, and put the backup in its place."
)

# The layout of the log and of its index: sqlite.org/fileformat2.html#walformat and sqlite.org/walformat.html.
_LOG_HEADER, _FRAME_HEADER, _INDEX_HEADER = 32, 24, 100
_MAGIC = (0x377F0682, 0x377F0683)


@asynccontextmanager
async def exclusive(path: Path, data_dir: Path) -> AsyncGenerator[None]:
    """Lock a database's file and DATA_DIR while the context is open; the locks end with the process, however it ends.

    Raises DatabaseError when another process has one of them, or the locks cannot be written.
    """
    files = await asyncio.to_thread(_locked, path, data_dir)
    with files:
        yield


def _locked(path: Path, data_dir: Path) -> ExitStack:
    path = path.resolve()  # two links to one file are one file
    locks = {
        data_dir / "dailies.lock": f"DATA_DIR ({data_dir})",
        path.with_name(f"{path.name}.lock"): f"database ({path})",
    }
    with ExitStack() as files:
        for lock, what in locks.items():
            try:
                fcntl.flock(files.enter_context(lock.open("wb")), fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise DatabaseError(
                    f"Another process runs with the same {what}. Stop it first; two would do every job twice."
                ) from error
            except OSError as error:
                raise DatabaseError(
                    f"The lock {lock} cannot be taken ({error.strerror}); look whether the bot may write there."
                ) from error
        return files.pop_all()


def check(path: Path) -> None:
    """Look whether the file is whole, changing nothing. Blocks.

    Raises DatabaseError for a file that is damaged, empty, or gone without its log. A log that was cut short is no
    reason not to start, because SQLite goes back to the last whole transaction: it is copied, and the loss is logged.
    What SQLite cannot tell just now, because the file is locked or out of reach, is left to whoever opens it.
    """
    wal = path.with_name(f"{path.name}-wal")
    restore = RESTORE.format(path=path, name=path.name)
    if not path.is_file():
        if wal.is_file() and wal.stat().st_size:
            # SQLite would remove the log and make a new database.
            raise DatabaseError(
                f"The database {path} is gone, but its log {wal} is there. Put the file back if you have it. {restore} "
                f"To begin anew, remove {wal}."
            )
        return
    if path.stat().st_size == 0:
        # SQLite takes it for a new database, and nobody would notice that the old one is lost.
        raise DatabaseError(f"The database {path} is an empty file. Remove it to begin anew. {restore}")
    before = _Index.of(path)
    try:
        # Only for reading: as the last one to close the file, a writer would put the log into it and remove the log.
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=BUSY_SECONDS)) as connection:
            found = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
            lost = _lost(wal, before, _Index.of(path))
    except sqlite3.OperationalError:
        return
    except sqlite3.DatabaseError as error:
        found, lost = str(error), None
    if found != "ok":
        raise DatabaseError(f"The database {path} is damaged ({found}). It was left as it is. {restore}")
    if lost:
        log.error(
            "The database's log %s is damaged: %s. The bot goes on with everything up to the last whole transaction "
            "before that. Jobs and payments after it are missing: compare with openrouter.ai/activity.%s",
            *(wal, lost, _kept(wal)),
        )


@dataclass(frozen=True)
class _Index:
    """SQLite's index of its log. frames: that it knows. moved: those that are in the database file too."""

    frames: int = 0
    moved: int = 0
    salts: bytes = b""

    @classmethod
    def of(cls, path: Path) -> _Index:
        """Read the index beside a database; an empty one when there is none."""
        header = _part(path.with_name(f"{path.name}-shm"), 0, _INDEX_HEADER)
        if len(header) < _INDEX_HEADER:
            return cls()
        frames, moved = (int.from_bytes(header[at : at + 4], sys.byteorder) for at in (16, 96))
        return cls(frames, moved, header[32:40])


def _lost(wal: Path, before: _Index, now: _Index) -> str | None:
    """Return what is wrong with a log, or None. before: the index that the last process left behind, if any.

    A transaction that was never finished leaves frames behind, too. It was never promised to anybody, so only a frame
    that ends a transaction counts.
    """
    size = wal.stat().st_size if wal.is_file() else 0
    if not size:
        return "it is missing" if before.frames > before.moved else None
    header = _part(wal, 0, _LOG_HEADER)
    salts, page = header[16:24], int.from_bytes(header[8:12], "big")
    if len(header) < _LOG_HEADER or int.from_bytes(header[:4], "big") not in _MAGIC or not page:
        return "its beginning cannot be read"
    if before.salts == salts and before.frames > max(now.frames, before.moved):
        return "it was cut short"
    frames, rest = divmod(size - _LOG_HEADER, _FRAME_HEADER + page)
    each = (_part(wal, _LOG_HEADER + n * (_FRAME_HEADER + page), _FRAME_HEADER) for n in range(now.frames, frames))
    # The number of pages in a frame that ends a transaction, 0 in others; the salts of an older log are other ones.
    if unread := sum(frame[4:8] != bytes(4) and frame[8:16] == salts for frame in each):
        return f"{unread} transactions in it cannot be read"
    return "it ends in the middle of a write" if rest else None


def _kept(wal: Path) -> str:
    """Copy a damaged log, before SQLite writes over it, and say where it is."""
    if not wal.is_file():
        return ""
    copy = wal.with_name(f"{wal.name}.damaged-{int(time.time())}")
    try:
        shutil.copyfile(wal, copy)
    except OSError as error:
        return f" A copy of the log could not be kept ({error.strerror})."
    return f" The log was kept as {copy}."


def _part(path: Path, start: int, length: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(start)
            return file.read(length)
    except FileNotFoundError:
        return b""
