"""A finished video reaches its requester: as it is, smaller, as a link, or as a direct message."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from dailies import explain
from dailies.delivery.chat import Posted, Upload
from dailies.delivery.courier import POSTS_EACH
from dailies.delivery.limits import ClaimedLimits, ObservedLimits
from dailies.errors import FileTooLarge, NotAllowed
from dailies.job import Job, State
from dailies.jobs.life import live
from tests.support.reasons import in_words, worded
from tests.unit.job_context import Harness, ScriptedAPI, harness, lived
from tests.unit.kit import FakeChat, a_job

COMPLETED = a_job(state=State.COMPLETED, openrouter_id="remote-1", polling_url="/x", submitted_at=1_790_000_000.0)


def small(api: ScriptedAPI, share: float) -> ClaimedLimits:
    """Make limits that are this share of the video's size."""
    size = int(len(api.video) * share)
    return ClaimedLimits(size, size)


@pytest.mark.slow
async def test_over_the_limit_it_is_made_to_fit_before_it_is_uploaded_and_that_is_said(
    api: ScriptedAPI, tmp_path: Path
) -> None:
    chat = FakeChat(said=small(api, 0.8))
    job, _ = await lived(COMPLETED, api, tmp_path, chat=chat)

    assert job.state is State.DELIVERED
    (size,) = chat.sizes
    assert size <= len(api.video) * 0.8
    assert job.delivery_note is not None
    assert "MB → " in in_words(job.delivery_note)
    assert in_words(job.delivery_note) in explain.sentences(chat.uploads[0].words)
    said = [one.activity for one in chat.shown if one.activity]
    assert said
    assert ": 0% encoded" in in_words(said[0])
    assert sorted(path.name for path in await asyncio.to_thread(list, (tmp_path / "videos").iterdir())) == [
        f"{job.id}.mp4"
    ]


async def test_a_larger_limit_that_the_platform_names_is_tried_with_the_original(
    api: ScriptedAPI, tmp_path: Path
) -> None:
    size = len(api.video)
    chat = FakeChat(said=ClaimedLimits(size // 2, size * 2))
    async with harness(api, tmp_path, chat=chat) as on:
        job = await live(await on.kept(COMPLETED), on.context)
        assert await on.upload_limits.shown(1, size // 2) == ObservedLimits(accepted=size)
    assert job.delivery_note is None
    assert chat.sizes == [size]


@pytest.mark.slow
async def test_refused_as_too_large_it_aims_lower_and_the_refusal_is_remembered(
    api: ScriptedAPI, tmp_path: Path
) -> None:
    size = len(api.video)
    chat = FakeChat(said=ClaimedLimits(size * 8 // 10, size * 2), troubles=[FileTooLarge(size)])
    async with harness(api, tmp_path, chat=chat) as on:
        job = await live(await on.kept(COMPLETED), on.context)
        assert await on.upload_limits.shown(1, size * 8 // 10) == ObservedLimits(refused=size)
    assert job.state is State.DELIVERED
    assert chat.sizes[0] == size
    assert chat.sizes[1] <= size * 8 // 10


@pytest.mark.slow
async def test_refused_in_every_size_it_becomes_a_link(api: ScriptedAPI, tmp_path: Path) -> None:
    size = len(api.video)
    chat = FakeChat(said=ClaimedLimits(size * 8 // 10, size * 2), troubles=[FileTooLarge(size)] * 3)
    job, _ = await lived(COMPLETED, api, tmp_path, chat=chat, public_url="https://bot.example")

    link = chat.uploads[-1]
    assert link.file is None
    assert "https://bot.example/files/" in explain.sentences(link.words)
    assert f"/{job.id}.html" in explain.sentences(link.words)
    assert in_words(job.delivery_note) == "0.1 MB, as a link"


@pytest.mark.slow
async def test_refused_in_every_size_and_without_a_server_it_is_kept_and_said(api: ScriptedAPI, tmp_path: Path) -> None:
    chat = FakeChat(said=small(api, 2), troubles=[FileTooLarge(1)] * 3)
    job, _ = await lived(COMPLETED, api, tmp_path, chat=chat)

    assert job.state is State.UNDELIVERED
    assert "more than Discord allows in this channel, and it couldn't be made to fit" in in_words(job.reason)
    assert job.file is not None
    assert await asyncio.to_thread(job.file.is_file)


async def test_a_channel_that_refuses_leads_to_a_direct_message_that_says_why(api: ScriptedAPI, tmp_path: Path) -> None:
    chat = FakeChat(troubles=[NotAllowed(worded("the thread is locked"))])
    job, _ = await lived(COMPLETED, api, tmp_path, chat=chat)

    assert job.state is State.DELIVERED
    assert chat.uploads[-1].direct
    assert "It couldn't be posted in <#2>: the thread is locked." in explain.sentences(chat.uploads[-1].words)
    assert job.video_channel_id == 77


async def test_a_resumed_delivery_that_finds_its_message_encodes_nothing(api: ScriptedAPI, tmp_path: Path) -> None:
    chat = FakeChat(said=small(api, 0.5), found=Posted(55))
    async with harness(api, tmp_path, chat=chat) as on:
        job = await live(await _delivering(on, api, tmp_path), on.context)
    assert job.video_message_id == 55
    assert chat.uploads == []
    assert [one.activity for one in chat.shown if one.activity] == []


async def _delivering(on: Harness, api: ScriptedAPI, folder: Path) -> Job:
    path = folder / "videos" / f"{COMPLETED.id}.mp4"
    await asyncio.to_thread(path.parent.mkdir)
    await asyncio.to_thread(path.write_bytes, api.video)
    return await on.kept(replace(COMPLETED, state=State.DELIVERING, file=path))


class HeldChat(FakeChat):
    """Holds every post until the test lets go, and notes whose they are."""

    def __init__(self) -> None:
        super().__init__()
        self.begun: list[int] = []
        self.go = asyncio.Event()

    async def post(self, job: Job, upload: Upload, *, again: bool) -> Posted:
        """Note the requester, and wait."""
        self.begun.append(job.place.requester_id)
        await self.go.wait()
        return await super().post(job, upload, again=again)


@pytest.mark.slow
async def test_the_posts_of_one_person_leave_room_for_another_s(api: ScriptedAPI, tmp_path: Path) -> None:
    chat = HeldChat()
    people = [3] * 6 + [9]
    jobs = [
        replace(COMPLETED, id=f"job{n}", key=f"{n}", place=replace(COMPLETED.place, requester_id=person))
        for n, person in enumerate(people)
    ]
    async with harness(api, tmp_path, chat=chat) as on:
        running = [asyncio.create_task(live(await on.kept(job), on.context)) for job in jobs]
        async with asyncio.timeout(20):
            while 9 not in chat.begun:  # noqa: ASYNC110 (what is waited for has no event)
                await asyncio.sleep(0.02)
        assert chat.begun.count(3) <= POSTS_EACH
        chat.go.set()
        ended = await asyncio.gather(*running)
    assert [job.state for job in ended] == [State.DELIVERED] * 7
