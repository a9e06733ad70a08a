"""The unmodified bot process and a busy OpenRouter, or one that a gateway hides."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from tests.e2e.scene import Scene

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("refusal", ["in-flight", "rate-limit", "no-provider"])
async def test_a_busy_openrouter_is_asked_again_until_it_takes_the_job(scene: Scene, refusal: Any) -> None:
    scene.stack.openrouter.faults.refuse(refusal, times=2, retry_after="4")

    story = await scene.ask()

    assert story.end.startswith("### Done")
    first, second, third = (entry["status"] for entry in story.submits)
    assert first == second != 202
    assert third == 202
    waiting = [text for text in story.statuses if text.startswith("### Waiting to retry")]
    assert waiting
    assert "busy" in waiting[0]
    assert "Retrying <t:" in waiting[0]
    assert "No charge yet." in waiting[0]
    times = [entry["time"] for entry in story.submits]
    assert all(later - earlier >= 4 for earlier, later in pairwise(times))


async def test_a_page_of_a_gateway_behind_which_the_job_was_taken_is_not_called_unpaid(scene: Scene) -> None:
    scene.stack.openrouter.faults.gateway_page(503, retry_after="2")

    story = await scene.ask()

    assert story.end.startswith("### Sent, but not confirmed")
    assert "You weren't charged" not in story.end
    assert len(story.submits) == 1


async def test_a_video_that_the_account_cannot_pay_ends_alone_and_the_next_one_is_made(scene: Scene) -> None:
    scene.stack.openrouter.faults.refuse("too-dear")

    story = await scene.ask()
    assert story.end.startswith("### Failed")
    assert "This video needs about $" in story.end
    assert "You weren't charged." in story.end

    assert (await scene.ask()).end.startswith("### Done")
