"""A job that takes longer than Discord lets an application answer."""

from __future__ import annotations

import re

import pytest

from tests.e2e.conftest import quick_stack
from tests.e2e.scene import Scene

pytestmark = pytest.mark.slow


async def test_a_job_of_forty_minutes_is_followed_past_the_interaction_s_token() -> None:
    async with quick_stack(75, POLL_INTERVAL_SECONDS="30") as stack:
        stack.openrouter.faults.job(queue_seconds=600, work_seconds=1800)
        scene = Scene(stack)
        story = await scene.ask(seconds=150)

    checks = [text for text in story.statuses if "· checked " in text]
    assert len(checks) >= 40  # some seventy, less those that a busy machine loses at this speed
    assert "This is taking longer than usual." in checks[-1]
    assert "This is taking longer than usual." not in checks[0]
    assert story.end.startswith("### Done")
    assert re.search(r" · 4\d min(?: \d+ s)? · ", story.end)
    # The token has its own rate limit, so it is used, and abandoned before it expires after fifteen minutes.
    with_token = [one for one in stack.discord.requests if one.path.startswith("/webhooks/")]
    assert len(with_token) >= 20
    assert {one.status for one in with_token} == {200}
