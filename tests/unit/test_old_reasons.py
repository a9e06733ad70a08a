"""Rows of before reasons were data say the same after the update."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, MetaData, Table, text
from sqlalchemy.ext.asyncio import AsyncEngine

from cogs.jobs.export import record
from dailies import database, explain
from dailies.job import Job, State
from dailies.migrations.old_reasons import read
from dailies.reason import Reason, ReasonCode
from dailies.schema import metadata
from dailies.store.library import Library
from dailies.store.model_history import references_seen
from dailies.store.sql import SqlStore
from tests.support.databases import postgresql
from tests.unit.kit import a_job

LOOK = (
    "Before you run the command again, look at openrouter.ai/activity, or ask the bot's operator to: it shows whether "
    "this was charged."
)
HAND = (
    "It is kept on the bot's disk for a while: /jobs again tries once more, and /jobs original gives the file to you "
    "alone."
)
BASES = [
    ("86,400 tokens × $0.0000042", "by_token"),
    ("63,000 tokens × $0.0000035, if it is 480x1120", "by_token"),
    ("6 s × $0.10/s, 720p with sound", "by_second"),
    ("5 s × $0.18/s, 2K with references", "by_second"),
    ("5 s × $0.07/s, 720p + 1 image × $0.002 + 2 images × $0.01", "by_second"),
    ("5 s × $0.41/s, continued without sound", "by_second"),
    ("5 s × $0.50/s, 4K; sound may come on top", "sound_extra"),
    ("5 s × $0.10/s; the model has a price that the bot does not know", "unknown_extra"),
    ("the least is $0.56 (1 s × $0.28/s would be less)", "least"),
    ("not known: no published price fits 1080p from text with sound", "price_unknown"),
    ("not known: it depends on what the model chooses; at most $3.00", "price_unknown"),
    ("as an older bot put it", "text"),
]
SENTENCES: list[tuple[str, str, str]] = [
    (
        "ends",
        "bad_request",
        "OpenRouter rejected the request. OpenRouter says: input_references: not supported. Change what it names "
        "and run the command again. Nothing was paid.",
    ),
    (
        "ends",
        "moderated",
        "The request was blocked by moderation. Reasons: violence, logo. Change the prompt or the references. "
        "Nothing was paid.",
    ),
    (
        "ends",
        "busy",
        "OpenRouter or the model is busy; run the command again in 10 min. OpenRouter says: Slow down. Nothing "
        "was paid.",
    ),
    (
        "ends",
        "server_fault",
        "OpenRouter had an error of its own (HTTP 502) and named no job: it may have been paid. It is not sent "
        f"again by itself. {LOOK}",
    ),
    (
        "ends",
        "answer_lost",
        f"The request was sent, but no answer came back: it may have been paid. It is not sent again by itself. {LOOK}",
    ),
    (
        "ends",
        "job_failed",
        "The model could not make this video. It says: content_policy: {x} no. Change the prompt or the references.",
    ),
    (
        "ends",
        "job_expired",
        "The job expired at OpenRouter before it was finished. It gave no reason. Run the command again to start "
        "a new one.",
    ),
    (
        "ends",
        "left_unanswered",
        f"The bot was restarted before OpenRouter answered: the request may have been paid. {LOOK}",
    ),
    (
        "ends",
        "left_unsent",
        "The bot had an error of its own before the request was sent; run the command again. Nothing was paid.",
    ),
    (
        "ends",
        "queued_too_long",
        "Its turn did not come within 24 h; run the command again. Nothing was paid.",
    ),
    (
        "ends",
        "dearer",
        "OpenRouter's price for this video rose from $0.36 to $1.20 before it was sent. Run the command again if "
        "it is worth that. Nothing was paid.",
    ),
    (
        "ends",
        "never_reported",
        "OpenRouter named no job in answer to the request. It reports the end of every job to this bot and "
        "reported none for it in 1 h 5 min: most likely it never took it, and nothing was paid. To be sure, look "
        "at openrouter.ai/activity, or ask the bot's operator to.",
    ),
    (
        "ends",
        "settled",
        f"The bot was stopped before OpenRouter answered: the request may have been paid. {LOOK} An operator of "
        "the bot looked there: it was charged $0.36.",
    ),
    (
        "ends",
        "not_downloaded",
        "The video is finished and paid, but 5 downloads failed, the last one: OpenRouter answered HTTP 404. It "
        "is not generated again: /jobs again downloads it once more, and the bot's operator can fetch it at "
        "OpenRouter by the job id.",
    ),
    (
        "ends",
        "not_allowed",
        "The video could not be posted here: the channel is gone; and a direct message was refused: the person "
        f"takes no direct messages from the bot. {HAND}",
    ),
    (
        "ends",
        "file_too_large",
        "The video is 31.4 MB, more than Discord takes in this channel, and could not be made to fit. It is kept "
        "on the bot's disk for a while: /jobs again tries once more, and the bot's operator has the file. Next "
        "time, choose a shorter length or a lower resolution.",
    ),
    (
        "ends",
        "text",
        "fox.png is over 5 MB; save it smaller. Nothing was paid.",
    ),
    (
        "troubles",
        "server_fault",
        "OpenRouter answered HTTP 503",
    ),
    (
        "troubles",
        "bad_request",
        "OpenRouter answered HTTP 404",
    ),
    (
        "troubles",
        "bad_answer",
        "OpenRouter's answer could not be used: the answer has no status",
    ),
    (
        "troubles",
        "download_failed",
        "download 2 failed: ffmpeg took over 60 s",
    ),
    (
        "options",
        "option_left_out",
        "aspect_ratio was left out: a/b does not publish what it takes",
    ),
    (
        "options",
        "seed_left_out",
        "seed was left out: a/b does not publish whether it takes one",
    ),
    (
        "options",
        "default_gone",
        "the default model a/b is gone; c/d is used",
    ),
    (
        "pictures",
        "converted",
        "converted to JPEG",
    ),
    (
        "pictures",
        "first_picture",
        "only the first of 2 pictures",
    ),
    (
        "pictures",
        "scaled_together",
        "scaled to 54% with the others, to keep the request under 0.3 MB",
    ),
    (
        "deliveries",
        "made_to_fit",
        "1080p → 720p, 31 MB → 9.6 MB",
    ),
    (
        "deliveries",
        "made_to_fit",
        "31 MB → 9.6 MB",
    ),
    (
        "deliveries",
        "sent_as_link",
        "31.4 MB, as a link",
    ),
]


@pytest.mark.parametrize(
    ("group", "code", "sentence"), SENTENCES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_an_old_sentence_is_known_and_says_the_same(group: str, code: str, sentence: str) -> None:
    reason = Reason.from_json(read(sentence, group))
    assert reason.code == code
    assert (explain.short(reason) if group == "troubles" else explain.sentence(reason)) == sentence


@pytest.mark.parametrize(("basis", "code"), BASES)
def test_an_old_basis_of_a_quote_is_known_and_says_the_same(basis: str, code: str) -> None:
    reason = Reason.from_json(read(basis, "prices"))
    assert reason.code == code
    assert explain.sentence(reason) == basis


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
    database.migrate(connection, to="0001")
    for number, (group, _, sentence) in enumerate(SENTENCES):
        if group == "ends":
            first(connection, f"end{number:02}", reason=sentence)
        elif group == "troubles":
            first(connection, f"try{number:02}", trouble=sentence, state="submitted")
    notes = [sentence for group, _, sentence in SENTENCES if group == "options"]
    first(connection, "notes", notes=notes, state="delivered")
    references = Table("job_references", MetaData(), autoload_with=connection)
    sent = {"job_id": "end00", "position": 0, "name": "fox.png", "sha256": "0" * 64, "media_type": "image/png"}
    connection.execute(references.insert().values(sent | {"width": 1, "height": 1}))
    database.migrate(connection, to="0009")
    for basis, _ in BASES:
        first(connection, f"q-{basis[:20]}", quote_basis=basis, quote_exact=False)
    for group, _, sentence in SENTENCES:
        if group == "deliveries":
            first(connection, f"d-{sentence[:20]}", delivery_note=sentence)
    pictures = [sentence for group, _, sentence in SENTENCES if group == "pictures"]
    references = Table("job_references", MetaData(), autoload_with=connection)
    connection.execute(references.update().values(notes=pictures))


async def updated(url: str, folder: Path) -> None:
    async with database.opened(url) as engine, engine.begin() as connection:
        await connection.run_sync(old)
    async with database.opened(url) as engine:
        jobs = {job.id: job for job in await SqlStore(engine, folder).load(metadata.tables["jobs"].c.id.is_not(None))}
        say_the_same(jobs)
        await refusals_are_known(engine)
        await forgetting_leaves_nothing(engine, folder)
        async with engine.begin() as connection:  # nobody can look whether its ledger adds up
            await connection.run_sync(metadata.drop_all)
            await connection.execute(text("DROP TABLE alembic_version"))


def say_the_same(jobs: dict[str, Job]) -> None:
    """Each old sentence stands in the record that a person reads."""
    records = {job_id: record(job, own=True) for job_id, job in jobs.items()}
    for number, (group, _, sentence) in enumerate(SENTENCES):
        if group == "ends":
            assert f"Reason: {sentence}\n" in records[f"end{number:02}"]
        elif group == "troubles":
            assert f"Last trouble: {sentence}\n" in records[f"try{number:02}"]
        elif group == "options":
            assert f"Note: {sentence}\n" in records["notes"]
        elif group == "pictures":
            assert f", {sentence}" in records["end00"]
        else:
            assert f"Delivered as: {sentence}\n" in records[f"d-{sentence[:20]}"]
    assert all(f": {basis}\n" in records[f"q-{basis[:20]}"] for basis, _ in BASES)
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


async def test_a_database_of_the_first_schema_says_what_it_said(tmp_path: Path) -> None:
    await updated(database.sqlite_url(tmp_path / "a.sqlite"), tmp_path)
    (tmp_path / "a.sqlite").unlink()


async def test_a_database_of_the_first_schema_says_what_it_said_on_postgresql(tmp_path: Path) -> None:
    with postgresql() as url:
        await updated(url, tmp_path)


async def test_forgetting_takes_what_a_reason_quotes_out_of_it(store: SqlStore, engine: AsyncEngine) -> None:
    refused = Reason(ReasonCode.REFERENCE_REFUSED, name="fox.png", problem=Reason(ReasonCode.NOT_HTTPS))
    failed = Reason(ReasonCode.SETTLED, before=refused, usd="0", in_guild=True)
    await store.create(a_job(state=State.REFUSED, reason=failed, trouble=failed, told=True, ended_at=1.0))
    await Library(engine, store).forget(3, (), 9.0)
    async with engine.connect() as connection:
        assert "fox.png" not in str((await connection.execute(text("SELECT * FROM jobs"))).all())
