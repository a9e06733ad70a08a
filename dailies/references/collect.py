"""From what a person gave to what is sent: fetched, decoded, without duplicates, in order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from yarl import URL

from dailies.errors import ReferenceRefused
from dailies.references.fetch import Fetched, Fetcher
from dailies.references.picture import look_into
from dailies.references.reference import Reference, Source

INLINE_BYTES = 50_000_000
"""Images that go along inline, together: the request is built in memory, a third larger and three times over."""
LASTING_SECONDS = 6 * 3600
"""A signed attachment link is sent as a link only when it lives at least this much longer."""


class Collector:
    """Turns sources into references. megapixels: limit of one image."""

    def __init__(self, fetcher: Fetcher, *, megapixels: float, now: Callable[[], float] = time.time) -> None:
        self._fetcher = fetcher
        self._megapixels = megapixels
        self._now = now
        self._decoding = asyncio.Semaphore(1)

    async def one(self, source: Source, *, requester: int | None = None) -> Reference:
        """Fetch and decode one. requester: see Fetcher.fetch. Raises ReferenceRefused."""
        return await self.look(source, await self._fetcher.fetch(source, requester=requester))

    async def look(self, source: Source, fetched: Fetched) -> Reference:
        """Decode what was fetched. Raises ReferenceRefused."""
        async with self._decoding:
            picture = await asyncio.to_thread(look_into, fetched.path, source.name, megapixels=self._megapixels)
        return Reference(
            name=source.name,
            sha256=fetched.sha256,
            path=fetched.path,
            thumbnail=picture.thumbnail,
            media_type=fetched.media_type,
            width=picture.width,
            height=picture.height,
            link=source.url if self._lasts(source, fetched) else None,
        )

    def start(self, sources: Sequence[Source], *, requester: int | None = None) -> Gathering:
        """Begin to fetch all of them at the same time. The caller finishes or cancels what it gets."""
        return Gathering([(source, asyncio.create_task(self.one(source, requester=requester))) for source in sources])

    def _lasts(self, source: Source, fetched: Fetched) -> bool:
        """Whether the model's provider can fetch the link itself, now and while the job waits.

        An attachment's link says in `ex` (Unix seconds, hexadecimal) when it dies. A link on a trusted origin may be
        private to this network, and one that redirects is not the image's own: their bytes go along inline.
        """
        url = URL(source.url)
        if fetched.redirected:
            return False
        if source.attached:
            try:
                return int(url.query.get("ex", ""), 16) - self._now() > LASTING_SECONDS
            except ValueError:
                return False
        return not self._fetcher.is_trusted(url)


class Gathering:
    """References on their way."""

    def __init__(self, tasks: Sequence[tuple[Source, asyncio.Task[Reference]]]) -> None:
        self._tasks = tasks

    async def refused_early(self, seconds: float) -> ReferenceRefused | None:
        """Wait so long for the attached ones: the first refusal, or None when there is none yet."""
        attached = [task for source, task in self._tasks if source.attached]
        if attached:
            await asyncio.wait(attached, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
        errors = [task.exception() for task in attached if task.done() and not task.cancelled()]
        return next((error for error in errors if isinstance(error, ReferenceRefused)), None)

    async def finish(self) -> tuple[Reference, ...]:
        """All of them, in order; the same picture is kept once, at its first place.

        Raises the ReferenceRefused of the first that cannot be used, in the order given.
        """
        kept: dict[str, Reference] = {}
        try:
            for _, task in self._tasks:
                reference = await task
                kept.setdefault(reference.sha256, reference)
        finally:
            await self.cancel()
        references = tuple(kept.values())
        await asyncio.to_thread(_check_inline, references)
        return references

    async def cancel(self) -> None:
        """Stop what is still on its way."""
        for _, task in self._tasks:
            task.cancel()
        await asyncio.gather(*(task for _, task in self._tasks), return_exceptions=True)


def _check_inline(references: Sequence[Reference]) -> None:
    """Blocks. Raises ReferenceRefused that names the first image that does not fit any more."""
    size = 0
    for reference in references:
        size += 0 if reference.link else reference.path.stat().st_size
        if size > INLINE_BYTES:
            raise ReferenceRefused(
                reference.name,
                f"is too much: {INLINE_BYTES / 1_000_000:g} MB of images can go along with a request; "
                "save them smaller, or give direct links to them",
            )
