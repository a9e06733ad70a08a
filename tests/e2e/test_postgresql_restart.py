"""The whole bot while PostgreSQL restarts under it: no job is lost, and the bot need not be started again."""

from __future__ import annotations

import asyncio

import pytest

from tests.e2e.conftest import quick_stack
from tests.e2e.test_restart import asked, status, until, videos
from tests.support.databases import postgresql_server

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("mode", ["fast", "immediate"])
async def test_jobs_and_commands_go_on_after_postgresql_was_away(mode: str) -> None:
    with postgresql_server() as server:
        async with quick_stack(DATABASE_URL=server.url) as stack:
            interactions = [await asked(stack, prompt=f"Boat {number}") for number in range(3)]
            await until(lambda: len(stack.openrouter.submits) >= 2)
            await asyncio.to_thread(server.stop, mode)
            await asyncio.sleep(1)
            await asyncio.to_thread(server.start)
            await until(lambda: all(status(stack, one).startswith("### Done") for one in interactions))
            later = await asked(stack, prompt="A kite")
            await until(lambda: status(stack, later).startswith("### Done"))

            assert len(videos(stack)) == len(set(videos(stack))) == 4
            assert stack.bot.returncode is None
            assert "resumed 0 unfinished jobs" in stack.bot.log_path.read_text()
        assert len(stack.openrouter.submits) == 4
