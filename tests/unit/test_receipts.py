"""The disk's record of paid requests when the database has none."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies.job import State
from dailies.jobs.runner import Runner
from dailies.jobs.signals import Gate
from dailies.store import sql as sql_store
from dailies.store.receipts import LastSent, Receipt, ReceiptStore
from dailies.store.sql import SqlStore
from tests.support.reasons import in_words, worded
from tests.unit.job_context import ACCEPTED, ScriptedAPI, harness
from tests.unit.kit import a_job
from tests.unit.test_outage import THEN, MissingTable, engine_of
from tests.unit.test_runner import ended, until

ANSWERED = Receipt(a_job().id, "remote-1", "/api/v1/videos/remote-1", "pending")
SENDING = a_job(state=State.SUBMITTING, submitted_at=THEN + 0.123456)


async def never(_: float) -> None:
    await asyncio.Event().wait()


async def test_a_stop_while_the_database_is_away_keeps_the_id_of_a_paid_job(
    api: ScriptedAPI, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql_store, "ENDING_SECONDS", 0.05)
    async with harness(api, tmp_path) as on:
        away = MissingTable(engine_of(on), "jobs", waits=0)

        async def accept() -> web.Response:
            await away.go()
            return web.json_response(ACCEPTED)

        api.submits = [accept]
        first = Runner(replace(on.context, store=SqlStore(engine_of(on), tmp_path, sleep=never)))
        first.start(await on.kept(a_job(state=State.RESERVED)))
        await until((tmp_path / "answers" / f"{a_job().id}.json").exists)
        await first.stop(0.1)
        await away.rename("away", "jobs")
        assert (await on.store.get(a_job().id)).state is State.SUBMITTING

        assert await Runner(replace(on.context, gate=Gate())).resume() == 1
        (job,) = await ended(on, a_job().id)
    assert (job.state, job.openrouter_id) == (State.DELIVERED, "remote-1")
    assert on.posts == 1
    assert list((tmp_path / "answers").iterdir()) == []


@pytest.mark.parametrize("state", [State.RESERVED, State.SUBMITTING, State.UNKNOWN, State.UNREPORTED])
async def test_an_answer_that_only_the_disk_knows_brings_its_job_back(
    store: SqlStore, tmp_path: Path, state: State
) -> None:
    await store.create(a_job(state=state, told=True, ended_at=5.0, reason=worded("why")))
    await ReceiptStore(tmp_path).keep(ANSWERED)
    await store.recover()
    job = await store.get(a_job().id)
    assert (job.state, job.openrouter_id, job.polling_url) == (State.SUBMITTED, "remote-1", ANSWERED.polling_url)
    assert (job.told, job.ended_at, job.reason) == (False, None, None)
    assert await ReceiptStore(tmp_path).kept() == []


async def test_an_answer_that_the_database_has_changes_nothing(store: SqlStore, tmp_path: Path) -> None:
    job = a_job(state=State.DELIVERED, openrouter_id="remote-1", told=True)
    await store.create(job)
    await ReceiptStore(tmp_path).keep(ANSWERED)
    await store.recover()
    assert await store.get(job.id) == job
    assert await ReceiptStore(tmp_path).kept() == []


async def test_an_answer_for_a_job_that_is_not_known_is_said_and_kept(
    store: SqlStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await ReceiptStore(tmp_path).keep(ANSWERED)
    await store.recover()
    assert "remote-1" in caplog.text
    assert await ReceiptStore(tmp_path).kept() == [ANSWERED]


async def test_a_disk_that_takes_no_answer_keeps_no_job_from_going_on(store: SqlStore, tmp_path: Path) -> None:
    (tmp_path / "answers").write_text("in the way")
    await store.create(a_job(state=State.RESERVED))
    await store.accept(a_job(state=State.SUBMITTED, openrouter_id="remote-1"))
    assert (await store.get(a_job().id)).openrouter_id == "remote-1"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"job_id": "x"}', '{"other": 1}', "\x00"])
async def test_a_broken_file_is_left_out(store: SqlStore, tmp_path: Path, content: str) -> None:
    (tmp_path / "answers").mkdir()
    for path in (tmp_path / "answers" / "x.json", tmp_path / "last-sent.json"):
        path.write_text(content)
    await store.recover()
    assert not await store.is_copy()


async def test_a_database_that_does_not_know_what_was_sent_last_is_a_copy(store: SqlStore, engine: AsyncEngine) -> None:
    await store.create(a_job(state=State.RESERVED))
    assert not await store.is_copy()
    assert await store.intend(SENDING)
    assert not await store.is_copy()
    async with engine.begin() as restoring:
        await restoring.execute(text("UPDATE jobs SET state = 'reserved', submitted_at = NULL"))
    assert await store.is_copy()
    await store.adopt()
    assert not await store.is_copy()


async def test_a_database_without_the_job_that_was_sent_last_is_a_copy(store: SqlStore, engine: AsyncEngine) -> None:
    await store.create(a_job(state=State.RESERVED))
    await store.intend(SENDING)
    async with engine.begin() as restoring:
        for table in ("ledger", "job_accounts", "jobs"):
            await restoring.execute(text(f"DELETE FROM {table}"))
    assert await store.is_copy()


async def test_a_crash_before_the_disk_knew_of_a_second_sending_makes_no_copy(store: SqlStore, tmp_path: Path) -> None:
    await store.create(a_job(state=State.RESERVED))
    assert SENDING.submitted_at
    assert await store.intend(SENDING)
    # Left by the first sending, which was refused for want of credits.
    await ReceiptStore(tmp_path).sending(LastSent(SENDING.id, SENDING.submitted_at - 300))
    assert not await store.is_copy()


async def test_a_request_that_was_refused_for_want_of_credits_makes_no_copy(api: ScriptedAPI, tmp_path: Path) -> None:
    async with harness(api, tmp_path) as on:
        api.submits = [402]
        runner = Runner(replace(on.context, sleep=never))
        runner.start(await on.kept(a_job(state=State.RESERVED)))
        await until(lambda: on.chat.states[-1:] == [State.QUEUED])
        assert not await on.store.is_copy()
        await runner.stop(0.1)


async def test_what_a_restored_copy_holds_as_still_to_be_sent_is_not_sent(api: ScriptedAPI, tmp_path: Path) -> None:
    async with harness(api, tmp_path) as on:
        await on.kept(a_job(id="since", key="since", state=State.RESERVED))
        await on.kept(a_job(state=State.RESERVED))
        await on.store.intend(replace(SENDING, id="since", key="since"))
        async with engine_of(on).begin() as restoring:
            await restoring.execute(text("UPDATE jobs SET state = 'reserved', submitted_at = NULL"))
        await Runner(on.context).resume()
        jobs = await ended(on, "since", a_job().id)
    assert [job.state for job in jobs] == [State.UNKNOWN, State.UNKNOWN]
    assert "restored from a backup" in in_words(jobs[0].reason)
    assert on.posts == 0
