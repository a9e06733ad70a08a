"""A bot that soon gives up: what it says of a video that takes too long, never arrives, or has no place."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio

from tests.e2e.conftest import quick_stack
from tests.e2e.scene import Scene

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def impatient() -> AsyncGenerator[Scene]:
    """A bot that checks for six minutes and downloads for three: twelve and six real seconds, for a machine that stalls
    for some of them.
    """
    async with quick_stack(CHECK_HOURS="0.1", DOWNLOAD_HOURS="0.05") as stack:
        yield Scene(stack)


async def test_after_the_last_check_the_job_id_is_given(impatient: Scene) -> None:
    impatient.stack.openrouter.faults.job(queue_seconds=3000)

    story = await impatient.ask()

    assert story.end.startswith("### Stopped checking")
    assert re.search(r"OpenRouter hadn't finished this video after (?:\d+ checks|one check)", story.end)
    assert story.submits[0]["id"] in story.end
    assert len(story.submits) == 1


async def test_a_video_that_never_arrives_whole_is_not_delivered_and_not_generated_again(impatient: Scene) -> None:
    impatient.stack.openrouter.faults.job(truncate_at=5000)

    story = await impatient.ask()

    assert story.end.startswith("### Finished, but not delivered")
    assert re.search(r"finished and paid for, but (?:\d+ downloads|the download) failed", story.end)
    assert story.submits[0]["id"] in story.end
    assert story.video is None
    assert len(story.submits) == 1


async def test_a_video_over_the_channel_s_limit_says_its_size_and_is_kept(impatient: Scene) -> None:
    # Its server is remembered as one with a very small limit.
    impatient.stack.discord.faults.add(
        method="POST",
        path="/messages$",
        status=413,
        body={"code": 40005, "message": "Request entity too large"},
        times=9,
    )

    story = await impatient.ask()

    assert story.end.startswith("### Finished, but not delivered")
    assert re.search(r"The video is \d\.\d MB, more than Discord allows", story.end)
    assert "The bot keeps it for a while" in story.end
