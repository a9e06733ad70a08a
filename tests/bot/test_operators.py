"""Messages to the operators in their channel."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot import opened
from cogs.operators import HOUR, MOST, Operators
from dailies.openrouter.models import Catalog
from dailies.settings import Settings
from tests.bot.conftest import BotApp
from tests.support.databases import postgresql
from tests.unit.kit import catalog


async def test_operators_are_told_in_their_channel_without_pings(app: BotApp) -> None:
    operators = Operators(app.bot, app.channel.id)
    await operators.tell("A model of @everyone **vanished**")

    assert app.channel.last_message.content == r"A model of \@everyone \*\*vanished\*\*"


async def test_a_text_full_of_markup_is_no_longer_than_a_message_may_be(app: BotApp) -> None:
    await Operators(app.bot, app.channel.id).tell("changed: a_b_c_" * 300)

    assert len(app.channel.last_message.content) == 2000


async def test_without_a_channel_the_log_is_told(app: BotApp) -> None:
    await Operators(app.bot, None).tell("Low credits")

    assert app.channel.last_message is None


async def test_a_channel_that_refuses_does_not_stop_the_bot(app: BotApp) -> None:
    app.env.inject_error("POST", f"/channels/{app.channel.id}/messages", status=403, code=50013, message="no")

    await Operators(app.bot, app.channel.id).tell("Low credits")


async def test_a_fault_that_repeats_itself_does_not_flood_the_channel(app: BotApp) -> None:
    time = 0.0
    operators = Operators(app.bot, app.channel.id, now=lambda: time)
    for number in range(MOST + 5):
        await operators.tell(f"message {number}")
    assert app.channel.last_message.content == f"message {MOST - 1}"
    time = HOUR + 1
    await operators.tell("later")
    assert app.channel.last_message.content == "later"


@pytest.mark.slow
async def test_of_two_processes_one_tells_once_what_changed_in_the_list_of_models(
    settings: dict[str, str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    before = catalog()
    now = Catalog(model for model in before if model.id != "runway/gen-4.5")
    with postgresql() as url:
        for restart, shard in itertools.product((False, True), ("0", "1")):
            own = {"DATA_DIR": str(tmp_path / shard), "DATABASE_URL": url, "SHARD_IDS": shard, "SHARD_COUNT": "2"}
            async with opened(Settings.from_env(settings | own)) as bot:
                for models in (now,) if restart else (before, now, now):
                    bot.guide._fetch = fetching(models)  # pyright: ignore[reportPrivateUsage]
                    assert await bot.guide.refresh()

    told = [record.getMessage() for record in caplog.records if record.name == "cogs.operators"]
    assert told == ["for the operators: OpenRouter's list of models changed:\ngone: runway/gen-4.5"]


def fetching(models: Catalog) -> Callable[[], Awaitable[Catalog]]:
    async def fetch() -> Catalog:
        return models

    return fetch
