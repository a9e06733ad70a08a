"""Videos that were paid for are downloaded whole and posted once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from dailies.errors import ChatUnavailable, NotAllowed
from dailies.job import State
from dailies.jobs.life import live
from tests.support.reasons import in_words, worded
from tests.unit.job_context import TRIES, ScriptedAPI, harness, lived
from tests.unit.kit import FakeChat, a_job

RESERVED = a_job(state=State.RESERVED)
SUBMITTED = a_job(
    state=State.SUBMITTED, openrouter_id="remote-1", polling_url="/api/v1/videos/remote-1", submitted_at=1_790_000_000.0
)


async def test_a_broken_download_is_downloaded_again_and_never_generated_again(
    api: ScriptedAPI, tmp_path: Path
) -> None:
    api.downloads = [500, api.video[: len(api.video) // 2], api.video]
    job, on = await lived(RESERVED, api, tmp_path)
    assert job.state is State.DELIVERED
    assert on.posts == 1
    assert on.chat.troubles_said == [
        "The video is finished, but OpenRouter's copy can't be fetched yet: OpenRouter answered HTTP 500",
        "The video is finished, but OpenRouter's copy can't be fetched yet: ffmpeg can't read it to its end as a video",
    ]


async def test_posting_is_tried_again_while_the_chat_fails(api: ScriptedAPI, tmp_path: Path) -> None:
    chat = FakeChat(troubles=[ChatUnavailable("503"), ChatUnavailable("reset")])
    job, on = await lived(RESERVED, api, tmp_path, chat=chat)
    assert job.state is State.DELIVERED
    assert chat.posted == [f"{job.id}.mp4"]
    assert len(on.sleeps.seconds) == 3


async def test_a_chat_that_stays_away_leaves_the_video_on_disk(api: ScriptedAPI, tmp_path: Path) -> None:
    chat = FakeChat(troubles=[ChatUnavailable("503")] * 9)
    job, _ = await lived(RESERVED, api, tmp_path, chat=chat)
    assert job.state is State.DELIVERING
    assert len(chat.searched) == TRIES
    assert job.file is not None
    assert job.file.exists()


async def test_a_channel_that_is_closed_is_not_tried_again_but_the_requester_is_written_to(
    api: ScriptedAPI, tmp_path: Path
) -> None:
    chat = FakeChat(troubles=[NotAllowed(worded("the channel is gone")), NotAllowed(worded("they take none"))])
    job, _ = await lived(RESERVED, api, tmp_path, chat=chat)
    assert "the channel is gone. A direct message was refused too: they take none" in in_words(job.reason)
    assert [upload.direct for upload in chat.uploads] == [False, True]


async def test_every_further_try_searches_the_channel_first(api: ScriptedAPI, tmp_path: Path) -> None:
    chat = FakeChat(troubles=[ChatUnavailable("down"), ChatUnavailable("down")])
    async with harness(api, tmp_path, chat=chat) as on:
        await live(await on.kept(replace(SUBMITTED, state=State.COMPLETED)), on.context)
    assert chat.searched == [False, True, True]
