"""The upload limit is learned, not assumed."""

from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies.delivery.limits import (
    KEPT_SECONDS,
    ODD_SECONDS,
    SMALLEST,
    UNKNOWN,
    ClaimedLimits,
    Limit,
    ObservedLimits,
    UploadLimitStore,
    judge,
)
from tests.unit.kit import Now

MB = 1_000_000


@pytest.mark.parametrize(
    ("claims", "shown", "limit"),
    [
        (ClaimedLimits(), ObservedLimits(), Limit(UNKNOWN, SMALLEST)),
        (ClaimedLimits(10 * MB, 50 * MB), ObservedLimits(), Limit(10 * MB, 50 * MB)),
        (ClaimedLimits(50 * MB, 20 * MB), ObservedLimits(), Limit(20 * MB, 50 * MB)),
        (ClaimedLimits(10 * MB, 50 * MB), ObservedLimits(refused=30 * MB), Limit(10 * MB, 30 * MB - 1)),
        (ClaimedLimits(10 * MB, 50 * MB), ObservedLimits(accepted=20 * MB), Limit(20 * MB, 50 * MB)),
        (
            ClaimedLimits(10 * MB, 10 * MB),
            ObservedLimits(accepted=20 * MB, refused=25 * MB),
            Limit(20 * MB, 20 * MB),
        ),
        (ClaimedLimits(UNKNOWN, UNKNOWN), ObservedLimits(), Limit(UNKNOWN, SMALLEST)),
        (ClaimedLimits(UNKNOWN), ObservedLimits(), Limit(UNKNOWN, SMALLEST)),
        (ClaimedLimits(UNKNOWN), ObservedLimits(refused=15 * MB), Limit(UNKNOWN, 15 * MB - 1)),
        (ClaimedLimits(20 * MB, 20 * MB), ObservedLimits(refused=12 * MB), Limit(UNKNOWN, 12 * MB - 1)),
        (ClaimedLimits(20 * MB, 20 * MB), ObservedLimits(refused=10 * MB), Limit(5 * MB, 10 * MB - 1)),
        (ClaimedLimits(None, 10 * MB), ObservedLimits(), Limit(10 * MB, 10 * MB)),
    ],
)
def test_the_smaller_figure_is_trusted_and_what_was_shown_stands_above_both(
    claims: ClaimedLimits, shown: ObservedLimits, limit: Limit
) -> None:
    assert judge(claims, shown) == limit


async def test_the_largest_accepted_and_the_smallest_refused_upload_are_remembered(engine: AsyncEngine) -> None:
    book = UploadLimitStore(engine)
    await book.accepted(1, 10, 5)
    await book.accepted(1, 10, 3)
    await book.refused(1, 10, 30)
    await book.refused(1, 10, 40)
    assert await book.shown(1, 10) == ObservedLimits(5, 30)
    assert await book.shown(2, 10) == ObservedLimits()


async def test_a_newer_upload_disproves_an_older_one(engine: AsyncEngine) -> None:
    book = UploadLimitStore(engine)
    await book.refused(1, 10, 30)
    await book.accepted(1, 10, 35)
    assert await book.shown(1, 10) == ObservedLimits(35, None)
    await book.refused(1, 10, 20)
    assert await book.shown(1, 10) == ObservedLimits(None, 20)


async def test_direct_messages_have_one_limit(engine: AsyncEngine) -> None:
    book = UploadLimitStore(engine)
    await book.refused(None, None, 30)
    assert await book.shown(None, None) == ObservedLimits(None, 30)


async def test_another_boost_level_or_a_week_makes_it_void(engine: AsyncEngine) -> None:
    now = Now()
    book = UploadLimitStore(engine, now)
    await book.refused(1, 10, 30 * MB)
    assert await book.shown(1, 50) == ObservedLimits()
    now.time += KEPT_SECONDS + 1
    assert await book.shown(1, 10) == ObservedLimits()


async def test_a_refusal_that_contradicts_every_published_limit_is_soon_forgotten(engine: AsyncEngine) -> None:
    now = Now()
    book = UploadLimitStore(engine, now)
    await book.refused(1, 10, 100_000)
    await book.refused(2, 10, 20 * MB)
    now.time += ODD_SECONDS + 1
    assert await book.shown(1, 10) == ObservedLimits()
    assert await book.shown(2, 10) == ObservedLimits(refused=20 * MB)
