"""Many people at the same moment."""

from __future__ import annotations

import asyncio

import pytest

from tests.e2e.conftest import quick_stack
from tests.e2e.test_restart import asked, status, until, videos

pytestmark = pytest.mark.slow

COMMANDS = 50


async def test_fifty_commands_at_once_are_all_answered_and_made_once_each() -> None:
    # At a higher speed the limits of waits for the database would be shorter than the work of fifty commands.
    async with quick_stack(2.0, JOBS_PER_USER="50") as stack:
        interactions = await asyncio.gather(*(asked(stack, prompt=f"Boat {number}") for number in range(COMMANDS)))
        await until(lambda: len(videos(stack)) >= COMMANDS)
        await until(lambda: all(status(stack, one).startswith("### Done") for one in interactions))

        prompts = sorted(submit["body"]["prompt"] for submit in stack.openrouter.submits)
        assert prompts == sorted(f"Boat {number}" for number in range(COMMANDS))
        assert len(set(videos(stack))) == len(videos(stack)) == COMMANDS
