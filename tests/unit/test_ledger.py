"""Budgets: what jobs hold and spend, on SQLite and on PostgreSQL. The `engine` fixture audits every test."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies.errors import OverBudget
from dailies.explain import explain
from dailies.job import Job, Place, State
from dailies.money.budget import Budget, BudgetAccounts, BudgetLeft, Period, Policy, Scope
from dailies.money.ledger import Ledger
from dailies.openrouter.pricing import Quote
from dailies.schema import ledger
from dailies.store.budgets import BudgetStore
from dailies.store.sql import SqlStore
from tests.support.reasons import worded
from tests.unit.kit import a_job

NOON = datetime(2026, 3, 15, 12, tzinfo=UTC).timestamp()
DAY = Budget(Scope.GUILD, Period.DAY, Decimal("1.00"))


def store_of(engine: AsyncEngine, folder: Path, *budgets: Budget, **policy: Any) -> SqlStore:
    return SqlStore(engine, folder, ledger=Ledger(Policy(budgets=budgets, **policy), now=lambda: NOON))


def priced(usd: str | None, number: int = 0, *, user: int = 3, guild: int | None = 1, **changes: Any) -> Job:
    """Make a job of today that holds this much."""
    quote = Quote(None if usd is None else Decimal(usd), usd is not None, None, worded("as the test says"))
    identity = f"job-{number:04}"
    place = Place(guild, 2, user, 4)
    return a_job(**({"id": identity, "key": identity, "quote": quote, "created_at": NOON, "place": place} | changes))


async def budgets_left(
    engine: AsyncEngine, store: SqlStore, job: Job, accounts: BudgetAccounts | None = None
) -> list[BudgetLeft]:
    return await BudgetStore(engine, store).budgets_left(job, accounts or BudgetAccounts(job.place.channel_id))


async def left(engine: AsyncEngine, store: SqlStore, job: Job, accounts: BudgetAccounts | None = None) -> Decimal:
    (chat,) = await budgets_left(engine, store, job, accounts)
    return chat.left


async def entries(engine: AsyncEngine) -> list[tuple[str, Decimal, Decimal]]:
    async with engine.connect() as connection:
        rows = (await connection.execute(select(ledger).order_by(ledger.c.id))).all()
    return [(row.entry, row.held, row.spent) for row in rows]


async def test_a_job_holds_its_price_until_it_is_settled_to_its_cost(engine: AsyncEngine, tmp_path: Path) -> None:
    store = store_of(engine, tmp_path, DAY)
    job = priced("0.40")
    await store.create(job)
    assert await left(engine, store, job) == Decimal("0.60")

    await store.save(replace(job, state=State.COMPLETED, cost=Decimal("0.34")))
    await store.save(replace(job, state=State.DELIVERED, cost=Decimal("0.34")))

    assert await left(engine, store, job) == Decimal("0.66")
    assert await entries(engine) == [
        ("hold", Decimal("0.4"), 0),
        ("settlement", Decimal("-0.4"), Decimal("0.34")),
    ]


@pytest.mark.parametrize(
    ("state", "kept"),
    [
        (State.REFUSED, False),
        (State.FAILED, False),
        (State.CANCELLED, False),
        (State.EXPIRED, False),
        (State.UNREPORTED, False),
        (State.UNKNOWN, True),
        (State.TIMED_OUT, True),
        (State.UNDELIVERED, True),
        (State.SUBMITTED, True),
    ],
)
async def test_a_hold_ends_when_nothing_was_paid_and_stays_when_that_is_not_known(
    engine: AsyncEngine, tmp_path: Path, state: State, kept: bool
) -> None:
    store = store_of(engine, tmp_path, DAY)
    await store.create(priced("0.40"))
    await store.save(priced("0.40", state=state))
    assert await left(engine, store, priced("0")) == (Decimal("0.60") if kept else Decimal("1.00"))


async def test_a_job_that_comes_back_to_life_is_settled_all_the_same(engine: AsyncEngine, tmp_path: Path) -> None:
    store = store_of(engine, tmp_path, DAY)
    job = priced("0.40")
    await store.create(job)
    unreported = replace(job, state=State.UNREPORTED)
    await store.save(unreported)
    alive = replace(job, state=State.COMPLETED, cost=Decimal("0.25"))
    assert await store.turn(alive, was=unreported)
    await store.save(replace(alive, state=State.DELIVERED))
    assert await left(engine, store, job) == Decimal("0.75")


async def test_a_job_that_turns_out_to_have_been_taken_holds_its_price_again(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    store = store_of(engine, tmp_path, DAY)
    job = priced("0.40")
    await store.create(job)
    unreported = replace(job, state=State.UNREPORTED)
    await store.save(unreported)
    alive = replace(job, state=State.SUBMITTED)
    assert await store.turn(alive, was=unreported)
    await store.save(alive)
    assert await left(engine, store, job) == Decimal("0.60")
    await store.save(replace(alive, state=State.DELIVERED, cost=Decimal("0.25")))
    assert [row[0] for row in await entries(engine)] == ["hold", "release", "hold", "settlement"]


async def test_a_job_that_is_free_holds_nothing_once(engine: AsyncEngine, tmp_path: Path) -> None:
    store = store_of(engine, tmp_path, DAY)
    job = priced("0")
    await store.create(job)
    await store.save(replace(job, state=State.SUBMITTED))
    await store.save(replace(job, state=State.COMPLETED))
    assert await entries(engine) == [("hold", 0, 0)]


async def test_the_tightest_budget_refuses_so_that_what_is_said_to_fit_fits_all(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    store = store_of(engine, tmp_path, replace(DAY, scope=Scope.EACH), replace(DAY, usd=Decimal("0.30")))
    with pytest.raises(OverBudget) as refused:
        await store.create(priced("2.00"))
    assert (refused.value.reason.values["scope"], refused.value.left) == (Scope.GUILD, Decimal("0.30"))


@pytest.mark.parametrize("cost", ["99999999.999999", "0.000001", "12345678.1"])
async def test_a_bill_is_kept_to_the_last_digit(engine: AsyncEngine, tmp_path: Path, cost: str) -> None:
    store = store_of(engine, tmp_path)
    await store.create(priced("0.40"))
    await store.save(priced("0.40", state=State.DELIVERED, cost=Decimal(cost)))
    assert (await store.get("job-0000")).cost == Decimal(cost)


async def test_a_job_over_the_budget_is_refused_and_leaves_nothing(engine: AsyncEngine, tmp_path: Path) -> None:
    store = store_of(engine, tmp_path, DAY)
    await store.create(priced("0.70"))
    with pytest.raises(OverBudget) as refused:
        await store.create(priced("0.31", 1))
    assert explain(refused.value) == (
        "This video needs $0.31, and this server's budget has $0.30 left of $1.00 a day. It renews in 12 h. "
        "You weren't charged."
    )
    with pytest.raises(KeyError):
        await store.get("job-0001")
    assert await store.create(priced("0.30", 2))


async def test_a_bill_above_the_quote_leaves_nothing_rather_than_less(engine: AsyncEngine, tmp_path: Path) -> None:
    store = store_of(engine, tmp_path, DAY)
    await store.create(priced("1.00"))
    await store.save(priced("1.00", state=State.DELIVERED, cost=Decimal("1.25")))
    assert await left(engine, store, priced("0")) == 0


@pytest.mark.parametrize(
    ("quote", "held"),
    [
        (Quote(Decimal("0.2"), True, Decimal("0.2"), worded("")), "0.2"),
        (Quote(Decimal("0.2"), False, Decimal("0.3"), worded("")), "0.3"),
        (Quote(Decimal("0.2"), False, Decimal("0.3000001"), worded("")), "0.300001"),
        (Quote(None, False, Decimal("0.9"), worded("")), "0.9"),
        (Quote(None, False, None, worded("")), "2.5"),
        (None, "2.5"),
    ],
)
def test_a_job_holds_the_most_that_it_should_cost(quote: Quote | None, held: str) -> None:
    budget_store = Ledger(Policy(unknown_usd=Decimal("2.5")))
    assert budget_store.price(a_job(quote=quote)) == Decimal(held)


async def test_each_budget_counts_its_own_jobs(engine: AsyncEngine, tmp_path: Path) -> None:
    store = store_of(engine, tmp_path, Budget(Scope.EACH, Period.DAY, Decimal(1)))
    budget_store = BudgetStore(engine, store)
    for scope, subject in ((Scope.USER, 3), (Scope.ROLE, 70), (Scope.CHANNEL, 20), (Scope.GUILD, 0)):
        await budget_store.set_budget(1, Budget(scope, Period.MONTH, Decimal(10), subject), by=9)
    made = [
        (priced("0.01", 1), BudgetAccounts(20, frozenset({70}))),
        (priced("0.02", 2), BudgetAccounts(21)),
        (priced("0.04", 3, user=4), BudgetAccounts(20)),
        (priced("0.08", 4, user=4), BudgetAccounts(21, frozenset({70, 71}))),
        (priced("0.16", 5, guild=8), BudgetAccounts(20, frozenset({70}))),
        (priced("0.32", 6, guild=None), BudgetAccounts(2)),
        (priced("0.64", 7, created_at=NOON - 86400), BudgetAccounts(20)),
        (priced("0.64", 8, created_at=NOON - 40 * 86400), BudgetAccounts(20)),
    ]
    for job, accounts in made:
        assert await store.create(job, accounts)

    found = await budgets_left(engine, store, priced("0"), BudgetAccounts(20, frozenset({70})))
    used = {(chat.budget.scope, chat.budget.period): chat.used for chat in found}
    assert used == {
        (Scope.EACH, Period.DAY): Decimal("0.03"),
        (Scope.USER, Period.MONTH): Decimal("0.67"),
        (Scope.ROLE, Period.MONTH): Decimal("0.09"),
        (Scope.CHANNEL, Period.MONTH): Decimal("0.69"),
        (Scope.GUILD, Period.MONTH): Decimal("0.79"),
    }
    assert [chat.used for chat in await budgets_left(engine, store, priced("0", guild=None))] == [Decimal("0.32")]


async def test_a_server_s_own_budget_lowers_the_operator_s(engine: AsyncEngine, tmp_path: Path) -> None:
    store = store_of(engine, tmp_path, DAY)
    budget_store = BudgetStore(engine, store)
    await budget_store.set_budget(1, replace(DAY, usd=Decimal("0.3")), by=9)
    assert await left(engine, store, priced("0")) == Decimal("0.3")
    await budget_store.set_budget(1, replace(DAY, usd=Decimal("0.4")), by=9)
    assert await left(engine, store, priced("0")) == Decimal("0.4")
    assert await budget_store.remove_budget(1, Scope.GUILD, 0, Period.DAY)
    assert not await budget_store.remove_budget(1, Scope.GUILD, 0, Period.DAY)
    assert await left(engine, store, priced("0")) == 1


@pytest.mark.parametrize(
    ("period", "zone", "began", "renews"),
    [
        (Period.DAY, "UTC", "2026-03-15T00:00+00:00", "2026-03-16T00:00+00:00"),
        (Period.MONTH, "UTC", "2026-03-01T00:00+00:00", "2026-04-01T00:00+00:00"),
        (Period.DAY, "Asia/Tokyo", "2026-03-15T00:00+09:00", "2026-03-16T00:00+09:00"),
        (Period.DAY, "Pacific/Kiritimati", "2026-03-16T00:00+14:00", "2026-03-17T00:00+14:00"),
        # The clock changes on the 29th: the month is an hour shorter.
        (Period.MONTH, "Europe/Berlin", "2026-03-01T00:00+01:00", "2026-04-01T00:00+02:00"),
    ],
)
def test_days_and_months_begin_in_the_operator_s_time_zone(period: Period, zone: str, began: str, renews: str) -> None:
    assert period.began(NOON, ZoneInfo(zone)) == datetime.fromisoformat(began).timestamp()
    assert period.renews(NOON, ZoneInfo(zone)) == datetime.fromisoformat(renews).timestamp()


@pytest.mark.parametrize(
    ("zone", "at", "day", "month"),
    [
        # The last moment of a month, and the first of the next one, in the operator's time zone.
        (
            "America/New_York",
            "2026-11-30T23:59:59-05:00",
            ("11-30T00:00-05:00", "12-01T00:00-05:00"),
            "11-01T00:00-04:00",
        ),
        (
            "America/New_York",
            "2026-12-01T00:00:00-05:00",
            ("12-01T00:00-05:00", "12-02T00:00-05:00"),
            "12-01T00:00-05:00",
        ),
        # 25 hours: half past two comes twice.
        ("Europe/Berlin", "2026-10-25T02:30:00+01:00", ("10-25T00:00+02:00", "10-26T00:00+01:00"), "10-01T00:00+02:00"),
        # A day that begins at one, because the clock is put forward at midnight.
        ("Africa/Cairo", "2026-04-24T12:00:00+03:00", ("04-24T01:00+03:00", "04-25T00:00+03:00"), "04-01T00:00+02:00"),
        # Midnight comes twice: the day begins with the first one.
        (
            "America/Havana",
            "2026-11-01T00:30:00-05:00",
            ("11-01T00:00-04:00", "11-02T00:00-05:00"),
            "11-01T00:00-04:00",
        ),
    ],
)
def test_days_begin_and_end_where_the_clock_changes_and_months_end(
    zone: str, at: str, day: tuple[str, str], month: str
) -> None:
    moment, where = datetime.fromisoformat(at).timestamp(), ZoneInfo(zone)
    found = [Period.DAY.began(moment, where), Period.DAY.renews(moment, where), Period.MONTH.began(moment, where)]
    assert found == [datetime.fromisoformat(f"2026-{one}").timestamp() for one in (*day, month)]


async def test_every_role_of_a_person_has_to_have_room(engine: AsyncEngine, tmp_path: Path) -> None:
    store = store_of(engine, tmp_path)
    budget_store = BudgetStore(engine, store)
    for role, usd in ((70, "5"), (71, "0.50")):
        await budget_store.set_budget(1, Budget(Scope.ROLE, Period.DAY, Decimal(usd), role), by=9)
    both = BudgetAccounts(2, frozenset({70, 71}))
    await store.create(priced("0.40", 1), both)
    with pytest.raises(OverBudget) as refused:
        await store.create(priced("0.20", 2), both)
    assert (refused.value.reason.values["scope"], refused.value.left) == (Scope.ROLE, Decimal("0.10"))
    assert await store.create(priced("0.20", 3, user=4), BudgetAccounts(2, frozenset({70})))
    assert [chat.left for chat in await budgets_left(engine, store, priced("0"), both)] == [
        Decimal("4.40"),
        Decimal("0.10"),
    ]


@pytest.mark.slow
async def test_amounts_add_up_to_the_millionth(engine: AsyncEngine, tmp_path: Path) -> None:
    store = store_of(engine, tmp_path, DAY)
    for number in range(100):
        await store.create(priced("0.01", number))
    assert await left(engine, store, priced("0")) == 0
    with pytest.raises(OverBudget):
        await store.create(priced("0.000001", 100))


@pytest.mark.slow
async def test_fifty_commands_at_once_cannot_overspend(engine: AsyncEngine, tmp_path: Path) -> None:
    store = store_of(engine, tmp_path, DAY)
    made = await asyncio.gather(
        *(store.create(priced("0.07", number, user=number)) for number in range(50)), return_exceptions=True
    )
    assert made.count(True) == 14
    assert sum(isinstance(one, OverBudget) for one in made) == 36
    assert await left(engine, store, priced("0")) == Decimal("0.02")


async def test_byok_is_recorded(engine: AsyncEngine, tmp_path: Path) -> None:
    store = store_of(engine, tmp_path)
    await store.create(priced("0.40"))
    await store.save(priced("0.40", state=State.DELIVERED, cost=Decimal("0.02"), is_byok=True))
    async with engine.connect() as connection:
        flags = (await connection.scalars(select(ledger.c.is_byok).order_by(ledger.c.id))).all()
    assert flags == [False, True]
