"""The operator's budgets and limits hold whatever a server has set, on SQLite and on PostgreSQL."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies.errors import OverBudget
from dailies.job import Job, Place, State
from dailies.money.budget import Budget, BudgetAccounts, Period, Policy, Scope
from dailies.money.ledger import Ledger
from dailies.openrouter.pricing import Quote
from dailies.store.budgets import BudgetStore
from dailies.store.sql import SqlStore
from tests.support.reasons import worded
from tests.unit.kit import a_job

ROLE, CHANNEL, PERSON = 70, 20, 3
EACH_DAY = Budget(Scope.EACH, Period.DAY, Decimal(1))
GUILD_DAY = Budget(Scope.GUILD, Period.DAY, Decimal(2))


def store_of(engine: AsyncEngine, folder: Path, *budgets: Budget, **limits: Any) -> SqlStore:
    return SqlStore(engine, folder, ledger=Ledger(Policy(budgets=budgets, **limits)))


def priced(usd: str, number: int = 1, **changes: Any) -> Job:
    quote = Quote(Decimal(usd), True, None, worded("as the test says"))
    identity = f"job-{number:04}"
    place = Place(1, CHANNEL, changes.pop("user", PERSON), 4)
    return a_job(id=identity, key=identity, quote=quote, place=place, **changes)


@pytest.mark.parametrize(
    ("scope", "subject", "operators"),
    [
        (Scope.EACH, 0, EACH_DAY),
        (Scope.USER, PERSON, EACH_DAY),
        (Scope.EACH, 0, GUILD_DAY),
        (Scope.USER, PERSON, GUILD_DAY),
        (Scope.ROLE, ROLE, GUILD_DAY),
        (Scope.CHANNEL, CHANNEL, GUILD_DAY),
        (Scope.GUILD, 0, GUILD_DAY),
    ],
)
async def test_a_budget_over_the_operator_s_counts_as_the_operator_s(
    engine: AsyncEngine, tmp_path: Path, scope: Scope, subject: int, operators: Budget
) -> None:
    store = store_of(engine, tmp_path, operators)
    await BudgetStore(engine, store).set_budget(1, Budget(scope, Period.DAY, Decimal(500), subject), by=9)

    accounts = BudgetAccounts(CHANNEL, frozenset({ROLE}))
    left = await BudgetStore(engine, store).budgets_left(priced("0"), accounts)
    assert {one.budget.usd for one in left} == {operators.usd}
    with pytest.raises(OverBudget) as refused:
        await store.create(priced("2.01"), accounts)
    assert refused.value.reason.values["usd"] == str(operators.usd)


async def test_a_budget_of_another_period_has_no_ceiling(engine: AsyncEngine, tmp_path: Path) -> None:
    store = store_of(engine, tmp_path, GUILD_DAY)
    await BudgetStore(engine, store).set_budget(1, Budget(Scope.GUILD, Period.MONTH, Decimal(50)), by=9)

    left = await BudgetStore(engine, store).budgets_left(priced("0"), BudgetAccounts(CHANNEL))
    assert {one.budget.period: one.budget.usd for one in left} == {Period.DAY: Decimal(2), Period.MONTH: Decimal(50)}


@pytest.mark.parametrize("own", [(5, None), (None, 5), (5, 5)])
async def test_more_jobs_at_once_than_the_operator_allows_are_not_admitted(
    engine: AsyncEngine, tmp_path: Path, own: tuple[int | None, int | None]
) -> None:
    store = store_of(engine, tmp_path, user_jobs=1, guild_jobs=2)
    await BudgetStore(engine, store).set_jobs(1, dict(zip(("per_user", "per_guild"), own, strict=True)), by=9)
    for number, user in enumerate((3, 3, 5, 6)):
        await store.create(priced("0", number, user=user, state=State.QUEUED))

    admitted = [
        (await store.admit(priced("0", number, user=user, state=State.QUEUED))).state
        for number, user in enumerate((3, 3, 5, 6))
    ]
    assert admitted == [State.RESERVED, State.QUEUED, State.RESERVED, State.QUEUED]
