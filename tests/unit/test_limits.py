"""How large an upload may be is found, not assumed."""

from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies.delivery.limits import KEPT_SECONDS, ODD_SECONDS, UNKNOWN, Claims, Limit, LimitBook, Shown, judge
from tests.unit.kit import Now

MB = 1_000_000


@pytest.mark.parametrize(
    ("claims", "shown", "limit"),
    [
        (Claims(), Shown(), Limit(UNKNOWN, UNKNOWN)),
        (Claims(10 * MB, 50 * MB), Shown(), Limit(10 * MB, 50 * MB)),
        (Claims(50 * MB, 20 * MB), Shown(), Limit(20 * MB, 50 * MB)),
        (Claims(10 * MB, 50 * MB), Shown(refused=30 * MB), Limit(10 * MB, 30 * MB - 1)),
        (Claims(10 * MB, 50 * MB), Shown(accepted=20 * MB), Limit(20 * MB, 50 * MB)),
        (Claims(10 * MB, 10 * MB), Shown(accepted=20 * MB, refused=25 * MB), Limit(20 * MB, 20 * MB)),
        (Claims(20 * MB, 20 * MB), Shown(refused=12 * MB), Limit(6 * MB, 12 * MB - 1)),
        (Claims(None, 10 * MB), Shown(), Limit(10 * MB, 10 * MB)),
    ],
)
def test_the_smaller_figure_is_trusted_and_what_was_shown_stands_above_both(
    claims: Claims, shown: Shown, limit: Limit
) -> None:
    assert judge(claims, shown) == limit


async def test_the_largest_accepted_and_the_smallest_refused_upload_are_remembered(engine: AsyncEngine) -> None:
    book = LimitBook(engine)
    await book.accepted(1, 10, 5)
    await book.accepted(1, 10, 3)
    await book.refused(1, 10, 30)
    await book.refused(1, 10, 40)
    assert await book.shown(1, 10) == Shown(5, 30)
    assert await book.shown(2, 10) == Shown()


async def test_a_newer_upload_disproves_an_older_one(engine: AsyncEngine) -> None:
    book = LimitBook(engine)
    await book.refused(1, 10, 30)
    await book.accepted(1, 10, 35)
    assert await book.shown(1, 10) == Shown(35, None)
    await book.refused(1, 10, 20)
    assert await book.shown(1, 10) == Shown(None, 20)


async def test_direct_messages_have_one_limit(engine: AsyncEngine) -> None:
    book = LimitBook(engine)
    await book.refused(None, None, 30)
    assert await book.shown(None, None) == Shown(None, 30)


async def test_another_boost_level_or_a_week_makes_it_void(engine: AsyncEngine) -> None:
    now = Now()
    book = LimitBook(engine, now)
    await book.refused(1, 10, 30 * MB)
    assert await book.shown(1, 50) == Shown()
    now.time += KEPT_SECONDS + 1
    assert await book.shown(1, 10) == Shown()


async def test_a_refusal_that_contradicts_every_published_limit_is_soon_forgotten(engine: AsyncEngine) -> None:
    now = Now()
    book = LimitBook(engine, now)
    await book.refused(1, 10, 100_000)
    await book.refused(2, 10, 20 * MB)
    now.time += ODD_SECONDS + 1
    assert await book.shown(1, 10) == Shown()
    assert await book.shown(2, 10) == Shown(refused=20 * MB)
