"""Two processes over one PostgreSQL, half of the shards each."""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from sandbox.botprocess import ROOT, BotProcess
from sandbox.stack import Stack
from tests.e2e.conftest import quick_stack
from tests.e2e.test_restart import asked, status, until, videos
from tests.support.databases import postgresql

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def database_url() -> Iterator[str]:
    """Run PostgreSQL for this module."""
    with postgresql() as url:
        yield url


@asynccontextmanager
async def other_process(stack: Stack, shard: int, folder: Path) -> AsyncGenerator[BotProcess]:
    """Start one more bot process, for another shard, with a folder of its own."""
    environment = stack.bot_environment() | {"SHARD_IDS": str(shard), "DATA_DIR": str(folder / "data")}
    bot = BotProcess(stack.clock, script=ROOT / "bot.py", environment=environment, folder=folder)
    await bot.start()
    try:
        yield bot
    finally:
        await bot.stop()


def shards_of(stack: Stack) -> tuple[int, int]:
    """Return the shard that has the server, and the one that has not."""
    own = (int(stack.discord.world.guild.id) >> 22) % 2
    return own, 1 - own


async def test_a_server_s_job_is_run_and_resumed_by_the_owner_of_its_shard(database_url: str, tmp_path: Path) -> None:
    stack = quick_stack(DATABASE_URL=database_url, SHARD_COUNT="2", SHARD_IDS="0")
    own, other = shards_of(stack)
    stack.environment["SHARD_IDS"] = str(own)
    async with stack, other_process(stack, other, tmp_path) as second:
        await until(lambda: "ready as" in second.log_tail(100))
        stack.openrouter.faults.job(queue_seconds=math.inf)
        interaction = await asked(stack)
        await until(lambda: stack.openrouter.polls)
        await stack.bot.kill()
        await stack.start_bot()
        stack.openrouter.end_queue()
        await until(lambda: status(stack, interaction).startswith("### Done"))

        assert len(videos(stack)) == 1
        assert "event=job_submitted" not in second.log_tail(200)
        assert "resumed 0 unfinished jobs" in second.log_tail(200)
        assert "resumed 1 unfinished jobs" in stack.bot.log_tail(200)
    assert len(stack.openrouter.submits) == 1


async def test_a_second_owner_of_a_shard_ends_with_a_sentence(database_url: str, tmp_path: Path) -> None:
    stack = quick_stack(DATABASE_URL=database_url, SHARD_COUNT="2", SHARD_IDS="0,1")
    async with stack, other_process(stack, 0, tmp_path) as second:
        await until(lambda: second.returncode is not None)

        assert second.returncode == 1
        assert "Another process runs shard 0 already." in second.log_tail(20)
        assert "Traceback" not in second.log_tail(50)


@asynccontextmanager
async def processes(stack: Stack, folder: Path, *owners: str, count: int) -> AsyncGenerator[list[BotProcess]]:
    """Run one bot process for each of these SHARD_IDS, all of them connected. The stack's own bot is off."""
    bots: list[BotProcess] = []
    async with AsyncExitStack() as running:
        for ids in owners:
            own = folder / f"{count}-{ids}"
            own.mkdir(exist_ok=True)
            given = {"SHARD_IDS": ids, "SHARD_COUNT": str(count), "DATA_DIR": str(own / "data")}
            bot = BotProcess(
                stack.clock, script=ROOT / "bot.py", environment=stack.bot_environment() | given, folder=own
            )
            await bot.start()
            running.push_async_callback(bot.stop)
            bots.append(bot)
        await until(lambda: all("ready as" in bot.log_tail(100) for bot in bots))
        yield bots


def took(bot: BotProcess) -> int:
    """Return the number of jobs that a process submitted."""
    return bot.log_path.read_text().count("event=job_submitted")


async def test_jobs_stay_with_their_servers_through_a_kill_and_another_shard_count(
    database_url: str, tmp_path: Path
) -> None:
    stack = quick_stack(DATABASE_URL=database_url)
    stack._start_bot = False  # pyright: ignore[reportPrivateUsage]
    world = stack.discord.world
    # Four servers, one for each shard out of four: two of them for each shard out of two.
    for number in range(4):
        world.add_guild(f"Studio {number}", f"shots-{number}", shard=(number, 4))
    channels = [world.channel_named(f"shots-{number}").id for number in range(4)]
    async with stack:
        for _ in channels:
            stack.openrouter.faults.job(queue_seconds=math.inf)
        async with processes(stack, tmp_path, "0", "1", count=2) as (even, odd):
            asking = [
                await stack.discord.person().command(channel, "video", {"prompt": "A boat", "resolution": "480p"})
                for channel in channels
            ]
            for interaction in asking:
                await interaction.wait(25)
            await until(lambda: len(stack.openrouter.jobs) == 4)
            await until(lambda: took(even) == took(odd) == 2)
            await odd.kill()
            await odd.start()
            await until(lambda: "resumed 2 unfinished jobs" in odd.log_tail(200))
        # Stopped before any job was done, and started again with twice as many shards.
        async with processes(stack, tmp_path, "0,3", "1,2", count=4) as bots:
            await until(lambda: all("resumed 2 unfinished jobs" in bot.log_tail(200) for bot in bots))
            stack.openrouter.end_queue()
            await until(lambda: all(status(stack, one).startswith("### Done") for one in asking))
            assert all(bot.log_path.read_text().count("state=delivered") == 2 for bot in bots)
    assert len(stack.openrouter.submits) == 4
