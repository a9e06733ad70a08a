"""Discord says "too many requests" for longer than discord.py tries: nothing is lost by it."""

from __future__ import annotations

import asyncio

import pytest

from cogs.status.editor import FINAL_TRIES
from tests.e2e.conftest import quick_stack
from tests.e2e.scene import Scene
from tests.e2e.test_restart import asked, status, until, videos

pytestmark = pytest.mark.slow


async def test_a_video_that_met_only_rate_limits_is_posted_later() -> None:
    async with quick_stack() as stack:
        stack.discord.faults.add(method="POST", path=r"/channels/\d+/messages$", status=429, times=6)
        story = await Scene(stack).ask()

        assert story.end.startswith("### Done")
        assert len(videos(stack)) == 1


async def test_a_last_state_that_met_only_rate_limits_is_told_at_the_next_start() -> None:
    async with quick_stack() as stack:
        # The upload is held up for a moment, so that everything after it can be made to fail in time.
        stack.discord.faults.add(method="POST", path=r"/channels/\d+/messages$", status=0, delay_s=0.5)
        interaction = await asked(stack)
        await until(lambda: "posting the video" in status(stack, interaction))
        limited = stack.discord.faults.add(method="PATCH", path="/messages/", status=429, times=1000)
        await until(lambda: limited.struck >= FINAL_TRIES)
        await asyncio.sleep(0.3)
        await stack.bot.kill()
        stack.discord.faults.clear()
        await stack.start_bot()
        await until(lambda: status(stack, interaction).startswith("### Done"))
