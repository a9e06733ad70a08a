"""Waits end on a tick that they share with others."""

from __future__ import annotations

import pytest

from dailies.jobs.ticks import TICK_SECONDS, ends

MOMENTS = (0.0, 0.001, 17.04, 86_400.0999, 123_456_789.5)


@pytest.mark.parametrize("now", MOMENTS)
@pytest.mark.parametrize("seconds", [0.0, 0.03, 10.0, 29.95])
def test_no_wait_is_shorter_than_asked_or_longer_by_more_than_a_tick(now: float, seconds: float) -> None:
    assert -1e-6 < ends(now, seconds) - now - seconds < TICK_SECONDS + 1e-6


def test_waits_that_begin_within_a_tick_end_together() -> None:
    assert len({ends(1000.0 + late / 1000, 30.0) for late in range(1, 100)}) == 1


def test_waits_that_begin_in_different_ticks_do_not() -> None:
    assert len({ends(1000.0 + late / 1000, 30.0) for late in range(50, 1050, 100)}) == 10
