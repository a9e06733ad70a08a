"""A database that records a job late: it is waited for, and a job that it takes too late is withdrawn, unpaid."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from cogs.video.create_job import JobCreator
from dailies import database
from dailies.errors import RefusedError
from dailies.job import State
from dailies.money.budget import BudgetAccounts
from dailies.store.sql import SqlStore
from dailies.takes import take_set
from tests.support.databases import sqlite_file
from tests.support.reasons import in_words, raises
from tests.unit.kit import a_job


async def test_a_job_that_the_database_takes_too_late_is_refused_and_taken_back(tmp_path: Path) -> None:
    url = await sqlite_file(tmp_path / "jobs.sqlite")
    async with database.opened(url) as engine:
        store = SqlStore(engine, tmp_path)
        creator = JobCreator(store, seconds=0.1)
        other = create_async_engine(url)
        async with other.connect() as connection:
            await connection.execute(text("BEGIN IMMEDIATE"))
            recording = await creator.begin([a_job()], BudgetAccounts(2), 0.05)
            assert not recording.done()
            with raises(RefusedError, match="isn't responding"):
                await creator.finish(recording, [a_job()])
            await connection.rollback()
        await other.dispose()
        async with asyncio.timeout(30):
            while True:
                late = await store.load(text("true"))  # pyright: ignore[reportArgumentType]
                if late and late[0].state is State.REFUSED:
                    break
                await asyncio.sleep(0.01)
        assert late[0].told
        assert "You weren't charged" in in_words(late[0].reason)
        # Whoever presses the same button again gets their job.
        again = JobCreator(store)
        recording = await again.begin([a_job(id="second")], BudgetAccounts(2), 30)
        assert await again.finish(recording, [a_job(id="second")])


async def test_a_job_that_is_recorded_late_but_in_time_is_made(tmp_path: Path) -> None:
    url = await sqlite_file(tmp_path / "jobs.sqlite")
    async with database.opened(url) as engine:
        store = SqlStore(engine, tmp_path)
        creator = JobCreator(store, seconds=30)
        other = create_async_engine(url)
        async with other.connect() as connection:
            await connection.execute(text("BEGIN IMMEDIATE"))
            recording = await creator.begin([a_job()], BudgetAccounts(2), 0.05)
            assert not recording.done()
            await connection.rollback()
        await other.dispose()
        assert await creator.finish(recording, [a_job()])
        assert (await store.get(a_job().id)).state is State.CHECKING


async def test_a_set_that_is_recorded_too_late_is_taken_back_as_a_whole(tmp_path: Path) -> None:
    url = await sqlite_file(tmp_path / "jobs.sqlite")
    async with database.opened(url) as engine:
        store = SqlStore(engine, tmp_path)
        creator = JobCreator(store, seconds=0.1)
        takes = take_set(a_job(), 3, seeds=True)
        other = create_async_engine(url)
        async with other.connect() as connection:
            await connection.execute(text("BEGIN IMMEDIATE"))
            recording = await creator.begin(takes, BudgetAccounts(2), 0.05)
            with raises(RefusedError, match="isn't responding"):
                await creator.finish(recording, takes)
            await connection.rollback()
        await other.dispose()
        async with asyncio.timeout(30):
            while True:
                if [job.state for job in await store.takes(takes[0].id)] == [State.REFUSED] * 3:
                    break
                await asyncio.sleep(0.01)
