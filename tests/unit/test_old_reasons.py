"""Rows from before reasons were data keep everything that they said, and say it in today's words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, MetaData, Table, text
from sqlalchemy.ext.asyncio import AsyncEngine

from cogs.jobs.export import record
from dailies import database, explain
from dailies.job import Job, State
from dailies.migrate import upgrade
from dailies.migrations.old_reasons import read
from dailies.reason import Reason, ReasonCode
from dailies.schema import metadata
from dailies.store.library import Library
from dailies.store.model_history import references_seen
from dailies.store.sql import SqlStore
from tests.support.own_databases import new_database
from tests.unit.kit import a_job
from tests.unit.old_reasons import OLD


@pytest.mark.parametrize(
    ("group", "sentence", "values"), OLD, ids=lambda value: value if isinstance(value, str) else ""
)
def test_an_old_sentence_is_known_with_everything_that_it_says(
    group: str, sentence: str, values: dict[str, Any]
) -> None:
    assert read(sentence, group) == values


def first(connection: Connection, job_id: str, **values: Any) -> None:
    """A row of the first schema, and of 0004 what it had to say of a quote, a delivery and a picture."""
    table = Table("jobs", MetaData(), autoload_with=connection)
    blank = {"key": job_id, "channel_id": 2, "requester_id": 3, "told": True, "created_at": 1.0, "prompt": "a kite"}
    blank |= {"model": "a/b", "model_name": "A: B", "notes": [], "sources": [], "polls": 0, "unsigned_urls": []}
    blank |= {"is_byok": False, "state": "failed", "ended_at": 2.0}
    connection.execute(table.insert().values({"id": job_id} | blank | values))


def old(connection: Connection) -> None:
    """The database as it was before: rows from the first schema on, and what later ones added."""
    metadata.drop_all(connection)
    connection.execute(text("DROP TABLE alembic_version"))
    upgrade(connection, "0001")
    for number, (group, sentence, _) in enumerate(OLD):
        if group == "ends":
            first(connection, f"end{number:02}", reason=sentence)
        elif group == "troubles":
            first(connection, f"try{number:02}", trouble=sentence, state="submitted")
    notes = [sentence for group, sentence, _ in OLD if group == "options"]
    first(connection, "notes", notes=notes, state="delivered")
    references = Table("job_references", MetaData(), autoload_with=connection)
    sent = {"job_id": "end00", "position": 0, "name": "fox.png", "sha256": "0" * 64, "media_type": "image/png"}
    connection.execute(references.insert().values(sent | {"width": 1, "height": 1}))
    upgrade(connection, "0009")
    for number, (group, sentence, _) in enumerate(OLD):
        if group == "prices":
            first(connection, f"quote{number:02}", quote_basis=sentence, quote_exact=False)
        elif group == "deliveries":
            first(connection, f"sent{number:02}", delivery_note=sentence)
    pictures = [sentence for group, sentence, _ in OLD if group == "pictures"]
    references = Table("job_references", MetaData(), autoload_with=connection)
    connection.execute(references.update().values(notes=pictures))


async def updated(url: str, folder: Path) -> None:
    async with database.opened(url) as engine, engine.begin() as connection:
        await connection.run_sync(old)
    async with database.opened(url) as engine:
        jobs = {job.id: job for job in await SqlStore(engine, folder).load(metadata.tables["jobs"].c.id.is_not(None))}
        nothing_is_lost(jobs)
        await refusals_are_known(engine)
        await forgetting_leaves_nothing(engine, folder)
        async with engine.begin() as connection:  # nobody can look whether its ledger adds up
            await connection.run_sync(metadata.drop_all)
            await connection.execute(text("DROP TABLE alembic_version"))


def nothing_is_lost(jobs: dict[str, Job]) -> None:
    """Everything that an old sentence said stands in the record that a person reads, in today's words."""
    records = {job_id: record(job, own=True) for job_id, job in jobs.items()}
    for number, (group, _, values) in enumerate(OLD):
        reason = Reason.from_json(values)
        words = explain.sentence(reason)
        if group == "ends":
            assert f"Reason: {words}\n" in records[f"end{number:02}"]
        elif group == "troubles":
            assert f"Last problem: {explain.short(reason)}\n" in records[f"try{number:02}"]
        elif group == "options":
            assert f"Note: {words}\n" in records["notes"]
        elif group == "pictures":
            assert f", {words}" in records["end00"]
        elif group == "prices":
            assert f": {words}\n" in records[f"quote{number:02}"]
        else:
            assert f"Delivered as: {words}\n" in records[f"sent{number:02}"]
    assert jobs["notes"].reason is None


async def refusals_are_known(engine: AsyncEngine) -> None:
    """OpenRouter's refusal of references counts as before."""
    assert (await references_seen(engine))["a/b"].refused == 1


async def forgetting_leaves_nothing(engine: AsyncEngine, folder: Path) -> None:
    """Neither names nor OpenRouter's words, which may quote a prompt, stay in the values."""
    library = Library(engine, SqlStore(engine, folder))
    await library.forget(3, (), 9.0)
    async with engine.connect() as connection:
        rows = (await connection.execute(text("SELECT * FROM jobs WHERE state = 'failed'"))).all()
    assert rows
    assert not any(word in str(row) for row in rows for word in ("fox.png", "kite", "not supported", "content_policy"))


@pytest.mark.parametrize("number", ["1..2 MB", "6e+ MB", "."])
def test_a_number_that_is_none_leaves_the_sentence_as_it_was(number: str) -> None:
    assert read(f"{number}, as a link", "deliveries") == {"code": "text", "text": f"{number}, as a link"}


@pytest.mark.slow
async def test_a_database_of_the_first_schema_keeps_what_it_said(tmp_path: Path) -> None:
    await updated(database.sqlite_url(tmp_path / "a.sqlite"), tmp_path)
    (tmp_path / "a.sqlite").unlink()


@pytest.mark.slow
async def test_a_database_of_the_first_schema_keeps_what_it_said_on_postgresql(
    postgresql_url: str, tmp_path: Path
) -> None:
    await updated(await new_database(postgresql_url), tmp_path)


async def test_forgetting_takes_what_a_reason_quotes_out_of_it(store: SqlStore, engine: AsyncEngine) -> None:
    refused = Reason(ReasonCode.REFERENCE_REFUSED, name="fox.png", problem=Reason(ReasonCode.NOT_HTTPS))
    failed = Reason(ReasonCode.SETTLED, before=refused, usd="0", in_guild=True)
    await store.create(a_job(state=State.REFUSED, reason=failed, trouble=failed, told=True, ended_at=1.0))
    await Library(engine, store).forget(3, (), 9.0)
    async with engine.connect() as connection:
        assert "fox.png" not in str((await connection.execute(text("SELECT * FROM jobs"))).all())
