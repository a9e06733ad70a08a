"""Fetching the pictures of drafts as soon as they are given: Discord's links end, and thumbnails need the files."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

from dailies.draft import Draft
from dailies.errors import DiskFull, ReferenceRefused
from dailies.references.collect import Collector
from dailies.references.reference import Source, each_once, each_source_once
from dailies.references.roles import FRAMES
from dailies.store.drafts import DraftStore

log = logging.getLogger(__name__)

Late = Callable[[Draft, "Found"], Awaitable[None]]
"""Called with the newest version of a draft when its pictures came after the answer."""
_TRIES = 5
"""Times that a draft may change meanwhile, before its pictures are left to be fetched when they are needed."""


@dataclass
class Found:
    """Result of fetching a draft's pictures. refused: why some were left out. same: names of those given twice."""

    refused: list[ReferenceRefused] = field(default_factory=list[ReferenceRefused])
    same: list[str] = field(default_factory=list[str])

    def __bool__(self) -> bool:
        return bool(self.refused or self.same)


class DraftPictures:
    """Fetches the pictures of drafts to this disk and records where they are.

    A restart in the middle loses nothing: what is not recorded is fetched when the draft is next shown, or made.
    """

    def __init__(self, collector: Collector, drafts: DraftStore) -> None:
        self._collector = collector
        self._drafts = drafts
        self._running: dict[str, asyncio.Task[tuple[Draft | None, Found]]] = {}
        self._late: set[asyncio.Task[None]] = set()

    async def ready(self, draft: Draft, seconds: float, late: Late) -> tuple[Draft, Found]:
        """Fetch what is missing, for at most so many seconds; return the draft as it is then.

        late: called if there is more to show later.
        """
        if not _missing(draft):
            return draft, Found()
        task = self._running.get(draft.id)
        mine = task is None
        if task is None:
            task = self._running[draft.id] = asyncio.create_task(self._fetch(draft))
            task.add_done_callback(lambda _: self._running.pop(draft.id, None))
        await asyncio.wait([task], timeout=seconds)
        if not task.done():
            if mine:
                self._afterwards(task, late)
            return draft, Found()
        newest, found = task.result()
        return newest or draft, found

    async def close(self) -> None:
        """Stop the fetches that still run."""
        tasks: list[asyncio.Task[Any]] = [*self._running.values(), *self._late]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _afterwards(self, task: asyncio.Task[tuple[Draft | None, Found]], late: Late) -> None:
        async def tell() -> None:
            newest, found = await task
            if newest is not None:
                await late(newest, found)

        telling = asyncio.create_task(tell())
        self._late.add(telling)
        telling.add_done_callback(self._ended)

    def _ended(self, telling: asyncio.Task[None]) -> None:
        self._late.discard(telling)
        if not telling.cancelled() and (error := telling.exception()):
            log.warning("the pictures of a draft could not be shown: %r", error)

    async def _fetch(self, draft: Draft) -> tuple[Draft | None, Found]:
        """Fetch the pictures of a draft, and record them in its newest version; None: it is gone, or a job by now."""
        missing = _missing(draft)
        came = await asyncio.gather(*(self._one(one, draft.person_id) for one in missing))
        by_picture = {_picture(one): result for one, result in zip(missing, came, strict=True)}
        found = Found()
        newest: Draft | None = draft
        for _ in range(_TRIES):
            sources, found = _recorded(newest.sources, by_picture)
            fuller = replace(newest, sources=sources)
            if found:
                if (changed := await self._drafts.change(fuller)) is not None:
                    return changed, found
            elif await self._drafts.record(fuller):
                return fuller, found
            newest = await self._drafts.get(draft.id)
            if newest is None or newest.job_id is not None:
                return None, Found()
        return newest, Found()

    async def _one(self, source: Source, person_id: int) -> Source | ReferenceRefused | None:
        """Return the source with its original and size; None when this machine had no room for it."""
        try:
            reference = await self._collector.one(source, requester=person_id)
        except ReferenceRefused as error:
            return error
        except DiskFull:
            return None
        original = reference.path.with_name(reference.sha256)
        # Of a page its picture is taken, under its own name.
        name = reference.name if reference.page else source.name
        return replace(source, kept=original, name=name, width=reference.width, height=reference.height)


def _missing(draft: Draft) -> list[Source]:
    """Return its pictures that are not on this disk, and frames whose shape is not known."""
    unknown = (one for one in draft.sources if one.kept is None or (one.role in FRAMES and one.width is None))
    return each_once(unknown, _picture)


def _picture(source: Source) -> str:
    return str(source.kept or source.url)


def _recorded(
    sources: tuple[Source, ...], by_picture: dict[str, Source | ReferenceRefused | None]
) -> tuple[tuple[Source, ...], Found]:
    """Return pictures with what came of them; roles and order are those that they have by now."""
    found, kept = Found(), list[Source]()
    for one in sources:
        came = by_picture.get(_picture(one))
        if isinstance(came, ReferenceRefused):
            if came.name not in [before.name for before in found.refused]:
                found.refused.append(came)
            continue
        if came is not None:
            one = replace(one, kept=came.kept, name=came.name, width=came.width, height=came.height)
        kept.append(one)
    once = each_source_once(kept)
    found.same = [one.name for one in kept if not any(one is other for other in once)]
    return tuple(once), found
