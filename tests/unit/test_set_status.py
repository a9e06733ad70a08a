"""One status for the takes of a set, with real discord.py against Discord's stand-in."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from dailies.job import Job, Place, State
from tests.support.discordbot import until
from tests.support.reasons import worded
from tests.unit.test_editor import EditorHarness, editor_harness
from tests.unit.test_takes import a_set


async def placed(on: EditorHarness, takes: int = 2, *, token: bool = False, **changes: Any) -> tuple[Job, ...]:
    """Make a set whose status stands in the channel, stored as it is."""
    job = await on.job("0123456789abcdef", token=token)
    given: dict[str, Any] = {"state": State.SUBMITTED, "place": job.place, **changes}
    made = a_set(takes, **given)
    on.stored[made[0].id] = made
    if token:
        on.tokens.hold(made[0].id, on.answered["0123456789abcdef"])
    return made


def rows(on: EditorHarness) -> list[str]:
    """Return the rows that each message of the channel shows: number and state."""
    lines: list[str] = []
    for message in on.server.world.channel_named("dailies").messages.values():
        containers: Any = message.data.get("components") or []
        parts: list[dict[str, Any]] = containers[0]["components"] if containers else []
        lines += [line for part in parts for line in str(part.get("content", "")).split("\n")]
    return [" ".join(line.split(" · ")[:2]).replace("*", "") for line in lines if line.startswith("**")]


def failed(job: Job) -> Job:
    return replace(job, state=State.FAILED, reason=worded("no"), ended_at=1_790_000_100.0)


async def test_a_take_is_shown_beside_the_others_as_they_are_stored() -> None:
    async with editor_harness() as on:
        one, two = await placed(on)
        on.stored[one.id] = (failed(one), two)
        await on.editor.show(replace(two, state=State.COMPLETED))
        await on.edited(1)
        assert rows(on) == ["1 Failed", "2 Finished, downloading the video"]


async def test_states_of_several_takes_go_out_in_one_edit() -> None:
    async with editor_harness() as on:
        takes = await placed(on, 4)
        on.server.faults.add(method="PATCH", status=0, delay_s=0.1)
        for job in takes:
            await on.editor.show(replace(job, state=State.COMPLETED))
        await until(lambda: rows(on).count("4 Finished, downloading the video") == 1)
        assert len(on.edits) <= 2


async def test_the_end_of_one_take_is_told_while_the_others_go_on() -> None:
    async with editor_harness() as on:
        one, _ = await placed(on)
        assert await on.editor.show(failed(one))
        assert rows(on) == ["1 Failed", "2 Generating"]


async def test_ends_that_come_together_are_all_told() -> None:
    async with editor_harness() as on:
        takes = await placed(on, 3)
        assert await asyncio.gather(*(on.editor.show(failed(job)) for job in takes)) == [True] * 3
        assert rows(on) == ["1 Failed", "2 Failed", "3 Failed"]
        assert len(on.edits) <= 2


async def test_a_state_that_was_shown_is_newer_than_a_stored_one() -> None:
    async with editor_harness() as on:
        one, two = await placed(on)
        await asyncio.gather(
            on.editor.show(replace(one, state=State.COMPLETED)), on.editor.show(replace(two, state=State.COMPLETED))
        )
        await until(lambda: rows(on) == [f"{number} Finished, downloading the video" for number in (1, 2)])


async def test_the_set_s_token_edits_until_its_last_end() -> None:
    async with editor_harness() as on:
        one, two = await placed(on, token=True)
        assert await on.editor.show(failed(one))
        assert await on.editor.show(failed(two))
        assert [route for route, _, _ in on.edits] == ["token", "token"]
        assert on.tokens.get(one.id) is None


async def test_a_deleted_status_is_posted_anew_once_for_the_whole_set() -> None:
    async with editor_harness() as on:
        one, two = await placed(on)
        messages = on.server.world.channel_named("dailies").messages
        messages.clear()
        await asyncio.gather(on.editor.show(failed(one)), on.editor.show(failed(two)))
        (message,) = messages.values()
        assert on.moved == {one.id: int(message.id)}
        assert rows(on) == ["1 Failed", "2 Failed"]


async def test_the_status_is_found_by_whichever_take_knows_its_message() -> None:
    async with editor_harness() as on:
        one, two = await placed(on)
        lost = replace(one, place=replace(one.place, status_message_id=None))
        on.stored[one.id] = (lost, two)
        assert await on.editor.show(failed(two))
        assert rows(on) == ["1 Generating", "2 Failed"]


async def test_where_the_channel_is_closed_each_end_is_told_once_directly() -> None:
    async with editor_harness() as on:
        one, two = await placed(on)
        on.server.faults.add(method="PATCH", status=403, body={"message": "Missing Access", "code": 50001}, times=9)
        assert await on.editor.show(failed(one))
        assert await on.editor.show(failed(two))
        told = [
            request
            for request in on.server.requests[on.began :]
            if request.method == "POST" and "messages" in request.path
        ]
        payloads: list[Any] = [request.payload for request in told]
        assert [payload["nonce"] for payload in payloads] == [f"{one.id}-end", f"{two.id}-end"]


def test_a_place_names_the_same_message_for_all_takes() -> None:
    place = Place(1, 2, 3, 4)
    assert {job.place for job in a_set(3, place=place)} == {place}
