"""Turning a person's sources into references to send: fetched, inspected, in order, without duplicates."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from yarl import URL

from dailies.catalog import facts
from dailies.errors import PageGiven, ReferenceRefused
from dailies.files import is_whole
from dailies.reason import Reason, ReasonCode
from dailies.references import expiring_links as signed
from dailies.references.fetch import Fetched, Fetcher
from dailies.references.gathering import Gathering
from dailies.references.inspector import DecodeLimits, Inspector
from dailies.references.page import picture_of
from dailies.references.reference import Reference, Source, sent_of, source_of, thumbnail_of
from dailies.references.request_size import fit
from dailies.references.roles import fit_of, needed_fit
from dailies.settings import Settings
from dailies.values import Transport

log = logging.getLogger(__name__)

LASTING_SECONDS = 30 * 3600
"""An expiring link is sent as a link only if it lasts at least this much longer: a job is queued for up to a day
(QUEUE_SECONDS of dailies/jobs/queue.py), and then waits for its model."""
SOON_SECONDS = 6 * 3600
"""The same where only links are sent: enough for a job that need not wait."""


@dataclass(frozen=True)
class Sending:
    """Transport of references into a request. request_bytes: limit of the whole request, with images in base64.

    transport auto: as a link if that is the picture itself and lasts, else inline. url: only as links.
    inline: never as links.
    """

    transport: Transport = "auto"
    request_bytes: int = 50_000_000


class Collector:
    """Turns sources into references.

    In its methods, takes: the model's limits on one image. requester: id of the person whose share of the concurrent
    fetches is used; None: an operator, who may use all. shape: of the video, as in 16:9, which its frames need;
    None: not known, so that they keep their own.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        *,
        bounds: DecodeLimits,
        sending: Sending | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._fetcher = fetcher
        self._inspector = Inspector(bounds)
        self._sending = sending or Sending()
        self._now = now

    async def one(
        self,
        source: Source,
        *,
        requester: int | None = None,
        takes: facts.ModelImageLimits = facts.ANY,
        shape: str | None = None,
    ) -> Reference:
        """Fetch and inspect one source. Raises ReferenceRefused."""
        reference = await self._one(source, requester, takes, shape)
        return replace(
            reference,
            spoiler=source.spoiler,
            description=source.description,
            role=source.role,
            fitting=source.fitting,
            cast=source.cast,
        )

    async def _one(
        self, source: Source, requester: int | None, takes: facts.ModelImageLimits, shape: str | None
    ) -> Reference:
        try:
            if source.kept and await self._is_usable(source.kept, source):
                fetched = await self._fetcher.read(source.kept, source.name)
            else:
                fetched = await self._fetcher.fetch(source, requester=requester)
            return await self.look(source, fetched, takes, requester=requester, shape=shape)
        except PageGiven as error:
            if preview := await self._preview(source, requester, takes, shape):
                return preview
            raise error from None

    @staticmethod
    async def _is_usable(kept: Path, source: Source) -> bool:
        """Tell if an original is as it was fetched; False: it has to be fetched again. Raises ReferenceRefused if it
        cannot be.
        """
        usable = await asyncio.to_thread(is_whole, kept, kept.name)
        if not usable and not source.url:
            gone = not await asyncio.to_thread(kept.is_file)
            raise ReferenceRefused(source.name, Reason(ReasonCode.FILE_MISSING if gone else ReasonCode.FILE_DAMAGED))
        return usable

    async def _preview(
        self, page: Source, requester: int | None, takes: facts.ModelImageLimits, shape: str | None
    ) -> Reference | None:
        """Return the picture that a page declares, marked with the page; None when there is none that can be used."""
        if page.attached:
            return None
        try:
            picture = await picture_of(self._fetcher, page, requester=requester)
            if picture is None:
                return None
            fetched = await self._fetcher.fetch(picture, requester=requester)
            picture = replace(picture, role=page.role, fitting=page.fitting)
            found = await self.look(picture, fetched, takes, requester=requester, shape=shape)
            return replace(found, page=page.name)
        except ReferenceRefused as error:
            # The refusal of the page says what to do; the reason why its picture is unusable helps nobody.
            log.info("the picture of the page %s cannot be used: %s", page.name, error)
            return None

    async def look(
        self,
        source: Source,
        fetched: Fetched,
        takes: facts.ModelImageLimits = facts.ANY,
        *,
        requester: int | None = None,
        shape: str | None = None,
    ) -> Reference:
        """Inspect a fetched picture, and decide how it is sent. Raises ReferenceRefused."""
        inspect = partial(self._inspector.inspect, fetched.path, source.name, side=takes.most_side, requester=requester)
        inspected = await inspect()
        if fit := needed_fit(source, inspected.width, inspected.height, shape):
            inspected = await inspect(fit=fit)
        if problem := takes.problem(inspected.width, inspected.height):
            raise ReferenceRefused(source.name, problem)
        reference = Reference(
            name=source.name,
            sha256=fetched.sha256,
            path=sent_of(fetched.path, inspected.converted),
            thumbnail=thumbnail_of(fetched.path),
            media_type=inspected.media_type,
            width=inspected.width,
            height=inspected.height,
            link=None,
            converted=inspected.converted,
            notes=inspected.notes,
        )
        return replace(reference, link=self._link(source, fetched, reference))

    def start(
        self,
        sources: Sequence[Source],
        *,
        requester: int | None = None,
        takes: facts.ModelImageLimits = facts.ANY,
        shape: str | None = None,
    ) -> Gathering:
        """Start to fetch all sources at the same time. The caller must finish or cancel the Gathering."""
        coming = ((source, self.one(source, requester=requester, takes=takes, shape=shape)) for source in sources)
        tasks = [(source, asyncio.create_task(one)) for source, one in coming]
        return Gathering(tasks, partial(self.fit, takes=takes, requester=requester))

    def again(
        self,
        references: Sequence[Reference],
        *,
        requester: int | None = None,
        takes: facts.ModelImageLimits = facts.ANY,
    ) -> Gathering:
        """Gather the references of an earlier job from the disk: inline, because their links may be dead by now."""
        tasks = [(None, asyncio.create_task(self._anew(one, requester, takes))) for one in references]
        return Gathering(tasks, partial(self.fit, takes=takes, requester=requester))

    async def _anew(self, reference: Reference, requester: int | None, takes: facts.ModelImageLimits) -> Reference:
        if self._sending.transport != "url":
            original = reference.path.with_name(reference.sha256)
            sent = reference.converted or reference.sha256
            if await asyncio.to_thread(lambda: is_whole(reference.path, sent) and is_whole(original, original.name)):
                return replace(reference, link=None)
            fit = fit_of(reference)
            shape = fit and fit.shape
            remade = await self.one(source_of(reference, original), requester=requester, takes=takes, shape=shape)
            return replace(remade, link=None, page=None)
        if reference.link is None:
            raise _without_link(reference.name, Reason(ReasonCode.SENT_INLINE_BEFORE))
        if late := signed.expired(URL(reference.link), self._now()):
            raise ReferenceRefused(reference.name, late)
        return reference

    async def fit(
        self,
        references: Sequence[Reference],
        takes: facts.ModelImageLimits = facts.ANY,
        *,
        requester: int | None = None,
    ) -> tuple[Reference, ...]:
        """Make references fit into one request together. Raises ReferenceRefused."""
        inspect = partial(self._inspector.inspect, side=takes.most_side, requester=requester)
        return await fit(references, inspect, self._sending.request_bytes, takes)

    def _link(self, source: Source, fetched: Fetched, reference: Reference) -> str | None:
        """Return the address to send; None: send the bytes. Raises ReferenceRefused if only links may be sent."""
        problem = self.why_inline(source, fetched, reference)
        if problem and self._sending.transport == "url":
            raise _without_link(source.name, problem)
        return None if problem else source.url

    def why_inline(self, source: Source, fetched: Fetched, reference: Reference) -> Reason | None:
        """Return the reason why the model's provider could not fetch the picture itself, now or while the job waits.

        A link that redirects is not the image's own. A link on a trusted origin may be private to this network, and a
        provider may believe a wrong content type: such links are sent as they are only if nothing but links is sent.
        """
        if self._sending.transport == "inline":
            return Reason(ReasonCode.NO_LINKS_SENT)
        if source.kept and (self._sending.transport == "auto" or not source.url):
            return Reason(ReasonCode.SENT_INLINE_BEFORE)
        if reference.converted is not None:
            return Reason(ReasonCode.WAS_CHANGED, changes=reference.notes)
        if fetched.redirected:
            return Reason(ReasonCode.LINK_REDIRECTS)
        if not self._lasts(source):
            return Reason(ReasonCode.LINK_ENDS)
        if self._sending.transport == "url":
            return None
        if fetched.misnamed:
            return Reason(ReasonCode.MISNAMED, media_type=fetched.media_type)
        private = not source.attached and self._fetcher.is_trusted(URL(source.url))
        return Reason(ReasonCode.TRUSTED_ORIGIN) if private else None

    def _lasts(self, source: Source) -> bool:
        url, only = URL(source.url), self._sending.transport == "url"
        dead = signed.dies_at(url) if source.attached or url.host in signed.HOSTS else None
        if dead is not None:
            return dead - self._now() > (SOON_SECONDS if only else LASTING_SECONDS)
        # If nothing but links is sent, other sites' links are sent as they are.
        return not source.attached and (only or not signed.ends(url))


def _without_link(name: str, why: Reason) -> ReferenceRefused:
    return ReferenceRefused(name, Reason(ReasonCode.LINKS_ONLY, why=why))


def collector(fetcher: Fetcher, settings: Settings) -> Collector:
    """Return a Collector configured from the settings."""
    return Collector(
        fetcher,
        bounds=DecodeLimits(
            megapixels=settings.reference_max_megapixels,
            side=settings.reference_max_side,
            seconds=settings.reference_decode_seconds,
        ),
        sending=Sending(settings.reference_transport, int(settings.request_max_mb * 1_000_000)),
    )
