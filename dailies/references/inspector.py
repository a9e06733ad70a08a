"""Inspection of pictures, each in a process of its own with limits, and storage of the results beside the files."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import os
import secrets
import signal
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from dailies.confinement.confined import Access, run_python
from dailies.disk import writing
from dailies.errors import DiskFull, ReferenceRefused
from dailies.fair_slots import FairSlots
from dailies.files import is_whole, put_in_place, write_atomically
from dailies.openrouter.payload import Fit
from dailies.reason import Reason, ReasonCode
from dailies.references.picture_worker import BROKEN, HUNGRY, NO_ROOM, Task
from dailies.references.reference import sent_of, thumbnail_of

log = logging.getLogger(__name__)

AT_ONCE = 3
"""Maximum pictures that are inspected at the same time."""
AT_ONCE_EACH = 2
"""The same for one person: a picture of half a megabyte can keep a decoder busy until it is killed."""
MEMORY = 320_000_000
"""Bytes of address space for Python, the decoders, their threads and the file. Measured: up to 230 MB."""
MEMORY_PER_PIXEL = 20
"""Additional bytes for each pixel that a picture may have: its decoded, rotated and encoded forms, four bytes each."""
ROOM = 16_000_000
"""Pixels for which every picture gets memory at first; a larger one is opened again, with as much as it needs."""
OUTPUT = 400_000_000
"""Maximum bytes of a file that the process may write; a picture that becomes larger is refused."""
GRACE = 300.0
"""Additional seconds after which a process that has not ended by itself, as it should, is killed."""
MEDIA_TYPES = ("image/jpeg", "image/png", "image/webp")
"""Of the images that models take, and so of every answer."""
VERSION = 4
"""Version of the results stored beside a file. Raise it when the same picture would be treated differently."""

_SCRIPT = Path(__file__).with_name("picture_worker.py")
_TIMES = (signal.SIGALRM, signal.SIGXCPU, signal.SIGKILL)


@dataclass(frozen=True)
class InspectedPicture:
    """Result of an inspection. width, height: pixels of the picture that is sent.

    converted: SHA-256 of the bytes that are sent instead of the original ones; None: the original is sent.
    notes: changes made to it, and other remarks.
    """

    media_type: str
    width: int
    height: int
    converted: str | None
    notes: tuple[Reason, ...]


@dataclass(frozen=True)
class DecodeLimits:
    """megapixels: of the given picture. side: pixels of the longer side that is sent. seconds: of one inspection."""

    megapixels: float
    side: int = 6000
    seconds: float = 30.0


class Inspector:
    """Inspects files named by their SHA-256; a thumbnail and the converted picture are written beside them.

    The same picture is inspected and converted once: the result is stored in a file beside it.
    """

    def __init__(self, bounds: DecodeLimits) -> None:
        self._bounds = bounds
        self._most = int(bounds.megapixels * 1_000_000)
        self._slots = FairSlots(AT_ONCE, AT_ONCE_EACH)
        self._locks: WeakValueDictionary[Path, asyncio.Lock] = WeakValueDictionary()

    async def inspect(
        self,
        path: Path,
        name: str,
        *,
        scale: float = 1.0,
        side: int | None = None,
        fit: Fit | None = None,
        requester: int | None = None,
    ) -> InspectedPicture:
        """Inspect a picture, and convert it when models do not take it as it is.

        scale: factor of both sides, below 1 for pictures that have to become smaller together. side: limit in pixels of
        the longer side, where the model takes less than others. fit: the shape that it is given; None: its own.
        requester: id of the person whose share of the concurrent inspections is used; None: an operator, who may use
        all. Raises ReferenceRefused, and DiskFull.
        """
        side = min(side or self._bounds.side, self._bounds.side)
        lock = self._locks.setdefault(path, asyncio.Lock())
        async with lock:
            if scale == 1 and fit is None and (stored := await asyncio.to_thread(self._stored, path, side)):
                return stored
            async with self._slots.one(requester):
                return await self._inspect(path, name, scale, side, fit)

    async def _inspect(self, path: Path, name: str, scale: float, side: int, fit: Fit | None) -> InspectedPicture:
        # Named after the original, so that files left by a crash are deleted with it.
        part = path.with_name(f"{path.name}.{secrets.token_hex(8)}.part")
        task = self._task(path, part, scale, side)
        if fit is not None:
            task = replace(task, shape=fit.shape, fitting=str(fit.fitting))
        try:
            with writing():
                await asyncio.to_thread(_prepare, task)
                answer = _read(*await self._run(task), name, self._bounds)
                if isinstance(answer, int):
                    task = replace(task, room=min(answer, self._most))
                    answer = _read(*await self._run(task), name, self._bounds)
                if isinstance(answer, int):
                    raise ReferenceRefused(name, Reason(ReasonCode.PICTURE_BROKEN))
                return await asyncio.to_thread(self._store, path, task, answer)
        finally:
            await asyncio.to_thread(_discard, task)

    def _task(self, path: Path, part: Path, scale: float, side: int) -> Task:
        return Task(
            path=str(path.absolute()),
            thumbnail=f"{part.absolute()}.jpg",
            converted=str(part.absolute()),
            megapixels=self._bounds.megapixels,
            side=side,
            scale=scale,
            room=min(ROOM, self._most),
            output=OUTPUT,
            seconds=self._bounds.seconds,
        )

    async def _run(self, task: Task) -> tuple[int, bytes]:
        """Return the worker's exit code and output."""
        access = Access(
            memory=MEMORY + MEMORY_PER_PIXEL * task.room,
            reads=(Path(task.path),),
            writes=(Path(task.thumbnail), Path(task.converted)),
        )
        data, seconds = json.dumps(asdict(task)).encode(), self._bounds.seconds + GRACE
        try:
            ended = await run_python(_SCRIPT, access=access, data=data, seconds=seconds)
        except TimeoutError:
            return -signal.SIGKILL, b""
        if ended.stderr:
            log.info("a picture: %s", ended.stderr[-300:].decode(errors="replace").strip())
        return ended.returncode, ended.stdout

    def _stored(self, path: Path, side: int) -> InspectedPicture | None:
        """Return the stored result of an earlier inspection, if its files are as they were written. Blocks.

        Touches the files, so that they are not deleted as old ones before a job's record names them.
        """
        try:
            kept = json.loads(_result(path).read_bytes())
            if kept["for"] != self._rules(side):
                return None
            notes = tuple(Reason.from_json(one) for one in kept["looked"]["notes"])
            inspected = InspectedPicture(**kept["looked"] | {"notes": notes})
            converted, thumbnail = sent_of(path, inspected.converted), thumbnail_of(path)
            if inspected.converted and not is_whole(converted, inspected.converted):
                return None
            if not is_whole(thumbnail, kept["thumbnail"]):
                return None
            for one in (_result(path), thumbnail, converted):
                os.utime(one)
        except (OSError, ValueError, KeyError, TypeError):
            return None  # missing, cut off, or of another version
        return inspected

    def _store(self, path: Path, task: Task, answer: Mapping[str, Any]) -> InspectedPicture:
        """Move the files that the worker wrote into place, and store its result. Blocks."""
        notes = [*answer["changes"], *answer["remarks"]]
        converted = None
        if answer["changes"]:
            converted = _digest(Path(task.converted))
            put_in_place(Path(task.converted), sent_of(path, converted))
        found = {"media_type": answer["media_type"], "width": answer["width"], "height": answer["height"]}
        inspected: dict[str, Any] = found | {"converted": converted, "notes": notes}
        if task.scale == 1 and task.shape is None:
            result = {"for": self._rules(task.side), "looked": inspected, "thumbnail": _digest(Path(task.thumbnail))}
            put_in_place(Path(task.thumbnail), thumbnail_of(path))
            write_atomically(_result(path), json.dumps(result).encode())
        inspected["notes"] = tuple(map(Reason.from_json, notes))
        return InspectedPicture(**inspected)

    def _rules(self, side: int) -> list[float]:
        return [VERSION, side, self._bounds.megapixels]


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _result(original: Path) -> Path:
    return original.with_name(f"{original.name}.json")


def _prepare(task: Task) -> None:
    """Create the files that the worker writes: it may create none."""
    Path(task.converted).touch()
    Path(task.thumbnail).touch()


def _discard(task: Task) -> None:
    Path(task.converted).unlink(missing_ok=True)
    Path(task.thumbnail).unlink(missing_ok=True)


def _read(code: int, output: bytes, name: str, bounds: DecodeLimits) -> Mapping[str, Any] | int:
    """Return the worker's result, or the pixels for which it needs memory. Raises ReferenceRefused, and DiskFull."""
    if -code in _TIMES:
        raise ReferenceRefused(name, Reason(ReasonCode.PICTURE_SLOW, seconds=bounds.seconds))
    if code == HUNGRY:
        raise ReferenceRefused(name, Reason(ReasonCode.PICTURE_HUNGRY))
    if code == NO_ROOM:
        raise DiskFull(0, 0)
    if code not in (0, BROKEN):
        log.warning("looking into a picture ended with code %d", code)
    try:
        answer = json.loads(output) if code == 0 else None
        match answer:
            case {"pixels": int(pixels)}:
                return pixels
            case {"refused": kept}:
                problem = Reason.from_json(kept)
            case {"look": {"media_type": str(media_type), "width": int(), "height": int(), **notes}}:
                # A decoder that was taken over may say anything.
                if media_type in MEDIA_TYPES and all(map(Reason.from_json, [*notes["changes"], *notes["remarks"]])):
                    return answer["look"]
                problem = Reason(ReasonCode.PICTURE_BROKEN)
            case _:
                problem = Reason(ReasonCode.PICTURE_BROKEN)
    except (ValueError, LookupError, TypeError, AttributeError):
        problem = Reason(ReasonCode.PICTURE_BROKEN)
    raise ReferenceRefused(name, problem)
