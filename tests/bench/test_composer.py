"""The composer's benchmarks on a small scale."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from benchmarks.composer import MOST_KB, compose, kb_per_draft
from benchmarks.crash import crash

pytestmark = pytest.mark.slow


async def test_clicks_are_timed_and_a_draft_is_weighed() -> None:
    figures = await compose(jobs=5, channels=1, seconds=2, drafts=3)

    assert figures["clicks"] >= 10
    assert 0 < figures["answer_p50_ms"] <= figures["answer_p99_ms"]
    assert figures["kb_per_draft"] < MOST_KB


@pytest.mark.parametrize("kilobytes", [1, 4, 12])
def test_a_draft_weighs_what_its_row_takes(tmp_path: Path, kilobytes: int) -> None:
    database = tmp_path / "dailies.sqlite"
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE drafts (id TEXT PRIMARY KEY, content TEXT)")
        connection.execute("CREATE TABLE jobs (id TEXT PRIMARY KEY, content TEXT)")
        for table, number in (("drafts", 40), ("jobs", 10)):
            rows = [(f"{n:03}", "x" * 1024 * kilobytes) for n in range(number)]
            connection.executemany(f"INSERT INTO {table} VALUES (?, ?)", rows)
    connection.close()

    assert kb_per_draft(database, tmp_path) == pytest.approx(kilobytes, rel=0.5)


async def test_kills_between_clicks_neither_lose_nor_double_a_draft_s_job() -> None:
    report = await crash(jobs=2, kills=1, seed=0, composer=True)

    assert report.verdict.problems == []
    assert report.verdict.good
    assert report.jobs == 2
