"""The verdict notices broken promises: here the test itself breaks them, with the bot's key and token."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncGenerator
from dataclasses import replace

import aiohttp
import pytest
import pytest_asyncio

from benchmarks.people import COLOUR, AnsweredCommand
from benchmarks.verdict import Verdict, ended, judge
from sandbox.stack import Stack
from tests.e2e.conftest import quick_stack
from tests.e2e.scene import Scene
from tests.support.images import image

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]
PROMPT = "A paper boat"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def running() -> AsyncGenerator[Stack]:
    """Run one sandbox for all tests here."""
    async with quick_stack(one_check=True) as stack:
        yield stack


@pytest_asyncio.fixture(loop_scope="module")
async def stack(running: Stack) -> Stack:
    """Return the sandbox without what earlier tests have paid for, asked and posted."""
    running.openrouter.submits.clear()
    running.discord.world.channels[Scene(running).channel].messages.clear()
    return running


async def done(stack: Stack) -> AnsweredCommand:
    """A job that went well."""
    story = await Scene(stack).ask(PROMPT)
    return AnsweredCommand(PROMPT, stack.discord.interaction(story.interaction_id))


def counts(verdict: Verdict) -> tuple[int, int, int]:
    return verdict.lost, verdict.double_submitted, verdict.double_posted


async def test_a_job_that_went_well_is_good(stack: Stack) -> None:
    verdict = judge(stack, [await done(stack)], [])
    assert verdict.good
    assert counts(verdict) == (0, 0, 0)


async def test_a_second_paid_request_is_noticed(stack: Stack) -> None:
    one = await done(stack)
    headers = {"Authorization": f"Bearer {stack.openrouter.key}"}
    url = f"{stack.openrouter.api_base}/videos"
    async with aiohttp.ClientSession() as session:
        await session.post(url, json=stack.openrouter.submits[0]["body"], headers=headers)
    assert counts(judge(stack, [one], [])) == (0, 1, 0)


async def test_a_second_video_is_noticed(stack: Stack) -> None:
    one = await done(stack)
    form = aiohttp.FormData()
    reference = f'{{"message_reference": {{"message_id": "{one.status_id}"}}}}'
    form.add_field("payload_json", reference, content_type="application/json")
    form.add_field("files[0]", b"a video", filename="again.mp4")
    url = f"{stack.discord.api_base}/channels/{Scene(stack).channel}/messages"
    async with aiohttp.ClientSession(headers={"Authorization": f"Bot {stack.discord.token}"}) as session:
        assert (await session.post(url, data=form)).status == 200
    assert counts(judge(stack, [one], [])) == (0, 0, 1)


async def test_a_video_that_is_gone_and_a_payment_nobody_knows_of_are_noticed(stack: Stack) -> None:
    one = await done(stack)
    messages = stack.discord.person().messages(Scene(stack).channel)
    await stack.discord.person().delete(str(messages[-1]["id"]))
    assert counts(judge(stack, [one], [])) == (1, 0, 0)
    assert counts(judge(stack, [], [PROMPT])) == (1, 0, 0)


@pytest.mark.parametrize("sent", [b"", bytes(1000), image("blue")])
async def test_a_wrong_picture_that_was_paid_for_is_noticed(stack: Stack, sent: bytes) -> None:
    one = await done(stack)
    body = stack.openrouter.submits[0]["body"]
    url = f"data:image/png;base64,{base64.b64encode(sent).decode()}"
    body["input_references"] = [{"type": "image_url", "image_url": {"url": url}}]
    verdict = judge(stack, [replace(one, references=1)], [])
    assert verdict.paid_wrong == 1


async def test_a_right_picture_that_was_paid_for_is_good(stack: Stack) -> None:
    one = await done(stack)
    url = f"data:image/png;base64,{base64.b64encode(image(COLOUR)).decode()}"
    stack.openrouter.submits[0]["body"]["input_references"] = [{"type": "image_url", "image_url": {"url": url}}]
    assert judge(stack, [replace(one, references=1)], []).paid_wrong == 0


async def a_set(stack: Stack) -> AnsweredCommand:
    """Two takes that went well."""
    options = {"prompt": PROMPT, "takes": 2, "resolution": "480p", "duration": 4}
    interaction = await stack.discord.person("Ann").command(Scene(stack).channel, "video", options)
    await interaction.wait(10)
    one = AnsweredCommand(PROMPT, interaction, takes=2)
    async with asyncio.timeout(30):
        while True:
            if ended(one) and one.pictures:
                return one
            await asyncio.sleep(0.05)


async def test_a_set_is_judged_by_its_takes(stack: Stack) -> None:
    one = await a_set(stack)
    verdict = judge(stack, [one], [])
    assert verdict.problems == []
    assert counts(verdict) == (0, 0, 0)
    headers = {"Authorization": f"Bearer {stack.openrouter.key}"}
    async with aiohttp.ClientSession() as session:
        url = f"{stack.openrouter.api_base}/videos"
        await session.post(url, json=stack.openrouter.submits[0]["body"], headers=headers)
    assert counts(judge(stack, [one], [])) == (0, 1, 0)
    messages = stack.discord.person().messages(Scene(stack).channel)
    await stack.discord.person().delete(str(messages[-1]["id"]))
    assert counts(judge(stack, [one], [])) == (1, 1, 0)
