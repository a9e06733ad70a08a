"""Decisions on videos: one follows another, none is lost, and each is told once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies.errors import RefusedError
from dailies.job import Job, State
from dailies.review import Decision, Verdict, open_notes, read_seconds
from dailies.store.library import Library
from dailies.store.reviews import ReviewStore
from dailies.store.shards import Shards
from dailies.store.shots import ShotStore
from dailies.store.sql import SqlStore
from tests.unit.kit import a_job

NOW = 1_790_000_000.0
JOB = a_job(state=State.DELIVERED, told=True, ended_at=NOW, video_message_id=9)


def word(number: int, verdict: Verdict = Verdict.APPROVED, *, by: int = 5, **changes: object) -> Decision:
    """Say something about the first video of JOB."""
    decision = Decision(JOB.id, 1, number, verdict, by, NOW + number)
    return replace(decision, **changes)  # pyright: ignore[reportArgumentType]


@pytest.fixture
def reviews(engine: AsyncEngine, store: SqlStore) -> ReviewStore:
    return ReviewStore(engine, store.patiently)


@pytest.fixture
async def job(store: SqlStore) -> Job:
    await store.create(JOB)
    return JOB


@pytest.mark.usefixtures("job")
async def test_of_two_people_who_saw_the_same_the_second_is_not_taken(
    engine: AsyncEngine, store: SqlStore, tmp_path: Path
) -> None:
    other = SqlStore(engine, tmp_path)
    stores = ReviewStore(engine, store.patiently), ReviewStore(engine, other.patiently)
    words = word(1, by=5), word(1, Verdict.RETAKE, by=6)
    taken = await asyncio.gather(*(one.decide(said) for one, said in zip(stores, words, strict=True)))
    assert sorted(taken) == [False, True]
    (kept,) = await stores[0].history(JOB.id, 1)
    assert kept == words[taken.index(True)]


@pytest.mark.usefixtures("job")
async def test_a_word_whose_success_was_never_reported_counts_when_it_is_tried_again(reviews: ReviewStore) -> None:
    assert await reviews.decide(word(1))
    assert await reviews.decide(word(1))
    assert len(await reviews.history(JOB.id)) == 1


@pytest.mark.usefixtures("job")
async def test_every_word_is_kept_and_the_newest_holds(reviews: ReviewStore) -> None:
    words = [word(1), word(2, Verdict.RETAKE, note="slower", at_seconds=1.5), word(3, Verdict.WITHDRAWN)]
    for one in words:
        assert await reviews.decide(one)
    assert await reviews.history(JOB.id, 1) == words
    assert await reviews.newest([JOB.id]) == {(JOB.id, 1): words[-1]}


@pytest.mark.usefixtures("job")
async def test_what_was_told_is_no_longer_untold_and_other_shards_have_their_own(
    reviews: ReviewStore, engine: AsyncEngine, store: SqlStore
) -> None:
    await reviews.decide(word(1))
    assert await reviews.untold() == [word(1)]
    assert await ReviewStore(engine, store.patiently, Shards((1,), 2)).untold() == []
    await reviews.told(word(1), NOW, reply_id=77)
    assert await reviews.untold() == []
    assert (await reviews.history(JOB.id))[0].reply_id == 77


@pytest.mark.usefixtures("job")
async def test_a_forgotten_person_s_word_stays_without_name_and_note(reviews: ReviewStore) -> None:
    await reviews.decide(word(1, Verdict.RETAKE, note="slower"))
    await reviews.decide(word(2, by=6))
    assert await reviews.count(5) == 1
    await reviews.forget(5)
    first, second = await reviews.history(JOB.id)
    assert (first.by_id, first.note, first.verdict) == (None, None, Verdict.RETAKE)
    assert second.by_id == 6
    assert await reviews.count(5) == 0


async def test_a_channel_is_reviewed_once_it_has_a_shot(
    engine: AsyncEngine, store: SqlStore, reviews: ReviewStore
) -> None:
    assert not await reviews.reviewed_in({2, 3})
    await ShotStore(engine, store.patiently).named(3, 1, "12A", 5, NOW)
    assert await reviews.reviewed_in({2, 3})
    assert not await reviews.reviewed_in({4})


async def test_an_approved_video_stays_longer_than_the_others_until_it_is_not_approved_any_more(
    store: SqlStore, reviews: ReviewStore, engine: AsyncEngine, tmp_path: Path
) -> None:
    library = Library(engine, store)
    (tmp_path / "videos").mkdir(exist_ok=True)
    for number in (1, 2):
        name = f"{JOB.id[:-1]}{number}"
        kept = replace(JOB, id=name, key=name, file=tmp_path / "videos" / f"{name}.mp4")
        await store.create(kept)
    approved, other = f"{JOB.id[:-1]}1", f"{JOB.id[:-1]}2"
    await reviews.decide(word(1, job_id=approved))
    await reviews.decide(word(1, Verdict.RETAKE, job_id=other))

    assert [one[0] for one in await library.outdated_videos(NOW + 1, NOW - 1)] == [other]
    assert [one[0] for one in await library.outdated_videos(NOW + 1, NOW + 1)] == [approved, other]
    await reviews.decide(word(2, Verdict.WITHDRAWN, job_id=approved))
    assert [one[0] for one in await library.outdated_videos(NOW + 1, NOW - 1)] == [approved, other]


def test_the_notes_of_a_take_are_those_since_another_word_on_it() -> None:
    words = [
        word(1, Verdict.RETAKE, note="a"),
        word(2),
        word(3, Verdict.RETAKE, note="b"),
        word(4, Verdict.RETAKE, note="c"),
        word(1, Verdict.RETAKE, note="d", output=2, decided_at=NOW + 9),
    ]
    assert [one.note for one in open_notes(words)] == ["b", "c", "d"]
    assert [one.note for one in open_notes([*words, word(5, decided_at=NOW + 10)])] == ["d"]


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [("", None), (" ", None), ("0", 0.0), ("3", 3.0), ("3.5", 3.5), ("3,5 s", 3.5), ("0:03", 3.0), ("0:03.25", 3.25)],
)
def test_seconds_are_read_as_people_type_them(typed: str, seconds: float | None) -> None:
    assert read_seconds(typed, 5.0) == seconds


@pytest.mark.parametrize("typed", ["5.1", "1:00", "-1", "three", "3 5", "1e0", "NaN"])
def test_other_seconds_are_refused_with_the_length(typed: str) -> None:
    with pytest.raises(RefusedError) as refused:
        read_seconds(typed, 5.0)
    assert refused.value.reason.values["length"] == 5.0
