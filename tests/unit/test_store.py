"""Jobs in a database, the same on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from dailies import database
from dailies.catalog.options import VideoRequest
from dailies.ids import new_id
from dailies.job import Job, State
from dailies.openrouter.pricing import Quote
from dailies.reason import Reason, ReasonCode
from dailies.references.reference import Source
from dailies.schema import jobs
from dailies.store.sql import SqlStore
from tests.support.reasons import worded
from tests.unit.kit import a_job, a_reference


async def test_a_job_is_kept(store: SqlStore) -> None:
    assert await store.create(a_job())
    assert await store.get(a_job().id) == a_job()


async def test_every_field_of_a_job_is_kept(store: SqlStore, tmp_path: Path) -> None:
    folder = tmp_path / "references"
    sha256 = "ab" * 32
    reference = replace(a_reference(), sha256=sha256, path=folder / sha256, thumbnail=folder / f"{sha256}.jpg")
    request = VideoRequest(
        "A fox 🦊\u202e", "a/b", "A B", duration=5, resolution="720p", aspect_ratio="16:9", audio=False, seed=2**31 - 1,
        notes=(worded("one"), Reason(ReasonCode.SEED_LEFT_OUT, model="a/b")),
    )  # fmt: skip
    job = replace(
        a_job(state=State.RESERVED),
        request=request,
        sources=(Source("https://a.example/fox.png", "a.example/fox.png", attached=False),),
        references=(reference, replace(reference, name="again", link=None)),
        openrouter_id="gen-vid-1",
        polling_url="/x",
        submitted_at=1.5,
        remote_status="pending",
        polls=3,
        checked_at=2.5,
        running_at=2.25,
        trouble=worded("no answer"),
        completed_at=2.75,
        quote=Quote(Decimal("0.36288"), exact=True, at_most=Decimal("0.4"), basis=worded("86,400 tokens × $0.0000042")),
        cost=Decimal("0.36288"),
        is_byok=True,
        file=tmp_path / "videos" / "v.mp4",
        video_message_id=2**62,
        ended_at=3.5,
        reason=worded("why"),
        told=True,
        locale="de",
        language="ja",
        file_removed_at=4.5,
        forgotten_at=5.5,
    )
    await store.create(job)

    assert await store.get(job.id) == job


async def test_a_quote_is_kept_in_millionths_and_its_bound_rounded_up(store: SqlStore) -> None:
    quote = Quote(
        None, exact=False, at_most=Decimal("0.93030611"), basis=worded("not known: no published price fits 4K")
    )
    await store.create(a_job(quote=quote))

    assert (await store.get(a_job().id)).quote == replace(quote, at_most=Decimal("0.930307"))


async def test_the_link_of_an_attachment_is_not_kept(store: SqlStore) -> None:
    await store.create(a_job(sources=(Source("https://cdn.example/a.png?hm=secret", "a.png", attached=True),)))

    assert (await store.get(a_job().id)).sources == (Source("", "a.png", attached=True),)


async def test_marks_and_alt_texts_are_kept_and_no_path_of_this_disk(store: SqlStore) -> None:
    kept = Path("/data/references/abc")
    source = Source("", "fox.png", attached=False, spoiler=True, description="A fox", kept=kept)
    reference = replace(a_reference(), spoiler=True, description="A fox")
    await store.create(a_job(sources=(source,), references=(reference,), age_restricted=True))

    job = await store.get(a_job().id)

    assert job.sources == (replace(source, kept=None),)
    assert [(one.spoiler, one.description) for one in job.references] == [(True, "A fox")]
    assert job.age_restricted
    assert job.spoiler


async def test_sources_of_earlier_rows_are_not_marked(store: SqlStore, engine: AsyncEngine) -> None:
    await store.create(a_job(sources=(Source("https://a.example/1", "1", attached=False),)))
    async with engine.begin() as connection:
        old = [{"url": "https://a.example/1", "name": "1", "attached": False}]
        await connection.execute(update(jobs).values(sources=old))
    assert not (await store.get(a_job().id)).spoiler


async def test_the_same_key_makes_one_job(store: SqlStore) -> None:
    await store.create(a_job(id="first"))
    assert not await store.create(a_job(id="second"))
    with pytest.raises(KeyError):
        await store.get("second")


async def test_a_creation_that_is_tried_again_is_no_second_job(store: SqlStore) -> None:
    await store.create(a_job())
    assert await store.create(a_job())
    assert len(await store.unfinished()) == 1


async def test_fifty_commands_with_the_same_key_at_once_make_one_job(store: SqlStore) -> None:
    made = await asyncio.gather(*(store.create(a_job(id=f"job-{number}")) for number in range(50)))

    assert made.count(True) == 1


async def test_what_became_of_a_job_is_kept(store: SqlStore) -> None:
    await store.create(a_job())
    await store.save(a_job(polls=3))
    assert (await store.get(a_job().id)).polls == 3


@pytest.mark.parametrize("state", list(State))
async def test_jobs_that_have_not_ended_are_unfinished(store: SqlStore, state: State) -> None:
    job: Job = a_job(state=state, told=True)
    await store.create(job)
    assert await store.unfinished() == ([] if job.ended else [job])


async def test_an_end_that_was_not_told_is_unfinished(store: SqlStore) -> None:
    job = a_job(state=State.UNKNOWN, told=False)
    await store.create(job)
    assert await store.unfinished() == [job]


async def test_jobs_are_still_there_after_the_database_was_closed(tmp_path: Path) -> None:
    url = database.sqlite_url(tmp_path / "jobs.sqlite")
    async with database.opened(url) as first:
        await SqlStore(first, tmp_path).create(a_job())
    async with database.opened(url) as second:
        assert await SqlStore(second, tmp_path).unfinished() == [a_job()]


async def test_a_write_waits_for_another_process_that_holds_the_database(tmp_path: Path) -> None:
    path = tmp_path / "jobs.sqlite"
    async with database.opened(database.sqlite_url(path)) as engine:
        store = SqlStore(engine, tmp_path)
        other = create_async_engine(database.sqlite_url(path))
        async with other.connect() as connection:
            await connection.execute(text("BEGIN IMMEDIATE"))
            writing = asyncio.create_task(store.create(a_job()))
            await asyncio.sleep(0.2)
            assert not writing.done()
            await connection.rollback()
        assert await writing
        await other.dispose()


async def test_a_read_does_not_wait_for_a_write(store: SqlStore, engine: AsyncEngine) -> None:
    await store.create(a_job())
    async with engine.begin() as writing:
        await writing.execute(text("UPDATE jobs SET polls = 3"))
        assert (await store.get(a_job().id)).polls == 0
    assert (await store.get(a_job().id)).polls == 3  # what was committed is seen at once


async def test_a_database_that_another_process_writes_to_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "jobs.sqlite"
    async with database.opened(database.sqlite_url(path)) as engine:
        store = SqlStore(engine, tmp_path)
        await store.create(a_job())
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert await store.get(a_job().id) == a_job()


async def test_a_write_is_tried_again_when_another_process_keeps_the_database_too_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.001)
    path = tmp_path / "jobs.sqlite"
    pauses: list[float] = []
    async with database.opened(database.sqlite_url(path)) as engine:
        with contextlib.closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:

            async def sleep(seconds: float) -> None:
                pauses.append(seconds)
                await asyncio.to_thread(other.execute, "ROLLBACK")

            store = SqlStore(engine, tmp_path, sleep=sleep)
            other.execute("BEGIN IMMEDIATE")
            assert await store.create(a_job())
            assert await store.get(a_job().id) == a_job()
    assert pauses == [1.0]


async def test_what_is_read_together_is_of_one_moment(store: SqlStore, engine: AsyncEngine) -> None:
    await store.create(a_job())
    async with engine.connect() as reading:
        first = await reading.scalar(text("SELECT polls FROM jobs"))
        await store.save(a_job(polls=3))
        assert await reading.scalar(text("SELECT polls FROM jobs")) == first == 0


async def test_what_only_reads_cannot_write_beside_the_one_writer(tmp_path: Path) -> None:
    async with database.opened(database.sqlite_url(tmp_path / "jobs.sqlite")) as engine, engine.connect() as reading:
        with pytest.raises(OperationalError, match="readonly"):
            await reading.execute(text("DELETE FROM jobs"))


async def test_a_write_that_waits_too_long_behind_others_is_tried_again(tmp_path: Path) -> None:
    url = database.sqlite_url(tmp_path / "jobs.sqlite")
    async with database.opened(url):
        pass
    engine = create_async_engine(url, poolclass=AsyncAdaptedQueuePool, pool_size=1, max_overflow=0, pool_timeout=0.05)
    pauses: list[float] = []
    async with contextlib.AsyncExitStack() as kept:
        kept.push_async_callback(engine.dispose)
        first = await engine.connect()

        async def sleep(seconds: float) -> None:
            pauses.append(seconds)
            await first.close()

        assert await SqlStore(engine, tmp_path, sleep=sleep).create(a_job())
    assert pauses == [1.0]


async def test_a_write_that_the_database_refuses_is_tried_again(tmp_path: Path) -> None:
    pauses: list[float] = []
    path = tmp_path / "jobs.sqlite"
    async with database.opened(database.sqlite_url(path)) as engine:
        async with engine.begin() as connection:
            await connection.execute(text("ALTER TABLE jobs RENAME TO away"))

        async def sleep(seconds: float) -> None:
            pauses.append(seconds)
            async with engine.begin() as connection:
                with contextlib.suppress(Exception):
                    await connection.execute(text("ALTER TABLE away RENAME TO jobs"))

        store = SqlStore(engine, tmp_path, sleep=sleep)
        assert await store.create(a_job())
    assert pauses == [1.0]


def test_a_job_id_fits_a_nonce_and_a_file_name() -> None:
    identity = new_id(1_790_000_000.0)
    assert len(identity) == 16
    assert identity.isalnum()
    assert identity == identity.lower()


def test_job_ids_sort_by_time() -> None:
    assert new_id(1_790_000_000.0) < new_id(1_790_000_000.002) < new_id(1_890_000_000.0)


def test_job_ids_of_the_same_moment_differ() -> None:
    assert len({new_id(1_790_000_000.0) for _ in range(1000)}) == 1000
