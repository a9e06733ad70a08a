"""Queries over kept jobs, the same on SQLite and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies.job import Job, Place, State
from dailies.references.reference import Source
from dailies.store.library import PAGE, Cursor, Library
from dailies.store.shards import Shards
from dailies.store.sql import SqlStore
from tests.support.reasons import worded
from tests.unit.kit import REQUEST, a_job, a_reference

ANN, BEN, GUILD = 3, 4, 1
NOBODY: frozenset[str] = frozenset()


@pytest.fixture
def library(engine: AsyncEngine, store: SqlStore) -> Library:
    """Open the library over the same database."""
    return Library(engine, store)


async def kept(store: SqlStore, number: int, *, by: int = ANN, guild: int | None = GUILD, **changes: Any) -> Job:
    """Make a job that ended well and was told, unless changed; later numbers are younger."""
    given: dict[str, Any] = {
        "id": f"job{number:03}",
        "key": str(number),
        "place": Place(guild, 2, by, 5),
        "created_at": 1_790_000_000.0 + number,
        "state": State.DELIVERED,
        "told": True,
    }
    job = a_job(**given | changes)
    await store.create(job)
    return await store.get(job.id)


def ids(jobs: tuple[Job, ...] | list[Job]) -> list[str]:
    """Return their ids."""
    return [job.id for job in jobs]


async def test_a_person_s_jobs_come_newest_first_and_without_others(store: SqlStore, library: Library) -> None:
    for number, by in enumerate([ANN, BEN, ANN]):
        await kept(store, number, by=by)

    page = await library.of_requester(ANN)

    assert ids(page.jobs) == ["job002", "job000"]
    assert (page.newer, page.total) == (0, 2)


async def test_a_server_s_jobs_are_everybody_s_there(store: SqlStore, library: Library) -> None:
    for number, (by, guild) in enumerate([(ANN, GUILD), (BEN, GUILD), (ANN, 9), (BEN, None)]):
        await kept(store, number, by=by, guild=guild)

    assert ids((await library.of_guild(GUILD)).jobs) == ["job001", "job000"]


async def test_an_empty_list_is_an_empty_page(library: Library) -> None:
    page = await library.of_requester(ANN)
    assert (page.jobs, page.newer, page.total) == ((), 0, 0)


@pytest.mark.slow
async def test_pages_lead_on_and_back_while_new_jobs_come(store: SqlStore, library: Library) -> None:
    for number in range(25):
        await kept(store, number)
    first = await library.of_requester(ANN)
    await kept(store, 25)

    second = await library.of_requester(ANN, Cursor(first.jobs[-1].id, older=True))
    third = await library.of_requester(ANN, Cursor(second.jobs[-1].id, older=True))
    back = await library.of_requester(ANN, Cursor(second.jobs[0].id, older=False))

    assert ids(first.jobs) == [f"job{n:03}" for n in range(24, 14, -1)]
    assert ids(second.jobs) == [f"job{n:03}" for n in range(14, 4, -1)]
    assert ids(third.jobs) == [f"job{n:03}" for n in range(4, -1, -1)]
    assert (second.newer, third.newer, third.total) == (11, 21, 26)
    assert ids(back.jobs) == ids(first.jobs)
    assert len(first.jobs) == PAGE


async def test_jobs_of_the_same_moment_are_each_on_one_page(store: SqlStore, library: Library) -> None:
    for number in range(15):
        await kept(store, number, created_at=1_790_000_000.0)
    first = await library.of_requester(ANN)
    second = await library.of_requester(ANN, Cursor(first.jobs[-1].id, older=True))

    assert len({*ids(first.jobs), *ids(second.jobs)}) == 15


async def test_a_place_that_is_gone_is_the_beginning(store: SqlStore, library: Library) -> None:
    await kept(store, 1)
    assert ids((await library.of_requester(ANN, Cursor("nothing", older=True))).jobs) == ["job001"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [("", ["job001", "job000"]), ("JOB000", ["job000"]), ("100%", ["job001"]), ("KITE", ["job001"]), ("_", [])],
)
async def test_a_search_looks_into_ids_and_prompts(
    store: SqlStore, library: Library, typed: str, found: list[str]
) -> None:
    await kept(store, 0, request=replace(REQUEST, prompt="a fox"))
    await kept(store, 1, request=replace(REQUEST, prompt="a Kite, 100% red"))
    await kept(store, 2, by=BEN, request=replace(REQUEST, prompt="a kite"))

    assert ids(await library.matching(typed, requester_id=ANN, guild_id=None, limit=25)) == found


async def test_a_moderator_s_search_holds_the_server_s_jobs_and_their_own(store: SqlStore, library: Library) -> None:
    await kept(store, 0, by=BEN)
    await kept(store, 1, by=BEN, guild=9)
    await kept(store, 2, guild=9)

    found = await library.matching("", requester_id=ANN, guild_id=GUILD, limit=25)

    assert ids(found) == ["job002", "job000"]


async def test_a_search_stops_at_its_limit_with_the_newest(store: SqlStore, library: Library) -> None:
    for number in range(5):
        await kept(store, number)
    assert ids(await library.matching("", requester_id=ANN, guild_id=None, limit=2)) == ["job004", "job003"]


async def test_forgetting_takes_words_references_and_video_and_keeps_the_money(
    store: SqlStore, library: Library, tmp_path: Path
) -> None:
    before = await kept(
        store,
        1,
        sources=(Source("https://a.example/fox.png", "a.example/fox.png", attached=False),),
        references=(a_reference(),),
        cost=Decimal("0.25"),
        openrouter_id="gen-1",
        file=tmp_path / "videos" / "job001.mp4",
        reason=worded("“a red kite” is not allowed"),
        locale="de",
        request=replace(a_job().request, provider_options={"negative_prompt": "fog", "watermark": True}),
    )

    forgotten = await library.forget(ANN, NOBODY, 9.0)
    after = await store.get("job001")

    assert forgotten.count == 1
    assert forgotten.videos == {"job001.mp4"}
    assert forgotten.references == {a_reference().sha256}
    assert (after.request.prompt, after.sources, after.references, after.reason) == ("", (), (), None)
    assert (after.locale, after.request.provider_options) == (None, {})
    assert (after.forgotten_at, after.file_removed_at) == (9.0, 9.0)
    assert (after.cost, after.openrouter_id) == (before.cost, before.openrouter_id)
    assert (after.place, after.state) == (before.place, before.state)


async def test_forgetting_leaves_others_alone(store: SqlStore, library: Library) -> None:
    await kept(store, 1)
    other = await kept(store, 2, by=BEN)

    assert (await library.forget(ANN, NOBODY, 9.0)).count == 1
    assert await store.get(other.id) == other


async def test_a_picture_that_another_job_uses_is_not_given_up(store: SqlStore, library: Library) -> None:
    await kept(store, 1, references=(a_reference(1), a_reference(2)))
    await kept(store, 2, by=BEN, references=(a_reference(2),))

    assert (await library.forget(ANN, NOBODY, 9.0)).references == {a_reference(1).sha256}


@pytest.mark.parametrize("state", [State.CHECKING, State.SUBMITTING, State.SUBMITTED, State.DELIVERING])
async def test_a_job_that_has_not_ended_is_left(store: SqlStore, library: Library, state: State) -> None:
    job = await kept(store, 1, state=state, told=False)

    assert await library.count_to_forget(ANN, NOBODY) == (0, 1)
    assert ((forgotten := await library.forget(ANN, NOBODY, 9.0)).count, forgotten.left) == (0, 1)
    assert await store.get(job.id) == job


async def test_a_job_that_a_run_still_holds_is_left(store: SqlStore, library: Library) -> None:
    await kept(store, 1, told=False)
    assert (await library.forget(ANN, frozenset({"job001"}), 9.0)).left == 1


async def test_an_end_that_nobody_could_be_told_can_be_forgotten(store: SqlStore, library: Library) -> None:
    await kept(store, 1, told=False)
    assert (await library.forget(ANN, NOBODY, 9.0)).count == 1


async def test_another_process_s_job_whose_end_was_not_told_is_left(engine: AsyncEngine, store: SqlStore) -> None:
    await kept(store, 1, told=False, guild=1 << 22)  # shard 1 of 2
    assert (await Library(engine, store, Shards((0,), 2)).forget(ANN, NOBODY, 9.0)).left == 1


async def test_forgetting_twice_finds_nothing_more(store: SqlStore, library: Library) -> None:
    await kept(store, 1)
    await library.forget(ANN, NOBODY, 9.0)
    assert await library.count_to_forget(ANN, NOBODY) == (0, 0)
    assert (await library.forget(ANN, NOBODY, 10.0)).count == 0


async def test_a_video_that_came_after_its_job_was_forgotten_can_be_forgotten_too(
    store: SqlStore, library: Library, tmp_path: Path
) -> None:
    await kept(store, 1, forgotten_at=5.0, file=tmp_path / "videos" / "job001.mp4")
    assert (await library.forget(ANN, NOBODY, 9.0)).videos == {"job001.mp4"}


async def test_more_jobs_than_one_query_names_are_forgotten_together(
    store: SqlStore, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dailies.store.parts.AT_ONCE", 3)
    for number in range(8):
        await kept(store, number, references=(a_reference(number),))
    forgotten = await library.forget(ANN, NOBODY, 9.0)
    assert (forgotten.count, len(forgotten.references)) == (8, 8)


POSTED = {"state": State.DELIVERED, "reason": None, "video_message_id": 77}


async def test_a_video_that_was_posted_again_is_delivered(store: SqlStore, library: Library) -> None:
    await kept(store, 1, state=State.UNDELIVERED, reason=worded("no"))

    assert await library.delivered(replace(await store.get("job001"), **POSTED))
    job = await store.get("job001")
    assert (job.state, job.reason, job.video_message_id) == (State.DELIVERED, None, 77)


async def test_a_job_that_was_forgotten_meanwhile_stays_so(store: SqlStore, library: Library) -> None:
    await kept(store, 1, state=State.UNDELIVERED)
    job = await store.get("job001")
    await library.forget(ANN, NOBODY, 9.0)
    assert not await library.delivered(replace(job, **POSTED))
    assert (await store.get("job001")).video_message_id is None


async def test_a_new_status_stays_noted_whatever_a_run_saves(store: SqlStore, library: Library) -> None:
    job = await kept(store, 1, state=State.SUBMITTED, told=False)

    await library.moved(job.id, 9)
    await store.save(replace(job, polls=3))

    place = (await store.get(job.id)).place
    assert (place.status_message_id, place.new_status_id, place.status_id) == (5, 9, 9)
