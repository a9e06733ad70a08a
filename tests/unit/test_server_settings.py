"""Settings of servers: what is kept, what can be set, and what a request is made of then."""

from __future__ import annotations

import asyncio
from dataclasses import fields, replace
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies.catalog.option_checks import OwnDefaults
from dailies.catalog.options import Options
from dailies.errors import OptionRefused, RefusedError
from dailies.openrouter.models import Catalog
from dailies.server_settings import SERVER_SETTINGS, ServerSettings, as_text, holding, taken, unmet
from dailies.settings import Settings
from dailies.store.server_settings import Change, ServerSettingStore
from dailies.store.sql import SqlStore
from tests.support.reasons import each_in_words, in_words, raises
from tests.unit.kit import DEFAULTS, guide

VEO = "google/veo-3.1"
BOT = Settings.from_env({"DISCORD_TOKEN": "x", "OPENROUTER_API_KEY": "y", "CONFIRM_ABOVE_USD": "0.50"})
EVERYTHING = ServerSettings(
    model=VEO,
    duration=8,
    resolution="1080p",
    aspect_ratio="9:16",
    audio=False,
    confirm_above_usd=Decimal("0.25"),
    approved_channel=1_450_000_000_000_000_000,
    review_roles=frozenset({1_450_000_000_000_000_001, 1_450_000_000_000_000_002}),
    language="de",
)


class Clock:
    """Time that a test moves."""

    now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def servers(engine: AsyncEngine, store: SqlStore, clock: Clock) -> ServerSettingStore:
    return ServerSettingStore(engine, store, now=clock)


async def test_every_setting_comes_back_as_it_was_set(servers: ServerSettingStore) -> None:
    for name in SERVER_SETTINGS:
        await servers.change(1, name, getattr(EVERYTHING, name), by=7)
    assert await servers.of(1) == EVERYTHING
    assert await servers.of(2) == ServerSettings()
    assert await servers.of(None) == ServerSettings()


async def test_a_change_says_who_made_it_and_when_and_so_does_a_reset(
    servers: ServerSettingStore, clock: Clock
) -> None:
    await servers.change(1, "duration", 8, by=7)
    clock.now += 60
    await servers.change(1, "duration", 6, by=8)
    kept = await servers.kept(1)
    assert (kept.settings.duration, kept.changes) == (6, {"duration": Change(8, clock.now)})

    clock.now += 60
    await servers.change(1, "duration", None, by=7)
    kept = await servers.kept(1)
    assert (kept.settings, kept.changes) == (ServerSettings(), {"duration": Change(7, clock.now)})


async def test_a_store_of_another_process_sees_a_change_at_once(
    servers: ServerSettingStore, engine: AsyncEngine, store: SqlStore
) -> None:
    other = ServerSettingStore(engine, store)
    assert (await other.of(1)).confirm_above_usd is None
    await servers.change(1, "confirm_above_usd", Decimal("0.10"), by=7)
    assert (await other.of(1)).confirm_above_usd == Decimal("0.10")


async def test_of_changes_at_the_same_time_one_is_kept(servers: ServerSettingStore) -> None:
    await asyncio.gather(*(servers.change(1, "duration", seconds, by=seconds) for seconds in (4, 5, 6, 8)))
    kept = await servers.kept(1)
    assert kept.changes["duration"].by == kept.settings.duration


async def test_forgetting_a_person_leaves_the_setting_without_their_name(servers: ServerSettingStore) -> None:
    await servers.change(1, "duration", 8, by=7)
    await servers.change(2, "duration", 6, by=7)
    await servers.change(2, "audio", False, by=9)
    assert await servers.count(7) == 2

    await servers.forget(7)

    assert await servers.count(7) == 0
    assert ((await servers.of(1)).duration, (await servers.kept(1)).changes["duration"].by) == (8, None)
    assert (await servers.kept(2)).changes["audio"].by == 9


async def test_what_another_version_kept_and_cannot_be_read_is_ignored(
    servers: ServerSettingStore, engine: AsyncEngine
) -> None:
    await servers.change(1, "audio", False, by=7)
    async with engine.begin() as connection:
        for name, value in (("duration", "long"), ("weather", "rain")):
            row = {"name": name, "value": value}
            insert = "INSERT INTO server_settings (guild_id, name, value, changed_at) VALUES (1, :name, :value, 0)"
            await connection.execute(text(insert), row)
    assert await servers.of(1) == ServerSettings(audio=False)


def test_every_setting_has_its_name_and_is_read_as_it_is_kept() -> None:
    for name, setting in SERVER_SETTINGS.items():
        value = getattr(EVERYTHING, name)
        assert setting.label
        assert len(setting.label) <= 45
        assert len(setting.help) <= 100
        assert setting.read(as_text(value)) == value
    assert {one.name for one in fields(OwnDefaults)} < set(SERVER_SETTINGS)


def test_what_is_not_chosen_is_as_the_server_has_it(catalog: Catalog) -> None:
    request = guide(catalog).with_own(EVERYTHING.defaults).check(Options("a kite"))
    made = (request.model, request.duration, request.resolution, request.aspect_ratio, request.audio)
    assert made == (VEO, 8, "1080p", "9:16", False)


def test_what_is_chosen_stands_above_the_server_s(catalog: Catalog) -> None:
    options = Options("a kite", DEFAULTS.model, duration=4, resolution="480p", aspect_ratio="1:1", audio=True)
    request = guide(catalog).with_own(EVERYTHING.defaults).check(options)
    assert (request.options.model, request.duration, request.audio) == (DEFAULTS.model, 4, True)


def test_the_bot_s_own_guide_knows_nothing_of_a_server_s(catalog: Catalog) -> None:
    bots = guide(catalog)
    bots.with_own(EVERYTHING.defaults)
    assert bots.defaults() == (DEFAULTS, ())


async def test_a_guide_of_a_direct_message_has_the_operator_s_defaults(catalog: Catalog) -> None:
    bots = guide(catalog)

    async def own(guild_id: int) -> OwnDefaults:
        return OwnDefaults(duration=guild_id)

    bots._read_own = own  # pyright: ignore[reportPrivateUsage]
    assert (await bots.of_server(8)).defaults()[0].duration == 8
    assert (await bots.of_server(None)).defaults()[0].duration == DEFAULTS.duration


@pytest.mark.parametrize("gone", ["gone/model", "runway/aleph-2"])
def test_a_server_s_model_that_is_no_longer_offered_is_ignored_and_that_is_said(catalog: Catalog, gone: str) -> None:
    here = guide(catalog).with_own(OwnDefaults(model=gone, duration=8))
    request = here.check(Options("a kite"))
    assert (request.model, request.duration) == (DEFAULTS.model, 8)
    words = f"this server's default {gone} is gone; {DEFAULTS.model} is used"
    assert each_in_words(request.notes) == (words,)
    assert here.check(Options("a kite", VEO)).notes == ()


def test_where_both_default_models_are_gone_both_are_named(catalog: Catalog) -> None:
    bots = guide(catalog, replace(DEFAULTS, model="gone/too"))
    notes = each_in_words(bots.with_own(OwnDefaults(model="gone/model")).defaults()[1])
    assert notes[0].startswith("this server's default gone/model is gone; ")
    assert notes[1].startswith("the default model gone/too is gone; ")


def test_a_server_s_menu_of_models_names_its_own_default(catalog: Catalog) -> None:
    here = guide(catalog).with_own(OwnDefaults(model=VEO))
    first, *others = here.compare(Options(""))
    assert (first.model.id, first.default) == (VEO, True)
    assert not any(one.default for one in others)


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("model", VEO, VEO),
        ("duration", " 8 ", 8),
        ("resolution", "720P", "720p"),
        ("aspect_ratio", "9:16", "9:16"),
        ("audio", "off", False),
        ("confirm_above_usd", "$0.25", Decimal("0.25")),
        ("confirm_above_usd", "0", Decimal(0)),
        ("confirm_above_usd", "0.50", Decimal("0.50")),
    ],
)
def test_a_value_is_taken_as_it_was_typed(catalog: Catalog, name: str, typed: str, value: object) -> None:
    assert taken(name, typed, BOT, guide(catalog)) == value


@pytest.mark.parametrize(
    ("name", "typed", "words"),
    [
        ("model", "gone/model", "isn't a video model on OpenRouter"),
        ("model", "runway/aleph-2", "this bot sends prompts and images"),
        ("duration", "long", "What you typed is not a whole number from 1 to 600. Nothing was changed."),
        ("duration", "300", "300 isn't offered by bytedance/seedance-2.0-fast. It offers "),
        ("resolution", "8K", "8K isn't offered by bytedance/seedance-2.0-fast"),
        ("aspect_ratio", "wide", "wide isn't offered by"),
        ("audio", "loud", "is neither on nor off"),
        ("language", "tlh", "The bot doesn't speak that language. Nothing was changed."),
        ("confirm_above_usd", "much", "What you typed is not an amount of USD"),
        ("confirm_above_usd", "-1", "What you typed is not an amount of USD"),
        ("confirm_above_usd", "0.51", "asks above $0.50 anyway, so this server can only set that amount or a lower"),
    ],
)
def test_a_value_that_cannot_be_set_is_refused_with_what_is_right(
    catalog: Catalog, name: str, typed: str, words: str
) -> None:
    with raises(RefusedError, match=words.replace("$", r"\$")):
        taken(name, typed, BOT, guide(catalog))


def test_where_the_default_model_offers_a_value_it_can_be_set(catalog: Catalog) -> None:
    own = guide(catalog).with_own(OwnDefaults(model=VEO))
    assert taken("resolution", "4k", BOT, own) == "4K"
    with pytest.raises(OptionRefused):
        taken("duration", "5", BOT, own)


@pytest.mark.parametrize(
    ("operators", "own", "holds"),
    [("0.50", "0.25", "0.25"), ("0.10", "0.25", "0.10"), ("never", "0.25", "0.25"), ("0.50", None, "0.50")],
)
def test_the_lower_amount_holds(operators: str, own: str | None, holds: str) -> None:
    settings = replace(BOT, confirm_above_usd=None if operators == "never" else Decimal(operators))
    assert holding("confirm_above_usd", own and Decimal(own), settings) == Decimal(holds)


def test_what_the_default_model_makes_otherwise_is_known_before_it_is_saved(catalog: Catalog) -> None:
    assert unmet(guide(catalog)) == {}
    found = unmet(guide(catalog).with_own(OwnDefaults(model=VEO, duration=5, aspect_ratio="1:1")))
    assert {name: in_words(one) for name, one in found.items()} == {
        "duration": "5 s → 4 s",
        "aspect_ratio": "shape 1:1 → 16:9",
    }


def test_sound_that_the_default_model_does_not_make_is_said_where_it_was_wished(catalog: Catalog) -> None:
    silent = next(one for one in guide(catalog).offered if one.audio is False)
    here = guide(catalog)
    assert in_words(unmet(here.with_own(OwnDefaults(model=silent.id, audio=True)))["audio"]) == (
        "sound dropped: not offered"
    )
    for wish in (None, False):
        assert "audio" not in unmet(here.with_own(OwnDefaults(model=silent.id, audio=wish)))
