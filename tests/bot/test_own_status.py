"""A status that stands by itself: of a job that was started by a click in a message which only one person sees."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from cogs.status.message import find_status
from cogs.video.answer import OwnStatus
from dailies.job import Job, State
from dailies.schema import jobs
from dailies.store.sql import SqlStore
from tests.bot.composing import Panel, compose
from tests.bot.conftest import BotApp
from tests.bot.test_slow_database import SlowRecord


async def generated(app: BotApp) -> Panel:
    """Compose a video and press Generate; return what was the panel."""
    panel = await compose(app, prompt="A paper boat", duration=4, resolution="480p")
    await panel.press("Generate")
    return panel


async def stored(app: BotApp) -> list[Job]:
    store = app.bot.intake._store  # pyright: ignore[reportPrivateUsage]
    assert isinstance(store, SqlStore)
    return await store.load(jobs.c.id.is_not(None))


@pytest.mark.slow
async def test_it_is_a_message_of_the_bot_s_own_and_the_click_s_becomes_a_link_to_it(app: BotApp) -> None:
    panel = await generated(app)

    status = app.channel.last_message
    assert status.interaction_metadata is None
    assert status.reference is None
    assert panel.text == f"Your video has started: {status.jump_url}"
    (job,) = await stored(app)
    assert job.place.status_message_id == status.id
    await app.finish_own()


@pytest.mark.slow
async def test_it_is_edited_with_the_bot_s_own_token(app: BotApp) -> None:
    await generated(app)
    assert (await app.finish_own()).startswith("### Done")

    (job,) = await stored(app)
    edits = [one for one in app.env.transcript().splitlines() if f"/messages/{job.place.status_message_id}" in one]
    assert edits
    assert all(f" PATCH /channels/{app.channel.id}/" in one for one in edits)


@pytest.mark.slow
async def test_it_is_found_when_its_id_was_lost(app: BotApp) -> None:
    await generated(app)
    (job,) = await stored(app)
    # simcord's message ids use a time of their own.
    status = app.channel.last_message
    lost = replace(job, created_at=status.created_at.timestamp(), place=replace(job.place, status_message_id=None))

    assert await find_status(app.bot, lost) == status.id
    await app.finish_own()


@pytest.mark.slow
async def test_where_it_may_not_be_posted_nothing_is_sent_and_the_person_is_told_why(app: BotApp) -> None:
    panel = await compose(app, prompt="A paper boat", duration=4, resolution="480p")
    app.env.inject_error("POST", "/channels/*/messages", status=400, code=50083, message="archived")
    await panel.press("Generate")

    assert "your video wasn't started: the thread is archived. You weren't charged." in panel.text
    await ended(app)
    (job,) = await stored(app)
    assert (job.state, job.key) == (State.REFUSED, job.id)
    assert app.openrouter.submits == []
    await panel.press("Generate")
    assert "Done" in await app.finish_own()


@pytest.mark.slow
async def test_a_post_whose_answer_was_lost_is_the_status_all_the_same(
    app: BotApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next try has the same nonce, so Discord answers with the message that is there."""
    post, tried = OwnStatus.post, list[int]()

    async def lost_once(answer: OwnStatus, job: Job) -> int:
        message_id = await post(answer, job)
        tried.append(message_id)
        if len(tried) == 1:
            raise TimeoutError
        return message_id

    monkeypatch.setattr(OwnStatus, "post", lost_once)

    def at_once(_: int) -> float:
        return 0.0

    monkeypatch.setattr("dailies.retry.backoff", at_once)
    await generated(app)

    assert (await app.finish_own()).startswith("### Done")
    assert len(tried) == 2
    assert len(app.openrouter.submits) == 1


async def test_a_click_whose_answer_discord_does_not_take_posts_no_status(app: BotApp) -> None:
    panel = await compose(app, prompt="A paper boat", duration=4, resolution="480p")
    app.env.inject_error("POST", "/interactions/*/callback", status=404, code=10062, message="Unknown interaction")
    await panel.press("Generate")

    await ended(app)
    assert app.own_status == ""
    assert "What you are making" in panel.text
    assert app.openrouter.submits == []


async def ended(app: BotApp) -> None:
    """Wait until every job's run has ended."""
    async with asyncio.timeout(10):
        while app.bot.runner.running:  # noqa: ASYNC110 (the runner has no event)
            await asyncio.sleep(0.02)


@pytest.mark.slow
@pytest.mark.settings(LOOK_SECONDS="0.1")
async def test_a_slow_record_is_waited_for_behind_a_line_that_says_so(
    app: BotApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = SlowRecord(app, monkeypatch)
    slow.until = "callback {'type': 7"
    panel = await generated(app)

    assert slow.sent_before == 0
    assert panel.text.startswith("Your video has started: ")
    assert (await app.finish_own()).startswith("### Done")


@pytest.mark.settings(LOOK_SECONDS="0.1")
async def test_a_job_that_is_refused_late_leaves_no_status(app: BotApp, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = SlowRecord(app, monkeypatch)
    slow.until = "callback {'type': 7"
    slow.fails(LookupError("nobody thought of this"))
    panel = await generated(app)

    assert "Something went wrong in the bot" in panel.text
    assert app.own_status == ""
    assert app.openrouter.submits == []
