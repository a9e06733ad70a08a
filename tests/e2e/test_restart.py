"""The bot continues at the next start, whatever ended it: paid once, delivered once, said plainly."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable

import pytest

from benchmarks.people import AnsweredCommand
from sandbox.discord import Interaction
from sandbox.discord.records import RecordedRequest
from sandbox.stack import Stack
from tests.e2e.conftest import quick_stack
from tests.e2e.scene import Scene, attached, shown, text_of
from tests.support.images import image

pytestmark = pytest.mark.slow


async def asked(stack: Stack, **options: object) -> Interaction:
    """Type /video as Ann; returns once it was answered."""
    given = {"prompt": "A boat", "resolution": "480p", "duration": 4, **options}
    interaction = await stack.discord.person().command(Scene(stack).channel, "video", given)
    await interaction.wait(25)
    return interaction


async def until(holds: Callable[[], object], seconds: float = 90) -> None:
    """Wait, at most so many real seconds, until it holds. What is looked through for long is looked at less often."""
    async with asyncio.timeout(seconds):
        while True:
            began = time.perf_counter()
            if holds():
                return
            await asyncio.sleep(max(0.02, 10 * (time.perf_counter() - began)))


def status(stack: Stack, interaction: Interaction) -> str:
    """Return the status message's text now."""
    assert interaction.response_message is not None
    return text_of(stack.discord.message_json(interaction.response_message["id"])).strip()


def edits_of(stack: Stack) -> list[RecordedRequest]:
    """Return the requests that changed a message."""
    return [one for one in stack.discord.requests if one.method == "PATCH" and one.status == 200]


def videos(stack: Stack) -> list[str]:
    """Return job and number of the videos in the channel."""
    messages = stack.discord.person().messages(Scene(stack).channel)
    return [f"{found[0]}.{found[1]}" for one in messages if one["attachments"] and (found := shown(one))]


async def test_a_job_goes_on_after_sigterm_and_a_new_start() -> None:
    async with quick_stack() as stack:
        stack.openrouter.faults.job(queue_seconds=math.inf)
        interaction = await asked(stack, **attached(image("red")))
        await until(lambda: stack.openrouter.polls)
        await stack.bot.stop()
        assert stack.bot.returncode == 0
        await stack.start_bot()
        stack.openrouter.end_queue()
        await until(lambda: status(stack, interaction).startswith("### Done"))

    assert len(stack.openrouter.submits) == 1


async def test_sigterm_lets_a_paid_request_get_its_answer() -> None:
    # The limit of a clean stop is world time: 300 of these seconds are ten real ones.
    async with quick_stack(SHUTDOWN_SECONDS="300") as stack:
        stack.openrouter.faults.answer("submit", delay=1.0, status=None)
        interaction = await asked(stack)
        await asyncio.sleep(0.4)
        await stack.bot.stop()
        await stack.start_bot()
        await until(lambda: status(stack, interaction).startswith("### Done"))

    assert len(stack.openrouter.submits) == 1


async def test_a_killed_bot_goes_on_shows_the_references_until_it_is_done_and_posts_once() -> None:
    async with quick_stack() as stack:
        stack.openrouter.faults.job(queue_seconds=math.inf)
        interaction = await asked(stack, **attached(image("red")))
        await until(lambda: stack.openrouter.polls)
        await stack.bot.kill()
        edits = len(edits_of(stack))
        await stack.start_bot()
        await until(lambda: len(edits_of(stack)) > edits)
        (picture,) = AnsweredCommand("", interaction).pictures
        assert len(await Scene(stack).download({"url": picture})) > 100
        stack.openrouter.end_queue()
        await until(lambda: status(stack, interaction).startswith("### Done"))

        assert AnsweredCommand("", interaction).pictures == []
        assert len(videos(stack)) == 1
    assert len(stack.openrouter.submits) == 1


async def test_a_bot_that_is_killed_inside_the_paid_request_never_sends_it_again_and_says_so() -> None:
    async with quick_stack() as stack:
        stack.openrouter.faults.answer("submit", delay=3.0, status=None)
        interaction = await asked(stack)
        await until(lambda: "Sending" in status(stack, interaction))
        await asyncio.sleep(0.5)
        await stack.bot.kill()
        await stack.start_bot()
        await until(lambda: status(stack, interaction).startswith("### Sent, but not confirmed"))
        await asyncio.sleep(1)

        assert "the request may have been charged" in status(stack, interaction)
    assert len(stack.openrouter.submits) <= 1


async def test_a_job_whose_fate_is_unknown_can_be_run_again_on_purpose() -> None:
    async with quick_stack() as stack:
        stack.openrouter.faults.answer("submit", drop=True, when="after")
        interaction = await asked(stack, seed=5, **attached(image("red")))
        await until(lambda: status(stack, interaction).startswith("### Sent, but not confirmed"))
        assert interaction.response_message is not None
        message = interaction.response_message["id"]
        await stack.bot.stop()
        await stack.start_bot()
        button = stack.discord.message_json(message)["components"][0]["components"][-1]["components"][0]
        refused = await stack.discord.person("Ben").click(message, button["custom_id"])
        await refused.wait(5)
        again = await stack.discord.person().click(message, button["custom_id"])
        await again.wait(5)
        twice = await stack.discord.person().click(message, button["custom_id"])
        await twice.wait(5)
        await until(lambda: status(stack, again).startswith("### Done"))

        assert "It has already been run again" in text_of(twice.response_message or {})
        assert "Only the person who requested it" in text_of(refused.response_message or {})
        first, second = (dict(entry["body"]) for entry in stack.openrouter.submits)
    assert second.pop("input_references")[0]["image_url"]["url"].startswith("data:image/png;base64,")
    first.pop("input_references")
    assert first.pop("session_id") != second.pop("session_id")
    assert first == second


async def test_a_bot_that_is_killed_while_it_posts_does_not_post_twice() -> None:
    async with quick_stack() as stack:
        fault = stack.discord.faults.add(
            method="POST", path=r"/channels/\d+/messages$", when="after", delay_s=3.0, status=503
        )
        interaction = await asked(stack)
        await until(lambda: fault.struck)
        await until(lambda: videos(stack))
        await stack.bot.kill()
        await stack.start_bot()
        await until(lambda: status(stack, interaction).startswith("### Done"))

        assert len(videos(stack)) == 1


async def test_a_bot_that_is_killed_before_the_last_edit_makes_it_at_the_next_start() -> None:
    async with quick_stack() as stack:
        # The upload is held up for a moment, so that everything after it can be made to fail in time.
        stack.discord.faults.add(method="POST", path=r"/channels/\d+/messages$", status=0, delay_s=0.5)
        interaction = await asked(stack)
        await until(lambda: "posting the video" in status(stack, interaction))
        stack.discord.faults.add(method="PATCH", path="/messages/", status=503, times=100)
        await until(lambda: videos(stack))
        await asyncio.sleep(0.1)
        await stack.bot.kill()
        stack.discord.faults.clear()
        await stack.start_bot()
        await until(lambda: status(stack, interaction).startswith("### Done"))

        assert len(videos(stack)) == 1


async def test_a_request_whose_references_were_on_their_way_is_not_sent_after_a_kill() -> None:
    async def never_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()  # until the other side is gone
        writer.close()

    async with quick_stack(REFERENCE_TIMEOUT_SECONDS="600") as stack:
        silent = await asyncio.start_server(never_answer, "127.0.0.1", 0)
        port = silent.sockets[0].getsockname()[1]
        await stack.bot.stop()
        stack.trusted_origins.append(f"http://127.0.0.1:{port}")
        stack.bot.environment = stack.bot_environment()
        await stack.start_bot()
        interaction = await asked(stack, links=f"http://127.0.0.1:{port}/a.png")
        await stack.bot.kill()
        await stack.start_bot()
        await until(lambda: status(stack, interaction).startswith("### Not started"))

        assert "The bot was restarted before the request was sent" in status(stack, interaction)
        silent.close()
    assert stack.openrouter.submits == []


@pytest.mark.parametrize("kills", [4])
async def test_many_kills_neither_lose_nor_repeat_a_job(kills: int) -> None:
    async with quick_stack() as stack:
        interactions = [await asked(stack, prompt=f"Boat {number}") for number in range(3)]
        for _ in range(kills):
            await asyncio.sleep(0.5)
            await stack.bot.kill()
            await stack.start_bot()
        ends = ("### Done", "### Sent, but not confirmed", "### Not started")
        await until(lambda: all(status(stack, one).startswith(ends) for one in interactions))

        done = [one for one in interactions if status(stack, one).startswith("### Done")]
        assert len(videos(stack)) == len(set(videos(stack))) == len(done)
    assert len(stack.openrouter.submits) <= 3
