"""The panel's failures: each strikes the next job, and that one only."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass

import aiohttp
import pytest
import pytest_asyncio

from sandbox.discord.faults import DiscordFaults
from sandbox.page.outcomes import DEFAULT, OUTCOMES, NextJob
from tests.sandbox.openrouter_kit import Client, body, running
from tests.support.videos import short_video

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Panel:
    """The choice of the next job's outcome, and those whom it concerns."""

    client: Client
    discord: DiscordFaults
    next: NextJob


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def panel() -> AsyncGenerator[Panel]:
    discord = DiscordFaults()
    async with running(video=short_video()) as client:
        yield Panel(client, discord, NextJob(client.server.faults, discord))


@pytest.mark.parametrize("name", [outcome.id for outcome in OUTCOMES if outcome.id not in (DEFAULT, "too-large")])
async def test_the_job_after_the_one_that_failed_is_made_as_usual(panel: Panel, name: str) -> None:
    panel.next.choose(name)
    assert panel.next.current() == name
    for _ in range(3):  # as often as a bot sends a job that is refused for now
        if panel.next.current() != DEFAULT:
            await panel.client.submit(body())
    assert panel.next.current() == DEFAULT
    job = await panel.client.finish(body())
    assert (job["status"], len(job["unsigned_urls"])) == ("completed", 1)
    assert (await panel.client.get(job["unsigned_urls"][0])).status == 200


async def test_a_broken_download_is_the_next_jobs_and_not_an_earlier_ones(panel: Panel) -> None:
    earlier = await panel.client.finish(body())
    panel.next.choose("broken-download")
    assert (await panel.client.get(earlier["unsigned_urls"][0])).status == 200
    job = await panel.client.finish(body())
    with pytest.raises(aiohttp.ClientError):
        await panel.client.get(job["unsigned_urls"][0])
    assert (await panel.client.get(job["unsigned_urls"][0])).status == 200


async def test_a_file_that_is_too_large_is_a_video_and_no_status(panel: Panel) -> None:
    """The post of a status without a file passes."""
    panel.next.choose("too-large")
    assert panel.discord.take("POST", "/channels/1/messages") is None
    assert panel.next.current() == "too-large"
    fault = panel.discord.take("POST", "/channels/1/messages", files=True)
    assert fault is not None
    assert fault.status == 413
    assert panel.next.current() == DEFAULT
