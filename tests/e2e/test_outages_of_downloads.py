"""A finished video waits out OpenRouter's outages and the bot's own restarts, and no signed link is left anywhere."""

from __future__ import annotations

import asyncio
import re

import pytest

from tests.e2e.conftest import quick_stack
from tests.e2e.test_restart import asked, status, until, videos

pytestmark = pytest.mark.slow

LINK = re.compile(rb"signature=[0-9a-f]{8}")


async def test_a_video_that_cannot_be_fetched_yet_is_fetched_after_a_kill_with_fresh_links() -> None:
    async with quick_stack(POLL_LIMIT="4") as stack:
        stack.openrouter.faults.job(stored_seconds=60)
        stack.openrouter.faults.answer("content", 404, headers={"Retry-After": "30"}, times=None)
        stack.openrouter.faults.answer("stored", 502, times=None)
        interaction = await asked(stack)
        await until(lambda: "OpenRouter answered HTTP 502. Trying again <t:" in status(stack, interaction))
        assert "POLL_LIMIT no longer has an effect: CHECK_HOURS says" in stack.bot.log_tail()
        await stack.bot.kill()
        await asyncio.sleep(3)  # real seconds; by then the links that the killed process had are dead
        stack.openrouter.faults.clear()
        stack.openrouter.faults.answer("content", 404, times=None)
        before = len(stack.openrouter.gets)
        await stack.start_bot()
        await until(lambda: status(stack, interaction).startswith("### Done"))

        asked_for = [entry for entry in stack.openrouter.gets[before:] if entry["route"] != "models"]
        assert [entry["route"] for entry in asked_for if entry["route"] != "key"] == ["poll", "content", "stored"]
        assert asked_for[-1]["authorization"] == "absent"
        assert len(videos(stack)) == 1
        data = stack.folder / "data"
        written = b"".join(one.read_bytes() for one in data.rglob("*") if one.is_file() and one.suffix != ".mp4")
        assert len(written) > 10_000
        assert not LINK.search(written)
        assert not LINK.search(stack.bot.log_tail(500).encode())

    assert len(stack.openrouter.submits) == 1
