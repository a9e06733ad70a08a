"""Delivery of a video between the old and the new smallest upload limit, and of one that is a spoiler."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dailies import explain
from dailies.delivery.limits import SMALLEST, UNKNOWN, ClaimedLimits
from dailies.errors import FileTooLarge
from dailies.job import State
from dailies.references.reference import Source
from tests.unit.job_context import ScriptedAPI, lived
from tests.unit.kit import FakeChat, a_job

COMPLETED = a_job(state=State.COMPLETED, openrouter_id="remote-1", polling_url="/x", submitted_at=1_790_000_000.0)
OLD_TABLE = ClaimedLimits(UNKNOWN, UNKNOWN)


def padded(api: ScriptedAPI, size: int) -> None:
    """Make the video so many bytes larger, with a box that players skip (ISO/IEC 14496-12, free space)."""
    api.video += size.to_bytes(4) + b"free" + bytes(size - 8)


async def test_a_video_between_both_limits_is_posted_as_it_is(api: ScriptedAPI, tmp_path: Path) -> None:
    padded(api, 12_000_000)
    chat = FakeChat(said=OLD_TABLE)
    job, _ = await lived(COMPLETED, api, tmp_path, chat=chat)
    assert chat.sizes == [len(api.video)]
    assert job.delivery_note is None


@pytest.mark.slow
async def test_refused_there_it_is_made_to_fit_the_old_limit(api: ScriptedAPI, tmp_path: Path) -> None:
    padded(api, 12_000_000)
    chat = FakeChat(said=OLD_TABLE, troubles=[FileTooLarge(len(api.video))])
    job, _ = await lived(COMPLETED, api, tmp_path, chat=chat)
    assert job.state is State.DELIVERED
    tried, posted = chat.sizes
    assert tried == len(api.video)
    assert posted <= UNKNOWN


@pytest.mark.slow
async def test_above_the_new_limit_nothing_is_tried_in_vain(api: ScriptedAPI, tmp_path: Path) -> None:
    padded(api, SMALLEST)
    chat = FakeChat(said=OLD_TABLE)
    await lived(COMPLETED, api, tmp_path, chat=chat)
    (posted,) = chat.sizes
    assert posted <= UNKNOWN


@pytest.mark.parametrize("spoiler", [True, False])
async def test_a_link_to_a_spoiler_is_between_bars(api: ScriptedAPI, tmp_path: Path, *, spoiler: bool) -> None:
    tiny = ClaimedLimits(len(api.video) // 10_000, len(api.video) // 10_000)
    job = replace(COMPLETED, sources=(Source("", "fox.png", attached=True, spoiler=spoiler),))
    chat = FakeChat(said=tiny)
    await lived(job, api, tmp_path, chat=chat, public_url="https://bot.example")
    words = explain.sentences(chat.uploads[-1].words)
    assert f"/{job.id}.html" in words
    assert ("||https://bot.example/files/" in words) is spoiler
