"""/usage in Discord."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from dailies import explain
from dailies.job import Output, Place
from dailies.money import chart
from dailies.reason import Reason, ReasonCode
from dailies.review import Decision, Verdict
from dailies.shot import ShotTake
from tests.bot.conftest import Archive


@pytest.fixture(scope="module", autouse=True)
def drawn_before() -> None:
    """matplotlib is loaded with the first picture; on a new machine it scans all fonts then."""
    chart.draw([(datetime.now(UTC).date(), Decimal(1))], "before")


async def shot(archive: Archive, name: str) -> ShotTake:
    """Name a shot of the channel."""
    channel, stores = archive.app.channel, archive.app.bot._stores  # pyright: ignore[reportPrivateUsage]
    named = await stores.shots.named(channel.id, channel.guild.id, name, archive.app.ann.id, time.time())
    return ShotTake(named.id, named.name)


@pytest.mark.slow
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

    assert "Only people who can manage this server" in archive.said(result)


@pytest.mark.slow
async def test_usage_says_what_ran_with_a_key_of_the_account_s_own(archive: Archive) -> None:
    await archive.keep(cost=Decimal("0.02"), is_byok=True, created_at=time.time())

    mine = await archive.app.ann.slash(archive.app.channel, "usage")
    assert mine.response is not None
    text = mine.response.content.replace("\\", "")
    assert "1 job, $0.02" in text
    assert "1 of them used the account's own provider key. That provider's bill isn't included." in text


async def test_a_bug_after_the_answer_was_put_off_is_told(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> bytes:
        raise LookupError("nobody thought of this")

    monkeypatch.setattr(chart, "draw", broken)
    result = await archive.app.ann.slash(archive.app.channel, "usage")

    assert archive.said(result) == explain.sentence(Reason(ReasonCode.BUG))
    assert "nobody thought of this" in str(archive.app.env.errors[-1])


@pytest.mark.slow
async def test_usage_says_what_an_approved_second_cost_and_hides_shots_of_hidden_channels(archive: Archive) -> None:
    given: dict[str, Any] = {"created_at": time.time(), "submitted_at": time.time() - 60, "completed_at": time.time()}
    outputs = (Output(5.0, 64, 64, came=True),)
    first = await archive.keep(cost=Decimal("0.40"), outputs=outputs, shot=await shot(archive, "12A"), **given)
    await archive.keep(archive.ben, 1, cost=Decimal("0.60"), **given)
    hidden = Place(archive.app.channel.guild.id, 7, archive.ben.id, None)
    secret = await shot(archive, "Secret")
    await archive.keep(archive.ben, 2, cost=Decimal("0.10"), place=hidden, shot=secret, **given)
    reviews = archive.app.bot._stores.reviews  # pyright: ignore[reportPrivateUsage]
    assert await reviews.decide(Decision(first.id, 1, 1, Verdict.APPROVED, archive.ben.id, time.time()))

    everybody = await archive.mia.slash(archive.app.channel, "usage", guild=True)
    text = everybody.response.content.replace("\\", "")
    assert "5 s approved: $0.22 and 0.6 min per approved second." in text
    assert "$0.70 went into 2 jobs without an approved video." in text
    assert "- 12A: $0.40, 1 job, $0.08 and 0.2 min per approved second" in text
    assert "- shots in channels that you do not see: $0.10, 1 job" in text
    assert "Secret" not in text
    assert "- no shot: $0.60, 1 job" in text
