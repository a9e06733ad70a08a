"""/usage in Discord."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from dailies import explain
from dailies.money import chart
from dailies.reason import Reason, ReasonCode
from tests.bot.conftest import Archive


@pytest.fixture(scope="module", autouse=True)
def drawn_before() -> None:
    """matplotlib is loaded with the first picture; on a new machine it scans all fonts then."""
    chart.draw([(datetime.now(UTC).date(), Decimal(1))], "before")


async def test_usage_shows_what_was_spent_with_picture_and_table(archive: Archive) -> None:
    await archive.keep(cost=Decimal("0.36"), created_at=time.time())
    await archive.keep(archive.ben, 1, cost=Decimal("0.50"), created_at=time.time())

    mine = await archive.app.ann.slash(archive.app.channel, "usage")
    assert mine.response is not None
    assert mine.ephemeral
    assert "1 job, $0.36" in mine.response.content.replace("\\", "")
    files: list[Any] = list(mine.response.message.attachments)
    assert [file.filename for file in files] == ["usage.png", "usage.csv"]
    assert "Bar chart of USD by day" in files[0].description

    everybody = await archive.mia.slash(archive.app.channel, "usage", guild=True)
    text = everybody.response.content
    assert f"**By day**\n- {datetime.now(UTC):%d %B}: $0.86" in text
    assert "2 jobs, $0.86" in text
    assert f"<@{archive.ben.id}>: $0.50, 1 job" in text


async def test_only_moderators_see_what_everybody_spent(archive: Archive) -> None:
    result = await archive.app.ann.slash(archive.app.channel, "usage", guild=True)

    assert "Only people who may manage this server" in archive.said(result)


async def test_usage_says_what_ran_with_a_key_of_the_account_s_own(archive: Archive) -> None:
    await archive.keep(cost=Decimal("0.02"), is_byok=True, created_at=time.time())

    mine = await archive.app.ann.slash(archive.app.channel, "usage")
    assert mine.response is not None
    text = mine.response.content.replace("\\", "")
    assert "1 job, $0.02" in text
    assert "1 of them ran with a provider key of the account's own; its bill is not in here." in text


async def test_a_bug_after_the_answer_was_put_off_is_told(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> bytes:
        raise LookupError("nobody thought of this")

    monkeypatch.setattr(chart, "draw", broken)
    result = await archive.app.ann.slash(archive.app.channel, "usage")

    assert archive.said(result) == explain.sentence(Reason(ReasonCode.BUG))
    assert "nobody thought of this" in str(archive.app.env.errors[-1])
