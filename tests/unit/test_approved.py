"""Approved videos reach their channel once, whenever the process ends, and their message follows later words."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies.delivery.reviewed import ApprovedUpload, ReviewChat
from dailies.errors import ChatUnavailable, DeliveryError, FileTooLarge, NotAllowed
from dailies.job import Job, Output, State
from dailies.jobs.approved import ApprovedVideos
from dailies.jobs.reviews import Reviews
from dailies.reason import Reason, ReasonCode
from dailies.review import ApprovedPost, Decision, Verdict
from dailies.store.reviews import ReviewStore
from tests.unit.job_context import Harness, ScriptedAPI, harness
from tests.unit.kit import REQUEST, a_job, a_reference

NOW = 1_790_000_000.0
CHANNEL = 70
GONE = NotAllowed(Reason(ReasonCode.CHANNEL_GONE))


@dataclass
class FakeReviewChat(ReviewChat):
    """Messages about reviews in memory. troubles: errors of the next posts; untold: of the next edits and replies."""

    troubles: list[DeliveryError] = field(default_factory=list[DeliveryError])
    untold: list[DeliveryError] = field(default_factory=list[DeliveryError])
    posts: list[ApprovedUpload] = field(default_factory=list[ApprovedUpload])
    names: list[str] = field(default_factory=list[str])
    edits: list[Verdict] = field(default_factory=list[Verdict])
    shown: list[Verdict] = field(default_factory=list[Verdict])
    replies: list[str | None] = field(default_factory=list[str | None])
    searched: list[bool] = field(default_factory=list[bool])
    editable: bool = True
    most: int | None = 10_000_000

    async def show(self, job: Job, decision: Decision, *, but: int | None = None) -> bool:
        """Record what holds, or raise the next trouble."""
        if self.untold:
            raise self.untold.pop(0)
        self.shown.append(decision.verdict)
        return self.editable

    async def reply(self, job: Job, decision: Decision, *, search: bool) -> int:
        """Record a reply."""
        self.searched.append(search)
        if self.untold:
            raise self.untold.pop(0)
        self.replies.append(decision.note)
        return 500 + len(self.replies)

    def limit(self, job: Job) -> int | None:
        """Return the limit that the test set."""
        return self.most

    async def post_approved(self, post: ApprovedPost, upload: ApprovedUpload) -> int:
        """Record a post, or raise the next trouble."""
        await asyncio.sleep(0)
        if self.troubles:
            raise self.troubles.pop(0)
        self.posts.append(upload)
        self.names.append(upload.provenance.name)
        return 900 + len(self.posts)

    async def find_approved(self, post: ApprovedPost, name: str) -> int | None:
        """Return the earlier post of this name."""
        return 901 + self.names.index(name) if name in self.names else None

    async def edit_approved(self, post: ApprovedPost, message_id: int, job: Job, decision: Decision) -> None:
        """Record what a message says now."""
        if self.troubles:
            raise self.troubles.pop(0)
        self.edits.append(decision.verdict)


@dataclass
class Desk:
    """A delivered job, and what brings its approved video to its channel. told: what the operators were told."""

    on: Harness
    job: Job
    store: ReviewStore
    chat: FakeReviewChat
    approved: ApprovedVideos
    reviews: Reviews
    told: list[str]

    async def say(self, verdict: Verdict = Verdict.APPROVED, *, channel_id: int | None = CHANNEL, **more: Any) -> None:
        """Store the next word."""
        number = len(await self.store.history(self.job.id)) + 1
        decision = Decision(self.job.id, 1, number, verdict, 5, self.on.now() + number, **more)
        assert await self.store.decide(decision, channel_id=channel_id)

    async def post(self) -> ApprovedPost:
        """Return the record of the video."""
        found = await self.store.approved.get(self.job.id, 1)
        assert found
        return found

    def again(self, **changes: Any) -> ApprovedVideos:
        """Return what the next process has."""
        given = self.store, self.on.context, replace(self.chat, **changes), None

        async def tell(text: str) -> None:
            self.told.append(text)

        return ApprovedVideos(*given, tell)


@pytest_asyncio.fixture
async def desk(api: ScriptedAPI, tmp_path: Path, mp4: Path, engine: AsyncEngine) -> AsyncGenerator[Desk]:
    async with harness(api, tmp_path, engine=engine) as on:
        path = on.context.videos / f"{a_job().id}.mp4"
        await asyncio.to_thread(path.parent.mkdir, exist_ok=True)
        await asyncio.to_thread(shutil.copy, mp4, path)
        job = a_job(
            state=State.DELIVERED,
            told=True,
            file=path,
            outputs=(Output(seconds=1.0, came=True, message_id=9),),
            video_message_id=9,
            ended_at=NOW,
            cost=Decimal("0.45"),
            request=replace(REQUEST, seed=7, provider_options={"negative_prompt": "blur"}),
            references=(replace(a_reference(), cast=("hero",)),),
        )
        await on.store.create(job)
        store, chat, told = ReviewStore(engine, on.store.patiently), FakeReviewChat(), list[str]()

        async def tell(text: str) -> None:
            told.append(text)

        approved = ApprovedVideos(store, on.context, chat, None, tell)
        yield Desk(on, job, store, chat, approved, Reviews(store, on.context, chat), told)


async def test_an_approved_video_is_posted_once_with_its_provenance(desk: Desk) -> None:
    await desk.say()
    for _ in range(2):
        await desk.approved.look()
    (upload,) = desk.chat.posts
    assert upload.upload.file == desk.job.file
    assert upload.original is None
    assert (await desk.post()).message_id == 901
    assert "a.example" not in upload.provenance.text
    told = json.loads(upload.provenance.text)
    assert (told["prompt"], told["model"]["id"], told["settings"]["seed"]) == ("a red kite over the sea", "a/b", 7)
    assert told["pictures"] == [{"sha256": a_reference().sha256, "role": "reference", "cast": ["hero"]}]
    assert (told["cost_usd"], told["requested"]["by"], told["approved"]["by"]) == ("0.45", "3", "5")
    assert told["original"]["bytes"] == desk.job.file.stat().st_size if desk.job.file else False


async def test_without_a_channel_nothing_is_posted(desk: Desk) -> None:
    await desk.say(channel_id=None)
    await desk.approved.look()
    assert desk.chat.posts == []
    assert await desk.store.approved.get(desk.job.id, 1) is None


@pytest.mark.parametrize("verdict", [Verdict.WITHDRAWN, Verdict.RETAKE])
async def test_what_is_taken_back_before_it_was_posted_is_not_posted(desk: Desk, verdict: Verdict) -> None:
    await desk.say()
    await desk.say(verdict)
    await desk.approved.look()
    assert desk.chat.posts == []
    assert (await desk.post()).ended_at is not None


async def test_what_is_taken_back_later_is_said_in_its_message_and_so_is_a_new_approval(desk: Desk) -> None:
    for verdict in (Verdict.APPROVED, Verdict.RETAKE, Verdict.APPROVED):
        await desk.say(verdict)
        await desk.approved.look()
    assert len(desk.chat.posts) == 1
    assert desk.chat.edits == [Verdict.RETAKE, Verdict.APPROVED]


async def test_a_word_that_comes_while_it_is_posted_is_said_in_its_message(desk: Desk) -> None:
    await desk.say()
    post = desk.chat.post_approved

    async def posting(record: ApprovedPost, upload: ApprovedUpload) -> int:
        await desk.say(Verdict.RETAKE)
        return await post(record, upload)

    desk.chat.post_approved = posting  # type: ignore[method-assign]
    for _ in range(2):
        await desk.approved.look()
    assert len(desk.chat.posts) == 1
    assert desk.chat.edits == [Verdict.RETAKE]


async def test_a_channel_that_is_gone_is_told_to_the_operators_once_and_not_tried_again(desk: Desk) -> None:
    await desk.say()
    desk.chat.troubles = [GONE, GONE]
    for _ in range(3):
        await desk.approved.look()
        desk.on.now.time += 1000
    assert len(desk.chat.troubles) == 1
    (told,) = desk.told
    assert "<#70>: the channel is gone." in told
    assert (await desk.post()).sent_at is None


async def test_after_a_refusal_a_new_approval_is_posted_in_the_channel_of_then(desk: Desk) -> None:
    await desk.say()
    desk.chat.troubles = [GONE]
    await desk.approved.look()
    await desk.say(Verdict.WITHDRAWN)
    await desk.say(channel_id=71)
    await desk.approved.look()
    assert len(desk.chat.posts) == 1
    assert (await desk.post()).channel_id == 71


async def test_a_video_that_is_no_longer_kept_is_not_posted(desk: Desk) -> None:
    assert desk.job.file
    desk.job.file.unlink()
    await desk.say()
    post = await desk.approved.follow(desk.job.id, 1)
    assert post
    assert post.reason
    assert post.reason.code is ReasonCode.NOT_HERE


async def test_while_discord_is_away_it_waits_and_is_given_up_in_the_end(desk: Desk) -> None:
    await desk.say()
    desk.chat.troubles = [ChatUnavailable("503")] * 2
    await desk.approved.look()
    assert (await desk.post()).ended_at is None
    desk.on.now.time += desk.on.context.limits.deliver_seconds + 100
    await desk.approved.look()
    assert (await desk.post()).ended_at is not None
    assert len(desk.told) == 1


@pytest.mark.slow
async def test_one_that_is_too_large_goes_as_a_copy_that_says_where_the_original_is(desk: Desk) -> None:
    await desk.say()
    desk.chat.troubles = [FileTooLarge(1)]
    await desk.approved.look()
    (upload,) = desk.chat.posts
    assert upload.upload.file != desk.job.file
    assert upload.original
    assert upload.original.code is ReasonCode.APPROVED_ORIGINAL


class Killed(BaseException):
    """The process ended here."""


def killed(owner: object, name: str, *, after: bool) -> None:
    """Let the process end when this is first called, before or after its effect."""
    called: Callable[..., Awaitable[Any]] = getattr(owner, name)

    async def call(*given: Any, **named: Any) -> Any:
        if after:
            await called(*given, **named)
        raise Killed

    object.__setattr__(owner, name, call)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", ["sent", "post_approved", "posted", "ended"])
async def test_the_next_process_posts_it_if_it_is_not_there(desk: Desk, step: str, after: bool) -> None:
    await desk.say()
    owner = desk.chat if step == "post_approved" else desk.store.approved
    real = getattr(owner, step)
    killed(owner, step, after=after)
    with pytest.raises(Killed):
        await desk.approved.look()
    object.__setattr__(owner, step, real)
    await desk.again().look()
    assert len(desk.chat.posts) == 1
    post = await desk.post()
    assert (post.message_id, post.reason) == (901, None)
    assert post.ended_at is not None


async def test_a_word_is_shown_and_a_note_is_replied_once(desk: Desk) -> None:
    decision = Decision(desk.job.id, 1, 1, Verdict.RETAKE, 5, NOW, note="slower")
    assert await desk.reviews.decide(decision, None, channel_id=None)
    await desk.reviews.look()
    assert (desk.chat.shown, desk.chat.replies) == ([Verdict.RETAKE], ["slower"])
    (kept,) = await desk.store.history(desk.job.id)
    assert (kept.reply_id, kept.told_at) == (501, desk.on.now())


async def test_what_cannot_be_shown_in_the_video_s_message_is_replied(desk: Desk) -> None:
    desk.chat.editable = False
    await desk.reviews.decide(Decision(desk.job.id, 1, 1, Verdict.APPROVED, 5, NOW), None, channel_id=None)
    assert desk.chat.replies == [None]


async def test_a_word_that_nobody_was_told_is_told_after_a_restart_and_looked_for_first(desk: Desk) -> None:
    await desk.say(Verdict.RETAKE, note="slower")
    await desk.say(note=None)
    await desk.reviews.look()
    assert desk.chat.shown == [Verdict.APPROVED] * 2
    assert (desk.chat.replies, desk.chat.searched) == (["slower"], [True])
    assert await desk.store.untold() == []


async def test_while_discord_is_away_a_word_waits_until_it_is_given_up(desk: Desk) -> None:
    await desk.say()
    desk.chat.untold = [ChatUnavailable("503")] * 2
    await desk.reviews.look()
    assert len(await desk.store.untold()) == 1
    await desk.reviews.look()  # it was put off
    assert len(desk.chat.untold) == 1
    desk.on.now.time += desk.on.context.limits.deliver_seconds + 100
    await desk.reviews.look()
    assert await desk.store.untold() == []


async def test_a_place_that_lets_nobody_in_is_not_tried_for_ever(desk: Desk) -> None:
    await desk.say()
    desk.chat.editable = False
    reply = desk.chat.reply

    async def refused(job: Job, decision: Decision, *, search: bool) -> int:
        await reply(job, decision, search=search)
        raise GONE

    desk.chat.reply = refused  # type: ignore[method-assign]
    for _ in range(2):
        await desk.reviews.look()
    assert len(desk.chat.replies) == 1
