"""Repeats: so many in an hour for one person, one at a time for each, and encoded after what is new."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from dailies.delivery.courier import Courier
from dailies.delivery.limits import ClaimedLimits
from dailies.delivery.request import DeliveryRequest
from dailies.errors import RefusedError
from dailies.explain import explain
from dailies.job import Job, Place, State
from dailies.jobs.redeliver import Repeats
from dailies.reason import Reason, ReasonCode
from tests.unit.job_context import ScriptedAPI, harness
from tests.unit.kit import FakeChat, Now, a_job

ANN, BEN, CAT = 1, 2, 3


async def one(repeats: Repeats, person: int) -> None:
    async with repeats.turn(person):
        pass


async def test_over_the_number_of_an_hour_a_repeat_is_refused_until_the_oldest_is_an_hour_old() -> None:
    now = Now()
    repeats = Repeats(2, now=now)
    await one(repeats, ANN)
    now.time += 600
    await one(repeats, ANN)
    with pytest.raises(RefusedError) as refused:
        await one(repeats, ANN)
    assert explain(refused.value) == (
        "You have had videos posted again, or their files sent, 2 times in the last hour, which is the most for one "
        "person here. Try again in 50 min."
    )
    now.time += 3001
    await one(repeats, ANN)


async def test_the_number_is_each_person_s_own() -> None:
    repeats = Repeats(1)
    await one(repeats, ANN)
    await one(repeats, BEN)
    with pytest.raises(RefusedError, match="repeats_spent most=1"):
        await one(repeats, ANN)


async def test_zero_is_no_limit() -> None:
    repeats = Repeats(0)
    for _ in range(100):
        await one(repeats, ANN)


async def test_one_person_s_repeats_go_one_at_a_time_and_keep_nobody_waiting() -> None:
    repeats, running, order = Repeats(0), set[int](), list[int]()

    async def work(person: int) -> None:
        async with repeats.turn(person):
            assert person not in running
            running.add(person)
            assert len(running) <= 2
            order.append(person)
            await asyncio.sleep(0.001)
            running.remove(person)

    await asyncio.gather(*(work(person) for person in (ANN, ANN, ANN, ANN, BEN, CAT)))
    assert order.index(CAT) < 4
    assert order[:2] == [ANN, BEN]


async def test_whose_turn_does_not_come_is_told_so_and_has_used_none() -> None:
    repeats = Repeats(2, wait=0.05)
    async with repeats.turn(ANN):
        for _ in range(3):
            with pytest.raises(RefusedError) as refused:
                await one(repeats, ANN)
            assert refused.value.reason.code is ReasonCode.REPEATS_BUSY
    await one(repeats, ANN)


@pytest.mark.slow
async def test_a_new_video_is_encoded_before_six_repeats_of_somebody_else(api: ScriptedAPI, tmp_path: Path) -> None:
    size = int(len(api.video) * 0.8)
    chat = FakeChat(said=ClaimedLimits(size, size))
    async with harness(api, tmp_path, chat=chat) as on:
        courier: Courier = on.context.courier
        ended, queued = list[str](), asyncio.Event()

        async def say(activity: Reason | None) -> None:
            if activity and activity.code is ReasonCode.ENCODING_QUEUED:
                queued.set()

        async def deliver(number: int, person: int, *, more: bool) -> None:
            job = finished(on.context.videos, api, number, person)
            await courier.deliver(job, DeliveryRequest((Reason(ReasonCode.READY),), job.id, more=more), say)
            ended.append(job.id)

        async with asyncio.TaskGroup() as group:
            for number in range(6):
                group.create_task(deliver(number, ANN, more=True))
            await queued.wait()
            group.create_task(deliver(6, BEN, more=False))
    assert ended.index("job-6") <= 1


def finished(videos: Path, api: ScriptedAPI, number: int, person: int) -> Job:
    """Make a job whose video is on the disk."""
    videos.mkdir(exist_ok=True)
    path = videos / f"job-{number}.mp4"
    path.write_bytes(api.video)
    return a_job(id=f"job-{number}", key=str(number), state=State.COMPLETED, file=path, place=Place(1, 2, person, 4))
