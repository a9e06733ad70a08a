"""Jobs in memory: one for each key, and not more ended ones than told."""

from __future__ import annotations

import pytest

from dailies.jobs.job import Job, State, new_job_id
from dailies.jobs.store import MemoryStore
from tests.unit.kit import a_job


async def test_a_job_is_kept() -> None:
    store = MemoryStore()
    assert await store.create(a_job())
    assert await store.get(a_job().id) == a_job()


async def test_the_same_key_makes_one_job() -> None:
    store = MemoryStore()
    await store.create(a_job(id="first"))
    assert not await store.create(a_job(id="second"))
    with pytest.raises(KeyError):
        await store.get("second")


async def test_what_became_of_a_job_is_kept() -> None:
    store = MemoryStore()
    await store.create(a_job())
    await store.save(a_job(polls=3))
    assert (await store.get(a_job().id)).polls == 3


@pytest.mark.parametrize("state", list(State))
async def test_only_jobs_that_have_not_ended_are_unfinished(state: State) -> None:
    store = MemoryStore()
    job: Job = a_job(state=state)
    await store.create(job)
    assert await store.unfinished() == ([] if job.ended else [job])


async def test_old_ended_jobs_are_forgotten_and_running_ones_are_not() -> None:
    store = MemoryStore(ended=2)
    await store.create(a_job(id="running", key="running"))
    for number in range(4):
        await store.create(a_job(id=f"{number}", key=f"{number}", state=State.DELIVERED))
    assert [job.id for job in await store.unfinished()] == ["running"]
    with pytest.raises(KeyError):
        await store.get("0")
    assert (await store.get("3")).state is State.DELIVERED


def test_a_job_id_fits_a_nonce_and_a_file_name() -> None:
    identity = new_job_id(1_790_000_000.0)
    assert len(identity) == 16
    assert identity.isalnum()
    assert identity == identity.lower()


def test_job_ids_sort_by_time() -> None:
    assert new_job_id(1_790_000_000.0) < new_job_id(1_790_000_000.002) < new_job_id(1_890_000_000.0)


def test_job_ids_of_the_same_moment_differ() -> None:
    assert len({new_job_id(1_790_000_000.0) for _ in range(1000)}) == 1000
