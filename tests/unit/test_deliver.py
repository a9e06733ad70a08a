"""With only the command's token, a video is sent once, whatever comes of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from dailies import explain
from dailies.delivery.limits import ObservedLimits
from dailies.errors import ChatUnavailable, FileTooLarge, NotAllowed, PerhapsPosted
from dailies.job import Place, State
from dailies.jobs.life import live
from tests.support.reasons import in_words, worded
from tests.unit.job_context import ScriptedAPI, harness, lived
from tests.unit.kit import FakeChat, a_job

AWAY = Place(guild_id=1, channel_id=2, requester_id=3, status_message_id=4, token_only=True)
COMPLETED = a_job(
    place=AWAY,
    state=State.COMPLETED,
    openrouter_id="remote-1",
    polling_url="/x",
    submitted_at=1_790_000_000.0,
    upload_limit=10_000_000,
)


async def test_the_video_goes_with_the_token_and_nowhere_else(api: ScriptedAPI, tmp_path: Path) -> None:
    chat = FakeChat()
    job, _ = await lived(COMPLETED, api, tmp_path, chat=chat)

    assert job.state is State.DELIVERED
    assert [explain.sentences(one.words) for one in chat.followed_up][:1] == [
        "your video is ready Ordered: 5 s. Received: 1 s. Billed $0.25."
    ]
    assert chat.uploads == []


async def test_the_record_says_that_it_was_begun_before_it_is_sent(api: ScriptedAPI, tmp_path: Path) -> None:
    chat, seen = FakeChat(), list[float | None]()
    async with harness(api, tmp_path, chat=chat) as on:

        async def look() -> None:
            seen.append((await on.context.store.get(COMPLETED.id)).follow_up_at)

        chat.meanwhile = look
        await live(await on.kept(COMPLETED), on.context)
    assert seen
    assert seen[0] is not None


async def test_without_an_answer_it_is_never_sent_again_not_even_directly(api: ScriptedAPI, tmp_path: Path) -> None:
    chat = FakeChat(follow_up_troubles=[PerhapsPosted()])
    job, _ = await lived(COMPLETED, api, tmp_path, chat=chat)

    assert job.state is State.UNDELIVERED
    assert "may already be posted" in in_words(job.reason)
    assert (len(chat.followed_up), chat.uploads) == (1, [])


async def test_found_begun_after_a_restart_it_is_not_sent_again(api: ScriptedAPI, tmp_path: Path) -> None:
    chat = FakeChat()
    async with harness(api, tmp_path, chat=chat) as on:
        path = tmp_path / "videos" / f"{COMPLETED.id}.mp4"
        await asyncio.to_thread(path.parent.mkdir)
        await asyncio.to_thread(path.write_bytes, api.video)
        begun = replace(COMPLETED, state=State.DELIVERING, file=path, follow_up_at=1_790_000_100.0)
        job = await live(await on.kept(begun), on.context)
    assert job.state is State.UNDELIVERED
    assert (chat.followed_up, chat.uploads) == ([], [])


async def test_refused_for_certain_it_comes_as_a_direct_message(api: ScriptedAPI, tmp_path: Path) -> None:
    chat = FakeChat(follow_up_troubles=[NotAllowed(worded("it was too late"))], troubles=[ChatUnavailable("503")])
    job, _ = await lived(COMPLETED, api, tmp_path, chat=chat)

    assert (job.state, job.follow_up_at, job.video_channel_id) == (State.DELIVERED, None, 77)
    assert [one.direct for one in chat.uploads] == [True, True]
    assert "It couldn't be posted in <#2>: it was too late." in explain.sentences(chat.uploads[1].words)


@pytest.mark.slow
@pytest.mark.parametrize("hoped", [False, True], ids=["over its limit", "refused as too large"])
async def test_it_is_made_to_fit_the_limit_of_the_command(api: ScriptedAPI, tmp_path: Path, *, hoped: bool) -> None:
    size = len(api.video)
    chat = FakeChat(follow_up_troubles=[FileTooLarge(size)] if hoped else [])
    limit = size * 2 if hoped else size * 8 // 10
    async with harness(api, tmp_path, chat=chat) as on:
        job = await live(await on.kept(replace(COMPLETED, upload_limit=limit)), on.context)
        assert await on.upload_limits.shown(1, None) == ObservedLimits()
    assert job.state is State.DELIVERED
    assert job.delivery_note is not None
    assert len(chat.followed_up) == 1 + hoped
