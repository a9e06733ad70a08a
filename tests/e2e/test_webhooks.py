"""With webhooks a job's end is noticed at once, and the crash window of the paid request closes."""

from __future__ import annotations

import asyncio

import pytest

from sandbox.stack import Stack
from tests.e2e.conftest import quick_stack
from tests.e2e.scene import Scene
from tests.e2e.test_restart import asked, status, until, videos

pytestmark = pytest.mark.slow


def reported() -> Stack:
    """Run a sandbox with webhooks, whose bot checks a job by itself once in four hours."""
    return quick_stack(20, webhooks=True, POLL_INTERVAL_SECONDS="3600")


async def test_a_report_ends_the_waiting_at_once() -> None:
    async with reported() as stack:
        story = await Scene(stack).ask()

        assert story.end.startswith("### Done")
        assert stack.openrouter.polls == 1


async def test_a_report_that_comes_twice_makes_one_video() -> None:
    async with reported() as stack:
        stack.openrouter.faults.webhook(copies=3)
        story = await Scene(stack).ask()
        await asyncio.sleep(0.5)

        assert story.end.startswith("### Done")
        assert len(videos(stack)) == 1


async def test_a_report_with_a_wrong_signature_is_not_believed() -> None:
    async with reported() as stack:
        stack.openrouter.faults.webhook(signature="wrong")
        interaction = await asked(stack)
        await until(lambda: stack.openrouter.webhooks.attempts)
        await asyncio.sleep(0.3)

        assert stack.openrouter.polls == 0
        assert status(stack, interaction).startswith("### Generating")


async def test_a_job_whose_answer_was_lost_comes_back_to_life() -> None:
    async with reported() as stack:
        stack.openrouter.faults.answer("submit", drop=True, when="after")
        interaction = await asked(stack)
        await until(lambda: status(stack, interaction).startswith("### Sent, but not confirmed"))
        await until(lambda: status(stack, interaction).startswith("### Done"))

        assert len(videos(stack)) == 1
    assert len(stack.openrouter.submits) == 1


async def test_a_job_whose_bot_was_killed_inside_the_paid_request_comes_back_to_life() -> None:
    async with reported() as stack:
        stack.openrouter.faults.answer("submit", when="after", delay=3)
        interaction = await asked(stack)
        await until(lambda: stack.openrouter.jobs)
        await stack.bot.kill()
        await asyncio.sleep(0.3)
        await stack.start_bot()
        await until(lambda: status(stack, interaction).startswith("### Done"))

        assert len(videos(stack)) == 1
    assert len(stack.openrouter.submits) == 1
