"""The videos of a comparison on their way to the channel: together where they fit, once, whatever comes between."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies.delivery.chat import Posted, Upload
from dailies.delivery.limits import ClaimedLimits
from dailies.errors import ChatUnavailable, FileTooLarge, NotAllowed
from dailies.job import Job, Output, State
from dailies.jobs.life import live
from dailies.jobs.votes import Votes
from dailies.takes import compared_set
from tests.support.reasons import worded
from tests.unit.job_context import Harness, ScriptedAPI, harness
from tests.unit.kit import REQUEST, FakeChat, a_job

NOW = 1_790_000_000.0
CAME: dict[str, object] = {"state": State.DELIVERING, "completed_at": NOW, "outputs": (Output(came=True),)}
FAILED: dict[str, object] = {"state": State.FAILED, "told": True}
RUNS: dict[str, object] = {
    "state": State.SUBMITTED,
    "openrouter_id": "remote-9",
    "polling_url": "/api/v1/videos/remote-9",
}


async def kept(on: Harness, *states: dict[str, object], clip: Path | None = None) -> tuple[Job, ...]:
    """Store a comparison as an earlier process left it. clip: the file of those that were downloaded."""
    base = a_job(root_id="0123456789abcdef")
    takes = compared_set(
        [replace(base, request=replace(REQUEST, model=f"a/{number}")) for number in range(len(states))]
    )
    made = await on.store.create_set(takes)
    assert made
    for job, changes in zip(made, states, strict=True):
        path = on.context.videos / f"{job.id}.mp4"
        if clip and changes.get("completed_at"):
            path.parent.mkdir(exist_ok=True)
            await asyncio.to_thread(shutil.copy, clip, path)
            changes = {**changes, "file": path}
        await on.store.save(replace(job, **changes))  # pyright: ignore[reportArgumentType]
    return await on.store.takes(made[0].id)


async def lived_all(on: Harness, takes: tuple[Job, ...]) -> list[Job]:
    """Run jobs side by side; return them as they came out."""
    return list(await asyncio.gather(*(live(job, on.context) for job in takes)))


@pytest.mark.slow
async def test_all_videos_come_in_one_message(api: ScriptedAPI, tmp_path: Path, mp4: Path) -> None:
    async with harness(api, tmp_path) as on:
        takes = await kept(on, CAME, CAME, CAME, clip=mp4)
        ended = await lived_all(on, takes)
        assert [job.state for job in ended] == [State.DELIVERED] * 3
        assert on.chat.together == [tuple(job.id for job in takes)]
        assert on.chat.posted == []
        assert {job.video_message_id for job in ended} == {901}
        assert (await on.store.comparisons.get(takes[0].id)).opened_at == on.now.time


@pytest.mark.slow
async def test_videos_that_are_too_large_together_come_one_by_one(api: ScriptedAPI, tmp_path: Path, mp4: Path) -> None:
    size = (await asyncio.to_thread(mp4.stat)).st_size
    chat = FakeChat(said=ClaimedLimits(int(size * 1.5), int(size * 1.5)))
    async with harness(api, tmp_path, chat=chat) as on:
        takes = await kept(on, CAME, CAME, clip=mp4)
        ended = await lived_all(on, takes)
        assert [job.state for job in ended] == [State.DELIVERED] * 2
        assert chat.together == []
        assert sorted(chat.posted) == sorted(f"{job.id}.mp4" for job in takes)


@pytest.mark.slow
async def test_a_message_that_discord_refuses_as_too_large_is_parted(
    api: ScriptedAPI, tmp_path: Path, mp4: Path
) -> None:
    chat = FakeChat(troubles=[FileTooLarge(9)])
    async with harness(api, tmp_path, chat=chat) as on:
        takes = await kept(on, CAME, CAME, clip=mp4)
        await lived_all(on, takes)
        assert len(chat.posted) == 2
        assert (await on.store.comparisons.get(takes[0].id)).together is False


@pytest.mark.slow
async def test_a_channel_that_is_closed_sends_each_video_its_own_way(
    api: ScriptedAPI, tmp_path: Path, mp4: Path
) -> None:
    chat = FakeChat(troubles=[NotAllowed(worded("it is locked"))])
    async with harness(api, tmp_path, chat=chat) as on:
        ended = await lived_all(on, await kept(on, CAME, CAME, clip=mp4))
        assert [job.state for job in ended] == [State.DELIVERED] * 2
        assert len(chat.posted) == 2


@pytest.mark.slow
async def test_a_message_of_an_earlier_process_is_found_and_not_posted_again(
    api: ScriptedAPI, tmp_path: Path, mp4: Path
) -> None:
    chat = FakeChat(found=Posted(555))
    async with harness(api, tmp_path, chat=chat) as on:
        takes = await kept(on, CAME, CAME, clip=mp4)
        await on.store.comparisons.decide(takes[0].id, [job.id for job in takes], together=True)
        ended = await lived_all(on, takes)
        assert {job.video_message_id for job in ended} == {555}
        assert chat.together == chat.posted == []


@pytest.mark.slow
async def test_two_processes_post_one_message(api: ScriptedAPI, tmp_path: Path, mp4: Path, engine: AsyncEngine) -> None:
    async with harness(api, tmp_path, engine=engine) as one, harness(api, tmp_path, engine=engine) as other:
        takes = await kept(one, CAME, CAME, clip=mp4)
        await one.store.comparisons.decide(takes[0].id, [job.id for job in takes], together=True)
        ended = [*await lived_all(one, takes[:1]), *await lived_all(other, takes[1:])]
        assert {job.video_message_id for job in ended} == {901}
        assert len(one.chat.together) + len(other.chat.together) == 1


@pytest.mark.slow
async def test_the_others_are_waited_for(api: ScriptedAPI, tmp_path: Path, mp4: Path) -> None:
    async with harness(api, tmp_path) as on:
        takes = await kept(on, CAME, RUNS, clip=mp4)
        waiting = asyncio.create_task(live(takes[0], on.context))
        await asyncio.sleep(0.1)
        assert on.chat.together == on.chat.posted == []
        ended = [*await lived_all(on, takes[1:]), await waiting]
        assert [job.state for job in ended] == [State.DELIVERED] * 2
        assert len(on.chat.together) == 1


@pytest.mark.slow
async def test_a_video_that_takes_too_long_comes_by_itself(api: ScriptedAPI, tmp_path: Path, mp4: Path) -> None:
    async with harness(api, tmp_path) as on:
        takes = await kept(on, CAME, CAME, RUNS, clip=mp4)
        on.now.time += on.context.limits.compare_seconds
        await lived_all(on, takes[:2])
        assert on.chat.together == [tuple(job.id for job in takes[:2])]
        assert (await live(takes[2], on.context)).state is State.DELIVERED
        assert on.chat.posted == [f"{takes[2].id}.mp4"]


@pytest.mark.slow
async def test_one_that_failed_is_not_waited_for(api: ScriptedAPI, tmp_path: Path, mp4: Path) -> None:
    async with harness(api, tmp_path) as on:
        takes = await kept(on, CAME, FAILED, CAME, clip=mp4)
        ended = await lived_all(on, (takes[0], takes[2]))
        assert on.chat.together == [(takes[0].id, takes[2].id)]
        assert [job.state for job in ended] == [State.DELIVERED] * 2


@pytest.mark.slow
async def test_while_discord_is_away_the_videos_wait(api: ScriptedAPI, tmp_path: Path, mp4: Path) -> None:
    chat = FakeChat(troubles=[ChatUnavailable("503")] * 9)
    async with harness(api, tmp_path, chat=chat) as on:
        takes = await kept(on, CAME, CAME, clip=mp4)
        left = await lived_all(on, takes)
        assert [job.state for job in left] == [State.DELIVERING] * 2
        assert all(job.trouble for job in left)
        chat.troubles.clear()
        ended = await lived_all(on, await on.store.takes(takes[0].id))
        assert [job.state for job in ended] == [State.DELIVERED] * 2
        assert len(chat.together) == 1


@pytest.mark.slow
async def test_a_vote_ends_by_itself_after_its_time_also_after_being_down(
    api: ScriptedAPI, tmp_path: Path, mp4: Path
) -> None:
    async with harness(api, tmp_path) as on:
        takes = await lived_all(on, await kept(on, CAME, CAME, clip=mp4))
        votes, set_id = Votes(on.context, seconds=86_400), takes[0].id
        await votes.look()
        assert on.chat.results == []
        await on.store.comparisons.vote(set_id, takes[1].id, 5, on.now.time)
        on.now.time += 90_000
        await Votes(on.context, seconds=86_400).look()
        (result,) = on.chat.results
        assert result.winner_id == takes[1].id
        await votes.look()
        assert len(on.chat.results) == 1


@pytest.mark.slow
async def test_a_result_that_discord_did_not_take_is_shown_later(api: ScriptedAPI, tmp_path: Path, mp4: Path) -> None:
    chat = FakeChat(takes_results=False)
    async with harness(api, tmp_path, chat=chat) as on:
        takes = await lived_all(on, await kept(on, CAME, CAME, clip=mp4))
        votes = Votes(on.context, seconds=60)
        await votes.end(takes[0].id)
        await votes.look()
        assert len(chat.results) == 1
        chat.takes_results = True
        on.now.time += 31
        await votes.look()
        await votes.look()
        assert len(chat.results) == 2
        assert (await on.store.comparisons.get(takes[0].id)).told


async def test_a_comparison_that_left_one_video_ends_without_a_vote(
    api: ScriptedAPI, tmp_path: Path, mp4: Path
) -> None:
    async with harness(api, tmp_path) as on:
        takes = await kept(on, CAME, FAILED, clip=mp4)
        ended = await live(takes[0], on.context)
        assert on.chat.posted == [f"{takes[0].id}.mp4"]
        await Votes(on.context, seconds=86_400).look()
        assert [one.winner_id for one in on.chat.results] == [None]
        assert not (await on.store.get(ended.id)).blind


@pytest.mark.slow
async def test_a_vote_that_ends_while_a_late_video_is_on_its_way_is_told_below_that_video_too(
    api: ScriptedAPI, tmp_path: Path, mp4: Path
) -> None:
    chat = FakeChat()
    async with harness(api, tmp_path, chat=chat) as on:
        takes = await kept(on, CAME, CAME, RUNS, clip=mp4)
        on.now.time += on.context.limits.compare_seconds
        await lived_all(on, takes[:2])
        votes = Votes(on.context, seconds=86_400)
        post = chat.post

        async def ending(job: Job, upload: Upload, *, again: bool) -> Posted:
            await votes.end(job.take_set.id if job.take_set else "")
            return await post(job, upload, again=again)

        chat.post = ending  # type: ignore[method-assign]
        assert (await live(takes[2], on.context)).state is State.DELIVERED
        assert len(chat.results) == 1
        await votes.look()
        assert len(chat.results) == 2
        await votes.look()
        assert len(chat.results) == 2
