"""Making of screenings and cuts: real films, what is said of them, and what becomes of failures."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies import database
from dailies.delivery.courier import FileTooLarge
from dailies.errors import ChatUnavailable, NotAllowed, RefusedError
from dailies.job import TakeSet
from dailies.jobs.screenings import MOST_WAITING
from dailies.jobs.slates import slate
from dailies.media.encode import Encoder
from dailies.media.probe import probe
from dailies.media.reel import Clip, Reel, Reels
from dailies.media.slate import Slate
from dailies.reason import Reason, ReasonCode
from dailies.screening import Wanted
from dailies.screening_times import EVERY_DAY, Schedule
from tests.support.databases import sqlite_file
from tests.unit.kit import Now, a_job
from tests.unit.screening_kit import ANN, CHANNEL, GUILD, KEEP_SECONDS, SCENE, ChatInMemory, Room


class ReelsAtHand(Reels):
    """Hands out one film that the real one made, with the entries of the takes that were asked for."""

    def __init__(self, film: Path, reel: Reel) -> None:
        self._film = film
        self._reel = reel
        self.made: list[list[str]] = []

    async def reel(self, clips: Sequence[Clip], target: Path, **_: Any) -> Reel:
        """Copy the film."""
        self.made.append([clip.slate.title if clip.slate else "" for clip in clips])
        await asyncio.to_thread(shutil.copyfile, self._film, target)
        entry = self._reel.entries[0]
        entries = tuple(replace(entry, index=index, start=2.0 * index) for index in range(len(clips)))
        return replace(self._reel, path=target, entries=entries, left_out=())


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory, mp4: Path) -> Any:
    """Make one real reel of one take."""
    folder = tmp_path_factory.mktemp("film")
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    reels = Reels(ffmpeg, Encoder(ffmpeg, jobs=1, seconds=60))

    async def nothing(_: int) -> None:
        pass

    return asyncio.run(reels.reel([Clip(mp4, Slate("12A · take 1"))], folder / "film.mp4", say=nothing))


@pytest.fixture
async def engine(tmp_path: Path) -> Any:
    """Open a SQLite file: what the databases do differently, test_screening_store.py tries."""
    async with database.opened(await sqlite_file(tmp_path / "jobs.sqlite")) as opened:
        yield opened


@pytest.fixture
def room(engine: AsyncEngine, tmp_path: Path, mp4: Path, film: Reel) -> Room:
    return Room(engine, tmp_path, mp4, ChatInMemory(), Now(), ReelsAtHand(film.path, film))


@pytest.fixture
def real(engine: AsyncEngine, tmp_path: Path, mp4: Path) -> Room:
    """A room with the real reel."""
    return Room(engine, tmp_path, mp4, ChatInMemory(), Now())


def reels_of(room: Room) -> ReelsAtHand:
    assert isinstance(room.reels, ReelsAtHand)
    return room.reels


def codes(room: Room) -> list[ReasonCode]:
    return [one.code for one in room.chat.said]


@pytest.mark.slow
async def test_a_real_reel_has_its_takes_behind_slates_and_leaves_out_a_broken_one(real: Room) -> None:
    await real.take("12A")
    broken = await real.take("12A")
    (real.videos / f"{broken.id}.mp4").write_bytes(b"no film at all")
    begun = await real.screenings.begin(SCENE, Wanted(), ANN)
    await real.screenings.look()
    (post,) = real.chat.posts
    assert post.upload.file == real.videos / f"{begun.id}.mp4"
    assert post.upload.file is not None
    video = await probe(imageio_ffmpeg.get_ffmpeg_exe(), post.upload.file, seconds=20)
    assert video.seconds == pytest.approx(2.75, abs=0.15)
    first, second = post.screening.entries
    assert first.start == pytest.approx(1.75, abs=0.1)
    assert second.left_out is not None
    ended = await real.newest()
    assert (ended.reason, len(ended.messages), ended.sent_at) == (None, 1, None)
    assert codes(real)[-1] is ReasonCode.SCREENING_POSTED


@pytest.mark.slow
async def test_a_real_cut_comes_with_a_timeline_of_the_originals(real: Room) -> None:
    first, second = await real.take("12A"), await real.take("13")
    await real.take("14")
    for job in (first, second):
        await real.say(job)
    await real.screenings.begin_cut(SCENE, CHANNEL, ANN)
    await real.screenings.look()
    (post,) = real.chat.posts
    assert post.missing == ("14",)
    assert post.timeline is not None
    text = json.dumps(json.loads(post.timeline.read_text()))
    assert f"{first.id}-1.mp4" in text
    assert text.index("12A") < text.index("13 ")
    ended = await real.newest()
    assert [(real.videos / name).is_file() for name in ended.files] == [True, True]


@pytest.mark.slow
async def test_the_last_reel_says_what_an_approved_second_cost(room: Room) -> None:
    approved = await room.take()
    await room.take()
    await room.say(approved)
    await room.screenings.begin(SCENE, Wanted(), ANN)
    await room.screenings.look()
    (post,) = room.chat.posts
    assert post.own is not None
    assert post.month is not None
    assert (post.own.usd, post.month.approved) == (Decimal(1), 5.0)
    assert (post.month.usd_each, post.month.wasted_usd, post.month.wasted) == (Decimal("0.2"), Decimal("0.5"), 1)
    assert post.month.minutes_each == pytest.approx(0.2)


@pytest.mark.slow
async def test_more_than_twenty_five_takes_make_several_reels(room: Room) -> None:
    for _ in range(27):
        await room.take()
    await room.screenings.begin(SCENE, Wanted(), ANN)
    await room.screenings.look()
    assert [post.number for post in room.chat.posts] == [1, 2]
    assert [post.own is not None for post in room.chat.posts] == [False, True]
    assert len((await room.newest()).messages) == 2


async def test_nothing_new_is_refused_and_a_channel_has_only_some_films_in_the_making(room: Room) -> None:
    with pytest.raises(RefusedError) as nothing:
        await room.screenings.begin(SCENE, Wanted(), ANN)
    assert nothing.value.reason.code is ReasonCode.SCREENING_NOTHING_NEW
    for _ in range(MOST_WAITING):
        await room.take()
        await room.screenings.begin(SCENE, Wanted(), ANN)
    await room.take()
    with pytest.raises(RefusedError) as busy:
        await room.screenings.begin(SCENE, Wanted(), ANN)
    assert busy.value.reason.code is ReasonCode.SCREENING_BUSY
    await room.screenings.look()
    assert len(room.chat.posts) == MOST_WAITING
    await room.screenings.begin(SCENE, Wanted(), ANN)


async def test_a_screening_whose_hour_the_bot_slept_through_is_made_that_day_once(room: Room) -> None:
    noon = datetime(2026, 12, 1, 12, tzinfo=UTC).timestamp()
    room.now.time = noon
    await room.store.set_schedule(Schedule(CHANNEL, GUILD, 17 * 60, EVERY_DAY, noon, ANN))
    await room.take()
    await room.screenings.look()
    assert room.chat.posts == []
    room.now.time = noon + 9 * 3600
    await room.screenings.look()
    (post,) = room.chat.posts
    assert (post.screening.slot, post.screening.asked_by) == ("2026-12-01T17:00", None)
    await room.screenings.look()
    room.now.time = noon + 30 * 3600  # nothing new the day after: nothing is said
    await room.screenings.look()
    assert (len(room.chat.posts), len(room.chat.statuses)) == (1, 1)
    assert await room.store.has_slot(CHANNEL, "2026-12-02T17:00")


async def test_while_the_chat_is_away_a_film_is_kept_and_posted_later(room: Room) -> None:
    await room.take()
    await room.screenings.begin(SCENE, Wanted(), ANN)
    room.chat.troubles = [ChatUnavailable("away")]
    await room.screenings.look()
    assert (await room.newest()).ended_at is None
    await room.screenings.look()  # too early
    assert room.chat.posts == []
    room.now.time += 600
    await room.screenings.look()
    assert len(room.chat.posts) == 1
    assert len(reels_of(room).made) == 1


async def test_a_chat_that_stays_away_is_given_up_and_the_takes_are_new_again(room: Room) -> None:
    await room.take()
    await room.screenings.begin(SCENE, Wanted(), ANN)
    room.chat.troubles = [ChatUnavailable("away")]
    room.now.time += KEEP_SECONDS
    await room.screenings.look()
    ended = await room.newest()
    assert ended.reason is not None
    assert codes(room)[-1] is ReasonCode.SCREENING_FAILED


async def test_a_channel_that_is_gone_ends_its_schedule(room: Room) -> None:
    await room.take()
    await room.store.set_schedule(Schedule(CHANNEL, GUILD, 0, EVERY_DAY, room.now.time + 60, ANN))
    await room.screenings.begin(SCENE, Wanted(), ANN)
    room.chat.troubles = [NotAllowed(Reason(ReasonCode.CHANNEL_GONE))]
    await room.screenings.look()
    assert (await room.newest()).reason is not None
    assert await room.store.schedules() == []


async def test_what_is_too_large_is_made_smaller_or_linked(
    engine: AsyncEngine, tmp_path: Path, mp4: Path, film: Reel
) -> None:
    reels = ReelsAtHand(film.path, film)
    linked = Room(engine, tmp_path, mp4, ChatInMemory(limit=100), Now(), reels, public_url="https://a.example")
    await linked.take()
    begun = await linked.screenings.begin(SCENE, Wanted(), ANN)
    await linked.screenings.look()
    (post,) = linked.chat.posts
    assert post.upload.file is None
    (words,) = post.upload.words
    url = str(words.values["url"])
    assert linked.shares is not None
    shared = await linked.shares.find(url.split("/")[-2])
    assert shared is not None
    assert (shared.path, shared.title) == (linked.videos / f"{begun.id}.mp4", "Screening")
    await linked.store.files_removed(begun.id, linked.now.time)
    assert await linked.shares.find(url.split("/")[-2]) is None


async def test_without_links_a_film_that_no_upload_takes_is_said_to_be_too_large(room: Room) -> None:
    await room.take()
    await room.screenings.begin(SCENE, Wanted(), ANN)
    room.chat.limit, room.chat.troubles = 10, [FileTooLarge(1) for _ in range(5)]
    await room.screenings.look()
    ended = await room.newest()
    assert ended.reason is not None
    assert ended.reason.code is ReasonCode.FILE_TOO_LARGE


async def test_a_video_that_is_forgotten_before_the_reel_is_made_is_left_out(room: Room) -> None:
    first, second = await room.take(), await room.take()
    await room.screenings.begin(SCENE, Wanted(), ANN)
    (room.videos / f"{first.id}.mp4").unlink()
    await room.screenings.look()
    (post,) = room.chat.posts
    assert [one.left_out is None for one in post.screening.entries] == [False, True]
    assert reels_of(room).made == [[f"a red kite over the sea · take {second.take}"]]


def test_the_slate_of_a_blind_comparison_names_no_model_and_no_cost() -> None:
    a_take = a_job(cost=Decimal("0.5"))
    blind = replace(a_take, take_set=TakeSet("s", 2, 3, compared=True))
    assert slate(blind, 1) == Slate("a red kite over the sea · take 1", ("Model B", "5 s"))
    assert "A: B" in slate(a_take, 1).lines
    assert "$0.50" in slate(a_take, 1).lines


class Killed(BaseException):
    """The process ended here."""


STEPS = {
    "before the status": ("chat", "begin_status", False),
    "after the status": ("chat", "begin_status", True),
    "before the film": ("tools.maker", "make", False),
    "after the film": ("tools.maker", "make", True),
    "before the message": ("chat", "post", False),
    "after the message": ("chat", "post", True),
}


@pytest.mark.parametrize("step", STEPS)
async def test_a_process_that_ends_at_any_step_leaves_one_film(
    engine: AsyncEngine, tmp_path: Path, mp4: Path, film: Reel, step: str
) -> None:
    reels = ReelsAtHand(film.path, film)
    one = Room(engine, tmp_path, mp4, ChatInMemory(), Now(), reels)
    other = Room(engine, tmp_path, mp4, one.chat, one.now, reels)
    await one.take()
    begun = await one.screenings.begin(SCENE, Wanted(), ANN)
    owner: Any = one.tools.maker if STEPS[step][0] == "tools.maker" else one.chat
    name, after = STEPS[step][1:]
    real = getattr(owner, name)

    async def call(*given: Any, **named: Any) -> Any:
        if after:
            await real(*given, **named)
        raise Killed

    setattr(owner, name, call)
    with pytest.raises(Killed):
        await one.screenings.look()
    setattr(owner, name, real)
    await other.screenings.look()
    assert len(one.chat.posts) == len(one.chat.there) == 1
    assert len(one.chat.statuses) <= 1
    assert await other.store.unfinished() == []
    ended = await other.store.get(begun.id)
    assert ended is not None
    assert ended.reason is None
