"""Receipts of paid requests on the disk, beside the database: small files in DATA_DIR.

Answers that the database does not have yet: OpenRouter's id of a paid job is nowhere else, and neither an unavailable
database nor the end of the process may lose it. And the request sent last: a database that lacks it is older than this
folder, so jobs that it holds as unsent may have been sent since.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from dailies.files import flush, make_folder, write_atomically

log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True)
class Receipt:
    """OpenRouter's answer to the paid request of a job, until the database has it."""

    job_id: str
    openrouter_id: str
    polling_url: str | None
    status: str | None


@dataclass(frozen=True)
class LastSent:
    """The paid request sent last. at: the job's submitted_at, in Unix seconds."""

    job_id: str
    at: float


class ReceiptStore:
    """Receipts in files. A failed write or read is only logged: the database nearly always has the data too."""

    def __init__(self, data_dir: Path) -> None:
        self._answers = data_dir / "answers"
        self._last = data_dir / "last-sent.json"

    async def sending(self, sent: LastSent) -> None:
        """Record the request that is sent now as the last one."""
        await self._write(self._last, asdict(sent))

    async def last(self) -> LastSent | None:
        """Return the request that was sent last; None when none is known."""
        return await asyncio.to_thread(_read, self._last, LastSent)

    async def begin_anew(self) -> None:
        """Forget the request sent last: the database is another one now."""
        await asyncio.to_thread(self._last.unlink, missing_ok=True)
        await asyncio.to_thread(flush, self._last.parent)  # back after a power cut, it would put the database in doubt

    async def keep(self, receipt: Receipt) -> None:
        """Store an answer until the database has it."""
        await self._write(self._path(receipt.job_id), asdict(receipt))

    async def drop(self, job_id: str) -> None:
        """Remove an answer that the database has."""
        try:
            await asyncio.to_thread(self._path(job_id).unlink, missing_ok=True)
        except OSError as error:
            log.warning("%s cannot be removed: %s", self._path(job_id), error)

    async def kept(self) -> list[Receipt]:
        """Return the answers that the database may not have."""
        paths = await asyncio.to_thread(lambda: sorted(self._answers.glob("*.json")))
        found = [await asyncio.to_thread(_read, path, Receipt) for path in paths]
        return [one for one in found if one]

    def _path(self, job_id: str) -> Path:
        return self._answers / f"{job_id}.json"

    async def _write(self, path: Path, values: dict[str, Any]) -> None:
        try:
            await asyncio.to_thread(make_folder, path.parent)
            await asyncio.to_thread(write_atomically, path, json.dumps(values).encode())
        except OSError as error:
            log.warning("%s cannot be written: %s", path, error)


def _read(path: Path, kind: Callable[..., T]) -> T | None:
    try:
        return kind(**json.loads(path.read_text()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        log.warning("%s cannot be read: %s", path, error)
        return None
