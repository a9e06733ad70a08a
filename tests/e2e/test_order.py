"""A delivery that is not what was ordered is named beside the order and the bill, by the bot as its own process."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio

from tests.e2e.conftest import quick_stack
from tests.e2e.scene import Scene

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def rendered() -> AsyncGenerator[Scene]:
    """Run the sandbox with real renderings of what is asked for."""
    async with quick_stack(rendered=True) as stack:
        yield Scene(stack)


def posted(scene: Scene, job_id: str) -> list[str]:
    """Return the names of a job's files in the channel, in order."""
    messages = scene.stack.discord.world.channels[scene.channel].messages.values()
    return [file.filename for one in messages for file in one.files.values() if file.filename.startswith(job_id)]


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
    line = "Ordered: 4 s, 480p, with sound. Came: 0.08 s, 320 × 180 pixels, without sound. Billed $"
    assert line in story.statuses[-1]
    assert line in story.video["content"]


@pytest.mark.parametrize(("outputs", "dead"), [(2, ()), (4, ()), (3, (0,))])
async def test_every_output_that_can_be_had_is_posted_once(
    outputs: int, dead: tuple[int, ...], rendered: Scene
) -> None:
    rendered.stack.openrouter.faults.job(outputs=outputs, dead_outputs=dead)

    story = await rendered.ask()

    status = story.statuses[-1]
    job_id = job_of(status)
    names = {index: f"{job_id}.{index + 1}.mp4" if index else f"{job_id}.mp4" for index in range(outputs)}
    assert posted(rendered, job_id) == [name for index, name in names.items() if index not in dead]
    assert f"Ordered: 1 video. Came: {outputs} videos. Billed $" in status
    assert all(f"Video {index + 1} of {outputs} could not be downloaded" in status for index in dead)
