"""Following one command: the explanation when no video comes, in the bot's words where it has any."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio

from sandbox.clock import Clock
from sandbox.once import Outcome, run_once
from sandbox.openrouter import ForeignServer, OpenRouterServer
from sandbox.stack import KEY, Stack
from sandbox.view import LineView, TerminalView
from tests.sandbox.openrouter_kit import eventually, image
from tests.sandbox.video_kit import near, pixel
from tests.support.videos import short_video

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]

SPEED = 20.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncGenerator[Stack]:
    """Run one sandbox for cases that do not end the bot."""
    async with Stack(speed=SPEED) as stack:
        yield stack


def slow_stack() -> Stack:
    """A sandbox whose jobs do not end while a test lasts; nothing is rendered for them."""
    clock = Clock(1)
    return Stack(clock=clock, openrouter=OpenRouterServer(clock, key=KEY, video=short_video()))


async def in_process(stack: Stack, out: Path, **options: object) -> tuple[Outcome, str]:
    """Return the outcome of /video, and the view's texts."""
    stream = io.StringIO()
    command = {"prompt": "a lantern in the rain", **options}
    outcome = await run_once(stack, command, LineView(stream), out=out, timeout=90)
    return outcome, stream.getvalue()


async def test_a_failed_job_is_told_in_the_bot_s_words(running: Stack, tmp_path: Path) -> None:
    running.openrouter.faults.job("failed", error="content_policy_violation: no", work_seconds=5, queue_seconds=1)
    outcome, shown = await in_process(running, tmp_path / "a.mp4")
    assert outcome.posted_message is None
    assert outcome.error is not None
    assert outcome.error == outcome.status_texts[-1]
    assert outcome.error.splitlines()[0] in shown


async def test_a_link_of_this_machine_is_a_reference(tmp_path: Path) -> None:
    clock = Clock(SPEED)
    openrouter = OpenRouterServer(clock, key=KEY, queue_seconds=5, work_seconds=13)
    async with (
        ForeignServer(body=image("lime"), content_type="image/png") as pictures,
        Stack(clock=clock, openrouter=openrouter, trusted_origins=[pictures.origin]) as stack,
    ):
        link = f"{pictures.origin}/lime.png"
        options = {"links": link, "duration": 4, "resolution": "480p", "audio": False}
        outcome, _ = await in_process(stack, tmp_path / "a.mp4", **options)
        assert outcome.error is None
        assert len(stack.openrouter.submits[0]["body"]["input_references"]) == 1
    assert near(await asyncio.to_thread(pixel, tmp_path / "a.mp4", 1), (0, 255, 0))


async def test_a_command_discord_would_refuse_is_not_sent(running: Stack, tmp_path: Path) -> None:
    before = len(running.openrouter.submits)
    outcome, _ = await in_process(running, tmp_path / "a.mp4", prompt="x" * 6001)
    assert len(running.openrouter.submits) == before
    assert outcome.error is not None
    assert outcome.error.startswith("Discord refuses the command: ")


async def test_a_refused_submit_is_told_in_the_bot_s_words(tmp_path: Path) -> None:
    async with Stack(speed=SPEED) as stack:
        stack.openrouter.faults.answer("submit", 402)
        outcome, _ = await in_process(stack, tmp_path / "a.mp4")
        assert len(stack.openrouter.submits) == 1
    assert outcome.error is not None
    assert "credit" in outcome.error


async def test_a_bot_that_dies_is_reported_with_its_log(tmp_path: Path) -> None:
    async with slow_stack() as stack:
        running = asyncio.create_task(in_process(stack, tmp_path / "a.mp4"))
        await eventually(lambda: stack.openrouter.submits)
        await stack.bot.kill()
        outcome, _ = await running
    assert outcome.error is not None
    assert outcome.error.startswith("The bot ended with -9:\n")


async def test_too_long_a_wait_is_an_error_with_the_bot_s_last_words(tmp_path: Path) -> None:
    async with slow_stack() as stack:
        outcome = await run_once(stack, {"prompt": "a"}, LineView(io.StringIO()), out=tmp_path / "a.mp4", timeout=1)
    assert outcome.error is not None
    assert outcome.error.startswith("None came within 1 s; the bot's last words were:\n")


async def test_a_terminal_shows_one_panel_that_is_redrawn() -> None:
    stream = io.StringIO()
    view = TerminalView(stream)
    view.status("one\ntwo", 0)
    view.status("three", 1)
    assert "\x1b[4F\x1b[J" in stream.getvalue()
