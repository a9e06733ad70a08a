"""Background work continues after any single failure."""

from __future__ import annotations

import asyncio

import pytest

from dailies.background import AGAIN_SECONDS, Background
from tests.unit.kit import Sleeps


async def test_work_that_breaks_is_begun_again_and_said(caplog: pytest.LogCaptureFixture) -> None:
    begun: list[int] = []
    goes_on = asyncio.Event()

    async def work() -> None:
        begun.append(len(begun))
        if len(begun) < 3:
            raise OSError(28, "No space left on device")
        goes_on.set()
        await asyncio.Event().wait()

    sleeps = Sleeps()
    background = Background(sleep=sleeps)
    background.begin(work)
    async with asyncio.timeout(10):
        await goes_on.wait()
    await background.stop()
    assert begun == [0, 1, 2]
    assert sleeps.seconds == [AGAIN_SECONDS, AGAIN_SECONDS]
    assert "No space left on device" in caplog.text
