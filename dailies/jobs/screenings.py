"""Makes screenings and cuts, in the background and by the records alone: a process that ends at any moment leaves
nothing unmade, and nothing is posted twice. Nothing here pays anything.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import tzinfo

from dailies.delivery.film_courier import FilmCourier, FilmOrder, FilmUpload
from dailies.delivery.films import Film
from dailies.delivery.shares import Shares
from dailies.disk import Disk
from dailies.errors import ChatUnavailable, DeliveryError, DiskFull, MediaError, RefusedError
from dailies.ids import new_id
from dailies.jobs import ticks
from dailies.jobs.film_makers import FilmMaker
from dailies.jobs.later import Later, keep_looking
from dailies.jobs.screening_chat import ReelPost, ScreeningChat
from dailies.jobs.screening_takes import CutRow, Scene, TakeFinder
from dailies.language import ENGLISH, speaking
from dailies.money.usage import Usage, since
from dailies.money.worth import Worth, worth
from dailies.reason import Reason, ReasonCode
from dailies.schema import jobs as jobs_table
from dailies.screening import Kind, Screening, Wanted
from dailies.screening_times import Schedule, due
from dailies.store.screenings import ScreeningStore, of_channel
from dailies.store.shots import ShotStore

log = logging.getLogger(__name__)

LOOK_SECONDS = 6.0
"""Pause between two looks for what is to be made."""
MOST_WAITING = 2
"""Films that a channel may have in the making."""
SAY_SECONDS = 5.0
"""Shortest pause between two words about the progress."""
SENT_UNSEEN = 0
"""In place of the id of a status that was sent, while nobody knows what came of it: there is no second one."""
_GONE = (ReasonCode.CHANNEL_GONE, ReasonCode.SERVER_LEFT)


@dataclass(frozen=True)
class ScreeningTools:
    """Everything that making films of several takes needs. zone: in which schedules are. keep_seconds: how long files
    stay; trying ends then, too. now: Unix seconds.
    """

    store: ScreeningStore
    shots: ShotStore
    finder: TakeFinder
    usage: Usage
    maker: FilmMaker
    courier: FilmCourier
    shares: Shares | None
    chat: ScreeningChat
    disk: Disk
    zone: tzinfo
    keep_seconds: float
    now: Callable[[], float]


class Screenings:
    """Takes orders for screenings and cuts, and makes them one after the other."""

    def __init__(self, tools: ScreeningTools) -> None:
        self._tools = tools
        self._later = Later[str](tools.now)
        self._beginning = asyncio.Lock()

    async def watch(self) -> None:
        """Make what was asked for and what is scheduled, until cancelled."""
        await keep_looking(self.look, ticks.sleep, LOOK_SECONDS, "screenings")

    async def look(self) -> None:
        """Make what is to be made now, by the records alone: a start after a long pause finds it too."""
        for schedule in await self._tools.store.schedules():
            await self._begin_due(schedule)
        found = {one.id: one for one in await self._tools.store.unfinished()}
        for screening_id in self._later.now_due(list(found)):
            screening = found[screening_id]
            with speaking(await self._language(screening)):
                await self._carry_on(screening)

    async def _language(self, screening: Screening) -> str:
        """Return the language of a film's message: in a direct message that of the jobs in it."""
        if screening.guild_id is not None:
            return await self._tools.chat.language(screening.guild_id)
        jobs = await self._tools.store.jobs_of(screening.entries)
        return next((job.language for job in jobs.values()), ENGLISH)

    async def begin(self, scene: Scene, wanted: Wanted, asked_by: int) -> Screening:
        """Take an order for a screening. Raises RefusedError: nothing to be shown, too many in the making, no room."""
        async with self._beginning:
            await self._check_room(scene)
            now = self._tools.now()
            entries = await self._tools.finder.screening(scene, wanted, now)
            fresh = Screening(
                new_id(now), Kind.SCREENING, scene.guild_id, scene.channel_id, asked_by, wanted, entries, now
            )
            return await self._store(fresh)

    async def begin_cut(self, scene: Scene, home: int, asked_by: int) -> Screening:
        """Take an order for a cut of a channel's shots, as they are approved now. Raises RefusedError as `begin`."""
        async with self._beginning:
            await self._check_room(scene)
            entries = await self._tools.finder.cut_entries(scene, await self._tools.finder.cut(scene, home))
            if not entries:
                raise RefusedError(ReasonCode.CUT_NOTHING)
            if all(one.left_out for one in entries):
                raise RefusedError(ReasonCode.SCREENING_NOT_KEPT)
            now, wanted = self._tools.now(), Wanted(approved=True, home=home)
            return await self._store(
                Screening(new_id(now), Kind.CUT, scene.guild_id, scene.channel_id, asked_by, wanted, entries, now)
            )

    async def cut_rows(self, scene: Scene, home: int) -> list[CutRow]:
        """Return what a cut would be made of."""
        return await self._tools.finder.cut(scene, home)

    async def _check_room(self, scene: Scene) -> None:
        if await self._tools.store.waiting(scene.channel_id) >= MOST_WAITING:
            raise RefusedError(ReasonCode.SCREENING_BUSY, most=MOST_WAITING)
        await self._tools.disk.check()

    async def _store(self, fresh: Screening) -> Screening:
        await self._tools.store.begin(fresh)
        return fresh

    async def _begin_due(self, schedule: Schedule) -> None:
        """Begin the screening of a channel's time of the day, once; nothing new is no screening, and said by nobody."""
        tools, now = self._tools, self._tools.now()
        slot = due(schedule, now, tools.zone)
        if slot is None or await tools.store.has_slot(schedule.channel_id, slot):
            return
        scene = Scene(schedule.guild_id, schedule.channel_id)
        fresh = Screening(
            new_id(now), Kind.SCREENING, scene.guild_id, scene.channel_id, None, Wanted(), (), now, slot=slot
        )
        try:
            fresh = replace(fresh, entries=await tools.finder.screening(scene, Wanted(), now))
        except RefusedError as nothing:
            fresh = replace(fresh, ended_at=now, reason=nothing.reason)
        await tools.store.begin(fresh)

    async def _carry_on(self, screening: Screening) -> None:
        """Make and post what is left of a film; what fails is put off, or ended for good."""
        tools = self._tools
        try:
            screening = await self._with_status(screening)
            for number in range(len(screening.messages) + 1, screening.reels + 1):
                screening = await self._reel(screening, number)
        except (ChatUnavailable, DiskFull) as error:
            log.warning("screening %s: put off: %s", screening.id, error)
            if tools.now() - screening.created_at < tools.keep_seconds:
                self._later.put_off(screening.id)
                return
            await self._end(screening, error.reason)
        except (DeliveryError, MediaError) as error:
            await self._end(screening, error.reason)
        else:
            await self._end(screening, None)

    async def _with_status(self, screening: Screening) -> Screening:
        if screening.status_id is not None:
            return screening
        screening = await self._save(screening, status_id=SENT_UNSEEN)
        try:
            message_id = await self._tools.chat.begin_status(screening, _joining(screening, 1, 0))
        except ChatUnavailable:
            await self._save(screening, status_id=None)
            raise
        return await self._save(screening, status_id=message_id)

    async def _reel(self, screening: Screening, number: int) -> Screening:
        """Make a reel, unless it is made, and post it. Raises MediaError and as `ScreeningChat.post`."""
        tools = self._tools
        jobs = await tools.store.jobs_of(screening.entries)

        said = tools.now()

        async def say(percent: int) -> None:
            nonlocal said
            if tools.now() - said >= SAY_SECONDS:
                said = tools.now()
                await tools.chat.show_status(screening, _joining(screening, number, percent))

        made = await tools.maker.make(screening, number, jobs, say)
        screening = await self._save(screening, entries=made.entries, files=made.files)
        if (newest := await tools.store.get(screening.id)) and newest.file_removed_at is not None:
            # Somebody was forgotten meanwhile, whose video is in it.
            raise MediaError(ReasonCode.VIDEO_NOT_KEPT)
        searched = screening.sent_at is not None
        screening = await self._save(screening, sent_at=tools.now())
        last = number == screening.reels and screening.kind is Kind.SCREENING
        post = ReelPost(
            screening,
            number,
            jobs,
            FilmUpload(None),
            own=await self._worth_of_takes(screening) if last else None,
            month=await self._worth_of_month(screening) if last else None,
            timeline=made.timeline,
            missing=await self._missing(screening),
        )
        message_id = await self._post(post, made.film, searched=searched)
        return await self._save(screening, messages=(*screening.messages, message_id), sent_at=None)

    async def _post(self, post: ReelPost, film: Film | None, *, searched: bool) -> int:
        tools, screening = self._tools, post.screening
        if film is None:
            return await tools.chat.post(post, again=searched)

        async def send(upload: FilmUpload, further: bool) -> int:
            return await tools.chat.post(replace(post, upload=upload), again=further or searched)

        shares = tools.shares
        link = None if shares is None else lambda: shares.link_film(screening, film.path, hidden=post.spoiler)
        claims = tools.chat.claims(screening.guild_id)
        whole = screening.kind is Kind.CUT
        order = FilmOrder(film, screening.guild_id, claims, link, whole, post.spoiler, send)

        async def say(activity: Reason | None) -> None:
            if activity is not None:
                await tools.chat.show_status(screening, activity)

        return await tools.courier.deliver(order, say)

    async def _worth_of_takes(self, screening: Screening) -> Worth:
        ids = sorted({one.job_id for one in screening.entries})
        return worth(await self._tools.usage.of_jobs(jobs_table.c.id.in_(ids), 0.0))

    async def _worth_of_month(self, screening: Screening) -> Worth:
        """Return what the jobs came to that everybody who sees the channel may see."""
        tools = self._tools
        condition, first = of_channel(screening.channel_id), since(tools.now(), tools.zone)
        found = await tools.usage.of_jobs(condition, first)
        others = {one.channel_id for one in found} - {screening.channel_id}
        seen = {screening.channel_id}
        if others:
            seen |= await tools.chat.visible(screening.guild_id, screening.channel_id, others)
        return worth(one for one in found if one.channel_id in seen)

    async def _missing(self, screening: Screening) -> tuple[str, ...]:
        """Return the names of the shots that a cut lacks, because none of their takes is approved."""
        if screening.wanted.home is None:
            return ()
        jobs = await self._tools.store.jobs_of(screening.entries)
        there = {job.shot.shot_id for job in jobs.values() if job.shot}
        shots = await self._tools.shots.of_channel(screening.wanted.home)
        return tuple(shot.name for shot in shots if shot.id not in there)

    async def _end(self, screening: Screening, reason: Reason | None) -> None:
        tools = self._tools
        if reason is not None:
            log.warning("screening %s: it ends: %s", screening.id, reason)
        newest = await tools.store.get(screening.id) or screening
        ended = await self._save(newest, ended_at=tools.now(), reason=reason)
        self._later.done(screening.id)
        if reason is not None and reason.codes.split("/")[-1] in _GONE:
            await tools.store.end_schedule(screening.channel_id)
        posted = Reason(ReasonCode.SCREENING_POSTED, kind=screening.kind, takes=len(ended.shown))
        failed = Reason(ReasonCode.SCREENING_FAILED, kind=screening.kind, why=reason)
        await tools.chat.show_status(ended, failed if reason else posted)

    async def _save(self, screening: Screening, **changes: object) -> Screening:
        changed = replace(screening, **changes)  # pyright: ignore[reportArgumentType] (replace checks the names)
        await self._tools.store.save(changed)
        return changed


def _joining(screening: Screening, number: int, percent: int) -> Reason:
    takes = len(screening.shown)
    return Reason(
        ReasonCode.SCREENING_JOINING,
        kind=screening.kind,
        takes=takes,
        reel=number if screening.reels > 1 else None,
        reels=screening.reels,
        percent=percent,
    )
