"""The siege of the web server, with few attackers and for a few seconds."""

from __future__ import annotations

import pytest

from benchmarks.siege import siege

pytestmark = pytest.mark.slow


async def test_a_small_siege_delays_no_check_and_prints_its_figures() -> None:
    result = await siege(connections=120, seconds=2)
    assert {"ack_p99_ms", "webhook_p99_ms", "late_polls", "fds_max", "fds_limit", "log_kb"} < set(result)
    fds_max, fds_limit, log_kb = (float(str(result[name])) for name in ("fds_max", "fds_limit", "log_kb"))
    assert 0 < fds_max < fds_limit
    assert log_kb < 100
    assert result["late_polls"] == 0
