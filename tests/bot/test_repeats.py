"""The number of repeats that one person has in an hour, in Discord."""

from __future__ import annotations

import pytest

from dailies.job import State
from tests.bot.conftest import START, Archive

SPENT = (
    "You have had a video posted again, or its file sent, once in the last hour, which is the most for one person here."
)


@pytest.mark.settings(REPEATS_PER_HOUR="1")
async def test_over_the_number_nothing_is_posted_again(archive: Archive) -> None:
    job = await archive.keep(on_disk=True)
    assert "Posted again" in archive.said(await archive.jobs("resend", job=job.id))
    last = archive.app.channel.last_message

    assert SPENT in archive.said(await archive.jobs("resend", job=job.id))
    assert SPENT in archive.said(await archive.jobs("original", job=job.id))
    assert archive.app.channel.last_message == last


@pytest.mark.settings(REPEATS_PER_HOUR="1")
async def test_files_that_are_sent_count_too(archive: Archive) -> None:
    job = await archive.keep(on_disk=True)
    await archive.jobs("original", job=job.id)

    assert SPENT in archive.said(await archive.jobs("resend", job=job.id))
    assert archive.app.channel.last_message is None


@pytest.mark.settings(REPEATS_PER_HOUR="1")
async def test_a_repeat_with_nothing_to_post_costs_no_turn(archive: Archive) -> None:
    gone = await archive.keep(on_disk=True, file_removed_at=START)
    job = await archive.keep(number=1, on_disk=True, state=State.DELIVERED)
    for _ in range(3):
        assert "has removed this one" in archive.said(await archive.jobs("resend", job=gone.id))

    assert "Posted again" in archive.said(await archive.jobs("resend", job=job.id))
