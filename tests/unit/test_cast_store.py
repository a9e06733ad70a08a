"""The cast in the database: names, scopes, revisions, pictures, uses; on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies import database
from dailies.cast.entry import CastEntry, CastPicture, CastPlace, Consent
from dailies.errors import RefusedError
from dailies.ids import new_id
from dailies.job import Place, State
from dailies.reason import ReasonCode
from dailies.references.reference import Source
from dailies.store.cast import CastStore, Removed
from dailies.store.library import Library
from dailies.store.sql import SqlStore
from tests.unit.kit import Now, a_job, a_reference

NOW = 1_790_000_000.0
ANN, BEN = 11, 12
SERVER, CHANNEL, THREAD, OTHER = 1, 2, 3, 4
RED, BLUE = CastPicture("a" * 64, "red.png"), CastPicture("b" * 64, "blue.png")


@pytest.fixture
def now() -> Now:
    return Now(NOW + 60)


@pytest.fixture
def cast(engine: AsyncEngine, store: SqlStore, tmp_path: Path, now: Now) -> CastStore:
    return CastStore(engine, store, tmp_path, now=now)


def an_entry(name: str = "hero", **changes: Any) -> CastEntry:
    """Make an entry of the whole server."""
    given: dict[str, Any] = {
        "id": new_id(NOW),
        "guild_id": SERVER,
        "channel_id": None,
        "name": name,
        "pictures": (RED,),
        "added_by": ANN,
        "added_at": NOW,
        "changed_at": NOW,
    }
    return CastEntry(**(given | changes))


def a_place(*channels: int, guild_id: int | None = SERVER, age_restricted: bool = False) -> CastPlace:
    return CastPlace(guild_id, channels or (CHANNEL,), age_restricted)


def names(entries: list[CastEntry]) -> list[str]:
    return [one.name for one in entries]


async def test_an_entry_comes_back_as_it_was_stored(cast: CastStore) -> None:
    consent = Consent("Ann Example", NOW + 500, BEN, NOW)
    picture = CastPicture("c" * 64, "fox.png", "https://a.example/fox.png", "a fox", True, 640, 480)
    entry = an_entry(
        "Hero/Winter", pictures=(picture, RED), note="The red coat", consent=consent, age_restricted=True, channel_id=9
    )
    await cast.create(entry)
    assert await cast.get(entry.id) == entry


async def test_a_name_is_there_once_in_its_scope_whatever_its_case(cast: CastStore) -> None:
    await cast.create(an_entry("Hero"))
    with pytest.raises(RefusedError) as refused:
        await cast.create(an_entry("hERO"))
    assert refused.value.reason.code is ReasonCode.CAST_NAME_TAKEN
    assert names(await cast.visible(a_place())) == ["Hero"]


async def test_other_servers_and_channels_may_have_the_same_name(cast: CastStore) -> None:
    await cast.create(an_entry())
    await cast.create(an_entry(channel_id=CHANNEL))
    await cast.create(an_entry(guild_id=8))
    assert len(await cast.visible(a_place(guild_id=8))) == 1


async def test_an_entry_whose_commit_lost_its_answer_is_stored_once(cast: CastStore) -> None:
    entry = an_entry()
    await cast.create(entry)
    await cast.create(entry)
    assert await cast.visible(a_place()) == [entry]


async def test_there_are_no_more_entries_than_the_limit(engine: AsyncEngine, store: SqlStore, tmp_path: Path) -> None:
    cast = CastStore(engine, store, tmp_path, most=2)
    await cast.create(an_entry("a"))
    await cast.create(an_entry("b", channel_id=CHANNEL))
    with pytest.raises(RefusedError) as refused:
        await cast.create(an_entry("c"))
    assert refused.value.reason.code is ReasonCode.CAST_FULL
    await cast.create(an_entry("c", guild_id=8))


async def test_a_change_names_the_revision_that_it_was_made_from(cast: CastStore, now: Now) -> None:
    entry = an_entry(pictures=(RED, BLUE))
    await cast.create(entry)
    now.time += 5
    changed = await cast.change(replace(entry, name="villain", pictures=(BLUE,)))
    assert changed is not None
    assert (changed.revision, changed.changed_at, changed.pictures) == (2, now.time, (BLUE,))
    assert await cast.change(replace(entry, note="late")) is None
    assert await cast.get(entry.id) == changed


async def test_a_change_to_a_name_that_is_taken_is_refused(cast: CastStore) -> None:
    hero, villain = an_entry("hero"), an_entry("villain")
    for one in (hero, villain):
        await cast.create(one)
    with pytest.raises(RefusedError):
        await cast.change(replace(villain, name="HERO"))
    assert await cast.get(villain.id) == villain


async def test_an_entry_that_was_removed_is_not_changed(cast: CastStore) -> None:
    entry = an_entry()
    await cast.create(entry)
    assert await cast.remove(entry.id, 1) == Removed(1, frozenset({RED.sha256}))
    assert await cast.remove(entry.id, 1) is None
    assert await cast.change(replace(entry, note="late")) is None
    assert await cast.get(entry.id) is None


async def test_an_entry_that_was_changed_meanwhile_is_not_removed(cast: CastStore) -> None:
    entry = an_entry()
    await cast.create(entry)
    await cast.change(replace(entry, note="new"))
    assert await cast.remove(entry.id, 1) is None


async def test_what_is_nearest_stands_above_what_is_farther(cast: CastStore) -> None:
    of_server, of_channel, of_thread = (an_entry(channel_id=one) for one in (None, CHANNEL, THREAD))
    for one in (of_server, of_channel, of_thread):
        await cast.create(one)
    await cast.create(an_entry("Extra"))
    assert await cast.named(a_place(OTHER), "@HERO") == of_server
    assert await cast.named(a_place(CHANNEL), "hero") == of_channel
    assert await cast.named(a_place(THREAD, CHANNEL), "hero") == of_thread
    assert names(await cast.visible(a_place(THREAD, CHANNEL))) == ["Extra", "hero"]
    assert await cast.visible(a_place(9, guild_id=None)) == []


async def test_an_entry_of_a_direct_message_holds_there_alone(cast: CastStore) -> None:
    await cast.create(an_entry(guild_id=None, channel_id=77))
    assert names(await cast.visible(a_place(77, guild_id=None))) == ["hero"]
    assert await cast.visible(a_place(78, guild_id=None)) == []


async def test_an_age_restricted_entry_holds_in_age_restricted_channels_alone(cast: CastStore) -> None:
    await cast.create(an_entry(channel_id=CHANNEL, age_restricted=True))
    plain = an_entry()
    await cast.create(plain)
    assert await cast.visible(a_place()) == [plain]
    (found,) = await cast.visible(a_place(age_restricted=True))
    assert found.age_restricted


async def test_a_search_shows_names_that_begin_with_the_text_first(cast: CastStore) -> None:
    for name in ("superhero", "Hero", "hero/winter", "fox"):
        await cast.create(an_entry(name))
    assert names(await cast.matching(a_place(), "@HER", limit=9)) == ["Hero", "hero/winter", "superhero"]
    assert names(await cast.matching(a_place(), "", limit=2)) == ["fox", "Hero"]


async def test_a_use_is_counted_for_each_video_that_was_asked_for_with_the_name(
    cast: CastStore, store: SqlStore
) -> None:
    of_server, of_channel = an_entry(), an_entry("fox", channel_id=CHANNEL)
    for one in (of_server, of_channel):
        await cast.create(one)
    shown = Source("", "1.png", attached=False, cast=("HERO", "Fox"))
    sent = {"sources": (shown, shown), "submitted_at": NOW + 2, "created_at": NOW + 1}
    elsewhere = Place(guild_id=SERVER, channel_id=OTHER, requester_id=ANN, status_message_id=1)
    for number, changes in enumerate(
        [
            sent,
            sent | {"place": elsewhere},
            sent | {"submitted_at": None},
            sent | {"created_at": NOW - 1},
            sent | {"place": replace(elsewhere, guild_id=8)},
        ]
    ):
        await store.create(a_job(id=f"job{number}", key=f"key{number}", **changes))
    assert await cast.uses([of_server, of_channel]) == {of_server.id: 2, of_channel.id: 1}
    assert await cast.uses([]) == {}


async def test_a_job_that_is_forgotten_counts_no_more(cast: CastStore, store: SqlStore, engine: AsyncEngine) -> None:
    entry = an_entry()
    await cast.create(entry)
    shown = replace(a_reference(), cast=("hero",))
    times = {"submitted_at": NOW + 2, "created_at": NOW + 1, "ended_at": NOW + 3}
    job = a_job(references=(shown,), state=State.FAILED, told=True, **times)
    await store.create(job)
    assert await cast.uses([entry]) == {entry.id: 1}
    await Library(engine, store).forget(job.place.requester_id, (), NOW)
    assert await cast.uses([entry]) == {entry.id: 0}


async def test_forgetting_a_person_removes_what_they_added_alone(cast: CastStore) -> None:
    mine = [an_entry("a", pictures=(RED, BLUE)), an_entry("b", guild_id=8)]
    theirs = an_entry("c", added_by=BEN, pictures=(BLUE,))
    for one in (*mine, theirs):
        await cast.create(one)
    assert await cast.count(ANN) == 2
    assert await cast.forget(ANN) == Removed(2, frozenset({RED.sha256, BLUE.sha256}))
    assert await cast.pictures() == {BLUE.sha256}
    assert await cast.get(theirs.id) == theirs
    assert await cast.forget(ANN) == Removed()


@pytest.fixture
async def other_process(engine: AsyncEngine, tmp_path: Path, now: Now) -> Any:
    """Open the same database once more, as a second process does."""
    async with database.opened(engine.url.render_as_string(hide_password=False)) as opened:
        yield CastStore(opened, SqlStore(opened, tmp_path), tmp_path, now=now)


async def test_of_two_processes_one_adds_a_name(cast: CastStore, other_process: CastStore) -> None:
    adding = [one.create(an_entry(name)) for one in (cast, other_process) for name in ("Hero", "HERO", "hero")]
    ended = await asyncio.gather(*adding, return_exceptions=True)
    refused = [one for one in ended if isinstance(one, RefusedError)]
    assert (len(refused), ended.count(None)) == (5, 1)
    (stored,) = await cast.visible(a_place())
    assert stored.pictures == (RED,)


async def test_of_two_processes_one_changes_a_revision(cast: CastStore, other_process: CastStore) -> None:
    entry = an_entry()
    await cast.create(entry)
    changing = [
        one.change(replace(entry, pictures=pictures))
        for one, pictures in (
            (cast, (BLUE,)),
            (other_process, (RED, BLUE)),
            (cast, (BLUE, RED)),
            (other_process, (RED,)),
        )
    ]
    (stored,) = [one for one in await asyncio.gather(*changing) if one]
    assert await other_process.get(entry.id) == stored


async def test_of_two_processes_one_gives_a_name_to_another_entry(cast: CastStore, other_process: CastStore) -> None:
    entries = an_entry("a"), an_entry("b")
    for one in entries:
        await cast.create(one)
    changing = [
        process.change(replace(one, name="hero")) for process, one in zip((cast, other_process), entries, strict=True)
    ]
    ended = await asyncio.gather(*changing, return_exceptions=True)
    assert sum(isinstance(one, RefusedError) for one in ended) == 1
    assert "hero" in names(await cast.visible(a_place()))
