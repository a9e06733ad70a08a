"""With only the command's token, a video is sent once, whatever comes of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from dailies.delivery.limits import ObservedLimits
from dailies.errors import ChatUnavailable, FileTooLarge, NotAllowed, PerhapsPosted
from dailies.job import Place, State
from dailies.jobs.life import live
from tests.unit.job_context import Provider, lived, stage
from tests.unit.kit import Room, a_job

AWAY = Place(guild_id=1, channel_id=2, requester_id=3, status_message_id=4, token_only=True)
COMPLETED = a_job(
    place=AWAY,
    state=State.COMPLETED,
    openrouter_id="remote-1",
    polling_url="/x",
    submitted_at=1_790_000_000.0,
    upload_limit=10_000_000,
)


async def test_the_video_goes_with_the_token_and_nowhere_else(provider: Provider, tmp_path: Path) -> None:
    room = Room()
    job, _ = await lived(COMPLETED, provider, tmp_path, room=room)

    assert job.state is State.DELIVERED
    assert [one.words for one in room.followed_up] == ["Your video is ready."]
    assert room.parcels == []


async def test_the_record_says_that_it_was_begun_before_it_is_sent(provider: Provider, tmp_path: Path) -> None:
    room, seen = Room(), list[float | None]()
    async with stage(provider, tmp_path, room=room) as on:

        async def look() -> None:
            seen.append((await on.context.store.get(COMPLETED.id)).follow_up_at)

        room.meanwhile = look
        await live(await on.kept(COMPLETED), on.context)
    assert seen
    assert seen[0] is not None


async def test_without_an_answer_it_is_never_sent_again_not_even_directly(provider: Provider, tmp_path: Path) -> None:
    room = Room(follow_up_troubles=[PerhapsPosted()])
    job, _ = await lived(COMPLETED, provider, tmp_path, room=room)

    assert job.state is State.UNDELIVERED
    assert "may have been posted" in (job.reason or "")
    assert (len(room.followed_up), room.parcels) == (1, [])


async def test_found_begun_after_a_restart_it_is_not_sent_again(provider: Provider, tmp_path: Path) -> None:
    room = Room()
    async with stage(provider, tmp_path, room=room) as on:
        path = tmp_path / "videos" / f"{COMPLETED.id}.mp4"
        await asyncio.to_thread(path.parent.mkdir)
        await asyncio.to_thread(path.write_bytes, provider.video)
        begun = replace(COMPLETED, state=State.DELIVERING, file=path, follow_up_at=1_790_000_100.0)
        job = await live(await on.kept(begun), on.context)
    assert job.state is State.UNDELIVERED
    assert (room.followed_up, room.parcels) == ([], [])


async def test_refused_for_certain_it_comes_as_a_direct_message(provider: Provider, tmp_path: Path) -> None:
    room = Room(follow_up_troubles=[NotAllowed("it was too late")], troubles=[ChatUnavailable("503")])
    job, _ = await lived(COMPLETED, provider, tmp_path, room=room)

    assert (job.state, job.follow_up_at, job.video_channel_id) == (State.DELIVERED, None, 77)
    assert [one.direct for one in room.parcels] == [True, True]
    assert "It could not be posted in <#2>: it was too late." in room.parcels[1].words


@pytest.mark.parametrize("hoped", [False, True], ids=["over its limit", "refused as too large"])
async def test_it_is_made_to_fit_the_limit_of_the_command(provider: Provider, tmp_path: Path, *, hoped: bool) -> None:
    size = len(provider.video)
    room = Room(follow_up_troubles=[FileTooLarge(size)] if hoped else [])
    limit = size * 2 if hoped else size * 8 // 10
    async with stage(provider, tmp_path, room=room) as on:
        job = await live(await on.kept(replace(COMPLETED, upload_limit=limit)), on.context)
        assert await on.book.shown(1, None) == ObservedLimits()
    assert job.state is State.DELIVERED
    assert job.delivery_note is not None
    assert len(room.followed_up) == 1 + hoped
