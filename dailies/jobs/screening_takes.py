"""Takes of a screening or a cut: found by the records, and left out, with the reason, where they cannot be shown."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dailies.errors import RefusedError
from dailies.job import Job
from dailies.jobs.screening_chat import ScreeningChat
from dailies.media.reel import MOST_TAKES
from dailies.reason import Reason, ReasonCode
from dailies.review import Decision, Verdict
from dailies.screening import Entry, Wanted, in_reels
from dailies.shot import Shot
from dailies.store.reviews import ReviewStore
from dailies.store.screenings import ScreeningStore
from dailies.store.shots import ShotStore

MOST_REELS = 4
"""Reels of one screening; of more takes, the oldest are not shown."""
_LAST = 1_000_000


@dataclass(frozen=True)
class CutRow:
    """A shot of a cut. job, output: the take that was approved last; None: none is."""

    shot: Shot
    job: Job | None = None
    output: int = 1


@dataclass(frozen=True)
class Scene:
    """A place of which a film is made. guild_id: None in a direct message."""

    guild_id: int | None
    channel_id: int


class TakeFinder:
    """Finds takes. keep_seconds: how long videos stay on the disk."""

    def __init__(
        self,
        store: ScreeningStore,
        shots: ShotStore,
        reviews: ReviewStore,
        chat: ScreeningChat,
        *,
        keep_seconds: float,
    ) -> None:
        self._store = store
        self._shots = shots
        self._reviews = reviews
        self._chat = chat
        self._keep_seconds = keep_seconds

    async def screening(self, scene: Scene, wanted: Wanted, now: float) -> tuple[Entry, ...]:
        """Return the takes of a screening in their reels, by shot in the order of the cut. Raises RefusedError."""
        if wanted.since_last:
            jobs, last = await self._store.new_takes(scene.channel_id, now - self._keep_seconds)
        else:
            last, store = 0.0, self._store
            finding = store.takes_of_shot(wanted.shot_id) if wanted.shot_id else store.decided_takes(scene.channel_id)
            jobs = await finding
        jobs = await self.visible(scene, jobs)
        words = await self._reviews.newest([job.id for job in jobs])
        entries = [
            Entry(job.id, output, 1, left_out=await self._left_out(scene, job, output))
            for job in jobs
            for output in job.files
            if not wanted.approved or _approved(words, job, output)
        ]
        shown = [one for one in entries if one.left_out is None]
        if not shown and (not entries or wanted.since_last):
            code = ReasonCode.SCREENING_NOTHING_NEW if wanted.since_last else ReasonCode.SCREENING_NO_TAKES
            raise RefusedError(code, approved=wanted.approved, last=int(last))
        if not shown:
            raise RefusedError(ReasonCode.SCREENING_NOT_KEPT)
        if len(shown) > MOST_REELS * MOST_TAKES:
            newest = {(one.job_id, one.output) for one in shown[-MOST_REELS * MOST_TAKES :]}
            entries = [one for one in entries if (one.job_id, one.output) in newest or one.left_out is not None]
        by_id = {job.id: job for job in jobs}
        places = {shot.id: place for place, shot in enumerate(await self._shots.of_channel(scene.channel_id))}
        entries.sort(key=lambda one: _order(by_id[one.job_id], places))
        return in_reels(tuple(entries), MOST_TAKES)

    async def cut(self, scene: Scene, home: int) -> list[CutRow]:
        """Return the shots of a channel in the order of the cut, each with the take that was approved last.

        home: the channel of the shots; scene: where it is to be posted.
        """
        jobs = await self.visible(scene, await self._store.decided_takes(home))
        words = await self._reviews.newest([job.id for job in jobs])
        newest: dict[str, tuple[Decision, Job]] = {}
        for job in jobs:
            for output in job.files:
                word = words.get((job.id, output))
                if job.shot is None or word is None or word.verdict is not Verdict.APPROVED:
                    continue
                before = newest.get(job.shot.shot_id)
                if before is None or before[0].decided_at < word.decided_at:
                    newest[job.shot.shot_id] = word, job
        rows: list[CutRow] = []
        for shot in await self._shots.of_channel(home):
            found = newest.get(shot.id)
            rows.append(CutRow(shot, found[1], found[0].output) if found else CutRow(shot))
        return rows

    async def cut_entries(self, scene: Scene, rows: Sequence[CutRow]) -> tuple[Entry, ...]:
        """Return the takes of a cut. A take whose model is secret is left out: its file may name it."""
        entries: list[Entry] = []
        for row in rows:
            if row.job is None:
                continue
            why = Reason(ReasonCode.STILL_BLIND) if row.job.blind else None
            left_out = why or await self._left_out(scene, row.job, row.output)
            entries.append(Entry(row.job.id, row.output, 1, left_out=left_out))
        return tuple(entries)

    async def visible(self, scene: Scene, jobs: Sequence[Job]) -> list[Job]:
        """Return the jobs that everybody who sees the channel may see: none of a hidden thread or forum."""
        others = {job.place.channel_id for job in jobs} - {scene.channel_id}
        seen = await self._chat.visible(scene.guild_id, scene.channel_id, others) if others else frozenset[int]()
        return [job for job in jobs if job.place.channel_id == scene.channel_id or job.place.channel_id in seen]

    async def _left_out(self, scene: Scene, job: Job, output: int) -> Reason | None:
        """Return why a take cannot be shown; None: it can."""
        if job.age_restricted and not self._chat.age_restricted(scene.channel_id):
            return Reason(ReasonCode.FROM_AGE_RESTRICTED)
        path = job.files.get(output)
        gone = job.file_removed_at is not None or path is None or not await asyncio.to_thread(path.is_file)
        return Reason(ReasonCode.VIDEO_NOT_KEPT) if gone else None


def _approved(words: Mapping[tuple[str, int], Decision], job: Job, output: int) -> bool:
    word = words.get((job.id, output))
    return word is not None and word.verdict is Verdict.APPROVED


def _order(job: Job, places: Mapping[str, int]) -> tuple[int, int, str]:
    """Return the order of a take: by shot, in the order of the cut; those of no shot last, by age."""
    if job.shot is None:
        return _LAST, 0, job.id
    return places.get(job.shot.shot_id, _LAST - 1), job.shot.number or 0, job.id
