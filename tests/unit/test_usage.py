"""Spending by person, model and day; the table and the picture; bills against quotes."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies.job import Place, State
from dailies.money import chart, usage
from dailies.money.usage import ENOUGH, Spent, Usage
from dailies.openrouter.pricing import Quote
from dailies.store.sql import SqlStore
from tests.support.reasons import worded
from tests.unit.kit import a_job

NOON = datetime(2026, 3, 15, 12, tzinfo=UTC).timestamp()
DAY = 86_400
AN_ITEM = Spent("job", NOON, 1, 3, "a/b", "delivered", Decimal("0.4"), Decimal("0.34"), Decimal(0), is_byok=False)


async def kept(store: SqlStore, number: int, *, user: int = 3, guild: int = 1, cost: str | None = "0.34") -> None:
    quote = Quote(Decimal("0.40"), True, Decimal("0.40"), worded(""))
    job = a_job(id=f"job-{number:02}", key=str(number), created_at=NOON - number * DAY, quote=quote)
    job = replace(job, place=Place(guild, 2, user))
    await store.create(job)
    state = State.DELIVERED if cost else State.UNKNOWN
    await store.save(replace(job, state=state, cost=None if cost is None else Decimal(cost)))


async def test_mine_are_those_of_all_servers_and_a_server_s_those_of_all_people(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    store = SqlStore(engine, tmp_path)
    await kept(store, 0)
    await kept(store, 1, guild=9)
    await kept(store, 2, user=4, cost=None)
    await kept(store, 40)
    book, since = Usage(engine), usage.since(NOON, UTC)

    mine, here = await book.of_user(3, since), await book.of_guild(1, since)
    assert [one.job_id for one in mine] == ["job-00", "job-01"]
    assert [(one.job_id, one.cost, one.held) for one in here] == [
        ("job-00", Decimal("0.34"), 0),
        ("job-02", None, Decimal("0.4")),
    ]
    assert usage.total(here) == Decimal("0.34")


async def test_bills_are_compared_with_quotes_once_there_are_enough(engine: AsyncEngine, tmp_path: Path) -> None:
    store = SqlStore(engine, tmp_path)
    for number in range(ENOUGH):
        assert await Usage(engine).accuracy() == {}
        await kept(store, number)
    assert await Usage(engine).accuracy() == {"a/b": Decimal("0.85")}
    assert await Usage(engine).remarks() == {"a/b": "bills came to 85 % of quotes here"}


async def test_what_a_person_said_of_a_job_is_no_bill(engine: AsyncEngine, tmp_path: Path) -> None:
    store = SqlStore(engine, tmp_path)
    for number in range(ENOUGH):
        await kept(store, number)
    await kept(store, ENOUGH, cost=None)
    doubtful = await store.get(f"job-{ENOUGH:02}")
    assert await store.turn(replace(doubtful, cost=Decimal(9)), was=doubtful, said_by=7)
    assert await Usage(engine).accuracy() == {"a/b": Decimal("0.85")}


async def test_only_the_newest_bills_are_compared(
    engine: AsyncEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usage, "COMPARED", ENOUGH)
    store = SqlStore(engine, tmp_path)
    await kept(store, 0, cost="99")
    for number in range(1, ENOUGH + 1):
        await kept(store, number)
    assert await Usage(engine).accuracy() == {"a/b": Decimal("0.85")}


def test_groups_come_with_the_dearest_first() -> None:
    items = [AN_ITEM, replace(AN_ITEM, model="c/d", cost=Decimal(2)), replace(AN_ITEM, cost=None)]
    assert usage.grouped(items, lambda one: one.model) == [("c/d", 1, Decimal(2)), ("a/b", 2, Decimal("0.34"))]


def test_every_one_of_thirty_days_is_there() -> None:
    days = usage.by_day(
        [AN_ITEM, replace(AN_ITEM, at=NOON - 29 * DAY), replace(AN_ITEM, at=NOON - 30 * DAY)], NOON, UTC
    )
    assert len(days) == 30
    assert [str(day) for day, amount in days if amount] == ["2026-02-14", "2026-03-15"]


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_of_the_table_is_a_formula(name: str) -> None:
    rows = list(csv.DictReader(io.StringIO(usage.to_csv([replace(AN_ITEM, model=name)]), newline="")))
    assert rows[0]["model"] == f"'{name}"
    assert rows[0]["cost_usd"] == "0.340000"
    assert rows[0]["asked_at"] == "2026-03-15T12:00:00+00:00"


@pytest.mark.slow
def test_the_picture_is_a_png_with_bars() -> None:
    days = usage.by_day([AN_ITEM], NOON, UTC)
    with Image.open(io.BytesIO(chart.draw(days, "Spent"))) as picture:
        assert picture.format == "PNG"
        assert picture.width > picture.height > 300
        colours = dict(picture.convert("RGB").getcolors(picture.width * picture.height) or [])
    assert (88, 101, 242) in colours.values()


def test_the_picture_is_said_in_words_too() -> None:
    assert chart.described(usage.by_day([AN_ITEM], NOON, UTC)) == (
        "Bar chart of USD by day from 14 February to 15 March: $0.34 in all on 1 of 30 days; "
        "the most on 15 March, $0.34."
    )
    assert chart.described(usage.by_day([], NOON, UTC)).endswith("nothing was spent.")
