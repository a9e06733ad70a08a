"""The posts of shots by the records alone, on SQLite and on PostgreSQL: made once, remembered, forgotten, tagged."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies.delivery.forum import Forum
from dailies.errors import ChatUnavailable, DeliveryError, NotAllowed
from dailies.ids import new_id
from dailies.job import Job, State
from dailies.jobs.shot_posts import ShotPosts
from dailies.reason import Reason, ReasonCode
from dailies.review import Decision, ShotState, Verdict
from dailies.shot import Shot, ShotTake
from dailies.store.reviews import ReviewStore
from dailies.store.server_settings import ServerSettingStore
from dailies.store.shot_forums import ShotForumStore
from dailies.store.shots import ShotStore
from dailies.store.sql import SqlStore
from tests.unit.kit import a_job

NOW = 1_790_000_000.0
CHANNEL, SERVER, FORUM, ANN = 2, 1, 7, 11


@dataclass
class OneForum(Forum):
    """Makes posts from 100 on, or raises the next trouble."""

    since: list[float | None] = field(default_factory=list[float | None])
    troubles: list[DeliveryError] = field(default_factory=list[DeliveryError])
    tagged: list[tuple[int, ShotState]] = field(default_factory=list[tuple[int, ShotState]])

    async def open_post(self, job: Job, shot: Shot, forum_id: int, *, since: float | None) -> int:
        """Make a post."""
        assert (shot.name, forum_id) == ("12A", FORUM)
        self.since.append(since)
        await asyncio.sleep(0)
        if self.troubles:
            raise self.troubles.pop(0)
        return 99 + len(self.since)

    async def tag_post(self, post_id: int, state: ShotState) -> None:
        """Note the tag."""
        self.tagged.append((post_id, state))


@dataclass
class Set:
    """A shot of a channel with a forum."""

    posts: ShotPosts
    forum: OneForum
    store: SqlStore
    forums: ShotForumStore
    reviews: ReviewStore
    shot: Shot

    async def take(self, state: State = State.DELIVERING, number: int = 0) -> Job:
        """Record a take of the shot."""
        job_id = new_id(NOW + number)
        job = a_job(id=job_id, key=job_id, shot=ShotTake(self.shot.id, self.shot.name), state=state)
        made = await self.store.create_set([job])
        assert made
        return made[0]


@pytest.fixture
async def on(engine: AsyncEngine, store: SqlStore) -> Set:
    shots = ShotStore(engine, store.patiently)
    forums, reviews = ShotForumStore(engine, store.patiently), ReviewStore(engine, store.patiently)
    shot = await shots.named(CHANNEL, SERVER, "12A", ANN, NOW)
    await forums.use(CHANNEL, SERVER, FORUM, ANN, NOW)
    forum = OneForum()
    return Set(ShotPosts(forum, forums, reviews), forum, store, forums, reviews, shot)


async def test_six_first_takes_at_once_make_one_post(on: Set) -> None:
    takes = [await on.take(number=number) for number in range(6)]
    found = await asyncio.gather(*(on.posts.of(job, NOW) for job in takes))
    assert {job.post_id for job, _ in found} == {100}
    assert on.forum.since == [None]


async def test_a_post_that_may_be_there_is_looked_for_from_the_first_try_on(on: Set) -> None:
    job = await on.take()
    on.forum.troubles = [ChatUnavailable("lost"), ChatUnavailable("lost"), NotAllowed(Reason(ReasonCode.FORUM_GONE))]
    for after in (0, 60):
        with pytest.raises(ChatUnavailable):
            await on.posts.of(job, NOW + after)
    found, why = await on.posts.of(job, NOW + 120)
    assert found.post_id is None
    assert why == Reason(ReasonCode.POSTED_ELSEWHERE, channel=FORUM, why=Reason(ReasonCode.FORUM_GONE))
    # A refusal now says nothing of the tries before it.
    assert (await on.posts.of(job, NOW + 180))[0].post_id == 103
    assert on.forum.since == [None, NOW, NOW, NOW]


async def test_nothing_is_looked_for_after_a_plain_refusal_or_a_deleted_post(on: Set) -> None:
    job = await on.take()
    on.forum.troubles = [NotAllowed(Reason(ReasonCode.FORUM_OPEN))]
    await on.posts.of(job, NOW)
    posted, _ = await on.posts.of(job, NOW)
    assert posted.post_id == 101
    await on.posts.gone(posted)
    await on.posts.gone(posted)
    assert (await on.posts.of(job, NOW))[0].post_id == 102
    await on.posts.gone(posted)  # told late, of the one before
    assert (await on.posts.of(job, NOW))[0].post_id == 102
    assert on.forum.since == [None, None, None]


async def test_takes_asked_for_in_the_post_or_after_the_forum_was_left_have_no_other_place(on: Set) -> None:
    job = await on.take()
    await on.posts.of(job, NOW)
    inside = replace(job, place=replace(job.place, channel_id=100))
    assert await on.posts.of(inside, NOW) == (inside, None)
    await on.forums.leave(CHANNEL)
    assert await on.posts.of(job, NOW) == (job, None)


async def test_a_post_is_tagged_with_what_was_said_about_the_takes(on: Set) -> None:
    takes = [await on.take(State.DELIVERED, number) for number in range(3)]
    await on.posts.tag(takes[0])
    assert on.forum.tagged == []  # it has no post
    await on.posts.of(takes[0], NOW)
    said = [(takes[1], Verdict.RETAKE), (takes[2], Verdict.RETAKE), (takes[0], Verdict.APPROVED)]
    await on.posts.tag(takes[0])
    for job, verdict in said:
        assert await on.reviews.decide(Decision(job.id, 1, 1, verdict, ANN, NOW))
        await on.posts.tag(job)
    assert await on.reviews.decide(Decision(takes[0].id, 1, 2, Verdict.WITHDRAWN, ANN, NOW))
    await on.posts.tag(takes[0])
    going, again, approved = ShotState.IN_PROGRESS, ShotState.RETAKE, ShotState.APPROVED
    assert [state for _, state in on.forum.tagged] == [going, going, again, approved, again]


async def test_who_chose_a_forum_is_counted_and_forgotten_and_the_forum_stays(on: Set, engine: AsyncEngine) -> None:
    settings = ServerSettingStore(engine, on.store)
    assert await settings.count(ANN) == 1
    await settings.forget(ANN)
    assert await settings.count(ANN) == 0
    assert await on.forums.of_channel(CHANNEL) == FORUM
