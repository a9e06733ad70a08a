"""Records of screenings on both databases: which takes are new, slots, schedules, and what is forgotten."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies.errors import RefusedError
from dailies.ids import new_id
from dailies.job import How, Origin, Place
from dailies.jobs.screening_takes import Scene
from dailies.reason import Reason, ReasonCode
from dailies.review import Verdict
from dailies.screening import Entry, Kind, Screening, Wanted, in_reels
from dailies.screening_times import Schedule
from tests.unit.kit import Now
from tests.unit.screening_kit import ANN, CHANNEL, GUILD, SCENE, ChatInMemory, Room

THREAD, HIDDEN, ELSEWHERE = 20, 21, 22


@pytest.fixture
def room(engine: AsyncEngine, tmp_path: Path, mp4: Path) -> Room:
    return Room(engine, tmp_path, mp4, ChatInMemory(), Now())


def a_screening(room: Room, **changes: object) -> Screening:
    given = Screening(new_id(room.now.time), Kind.SCREENING, GUILD, CHANNEL, ANN, Wanted(), (), room.now.time)
    return replace(given, **changes)  # pyright: ignore[reportArgumentType]


async def ids(room: Room, wanted: Wanted | None = None) -> list[str]:
    entries = await room.tools.finder.screening(SCENE, wanted or Wanted(), room.now.time)
    return [one.job_id for one in entries]


async def test_everything_of_a_screening_is_read_as_it_was_stored(room: Room) -> None:
    entries = (
        Entry("j1", 1, 1, start=1.75),
        Entry("j2", 2, 2, left_out=Reason(ReasonCode.VIDEO_NOT_KEPT)),
    )
    fresh = a_screening(room, entries=entries, slot="2026-12-01T17:00", wanted=Wanted("s1", approved=True, home=4))
    assert await room.store.begin(fresh)
    assert await room.store.get(fresh.id) == fresh
    done = replace(
        fresh,
        status_id=7,
        files=("a.mp4",),
        sent_at=2.0,
        messages=(2**60,),
        ended_at=3.0,
        reason=Reason(ReasonCode.BUG),
    )
    await room.store.save(done)
    assert await room.store.get(fresh.id) == done
    assert await room.store.unfinished() == []


async def test_a_slot_of_a_channel_is_taken_once(room: Room) -> None:
    slot = "2026-12-01T17:00"
    assert await room.store.begin(a_screening(room, slot=slot))
    assert not await room.store.begin(a_screening(room, slot=slot))
    assert await room.store.begin(a_screening(room, slot=slot, channel_id=CHANNEL + 1))
    assert await room.store.begin(a_screening(room))
    assert await room.store.begin(a_screening(room))
    assert await room.store.has_slot(CHANNEL, slot)
    assert not await room.store.has_slot(CHANNEL, "2026-12-02T17:00")


async def test_new_are_the_takes_since_the_last_screening_that_was_made(room: Room) -> None:
    first = await room.take()
    assert await ids(room) == [first.id]
    room.now.time += 1
    failed = a_screening(room, entries=(Entry(first.id, 1, 1),), ended_at=1.0, reason=Reason(ReasonCode.BUG))
    await room.store.begin(failed)
    assert await ids(room) == [first.id]
    await room.store.begin(a_screening(room, entries=(Entry(first.id, 1, 1),)))
    with pytest.raises(RefusedError) as nothing:
        await ids(room)
    assert nothing.value.reason.code is ReasonCode.SCREENING_NOTHING_NEW
    second = await room.take()
    assert await ids(room) == [second.id]


async def test_a_take_that_was_recorded_too_late_for_one_screening_is_in_the_next(room: Room) -> None:
    first = await room.take()
    late = await room.take()
    await room.store.begin(a_screening(room, entries=(Entry(first.id, 1, 1),)))
    assert await ids(room) == [late.id]


async def test_threads_and_posts_of_shots_belong_to_a_channel_and_hidden_ones_stay_hidden(room: Room) -> None:
    own = await room.take()
    thread = await room.take(place=Place(GUILD, THREAD, ANN), parent=CHANNEL)
    post = await room.take("12A", place=Place(GUILD, ELSEWHERE, ANN))
    await room.take(place=Place(GUILD, HIDDEN, ANN), parent=CHANNEL)
    await room.take(place=Place(GUILD, 99, ANN))
    room.chat.hidden.add(HIDDEN)
    assert await ids(room) == [post.id, own.id, thread.id]


async def test_a_direct_message_has_its_own_takes_alone(room: Room) -> None:
    own = await room.take(place=Place(None, 77, ANN))
    await room.take()
    entries = await room.tools.finder.screening(Scene(None, 77), Wanted(), room.now.time)
    assert [one.job_id for one in entries] == [own.id]


async def test_takes_come_by_shot_in_the_order_of_the_cut(room: Room) -> None:
    loose = await room.take()
    first = await room.take("Harbor")
    second = await room.take("Alley")
    third = await room.take("Harbor")
    assert await ids(room) == [first.id, third.id, second.id, loose.id]
    shots = {shot.name: shot.id for shot in await room.shots.of_channel(CHANNEL)}
    await room.store.arrange(CHANNEL, [shots["Alley"]])
    assert await ids(room) == [second.id, first.id, third.id, loose.id]
    assert await ids(room, Wanted(shots["Harbor"])) == [first.id, third.id]


async def test_approved_takes_are_those_whose_newest_word_says_so(room: Room) -> None:
    kept, taken_back, asked = await room.take(), await room.take(), await room.take()
    for job, verdict in ((kept, Verdict.APPROVED), (taken_back, Verdict.APPROVED), (asked, Verdict.RETAKE)):
        await room.say(job, verdict)
    await room.say(taken_back, Verdict.WITHDRAWN)
    assert await ids(room, Wanted(approved=True)) == [kept.id]


async def test_what_is_gone_or_for_adults_is_named_and_left_out(room: Room) -> None:
    gone = await room.take(on_disk=False)
    adult = await room.take(age_restricted=True)
    there = await room.take()
    entries = await room.tools.finder.screening(SCENE, Wanted(), room.now.time)
    codes = {one.job_id: one.left_out and one.left_out.code for one in entries}
    assert codes == {
        gone.id: ReasonCode.VIDEO_NOT_KEPT,
        adult.id: ReasonCode.FROM_AGE_RESTRICTED,
        there.id: None,
    }


async def test_the_cut_takes_the_take_of_each_shot_that_was_approved_last(room: Room) -> None:
    first, second = await room.take("12A"), await room.take("12A")
    await room.take("13")
    await room.say(second)
    await room.say(first, Verdict.RETAKE)
    await room.say(first)
    rows = await room.tools.finder.cut(SCENE, CHANNEL)
    assert [(row.shot.name, row.job and row.job.id) for row in rows] == [("12A", first.id), ("13", None)]


async def test_a_schedule_is_set_changed_and_ended(room: Room) -> None:
    schedule = Schedule(CHANNEL, GUILD, 1020, 127, 5.0, ANN)
    await room.store.set_schedule(schedule)
    later = replace(schedule, minute=600)
    await room.store.set_schedule(later)
    assert await room.store.schedules() == [later]
    assert await room.store.count(ANN) == 1
    await room.store.forget(ANN)
    assert await room.store.schedule(CHANNEL) == replace(later, set_by=None)
    assert await room.store.end_schedule(CHANNEL)
    assert not await room.store.end_schedule(CHANNEL)


async def test_who_asked_is_forgotten_and_files_with_their_takes_are_found(room: Room) -> None:
    fresh = a_screening(room, entries=(Entry("j1", 1, 1), Entry("j2", 1, 1)), files=("a.mp4",), ended_at=room.now.time)
    await room.store.begin(fresh)
    await room.store.forget(ANN)
    found = await room.store.get(fresh.id)
    assert found is not None
    assert found.asked_by is None
    assert await room.store.with_takes({"j2", "j9"}) == [found]
    assert await room.store.with_takes({"j9"}) == []
    assert await room.store.outdated(room.now.time + 1) == [found]
    await room.store.files_removed(fresh.id, room.now.time)
    assert await room.store.with_takes({"j2"}) == await room.store.outdated(room.now.time + 1) == []


async def test_a_retake_that_was_made_is_no_longer_open(room: Room) -> None:
    first, second = await room.take(), await room.take()
    await room.take(origin=Origin(first.id, How.EDIT))
    assert await room.store.retaken([first.id, second.id]) == {first.id}


def test_reels_are_as_even_as_can_be() -> None:
    gone = Reason(ReasonCode.VIDEO_NOT_KEPT)
    entries = tuple(Entry(f"j{n}", 1, 1, left_out=gone if n == 0 else None) for n in range(28))
    made = in_reels(entries, 25)
    assert [sum(one.reel == number and one.left_out is None for one in made) for number in (1, 2)] == [14, 13]
    assert made[0].reel == 1
