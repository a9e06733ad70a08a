"""The pictures of an entry, from the files and links that were given: named, fetched under guard, and kept."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from discord import Interaction

from cogs.cast.forms import Form
from cogs.cast.windows import LINKS
from cogs.interactions.permissions import age_restricted, sees
from cogs.video.message_links import MessageLinks
from dailies.cast.entry import PICTURES_MOST, CastPicture
from dailies.continuing.last_frames import LastFrames
from dailies.errors import RefusedError
from dailies.job import Job
from dailies.reason import ReasonCode
from dailies.references.collect import Collector
from dailies.references.reference import Reference, Source, read_links
from dailies.store.port import JobStore

_SECOND = r"\d{1,5}(?:[.,]\d{1,3})?"
_FRAME = re.compile(
    rf"(?<![^\s<(])(?:(?P<job>[0-9a-hjkmnp-tv-z]{{16}})(?:#(?P<job_at>{_SECOND})s?)?"
    rf"|(?P<link>https://[^\s#<>]+/channels/[^\s#<>]+)#(?P<at>{_SECOND})s?)(?![^\s>),;])"
)
"""A job's id, or a link to a message, with a second of its video: 0123456789abcdef#12s. Of a job, the last frame is
meant without one."""
NAME_KEPT = 200


class CastPictures:
    """Gathers the pictures of entries. frames: takes frames of videos. seconds: limit of looking for one of them."""

    def __init__(
        self, collector: Collector, links: MessageLinks, frames: LastFrames, store: JobStore, *, seconds: float
    ) -> None:
        self._collector = collector
        self._links = links
        self._frames = frames
        self._store = store
        self._seconds = seconds

    async def gathered(
        self, interaction: Interaction, form: Form, before: Sequence[CastPicture]
    ) -> tuple[tuple[CastPicture, ...], list[str]]:
        """Return what an entry has with what a form adds, and names of pictures that were there already.

        Fetched pictures stay in the form, so that nobody has to give them again. before: the pictures that it has.
        Raises RefusedError when one cannot be used, and when they are too many.
        """
        if text := form.text(LINKS):
            form.sources = (*form.sources, *await self._linked(interaction, text))
            form.fields = {**form.fields, LINKS: ""}
        found = await self._fetched(interaction, form)
        pictures = list(before)
        same = [one.name for one in found if one.sha256 in [other.sha256 for other in before]]
        for one in found:
            if one.sha256 not in [other.sha256 for other in pictures]:
                pictures.append(one)
        if len(pictures) > PICTURES_MOST:
            form.sources = ()
            raise RefusedError(ReasonCode.CAST_TOO_MANY_PICTURES, count=len(pictures), most=PICTURES_MOST)
        return tuple(pictures), same

    async def _fetched(self, interaction: Interaction, form: Form) -> list[CastPicture]:
        coming = [self._collector.one(one, requester=interaction.user.id) for one in form.sources]
        came = await asyncio.gather(*coming, return_exceptions=True)
        good = [(one, it) for one, it in zip(form.sources, came, strict=True) if isinstance(it, Reference)]
        form.sources = tuple(replace(one, kept=it.path.with_name(it.sha256)) for one, it in good)
        for error in came:
            if isinstance(error, BaseException):
                raise error
        return [_picture(*one) for one in good]

    async def _linked(self, interaction: Interaction, text: str) -> list[Source]:
        found: list[Source] = []
        for job_id, link, at in _frames_in(text):
            if link is None:
                found.append(await self._frame(interaction, job_id, at))
            else:
                found += await self._links.opened(interaction, read_links(link), at=at)
        rest = _FRAME.sub(" ", text)
        return [*found, *await self._links.opened(interaction, read_links(rest))] if rest.strip(" \n,;") else found

    async def _frame(self, interaction: Interaction, job_id: str, at: float | None) -> Source:
        """Return a frame of the first output of a job that the person sees; the last one without a second."""
        job = await self._job(job_id)
        own = job is not None and job.place.requester_id == interaction.user.id
        if job is None or not (own or sees(interaction, job.place)):
            raise RefusedError(ReasonCode.NO_SUCH_JOB, typed=job_id)
        if job.age_restricted and not age_restricted(interaction.channel):
            raise RefusedError(ReasonCode.STAYS_AGE_RESTRICTED)
        return await self._frames.source(job, 1, requester=interaction.user.id, wait=self._seconds, at=at)

    async def _job(self, job_id: str) -> Job | None:
        try:
            return await self._store.get(job_id)
        except KeyError:
            return None


def _frames_in(text: str) -> Iterator[tuple[str, str | None, float | None]]:
    """Yield the frames that a text names: a job's id or a link, and the second."""
    for match in _FRAME.finditer(text):
        at = match["job_at"] or match["at"]
        yield match["job"] or "", match["link"], float(at.replace(",", ".")) if at else None


def _picture(source: Source, found: Reference) -> CastPicture:
    # Of a page its picture is taken, under its own name; a link of an attachment ends within a day.
    link = "" if source.attached or found.page or not found.link else found.link
    return CastPicture(
        found.sha256,
        (found.name if found.page else source.name)[:NAME_KEPT],
        link,
        source.description,
        source.spoiler,
        found.width,
        found.height,
    )
