"""The check that every test ends with finds any ledger that does not add up."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies import database
from dailies.openrouter.pricing import Quote
from dailies.schema import metadata
from dailies.store.sql import SqlStore
from sandbox.botprocess import BotProcess
from sandbox.clock import Clock
from tests.support.databases import sqlite_file
from tests.support.ledger_check import LedgerCheck
from tests.support.reasons import worded
from tests.unit.kit import a_job

INSERT = "INSERT INTO ledger (job_id, at, entry, held, spent, is_byok) VALUES"
QUOTE = Quote(Decimal("0.40"), True, Decimal("0.40"), worded(""))


@pytest.mark.parametrize(
    "change",
    [  # amounts in millionths
        "UPDATE ledger SET held = held - 1",
        "UPDATE ledger SET held = 0",
        "UPDATE ledger SET spent = 1",
        "UPDATE ledger SET entry = 'settlement'",
        "DELETE FROM ledger",
        f"{INSERT} ('{{job}}', 1, 'hold', 0, 0, false)",
        f"{INSERT} ('{{job}}', 1, 'release', -400000, 0, false)",
        "UPDATE jobs SET state = 'delivered', cost = 0.34",
        "UPDATE jobs SET state = 'failed'",
        "UPDATE jobs SET quote_at_most = 0.41",
    ],
)
async def test_a_broken_ledger_fails_the_test_that_leaves_it(
    engine: AsyncEngine, store: SqlStore, ledger_check: LedgerCheck, change: str
) -> None:
    job = a_job(quote=QUOTE)
    await store.create(job)
    assert ledger_check.look() == []
    async with engine.begin() as connection:
        await connection.execute(text(change.format(job=job.id)))
    (wrong,) = ledger_check.look()
    assert job.id in wrong
    async with engine.begin() as connection:
        # The next test may have the same server.
        for table in reversed(metadata.sorted_tables):
            await connection.execute(table.delete())


async def test_the_ledger_of_a_bot_is_looked_at_while_it_runs_and_when_it_ends(
    tmp_path: Path, ledger_check: LedgerCheck
) -> None:
    data, script = tmp_path / "data", tmp_path / "bot.py"
    async with database.opened(await sqlite_file(data / "dailies.sqlite")) as engine:
        await SqlStore(engine, data).create(a_job(quote=QUOTE))
    assert ledger_check.look() == []
    await asyncio.to_thread(script.write_text, "import time; time.sleep(600)")
    bot = BotProcess(Clock(), script=script, environment={"DATA_DIR": str(data)}, folder=tmp_path)
    await bot.start()
    assert ledger_check.look() == []

    with closing(sqlite3.connect(data / "dailies.sqlite")) as other, other:
        other.execute("UPDATE ledger SET held = held - 1")
    assert len(ledger_check.look()) == 1
    await bot.kill()
    await asyncio.to_thread(shutil.rmtree, data)
    assert len(ledger_check.look()) == 1
