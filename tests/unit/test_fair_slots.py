"""Slots for concurrent work: in turns, new work before repeated work, and never more than there are."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest

from dailies.fair_slots import FairSlots

ANN, BEN, CAT = 1, 2, 3


async def order(slots: FairSlots, asked: Iterable[tuple[int | None, bool]]) -> list[int | None]:
    """Return whose turn came when, with all of them waiting from the start."""
    turns: list[int | None] = []

    async def work(person: int | None, later: bool) -> None:
        async with slots.one(person, later=later):
            turns.append(person)
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        for person, later in asked:
            group.create_task(work(person, later))
            await asyncio.sleep(0)
    return turns


async def held(slots: FairSlots, asked: Iterable[tuple[int | None, bool]]) -> list[int | None]:
    """Return the order while the only slot was taken at first."""
    async with asyncio.TaskGroup() as group, slots.one(None):
        task = group.create_task(order(slots, asked))
        await asyncio.sleep(0.02)
        assert not task.done()
    return task.result()


async def test_people_take_turns_however_much_one_of_them_asks_for() -> None:
    asked = [(ANN, False)] * 6 + [(BEN, False)] * 2 + [(CAT, False)]

    assert await held(FairSlots(1), asked) == [ANN, BEN, CAT, ANN, BEN, ANN, ANN, ANN, ANN]


async def test_work_that_can_go_later_goes_after_everybody_s_that_cannot() -> None:
    asked = [(ANN, True)] * 3 + [(BEN, True), (CAT, False), (CAT, False), (ANN, False)]

    assert await held(FairSlots(1), asked) == [CAT, ANN, CAT, BEN, ANN, ANN, ANN]


async def test_work_of_one_person_is_done_in_the_order_in_which_it_was_asked_for() -> None:
    slots, done = FairSlots(1), list[int]()

    async def work(number: int) -> None:
        async with slots.one(ANN):
            done.append(number)
            await asyncio.sleep(0)

    await asyncio.gather(*(work(number) for number in range(5)))
    assert done == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(("person", "most"), [(ANN, 2), (None, 3)])
async def test_one_person_has_no_more_slots_than_their_share_and_an_operator_all(person: int | None, most: int) -> None:
    slots, running, seen = FairSlots(3, 2), 0, 0

    async def work() -> None:
        nonlocal running, seen
        async with slots.one(person):
            running += 1
            seen = max(seen, running)
            await asyncio.sleep(0.001)
            running -= 1

    await asyncio.gather(*(work() for _ in range(9)))
    assert seen == most


async def test_a_slot_that_a_person_may_not_have_goes_to_the_next_one() -> None:
    slots = FairSlots(2, 1)
    async with slots.one(ANN):
        waits = asyncio.create_task(order(slots, [(ANN, False)]))
        await asyncio.sleep(0)
        async with asyncio.timeout(1), slots.one(BEN):
            assert slots.busy
        assert not waits.done()
    assert await waits == [ANN]


async def test_who_gives_up_waiting_keeps_nobody_waiting() -> None:
    slots = FairSlots(1)
    async with slots.one(ANN):
        gone = asyncio.create_task(order(slots, [(BEN, False)]))
        await asyncio.sleep(0.01)
        gone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gone
    async with asyncio.timeout(1), slots.one(CAT):
        assert slots.busy
    assert not slots.busy


async def test_a_slot_given_to_who_gave_up_at_that_moment_is_given_on() -> None:
    slots = FairSlots(1)
    holds, leaves = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with slots.one(ANN):
            holds.set()
            await leaves.wait()

    first = asyncio.create_task(hold())
    await holds.wait()
    waits = asyncio.create_task(order(slots, [(BEN, False)]))
    await asyncio.sleep(0.01)
    leaves.set()
    await first  # the slot is given now, and who waited has not gone on yet
    waits.cancel()
    await asyncio.wait([waits])
    async with asyncio.timeout(1), slots.one(CAT):
        pass
    assert not slots.busy
