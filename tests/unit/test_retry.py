"""Trying again: which errors, how often, after which pauses, and what the log says."""

from __future__ import annotations

import asyncio
import logging

import pytest

from dailies.retry import backoff, retry


class Passing(Exception):
    """An error that passes. seconds: as a server may name them."""

    def __init__(self, text: str = "busy", seconds: float | None = 1.0) -> None:
        super().__init__(text)
        self.seconds = seconds


class Calls:
    """A call that raises these errors in turn, then returns the number of its try; and the sleep between its tries."""

    def __init__(self, *errors: BaseException) -> None:
        self.errors = errors
        self.numbers: list[int] = []
        self.slept: list[float] = []

    async def __call__(self, number: int) -> int:
        self.numbers.append(number)
        if number <= len(self.errors):
            raise self.errors[number - 1]
        return number

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


async def test_a_call_that_goes_well_is_made_once() -> None:
    calls = Calls()
    assert await retry(calls, Passing, what="it", sleep=calls.sleep) == 1
    assert calls.slept == []


async def test_a_call_hears_the_number_of_its_try() -> None:
    calls = Calls(Passing(), Passing())
    assert await retry(calls, Passing, what="it", sleep=calls.sleep) == 3
    assert calls.numbers == [1, 2, 3]


async def test_after_the_last_try_its_own_error_is_raised_without_a_pause() -> None:
    calls = Calls(Passing("first"), Passing("second"), Passing("third"))
    with pytest.raises(Passing, match="second"):
        await retry(calls, Passing, what="it", tries=2, sleep=calls.sleep)
    assert len(calls.slept) == 1


async def test_other_errors_are_raised_at_once() -> None:
    calls = Calls(ValueError("wrong"))
    with pytest.raises(ValueError, match="wrong"):
        await retry(calls, (Passing, OSError), what="it", sleep=calls.sleep)
    assert calls.numbers == [1]


async def test_an_error_without_a_pause_is_raised_at_once() -> None:
    calls = Calls(Passing(seconds=2.5), Passing("for good", seconds=None))
    with pytest.raises(Passing, match="for good"):
        await retry(calls, Passing, what="it", pause=lambda error, _: error.seconds, sleep=calls.sleep)
    assert calls.slept == [2.5]


async def test_a_pause_of_nothing_is_no_end() -> None:
    calls = Calls(Passing(seconds=0.0))
    assert await retry(calls, Passing, what="it", pause=lambda error, _: error.seconds, sleep=calls.sleep) == 2


async def test_pauses_grow_by_themselves() -> None:
    calls = Calls(*(Passing() for _ in range(8)))
    await retry(calls, Passing, what="it", sleep=calls.sleep)
    least = [2, 4, 8, 16, 32, 60, 60, 60]
    assert all(low <= slept <= low * 1.25 for low, slept in zip(least, calls.slept, strict=True))


def test_backoff_differs_each_time() -> None:
    assert len({backoff(3) for _ in range(20)}) > 1


async def test_a_cancellation_is_not_tried_again() -> None:
    calls = Calls(asyncio.CancelledError())
    with pytest.raises(asyncio.CancelledError):
        await retry(calls, Exception, what="it", sleep=calls.sleep)
    assert calls.numbers == [1]


async def test_each_failed_try_is_logged_with_its_name(caplog: pytest.LogCaptureFixture) -> None:
    calls = Calls(Passing("busy"), Passing("SELECT\n[SQL: …]"), Passing(""))
    with pytest.raises(Passing):
        await retry(calls, Passing, what="job 01J: its download", tries=3, sleep=calls.sleep)
    assert caplog.messages == [
        "job 01J: its download failed, try 1: busy",
        "job 01J: its download failed, try 2: SELECT",
        "job 01J: its download failed, try 3: Passing",
    ]
    assert {record.levelno for record in caplog.records} == {logging.WARNING}


async def test_of_many_tries_the_log_holds_few(caplog: pytest.LogCaptureFixture) -> None:
    calls = Calls(*(Passing() for _ in range(120)))
    await retry(calls, Passing, what="it", sleep=calls.sleep)
    assert [message.split()[3] for message in caplog.messages] == ["1:", "2:", "3:", "4:", "5:", "60:", "120:"]
