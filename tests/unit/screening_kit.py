"""Screenings without Discord: stores, delivered takes with files, a chat in memory, and time that does not pass."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Any

import imageio_ffmpeg
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies.delivery.courier import DeliveryTools
from dailies.delivery.film_courier import FilmCourier
from dailies.delivery.limits import ClaimedLimits, UploadLimitStore
from dailies.delivery.shares import Shares
from dailies.disk import Disk
from dailies.errors import DeliveryError
from dailies.ids import new_id
from dailies.job import Job, Output, Place, State
from dailies.jobs.film_makers import FilmMaker
from dailies.jobs.screening_chat import ReelPost, ScreeningChat
from dailies.jobs.screening_takes import Scene, TakeFinder
from dailies.jobs.screenings import Screenings, ScreeningTools
from dailies.media.encode import Encoder
from dailies.media.reel import Reels
from dailies.money.budget import BudgetAccounts
from dailies.money.usage import Usage
from dailies.reason import Reason
from dailies.review import Decision, Verdict
from dailies.screening import Screening
from dailies.shot import ShotTake
from dailies.store.reviews import ReviewStore
from dailies.store.screenings import ScreeningStore
from dailies.store.shots import ShotStore
from dailies.store.sql import SqlStore
from tests.unit.kit import Now, Sleeps, a_job

GUILD, CHANNEL, ANN = 1, 2, 3
SCENE = Scene(GUILD, CHANNEL)
KEEP_SECONDS = 14 * 86_400.0


@dataclass
class ChatInMemory(ScreeningChat):
    """A chat platform in memory. troubles: errors of the next posts, in order. hidden: channels that others do not see.

    there: message ids by the film that they show, as somebody who looks for it finds them.
    """

    troubles: list[DeliveryError] = field(default_factory=list[DeliveryError])
    hidden: set[int] = field(default_factory=set[int])
    adult: bool = False
    spoken: str = "en"
    limit: int = 10_000_000
    statuses: list[str] = field(default_factory=list[str])
    said: list[Reason] = field(default_factory=list[Reason])
    posts: list[ReelPost] = field(default_factory=list[ReelPost])
    there: dict[tuple[str, int], int] = field(default_factory=dict[tuple[str, int], int])

    def claims(self, guild_id: int | None) -> ClaimedLimits:
        """Return the claim that the test set."""
        return ClaimedLimits(self.limit, None)

    async def language(self, guild_id: int) -> str:
        """Return what the test set."""
        return self.spoken

    def age_restricted(self, channel_id: int) -> bool:
        """Return what the test set."""
        return self.adult

    def original_name(self, job: Job, output: int) -> str:
        """Return a name that no other take has."""
        return f"{job.id}-{output}.mp4"

    async def visible(self, guild_id: int | None, channel_id: int, others: Collection[int]) -> frozenset[int]:
        """Return all that the test did not hide."""
        return frozenset(others) - self.hidden

    async def begin_status(self, screening: Screening, words: Reason) -> int:
        """Record a status."""
        self.statuses.append(screening.id)
        self.said.append(words)
        return 500 + len(self.statuses)

    async def show_status(self, screening: Screening, words: Reason) -> None:
        """Record what the status says."""
        self.said.append(words)

    async def post(self, post: ReelPost, *, again: bool) -> int:
        """Record a post, or raise the next trouble; find an earlier one only if it is looked for."""
        key = post.screening.id, post.number
        if again and key in self.there:
            return self.there[key]
        if self.troubles:
            raise self.troubles.pop(0)
        self.posts.append(post)
        self.there[key] = 900 + len(self.there)
        return self.there[key]


@dataclass
class Room:
    """A screening room and everything around it that a test looks at."""

    engine: AsyncEngine
    folder: Path
    clip: Path
    chat: ChatInMemory
    now: Now
    reels: Reels | None = None
    zone: tzinfo = UTC
    public_url: str | None = None

    def __post_init__(self) -> None:
        """Build the stores and the maker."""
        self.jobs = SqlStore(self.engine, self.folder)
        self.store = ScreeningStore(self.engine, self.jobs)
        self.shots = ShotStore(self.engine, self.jobs.patiently)
        self.reviews = ReviewStore(self.engine, self.jobs.patiently)
        self.videos = self.folder / "videos"
        self.videos.mkdir(exist_ok=True)
        ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
        encoder = Encoder(ffmpeg, jobs=1, seconds=60)
        url = self.public_url
        self.shares = Shares(self.engine, self.videos, public_url=url, days=14, now=self.now) if url else None
        delivery = DeliveryTools(
            UploadLimitStore(self.engine, self.now), encoder, self.shares, ffmpeg, media_seconds=20, tries=1
        )
        self.tools = ScreeningTools(
            store=self.store,
            shots=self.shots,
            finder=TakeFinder(self.store, self.shots, self.reviews, self.chat, keep_seconds=KEEP_SECONDS),
            usage=Usage(self.engine),
            maker=FilmMaker(self.reels or Reels(ffmpeg, encoder), self.chat, self.videos, ffmpeg, probe_seconds=20),
            courier=FilmCourier(delivery, sleep=Sleeps()),
            shares=self.shares,
            chat=self.chat,
            disk=Disk(self.folder, least=0),
            zone=self.zone,
            keep_seconds=KEEP_SECONDS,
            now=self.now,
        )
        self.screenings = Screenings(self.tools)

    async def take(self, shot: str = "", *, on_disk: bool = True, parent: int | None = None, **changes: Any) -> Job:
        """Add a take that was delivered a minute ago, with its file. shot: its name. parent: channel of its thread."""
        self.now.time += 60
        at = self.now.time
        job_id = new_id(at)
        job = a_job(
            id=job_id,
            key=f"key-{job_id}",
            place=Place(GUILD, CHANNEL, ANN),
            created_at=at - 60,
            submitted_at=at - 50,
            completed_at=at - 20,
            ended_at=at,
            state=State.DELIVERED,
            told=True,
            cost=Decimal("0.5"),
            file=self.videos / f"{job_id}.mp4",
            outputs=(Output(5.0, 128, 72, came=True, message_id=int(at)),),
        )
        job = replace(job, **changes)
        if shot:
            named = await self.shots.named(CHANNEL, GUILD, shot, ANN, at)
            job = replace(job, shot=ShotTake(named.id, named.name))
        if on_disk:
            shutil.copyfile(self.clip, self.videos / f"{job_id}.mp4")
        made = await self.jobs.create_set([job], BudgetAccounts(parent or job.place.channel_id))
        assert made is not None
        return made[0]

    async def say(self, job: Job, verdict: Verdict = Verdict.APPROVED, note: str | None = None) -> None:
        """Say something about the first video of a job."""
        number = len(await self.reviews.history(job.id, 1)) + 1
        assert await self.reviews.decide(Decision(job.id, 1, number, verdict, ANN, self.now.time + number, note=note))

    async def newest(self) -> Screening:
        """Return the newest screening."""
        last = max(self.chat.statuses)
        found = await self.store.get(last)
        assert found is not None
        return found
