"""One running sandbox for a module of tests; each test starts with nothing scripted."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator

import pytest_asyncio

from sandbox.clock import Clock
from sandbox.discord import Limits
from sandbox.openrouter import OpenRouterServer
from sandbox.stack import KEY, Stack
from tests.e2e.scene import Scene
from tests.support.videos import short_video

SPEED = 30.0
PATIENT = Limits(acknowledge_seconds=60)
"""A command may wait for a busy machine; its three seconds are tested where they matter."""


def quick_stack(
    speed: float = SPEED, *, rendered: bool = False, webhooks: bool = False, one_check: bool = False, **environment: str
) -> Stack:
    """A sandbox whose jobs take about half a minute of its own time; rendered: each makes a video of what was asked.

    one_check: they have ended when the bot checks them for the first time.
    """
    clock = Clock(speed)
    video = None if rendered else short_video()
    queue, work = (3, 5) if one_check else (8, 12)
    openrouter = OpenRouterServer(clock, key=KEY, queue_seconds=queue, work_seconds=work, video=video)
    # A bot that runs under coverage is measured too: its variables are all that it needs.
    measuring = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
    settings = {"POLL_INTERVAL_SECONDS": "10", "CONFIRM_ABOVE_USD": "never"} | measuring | environment
    return Stack(clock=clock, openrouter=openrouter, environment=settings, webhooks=webhooks, limits=PATIENT)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def running() -> AsyncGenerator[Scene]:
    """Run the sandbox with the unmodified bot in its own process."""
    async with quick_stack(one_check=True) as stack:
        yield Scene(stack)


@pytest_asyncio.fixture(loop_scope="module")
async def scene(running: Scene) -> Scene:
    """Return the module's sandbox, with no fault left over from another test."""
    running.stack.openrouter.faults.clear()
    running.stack.discord.faults.clear()
    return running
