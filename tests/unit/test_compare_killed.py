"""A process that ends at each step of the common message of a comparison: the next one posts it once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies.delivery.chat import Posted
from dailies.job import State
from dailies.jobs.life import live
from tests.unit.job_context import Harness, ScriptedAPI, harness
from tests.unit.test_compare_delivery import CAME, kept, lived_all


class Killed(BaseException):
    """The process ended here."""


def killed(on: Harness, owner: object, name: str, *, after: bool) -> None:
    """Let the process end when this is first called, before or after its effect, and do nothing more from then on."""
    called: Callable[..., Awaitable[Any]] = getattr(owner, name)
    dead = False

    async def call(*given: Any, **named: Any) -> Any:
        nonlocal dead
        if after and not dead:
            await called(*given, **named)
        dead = True
        raise Killed

    object.__setattr__(owner, name, call)
    assert on.posts == 0


STEPS: dict[str, Callable[[Harness], tuple[object, str, bool]]] = {
    "before the decision": lambda on: (on.store.comparisons, "decide", False),
    "after the decision": lambda on: (on.store.comparisons, "decide", True),
    "before the message": lambda on: (on.chat, "post_together", False),
    "after the message": lambda on: (on.chat, "post_together", True),
    "before the record of the message": lambda on: (on.store.comparisons, "posted", False),
    "after the record of the message": lambda on: (on.store.comparisons, "posted", True),
    "before a job's record": lambda on: (on.store, "save", False),
    "after a job's record": lambda on: (on.store, "save", True),
}


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
async def test_the_next_process_posts_it_if_it_is_not_there(
    api: ScriptedAPI, tmp_path: Path, mp4: Path, engine: AsyncEngine, step: str
) -> None:
    async with harness(api, tmp_path, engine=engine) as one, harness(api, tmp_path, engine=engine) as other:
        takes = await kept(one, CAME, CAME, CAME, clip=mp4)
        owner, name, after = STEPS[step](one)
        killed(one, owner, name, after=after)
        running = [asyncio.ensure_future(live(job, one.context)) for job in takes]
        await asyncio.wait(running, return_when=asyncio.FIRST_EXCEPTION)
        for run in running:
            run.cancel()
        assert any(isinstance(one, Killed) for one in await asyncio.gather(*running, return_exceptions=True))
        posted = len(one.chat.together)
        other.chat.found = Posted(901) if posted else None
        ended = await lived_all(other, await other.store.takes(takes[0].id))
        assert [job.state for job in ended] == [State.DELIVERED] * 3
        assert {job.video_message_id for job in ended} == {901}
        assert posted + len(other.chat.together) == 1
        assert one.chat.posted == other.chat.posted == []
        assert (await other.store.comparisons.get(takes[0].id)).message_id == 901
