"""The waits of finished jobs, as the benchmark finds them with the bot's own schedule."""

from __future__ import annotations

import pytest

from benchmarks.wait import POLICIES, simulated


@pytest.mark.parametrize("jobs", [1, 50, 200])
def test_a_finished_job_waits_five_seconds_in_the_mean_up_to_two_hundred_jobs(jobs: int) -> None:
    entry = simulated(POLICIES["bot"], jobs).to_json("bot", jobs)
    assert float(entry["mean_wait_s"]) <= 5.5
    assert float(entry["looks_per_s"]) <= 20


@pytest.mark.parametrize("jobs", [200, 400, 600])
def test_all_jobs_together_are_looked_at_twenty_times_a_second_at_most(jobs: int) -> None:
    seen = simulated(POLICIES["bot"], jobs)
    assert seen.looks <= 20 * seen.seconds
    assert max(seen.waits) <= 30.2


def test_reports_of_ends_cut_the_waits_short() -> None:
    seen = simulated(POLICIES["webhooks"], 50, [0.01])
    assert max(seen.waits) <= 0.2
    assert seen.looks < simulated(POLICIES["fixed 30 s"], 50).looks


def test_an_entry_names_its_policy_and_its_figures() -> None:
    assert list(simulated(POLICIES["fixed 10 s"], 1, job_seconds=10_000).to_json("fixed 10 s", 1)) == [
        "policy",
        "jobs",
        "mean_wait_s",
        "p95_wait_s",
        "polls_per_job",
        "looks_per_s",
    ]
