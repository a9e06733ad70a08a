"""The crash benchmark keeps the promises on a small scale, and notices when they are broken."""

from __future__ import annotations

import random

import pytest

from benchmarks.crash import START, crash, schedule
from benchmarks.points import POINTS

pytestmark = pytest.mark.slow


async def test_kills_neither_lose_nor_double_a_job() -> None:
    report = await crash(jobs=6, kills=4, seed=3)

    assert report.verdict.problems == []
    assert report.verdict.good
    assert (report.jobs, report.struck.total()) == (6, 4)


def test_twenty_kills_meet_every_stage_of_a_job() -> None:
    plan = schedule(20, random.Random(0))

    assert {point.stage for point in plan if not isinstance(point, str)} == {point.stage for point in POINTS}
    assert START in plan


async def test_kills_neither_lose_nor_double_a_video_of_a_comparison() -> None:
    report = await crash(jobs=3, kills=3, seed=5, compare=True)

    assert report.verdict.problems == []
    assert report.verdict.good
