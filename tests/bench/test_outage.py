"""The outage benchmark counts right on a small scale: everything reaches people once, and nothing else counts so."""

from __future__ import annotations

import pytest

from benchmarks.outage import Result, outage

pytestmark = pytest.mark.slow


async def test_after_an_outage_every_job_is_posted_and_told_once() -> None:
    result = await outage(jobs=6, minutes=5, settings={}, speed=40)

    assert (result.jobs, result.posted_once, result.posted_twice, result.untold) == (6, 6, 0, 0)
    assert result.good


def test_a_job_that_is_lost_doubled_or_late_is_not_good() -> None:
    assert Result(2, 2, 0, 0, 700.0).good
    for bad in (Result(2, 1, 0, 0, 1.0), Result(2, 1, 1, 0, 1.0), Result(2, 2, 0, 1, 1.0), Result(2, 2, 0, 0, 701.0)):
        assert not bad.good
