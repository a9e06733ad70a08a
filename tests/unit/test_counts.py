"""Results of checks of running jobs are written now and then; everything else at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from dailies.job import State
from dailies.jobs.runner import Runner
from tests.support.reasons import worded
from tests.unit.job_context import ScriptedAPI, harness
from tests.unit.kit import a_job

JOB = a_job(state=State.SUBMITTED, openrouter_id="remote-1", remote_status="in_progress")


async def test_a_check_is_written_with_the_next_flush(api: ScriptedAPI, tmp_path: Path) -> None:
    async with harness(api, tmp_path) as on:
        job = replace(await on.kept(JOB), polls=3, checked_at=5.0, running_at=4.0, trouble=worded("check 3 failed"))
        on.store.count(job)
        assert (await on.store.get(job.id)).polls == 0
        await on.store.flush()
        assert await on.store.get(job.id) == job


async def test_a_count_does_not_overwrite_what_was_saved_after_it(api: ScriptedAPI, tmp_path: Path) -> None:
    async with harness(api, tmp_path) as on:
        job = await on.kept(JOB)
        on.store.count(replace(job, polls=3))
        ended = replace(job, polls=4, state=State.FAILED)
        await on.store.save(ended)
        await on.store.flush()
        assert await on.store.get(job.id) == ended


async def test_a_stop_writes_the_counts(api: ScriptedAPI, tmp_path: Path) -> None:
    async with harness(api, tmp_path) as on:
        on.store.count(replace(await on.kept(JOB), polls=7))
        await Runner(on.context).stop(1)
        assert (await on.store.get(JOB.id)).polls == 7
