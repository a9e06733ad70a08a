"""/jobs show says what a job came from, and how, as far as its reader may know."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from dailies.job import How, Job, Origin, Place, TakeSet
from tests.bot.conftest import Archive


async def shown(archive: Archive, job: Job, by: Any = None) -> str:
    return archive.said(await archive.jobs("show", by, job=job.id))


@pytest.mark.slow
async def test_a_job_asked_for_anew_says_nothing_of_it(archive: Archive) -> None:
    text = await shown(archive, await archive.keep())
    assert "take" not in text.lower()


@pytest.mark.parametrize(
    ("how", "words"),
    [
        (How.AGAIN, "Take 2 · again, after [take 1]("),
        (How.EDIT, "Take 2 · from [take 1]("),
        (How.NEXT_SHOT, "Take 2 · next shot after [take 1]("),
        (How.LAST_FRAME, "Take 2 · from the last frame of [take 1]("),
        (How.CONTINUATION, "Take 2 · continues [take 1]("),
    ],
)
async def test_it_names_the_earlier_take_and_links_to_its_video(archive: Archive, how: How, words: str) -> None:
    first = await archive.keep(video_message_id=77)
    second = await archive.keep(number=1, origin=Origin(first.id, how))
    text = await shown(archive, second)
    assert words in text
    assert f"/{archive.app.channel.id}/77)" in text


async def test_last_frames_in_a_row_are_counted(archive: Archive) -> None:
    first = await archive.keep()
    second = await archive.keep(number=1, origin=Origin(first.id, How.LAST_FRAME, 2))
    assert "from the last frame of take 1 · 2 last frames in a row" in await shown(archive, second)


async def test_a_take_of_a_set_says_so(archive: Archive) -> None:
    job = await archive.keep(take_set=TakeSet("0", 1, 3))
    assert "Take 1, one of 3 requested together" in await shown(archive, job)


async def test_a_forgotten_one_is_an_earlier_take(archive: Archive) -> None:
    first = await archive.keep(archive.ben, video_message_id=77)
    second = await archive.keep(number=1, origin=Origin(first.id, How.EDIT))
    await archive.app.bot._stores.library.forget(archive.ben.id, frozenset(), 5.0)  # pyright: ignore[reportPrivateUsage]
    text = await shown(archive, second)
    assert "Take 2 · from an earlier take" in text
    assert "/77" not in text


async def test_one_that_nobody_knows_is_an_earlier_take(archive: Archive) -> None:
    job = await archive.keep(origin=Origin("gone", How.LAST_FRAME, 1))
    assert "Take 2 · from the last frame of an earlier take" in await shown(archive, job)


async def test_one_in_a_channel_that_its_reader_does_not_see_is_not_linked(archive: Archive) -> None:
    guild = archive.app.channel.guild
    hidden = guild.create_text_channel(
        "hidden", overwrites={guild.default_role: discord.PermissionOverwrite(view_channel=False)}
    )
    first = await archive.keep(video_message_id=77, place=Place(guild.id, hidden.id, archive.ben.id))
    second = await archive.keep(number=1, origin=Origin(first.id, How.EDIT))
    text = await shown(archive, second)
    assert "Take 2 · from take 1" in text
    assert "/77" not in text


async def test_the_record_has_all_that_is_kept_of_it(archive: Archive) -> None:
    first = await archive.keep()
    second = await archive.keep(number=1, origin=Origin(first.id, How.LAST_FRAME, 1))
    result = await archive.jobs("show", job=second.id)
    assert result.response is not None
    record = (await result.response.attachments[0].read()).decode()
    assert f"Take: 2\nFirst of its lineage: {first.id}\nCame from: {first.id}, last frame\n" in record
    assert "Last frames in a row: 1\nRequested together: no\nContinues at OpenRouter: none\n" in record
