"""A delivery that is not what was ordered is named beside the order and the bill, by the bot as its own process."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio

from tests.e2e.conftest import quick_stack
from tests.e2e.scene import Scene, shown

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def rendered() -> AsyncGenerator[Scene]:
    """Run the sandbox with real renderings of what is asked for."""
    async with quick_stack(rendered=True) as stack:
        yield Scene(stack)


def posted(scene: Scene, job_id: str) -> list[int]:
    """Return the numbers of a job's videos in the channel, in the order of their messages."""
    messages = scene.stack.discord.world.channels[scene.channel].messages.values()
    videos = [shown(one.data) for one in messages if one.files]
    return [found[1] for found in videos if found and found[0] == job_id]


def job_of(status: str) -> str:
    """Return the id in a status."""
    return status.rsplit("Job ", 1)[1].split()[0]


async def test_a_video_as_it_was_ordered_is_not_commented(rendered: Scene) -> None:
    story = await rendered.ask()

    assert story.video
    assert "Ordered" not in story.statuses[-1]
    assert "Ordered" not in story.video["content"]


async def test_a_short_silent_and_small_clip_is_named_in_receipt_and_message(rendered: Scene) -> None:
    rendered.stack.openrouter.faults.job(seconds=0.1, sound=False, size=(320, 180))

    story = await rendered.ask()

    assert story.video
    line = "Ordered: 4 s, 480p, with sound. Received: 0.08 s, 320 × 180 pixels, without sound. Billed $"
    assert line in story.video["content"]


@pytest.mark.parametrize(("outputs", "dead"), [(2, ()), (4, ()), (3, (0,))])
async def test_every_output_that_can_be_had_is_posted_once(
    outputs: int, dead: tuple[int, ...], rendered: Scene
) -> None:
    rendered.stack.openrouter.faults.job(outputs=outputs, dead_outputs=dead)

    story = await rendered.ask()

    status = story.statuses[-1]
    job_id = job_of(status)
    assert posted(rendered, job_id) == [index + 1 for index in range(outputs) if index not in dead]
    assert all(f"Video {index + 1} of {outputs} couldn't be downloaded" in status for index in dead)
