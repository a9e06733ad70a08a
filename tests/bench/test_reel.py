"""The benchmark of reels and cuts on a small scale."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks.clips import Clip
from benchmarks.gauge import rss_kb
from benchmarks.reel import make

pytestmark = pytest.mark.slow


async def test_a_small_reel_and_a_small_cut_are_measured(tmp_path: Path) -> None:
    small = Clip("small", 128, 72, 1, 1, cuts=False, sound=True)
    own = rss_kb(os.getpid()) * 1024 / 1_000_000  # the process of all tests, which is large
    figures = await make(tmp_path, takes=2, take=small, original=small)
    assert figures["reel"]["takes"] == 2
    assert own < figures["reel"]["rss_mb"] < own + 550
    assert 0 < figures["reel"]["ack_p99_ms"] < 5000
    assert figures["cut"]["copy_mb_per_s"] > 0
