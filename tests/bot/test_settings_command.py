"""/settings: what people who manage a server set for it, and what every door makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import discord
import pytest
from discord import ui

from cogs.settings import ids
from dailies.openrouter.models import Catalog
from dailies.server_settings import SERVER_SETTINGS
from dailies.store.server_settings import ServerSettingStore
from tests.bot.composing import Panel, compose, flat
from tests.bot.conftest import Archive, BotApp

CHANNEL = 1_450_000_000_000_000_000
FAST, VEO = "bytedance/seedance-2.0-fast", "google/veo-3.1-lite"


def store_of(app: BotApp) -> ServerSettingStore:
    return app.bot.setting_handlers._store  # pyright: ignore[reportPrivateUsage]


@pytest.fixture
def eve(app: BotApp) -> Any:
    """Somebody who may manage the server."""
    guild = app.channel.guild
    role = guild.create_role("producer", permissions=discord.Permissions(manage_guild=True))
    return guild.add_member(app.env.create_user("eve"), roles=[role])


async def settings(app: BotApp, by: Any) -> Panel:
    """Type /settings."""
    result = await by.slash(app.channel, "settings")
    assert result.ephemeral
    return Panel(app, by, result)


async def press(panel: Panel, custom_id: str) -> Any:
    return await panel.by.click(panel._message, custom_id=custom_id)  # pyright: ignore[reportPrivateUsage]


async def change(panel: Panel, name: str, **fields: Any) -> Any:
    """Press Change in the row of a setting, and send its window with these fields."""
    window = await press(panel, ids.CHANGE.of(name=name))
    assert window.modal is not None
    return await panel.by.submit_modal(window, fields)


def row(panel: Panel, label: str) -> Sequence[str]:
    """The lines of a row."""
    text = panel.text
    return text[text.index(f"{label}**") :].split("\n**")[0].split("\n")


def paid(app: BotApp) -> dict[str, Any]:
    return app.openrouter.submits[-1]["body"]


async def listed(app: BotApp, models: Sequence[Any]) -> None:
    """Make OpenRouter list these from now on."""

    async def fetch() -> Catalog:
        return Catalog(models)

    app.bot.guide._fetch = fetch  # pyright: ignore[reportPrivateUsage]
    assert await app.bot.guide.refresh()


async def test_each_row_says_the_value_and_that_it_is_the_bot_s(app: BotApp, eve: Any) -> None:
    panel = await settings(app, eve)

    assert row(panel, "Default model")[:2] == ["Default model** · ByteDance: Seedance 2.0 Fast", "-# The bot's default"]
    assert row(panel, "Default length")[0] == "Default length** · 5 s"
    assert row(panel, "Default sound")[0] == "Default sound** · On"
    assert row(panel, "Confirmation price")[0] == "Confirmation price** · $0.50"
    assert panel.text.endswith(
        "Budgets are set with /budget. The operators' channel and every ceiling belong to the bot's operator."
    )
    assert all(label.startswith("Change ") for label in panel.buttons)


async def test_what_is_set_is_said_with_who_set_it_and_can_be_reset(app: BotApp, eve: Any) -> None:
    panel = await settings(app, eve)
    await change(panel, "duration", chosen=["8"])

    value, source = row(panel, "Default length")[:2]
    assert panel.text.startswith("**Saved:** Default length · 8 s")
    assert value == "Default length** · 8 s"
    assert source.startswith(f"-# This server · set by <@{eve.id}> <t:")
    await press(panel, ids.RESET.of(name="duration"))
    value, source = row(panel, "Default length")[:2]
    assert value == "Default length** · 5 s"
    assert source.startswith(f"-# The bot's default · reset by <@{eve.id}> <t:")


@pytest.mark.slow
async def test_a_video_without_a_choice_is_made_as_the_server_has_it(app: BotApp, eve: Any) -> None:
    panel = await settings(app, eve)
    await change(panel, "duration", chosen=["4"])
    await change(panel, "resolution", chosen=["480p"])
    await change(panel, "aspect_ratio", chosen=["9:16"])
    await change(panel, "audio", chosen=["off"])

    await app.finish(await app.video())

    made = {name: paid(app)[name] for name in ("duration", "resolution", "aspect_ratio", "generate_audio")}
    assert made == {"duration": 4, "resolution": "480p", "aspect_ratio": "9:16", "generate_audio": False}
    await app.finish(await app.video(duration=5, audio=True))
    assert (paid(app)["duration"], paid(app)["generate_audio"]) == (5, True)


@pytest.mark.slow
async def test_a_new_draft_begins_as_the_server_has_it(app: BotApp, eve: Any) -> None:
    panel = await settings(app, eve)
    await change(panel, "model", chosen=["bytedance/seedance-2.0-mini"])
    await change(panel, "duration", chosen=["8"])

    draft = await compose(app, prompt="A paper boat")

    assert draft.chosen("Model") == ["bytedance/seedance-2.0-mini"]
    assert draft.chosen("Length") == ["8"]
    await draft.press("Generate")
    await app.finish_own()
    assert (paid(app)["model"], paid(app)["duration"]) == ("bytedance/seedance-2.0-mini", 8)


@pytest.mark.slow
async def test_a_draft_stays_as_its_panel_shows_it_when_the_settings_change(app: BotApp, eve: Any) -> None:
    draft = await compose(app, prompt="A paper boat")
    price = draft.generate
    await change(await settings(app, eve), "duration", chosen=["4"])

    assert (await compose(app)).generate == price
    await draft.press("Generate")
    await app.finish_own()
    assert paid(app)["duration"] == 5


@pytest.mark.slow
async def test_a_blank_draft_is_begun_anew_with_the_settings_of_now(app: BotApp, eve: Any) -> None:
    assert (await compose(app)).chosen("Length") == ["5"]
    await change(await settings(app, eve), "duration", chosen=["4"])
    assert (await compose(app)).chosen("Length") == ["4"]


@pytest.mark.slow
async def test_suggestions_name_the_server_s_defaults(app: BotApp, eve: Any) -> None:
    panel = await settings(app, eve)
    await change(panel, "model", chosen=["bytedance/seedance-2.0-mini"])
    await change(panel, "duration", chosen=["8"])

    async def suggested(option: str) -> list[str]:
        return [
            one["name"]
            for one in await app.ann.autocomplete(app.channel, "video", option, "")
            if "default" in one["name"]
        ]

    (model,) = await suggested("model")
    assert model.startswith("ByteDance: Seedance 2.0 Mini · ")
    assert await suggested("duration") == ["8 s · default"]
    assert await suggested("resolution") == ["720p · default"]
    assert await suggested("aspect_ratio") == ["16:9 · default"]


async def test_models_are_priced_as_the_server_s_videos_are(app: BotApp, eve: Any) -> None:
    await change(await settings(app, eve), "duration", chosen=["10"])
    assert " · 10 s · " in app.text(await app.ann.slash(app.channel, "models"))


async def test_what_the_bot_says_of_itself_names_the_server_s_model(app: BotApp, eve: Any) -> None:
    await change(await settings(app, eve), "model", chosen=["bytedance/seedance-2.0-mini"])
    assert "Seedance 2.0 Mini unless you choose another" in app.text(await app.ann.slash(app.channel, "about"))


@pytest.mark.slow
async def test_a_picture_of_a_message_is_animated_as_the_server_has_it(app: BotApp, eve: Any) -> None:
    panel = await settings(app, eve)
    await change(panel, "model", chosen=["bytedance/seedance-2.0-mini"])
    await change(panel, "duration", chosen=["8"])
    channel = app.bot.get_partial_messageable(app.channel.id)
    embed = discord.Embed(title="x").set_image(url="https://pictures.invalid/x.png")
    message = await channel.send(embed=embed)

    window: Any = await app.ann.context_menu(app.channel, "Animate image", message)
    prompt, use = [label["component"]["custom_id"] for label in window.modal["components"]]
    draft = Panel(app, app.ann, await app.ann.submit_modal(window, {prompt: "it sails", use: ["references"]}))

    assert (draft.chosen("Model"), draft.chosen("Length")) == (["bytedance/seedance-2.0-mini"], ["8"])


@pytest.mark.slow
async def test_another_server_keeps_the_bot_s_defaults(app: BotApp, eve: Any) -> None:
    await change(await settings(app, eve), "duration", chosen=["4"])
    other = app.env.create_guild()
    channel = other.create_text_channel("elsewhere")
    zoe = other.add_member(app.env.create_user("zoe"))

    await app.finish(await zoe.slash(channel, "video", prompt="A paper boat"))
    assert paid(app)["duration"] == 5
    direct = await app.env.create_user("dora").slash("compose", prompt="A paper boat")
    assert [
        one["value"]
        for part in flat(direct.response.components)
        for one in part.get("options", [])
        if one.get("default")
    ][1] == "5"


async def test_what_the_new_default_model_makes_otherwise_is_said_before_it_is_saved(app: BotApp, eve: Any) -> None:
    panel = await settings(app, eve)
    await change(panel, "aspect_ratio", chosen=["1:1"])

    await change(panel, "model", chosen=[VEO])

    assert "Google: Veo 3.1 Lite doesn't offer everything that is set here." in panel.text
    assert "with: 5 s → 4 s, shape 1:1 → 16:9. Other models keep to the settings." in panel.text
    assert "Nothing is saved yet." in panel.text
    assert (await store_of(app).of(app.channel.guild.id)).model is None
    await panel.press("Back")
    assert row(panel, "Default model")[0].endswith("Seedance 2.0 Fast")

    await change(panel, "model", chosen=[VEO])
    await panel.press("Save")
    assert row(panel, "Default model")[0].endswith("Veo 3.1 Lite")
    assert "-# With the default model: shape 1:1 → 16:9" in row(panel, "Default shape")


@pytest.mark.slow
async def test_a_model_is_found_by_a_part_of_its_name(app: BotApp, eve: Any) -> None:
    panel = await settings(app, eve)
    await change(panel, "model", chosen=[FAST], typed="2.0 mini")
    assert row(panel, "Default model")[0].endswith("Seedance 2.0 Mini")

    await change(panel, "model", typed="veo")
    assert panel.text.startswith("3 models match veo, among them ")
    await change(panel, "model", typed="weather")
    assert panel.text.startswith("No model matches weather. Nothing was changed.")
    assert (await store_of(app).of(app.channel.guild.id)).model == "bytedance/seedance-2.0-mini"


async def test_a_model_with_more_lengths_than_a_menu_holds_takes_a_typed_one(app: BotApp, eve: Any) -> None:
    panel = await settings(app, eve)
    await change(panel, "model", chosen=["alibaba/wan-3.0"])
    await change(panel, "duration", typed="29")
    assert row(panel, "Default length")[0] == "Default length** · 29 s"
    await change(panel, "duration", typed="31")
    assert "31 isn't offered by alibaba/wan-3.0" in panel.text


async def test_a_lower_amount_than_the_bot_s_is_asked_above(app: BotApp, eve: Any) -> None:
    panel = await settings(app, eve)
    await change(panel, "confirm_above_usd", typed="0.60")
    assert "The bot asks above $0.50 anyway, so this server can only set that amount or a lower one." in panel.text
    await change(panel, "confirm_above_usd", typed="a lot")
    assert "What you typed is not an amount of USD" in panel.text
    await change(panel, "confirm_above_usd", typed="$0.10")
    assert row(panel, "Confirmation price")[0] == "Confirmation price** · $0.10"

    asked = await app.video(duration=4, resolution="480p")

    assert asked.ephemeral
    assert app.text(asked).lstrip().startswith("This one needs your OK before it starts. No charge yet.")
    assert app.openrouter.submits == []


async def test_no_higher_amount_than_the_bot_s_ever_holds(app: BotApp, eve: Any) -> None:
    await store_of(app).change(app.channel.guild.id, "confirm_above_usd", Decimal(5), by=eve.id)

    assert "-# The bot's ceiling holds: $0.50" in row(await settings(app, eve), "Confirmation price")
    assert (await app.video(duration=10, resolution="720p")).ephemeral


@pytest.mark.slow
@pytest.mark.settings(CONFIRM_ABOVE_USD="never")
async def test_a_server_asks_where_the_bot_never_does(app: BotApp, eve: Any) -> None:
    panel = await settings(app, eve)
    assert row(panel, "Confirmation price")[0] == "Confirmation price** · never"
    assert not (await app.video(duration=4, resolution="480p")).ephemeral
    await change(panel, "confirm_above_usd", typed="0")
    assert (await app.video(duration=4, resolution="480p")).ephemeral


@pytest.mark.slow
async def test_a_default_model_that_is_gone_is_named_to_who_asks_and_in_the_settings(app: BotApp, eve: Any) -> None:
    await change(await settings(app, eve), "model", chosen=["bytedance/seedance-2.0-mini"])
    await listed(app, [one for one in app.bot.guide.catalog if one.id != "bytedance/seedance-2.0-mini"])

    words = f"this server's default bytedance/seedance-2.0-mini is gone; {FAST} is used"
    assert f"-# {words}" in row(await settings(app, eve), "Default model")
    assert words in (await compose(app, prompt="A paper boat")).text
    status = await app.video()
    assert words in app.text(status)
    await app.finish(status)
    assert paid(app)["model"] == FAST


async def test_only_who_manages_the_server_now_sees_or_changes_it(app: BotApp, eve: Any) -> None:
    refused = "Only people with the permission Manage Server can change this server's settings. Nothing was changed."
    assert refused in app.text(await app.ann.slash(app.channel, "settings"))

    buttons = [
        ids.SHOW.button("a"),
        ids.CHANGE.button("b", name="duration"),
        ids.RESET.button("c", name="duration"),
        ids.SAVE.button("d", name="duration", value="4"),
    ]
    await store_of(app).change(app.channel.guild.id, "duration", 8, by=eve.id)
    view = ui.LayoutView()
    line: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    for button in buttons:
        line.add_item(button)
    channel = app.bot.get_channel(app.channel.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.send(view=view.add_item(line))
    for button in buttons:
        answer = await app.ann.click(app.channel.last_message, custom_id=button.custom_id)
        assert answer.ephemeral
        assert refused in app.text(answer)
    assert (await store_of(app).of(app.channel.guild.id)).duration == 8


async def test_a_window_that_is_sent_after_the_permission_is_gone_changes_nothing(app: BotApp) -> None:
    guild = app.channel.guild
    role = guild.create_role("producer", permissions=discord.Permissions(manage_guild=True))
    mia = guild.add_member(app.env.create_user("mia"), roles=[role])
    panel = await settings(app, mia)
    window = await press(panel, ids.CHANGE.of(name="duration"))
    here = app.bot.get_guild(guild.id)
    assert here is not None
    await here.get_role(role.id).edit(permissions=discord.Permissions.none())  # pyright: ignore[reportOptionalMemberAccess]

    answer = await mia.submit_modal(window, {"chosen": ["8"]})

    assert "Only people with the permission Manage Server" in app.text(answer)
    assert (await store_of(app).of(guild.id)).duration is None


async def test_in_a_direct_message_it_says_where_settings_are(app: BotApp) -> None:
    answer = await app.env.create_user("dora").slash("settings")
    assert app.text(answer) == "Settings belong to a server that the bot is in; use /settings there."


async def test_the_panel_fits_with_every_row_set(app: BotApp, eve: Any) -> None:
    values = {"model": VEO, "duration": 9, "resolution": "4K", "aspect_ratio": "1:1", "audio": False}
    others = {"confirm_above_usd": Decimal("0.10"), "approved_channel": CHANNEL, "review_roles": frozenset({CHANNEL})}
    others |= {"language": "ja"}
    for name, value in {**values, **others}.items():
        await store_of(app).change(app.channel.guild.id, name, value, by=eve.id)
    panel = await settings(app, eve)
    assert len(panel._parts) <= 40  # pyright: ignore[reportPrivateUsage]
    assert len(panel.text) < 2500
    assert len(panel.buttons) == 2 * len(SERVER_SETTINGS)  # each says what it changes


@pytest.mark.slow
async def test_who_is_forgotten_leaves_what_they_changed_without_their_name(archive: Archive, eve: Any) -> None:
    app = archive.app
    await change(await settings(app, eve), "duration", chosen=["8"])

    question = await archive.jobs("forget", eve)
    assert "### Forget your name on 1 server setting?" in archive.said(question)
    assert "1 server setting stays, without your name." in archive.said(question)
    await eve.click(question.response.message, label="Forget my name")  # pyright: ignore[reportOptionalMemberAccess]

    assert "Your name was removed from 1 server setting." in archive.said(question)
    value, source = row(await settings(app, eve), "Default length")[:2]
    assert value == "Default length** · 8 s"
    assert source.startswith("-# This server · set <t:")
    assert "There's nothing to forget." in archive.said(await archive.jobs("forget", eve))


async def test_without_a_list_of_models_the_settings_are_shown_and_no_model_is_chosen(app: BotApp, eve: Any) -> None:
    app.bot.guide._catalog = None  # pyright: ignore[reportPrivateUsage]
    panel = await settings(app, eve)
    assert row(panel, "Default model")[0] == f"Default model** · {FAST}"
    assert "hasn't loaded yet" in app.text(await press(panel, ids.CHANGE.of(name="model")))
    await change(panel, "confirm_above_usd", typed="0.20")
    assert row(panel, "Confirmation price")[0].endswith("$0.20")


async def test_a_model_s_name_with_markup_is_shown_as_it_is(app: BotApp, eve: Any) -> None:
    await listed(app, [replace(one, name="**@everyone**") if one.id == FAST else one for one in app.bot.guide.catalog])
    result = await eve.slash(app.channel, "settings")
    assert "\\*\\*\\@everyone\\*\\*" in str(flat(result.response.components)[2]["content"])


@pytest.mark.slow
async def test_a_channel_for_approved_videos_is_chosen_if_the_bot_may_post_there(app: BotApp, eve: Any) -> None:
    guild, bot = app.channel.guild, app.bot.user
    good = guild.create_text_channel("approved")
    bad = guild.create_text_channel("closed", overwrites={bot: discord.PermissionOverwrite(attach_files=False)})
    panel = await settings(app, eve)
    assert row(panel, "Approved channel")[0] == "Approved channel** · none"

    await change(panel, "approved_channel", chosen=[bad])
    assert f"can't post approved videos in <#{bad.id}>: it is missing Attach Files there" in panel.text
    assert row(panel, "Approved channel")[0] == "Approved channel** · none"
    await change(panel, "approved_channel", chosen=[good])
    assert row(panel, "Approved channel")[0] == f"Approved channel** · <#{good.id}>"
    assert (await store_of(app).of(guild.id)).approved_channel == good.id


async def test_roles_that_review_are_chosen_and_reset(app: BotApp, eve: Any) -> None:
    guild = app.channel.guild
    roles = [guild.create_role(name) for name in ("editor", "director")]
    panel = await settings(app, eve)
    assert row(panel, "Review roles")[0] == "Review roles** · everyone in the channel"
    await change(panel, "review_roles", chosen=roles)
    assert row(panel, "Review roles")[0] == f"Review roles** · <@&{roles[0].id}> <@&{roles[1].id}>"
    await press(panel, ids.RESET.of(name="review_roles"))
    assert row(panel, "Review roles")[0] == "Review roles** · everyone in the channel"
