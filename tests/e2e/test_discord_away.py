"""Discord goes away while a job runs and comes back: the video is posted once and the end told, without a start."""

from __future__ import annotations

import asyncio

import pytest

from sandbox.discord.faults import Fault
from sandbox.stack import Stack
from tests.e2e.conftest import quick_stack
from tests.e2e.test_restart import asked, status, until, videos

pytestmark = pytest.mark.slow


def over(stack: Stack, fault: Fault) -> bool:
    return fault.until is not None and stack.clock.time() > fault.until


@pytest.mark.parametrize("kind", ["outage", "page 403", "page 429"])
async def test_a_job_that_finishes_while_discord_is_away_reaches_people_once(kind: str) -> None:
    async with quick_stack() as stack:
        stack.openrouter.faults.job(queue_seconds=30)
        interaction = await asked(stack)
        faults = stack.discord.faults
        fault = faults.outage(240) if kind == "outage" else faults.block(240, status=int(kind.removeprefix("page ")))
        await until(lambda: over(stack, fault))
        assert videos(stack) == []
        await until(lambda: status(stack, interaction).startswith("### Done"))
        assert len(videos(stack)) == 1
        assert "could not be delivered" not in stack.bot.log_tail(500)
    assert len(stack.openrouter.submits) == 1


async def test_a_limit_on_everything_pauses_what_is_written_but_no_answer_to_a_command() -> None:
    async with quick_stack() as stack:
        stack.openrouter.faults.job(queue_seconds=30)
        interaction = await asked(stack)
        fault = stack.discord.faults.limit_globally(180)
        await until(lambda: fault.struck)
        struck, before = fault.struck, len(stack.discord.requests)
        assert (await asked(stack)).response_message is not None
        await until(lambda: over(stack, fault))
        # What was on its way already may still meet the limit, and reads go on.
        meanwhile = [one for one in stack.discord.requests[before:] if one.status == 429 and one.method != "GET"]
        assert len(meanwhile) <= 1, (struck, meanwhile)
        await until(lambda: status(stack, interaction).startswith("### Done"))
        await until(lambda: len(videos(stack)) == 2)


async def test_a_gateway_that_was_away_is_joined_anew() -> None:
    async with quick_stack() as stack:
        stack.openrouter.faults.job(queue_seconds=30)
        interaction = await asked(stack)
        stack.discord.gateway.go_away(30)
        await until(lambda: not stack.discord.bot_online)
        await until(lambda: status(stack, interaction).startswith("### Done"))
        await until(lambda: stack.discord.bot_online)
        await asyncio.sleep(0.5)
        assert (await asked(stack)).response_message is not None
    assert stack.discord.gateway.resumes == 0
