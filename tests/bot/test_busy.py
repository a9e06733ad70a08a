"""A busy OpenRouter and a spent limit, as people meet them in Discord; the Cancel button."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
import simcord

from tests.bot.conftest import Archive, BotApp

WAITING = "### Waiting to retry"


def words(answer: simcord.InteractionResult) -> str:
    assert answer.response is not None
    return answer.response.content or ""


async def waiting(app: BotApp, **options: Any) -> simcord.InteractionResult:
    """Return the status of a job that waits to be sent again, for minutes."""
    app.openrouter.faults.refuse("in-flight", retry_after="300")
    result = await app.video(**options)
    for _ in range(100):
        if WAITING in app.text(result):
            return result
        await asyncio.sleep(0.05)
        await app.env.settle()
    raise AssertionError(app.text(result))


@pytest.mark.slow
async def test_a_busy_openrouter_is_asked_again_and_the_video_comes(app: BotApp) -> None:
    result = await waiting(app)
    assert "OpenRouter is busy with earlier videos. Retrying <t:" in app.text(result)
    assert (await app.finish(result, checks=60)).lstrip().startswith("### Done")
    assert [entry["status"] for entry in app.openrouter.submits] == [402, 202]


@pytest.mark.slow
async def test_others_commands_go_on_meanwhile(archive: Archive) -> None:
    app = archive.app
    await waiting(app)
    other = await archive.ben.slash(app.channel, "video", prompt="A kite")
    assert (await app.finish(other)).lstrip().startswith("### Done")


@pytest.mark.slow
async def test_its_requester_cancels_it(app: BotApp) -> None:
    result: Any = await waiting(app)
    answer = await app.ann.click(result.response.message, label="Cancel")
    assert answer.ephemeral
    assert words(answer) == "Cancelled. You weren't charged."
    await app.env.settle()
    text = app.text(result)
    assert text.lstrip().startswith("### Not started")
    assert "Cancelled by the person who requested it. You weren't charged." in text
    await app.env.advance_time(600)
    assert len(app.openrouter.submits) == 1


@pytest.mark.slow
async def test_a_moderator_cancels_it_and_nobody_else(archive: Archive) -> None:
    result: Any = await waiting(archive.app)
    refused = await archive.ben.click(result.response.message, label="Cancel")
    assert "Only the person who requested this video" in words(refused)
    assert WAITING in archive.app.text(result)
    assert "Cancelled. You weren't charged." in words(await archive.mia.click(result.response.message, label="Cancel"))
    await archive.app.env.settle()
    assert "Cancelled by someone who can manage this server or its messages" in archive.app.text(result)


async def test_a_spent_limit_is_named_with_its_renewal_to_those_who_wait_and_those_who_ask(app: BotApp) -> None:
    resets_at = "2999-01-01T00:00:00Z"
    shown = f"<t:{int(datetime(2999, 1, 1, tzinfo=UTC).timestamp())}:f>"
    app.openrouter.faults.refuse("workspace-budget", times=None, limit_usd=50, spend_usd=50.01, resets_at=resets_at)
    result = await app.video()
    for _ in range(100):
        if "On hold" in app.text(result):
            break
        await asyncio.sleep(0.05)
        await app.env.settle()
    said = f"the bot's OpenRouter workspace has spent its budget of $50.00; it renews on {shown}"
    assert said in app.text(result)
    refused = words(await app.video())
    assert said.removeprefix("the") in refused
    assert refused.endswith("You weren't charged.")
    assert len(app.openrouter.submits) == 1
