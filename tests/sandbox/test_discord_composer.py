"""Needs of a panel at Discord: menus, windows, pictures that change, buttons under files."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import discord
import pytest
from discord import ui
from discord.http import Route
from PIL import Image

from sandbox.clock import Clock
from sandbox.discord import DiscordServer, Upload, drafts, modals
from sandbox.discord.errors import ApiError
from sandbox.discord.files import FileStore
from sandbox.discord.interactions import Interaction
from sandbox.discord.model import Channel
from sandbox.discord.person import Person
from tests.support.discordbot import Bot, connected
from tests.support.openapi import check_discord_traffic


def picture(name: str, colour: str) -> discord.File:
    data = io.BytesIO()
    Image.new("RGB", (32, 24), colour).save(data, "PNG")
    data.seek(0)
    return discord.File(data, name, description=f"A {colour} card")


class Window(ui.Modal, title="Pictures"):
    """A window with files, a menu and a text."""

    def __init__(self) -> None:
        super().__init__()
        self.files: ui.FileUpload[Window] = ui.FileUpload(
            custom_id="files", required=False, min_values=0, max_values=10
        )
        roles = [discord.SelectOption(label=role, default=role == "Reference") for role in ("Reference", "First frame")]
        self.role: ui.Select[Window] = ui.Select(custom_id="role", options=roles)
        self.order: ui.TextInput[Window] = ui.TextInput(custom_id="order", default="1, 2", required=False)
        self.add_item(ui.Label(text="Pictures", component=self.files))
        self.add_item(ui.Label(text="Role", component=self.role))
        self.add_item(ui.Label(text="Order", component=self.order))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        names = [file.filename for file in self.files.values]
        said = f"{names} as {self.role.values[0]} in order {self.order.value}"
        await interaction.response.edit_message(view=Panel(said), attachments=[picture("new.png", "blue")])


class Panel(ui.LayoutView):
    """A private panel with a gallery, a menu and buttons."""

    def __init__(self, text: str, name: str = "new.png") -> None:
        super().__init__(timeout=None)
        self.add_item(ui.TextDisplay(text))
        gallery: ui.MediaGallery[Panel] = ui.MediaGallery()
        gallery.add_item(media=f"attachment://{name}", description="1 · reference")
        self.add_item(gallery)
        menu: ui.Select[Panel] = ui.Select(
            custom_id="length", options=[discord.SelectOption(label=f"{n} s") for n in range(4, 12)]
        )
        menu.callback = self.chosen
        self.add_item(ui.ActionRow(menu))
        row: ui.ActionRow[Panel] = ui.ActionRow()
        for label, pressed in (("Pictures", self.pictures), ("Generate", self.generate)):
            button: ui.Button[Panel] = ui.Button(label=label, custom_id=label)
            button.callback = pressed
            row.add_item(button)
        self.add_item(row)
        self.menu = menu

    async def chosen(self, interaction: discord.Interaction) -> None:
        view = Panel(f"length {self.menu.values[0]}")
        await interaction.response.edit_message(view=view, attachments=[picture("new.png", "green")])

    async def pictures(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Window())

    async def generate(self, interaction: discord.Interaction) -> None:
        await interaction.response.defer()
        await interaction.followup.send("For everybody")
        await interaction.followup.send("For Ann", ephemeral=True)
        await interaction.edit_original_response(view=Panel("Started"), attachments=[picture("new.png", "white")])


def composer(bot: Bot) -> None:
    @bot.tree.command(description="Test")
    async def compose(interaction: discord.Interaction) -> None:
        await interaction.response.send_message(
            view=Panel("Empty", "old.png"), file=picture("old.png", "red"), ephemeral=True
        )

    assert compose


async def opened(server: DiscordServer) -> tuple[Person, Channel, str]:
    """Ann, her channel, and the id of the panel that only she sees."""
    ann, channel = server.person(), server.world.channel_named("dailies")
    panel = (await (await ann.command(channel.id, "compose")).wait()).response_message
    assert panel is not None
    assert panel["flags"] & 64
    return ann, channel, panel["id"]


def shown(server: DiscordServer, message_id: str) -> tuple[str, str]:
    """The text of a panel, and the name of the file in its gallery."""
    message = server.world.message(message_id)
    text, gallery = message.data["components"][:2]
    (file,) = [file for file in message.files.values() if file.id == gallery["items"][0]["media"]["attachment_id"]]
    return text["content"], file.filename


async def test_a_choice_redraws_a_private_panel_with_another_picture() -> None:
    """The update replaces its files, and the gallery names the new one."""
    async with connected(composer) as (server, _):
        ann, _, panel = await opened(server)
        assert shown(server, panel) == ("Empty", "old.png")
        await (await ann.select(panel, "length", ["8 s"])).wait()
        assert shown(server, panel) == ("length 8 s", "new.png")
        assert len(server.world.message(panel).files) == 1
        check_discord_traffic(server.requests)


async def test_a_window_with_files_redraws_the_panel_that_opened_it() -> None:
    """Ten files, the role that was preselected, and a text that was left as it was."""
    async with connected(composer) as (server, _):
        ann, _, panel = await opened(server)
        window = await (await ann.click(panel, "Pictures")).wait()
        files = [Upload(f"{n}.png", b"x") for n in range(10)]
        sent = await (await ann.submit_modal(window, {"files": files})).wait()
        assert sent.state == "answered"
        names = [file.filename for file in files]
        assert shown(server, panel) == (f"{names} as Reference in order 1, 2", "new.png")
        check_discord_traffic(server.requests)


async def test_a_window_may_be_sent_without_files() -> None:
    async with connected(composer) as (server, _):
        ann, _, panel = await opened(server)
        window = await (await ann.click(panel, "Pictures")).wait()
        await (await ann.submit_modal(window, {"role": ["First frame"], "order": "2, 1"})).wait()
        assert shown(server, panel)[0] == "[] as First frame in order 2, 1"


async def test_a_click_on_a_private_panel_posts_for_everybody_and_for_one() -> None:
    """Both follow-ups are new messages, and the panel is edited by the click's own token."""
    async with connected(composer) as (server, _):
        ann, channel, panel = await opened(server)
        clicked: Interaction = await (await ann.click(panel, "Generate")).wait_answer()
        assert clicked.state == "answered"
        assert shown(server, panel) == ("Started", "new.png")
        everybody = [message["content"] for message in server.person("Ben").messages(channel.id)]
        assert everybody == ["For everybody"]
        assert [message["content"] for message in ann.messages(channel.id)][1:] == ["For everybody", "For Ann"]
        check_discord_traffic(server.requests)


async def test_buttons_stand_under_a_plain_message_with_a_file() -> None:
    """Content, attachment and buttons, without a layout; a click answers whoever pressed."""
    async with connected() as (server, bot):
        channel = server.world.channel_named("dailies")
        view = ui.View(timeout=None)
        again: ui.Button[ui.View] = ui.Button(label="Again · $0.45", custom_id="again")

        async def pressed(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("Yours", ephemeral=True)

        again.callback = pressed
        view.add_item(again)
        target = bot.get_partial_messageable(int(channel.id))
        message = await target.send("Ready", file=picture("film.png", "red"), view=view)
        ben = server.person("Ben")
        clicked = await (await ben.click(str(message.id), "again")).wait()
        assert clicked.response_message is not None
        assert clicked.response_message["content"] == "Yours"
        assert [one["content"] for one in ben.messages(channel.id)] == ["Ready", "Yours"]
        assert [one["content"] for one in server.person().messages(channel.id)] == ["Ready"]
        check_discord_traffic(server.requests)


async def test_the_description_of_a_file_is_changed_by_an_edit() -> None:
    """Alt text, without another upload; too long a one is refused and changes nothing."""
    async with connected() as (server, bot):
        channel = server.world.channel_named("dailies")
        message = await bot.get_partial_messageable(int(channel.id)).send(file=picture("film.png", "red"))
        stored = message.attachments[0]
        assert stored.description == "A red card"
        route = Route("PATCH", "/channels/{channel_id}/messages/{m}", channel_id=channel.id, m=str(message.id))
        changed: Any = await bot.http.request(
            route, json={"attachments": [{"id": str(stored.id), "description": "A fox"}]}
        )
        assert [one["description"] for one in changed["attachments"]] == ["A fox"]
        long = [{"id": str(stored.id), "description": "x" * 1025}]
        with pytest.raises(discord.HTTPException) as refused:
            await bot.http.request(route, json={"attachments": long})
        assert refused.value.code == 50035
        assert [file.description for file in server.world.message(str(message.id)).files.values()] == ["A fox"]
        check_discord_traffic(server.requests)


@pytest.fixture
def store() -> Iterator[FileStore]:
    files = FileStore(Clock(), 60)
    yield files
    files.close()


def select(number: int = 3, **fields: object) -> dict[str, Any]:
    options = [{"label": f"Option {n}", "value": str(n)} for n in range(number)]
    return {"type": 3, "custom_id": "s", "options": options, **fields}


def problems(read: object, *args: object) -> str:
    """The nested errors of a body that Discord refuses."""
    assert callable(read)
    with pytest.raises(ApiError) as refused:
        read(*args)
    assert refused.value.body["code"] == 50035
    return str(refused.value.body["errors"])


@pytest.mark.parametrize(
    ("menu", "words"),
    [
        (select(26), "Must be between 1 and 25"),
        (select(2, max_values=3), "Must be between 3 and 25"),
        (select(3, min_values=2), "less than or equal to 1"),
        (select(3, min_values=0, required=True), "SELECT_COMPONENT_REQUIRED_ZERO_MIN_VALUES"),
        (select(placeholder="x" * 151), "placeholder"),
        ({**select(), "options": [{"label": str(n), "value": str(n), "default": True} for n in range(2)]}, "options"),
    ],
)
def test_a_menu_that_discord_refuses_in_messages(menu: dict[str, Any], words: str, store: FileStore) -> None:
    body: dict[str, Any] = {"content": "a", "components": [{"type": 1, "components": [menu]}]}
    assert words in problems(drafts.read, body, {}, store)


def test_a_menu_of_which_nothing_may_be_chosen_is_taken(store: FileStore) -> None:
    menu = select(3, min_values=0, max_values=3, required=False)
    read = drafts.read({"content": "a", "components": [{"type": 1, "components": [menu]}]}, {}, store)
    assert read.components is not None
    assert read.components[0]["components"][0]["min_values"] == 0


def group(kind: int, number: int, **fields: object) -> dict[str, Any]:
    options = [{"label": str(n), "value": str(n)} for n in range(number)]
    return {"type": kind, "custom_id": "g", "options": options, **fields}


FILES = {"type": 19, "custom_id": "f"}
TEXT = {"type": 4, "custom_id": "t", "style": 1}


@pytest.mark.parametrize(
    ("control", "words"),
    [
        (FILES | {"max_values": 11}, "less than or equal to 10"),
        (FILES | {"min_values": 0, "max_values": 10}, "SELECT_COMPONENT_REQUIRED_ZERO_MIN_VALUES"),
        (FILES | {"min_values": 3}, "less than or equal to 1"),
        (select(min_values=0), "SELECT_COMPONENT_REQUIRED_ZERO_MIN_VALUES"),
        (select(disabled=True), "disabled"),
        (group(21, 1), "Must be between 2 and 10"),
        (group(21, 11), "Must be between 2 and 10"),
        (group(22, 11), "and 10 in length"),
        (group(22, 3, max_values=4), "Must be between 4 and 10"),
        (TEXT | {"style": None}, "style"),
        (TEXT | {"value": "x" * 41, "max_length": 40}, "Must be 40 or fewer"),
        (TEXT | {"min_length": 5, "max_length": 4}, "less than or equal to 4"),
        (TEXT | {"max_length": 4001}, "less than or equal to 4000"),
        ({"type": 2, "style": 1, "custom_id": "b", "label": "Go"}, "UNION_TYPE_CHOICES"),
    ],
)
def test_a_control_that_discord_refuses_in_windows(control: dict[str, Any], words: str) -> None:
    label = {"type": 18, "label": "Label", "component": control}
    assert words in problems(modals.read, {"custom_id": "m", "title": "M", "components": [label]})


@pytest.mark.parametrize(
    ("modal", "words"),
    [
        ({"title": "x" * 46}, "title"),
        ({"components": []}, "components"),
        ({"components": [{"type": 18, "label": "L", "component": TEXT}] * 6}, "Must be between 1 and 5"),
        ({"components": [{"type": 18, "label": "x" * 46, "component": TEXT}]}, "label"),
        ({"components": [{"type": 18, "label": "L", "description": "x" * 101, "component": TEXT}]}, "description"),
        ({"components": [{"type": 18, "label": "L", "component": TEXT}] * 2}, "COMPONENT_CUSTOM_ID_DUPLICATED"),
    ],
)
def test_a_window_that_discord_refuses(modal: dict[str, Any], words: str) -> None:
    right = {"custom_id": "m", "title": "M", "components": [{"type": 18, "label": "L", "component": TEXT}]}
    modals.read(right)
    assert words in problems(modals.read, right | modal)


@pytest.mark.parametrize(
    "control",
    [
        FILES | {"min_values": 0, "max_values": 10, "required": False},
        group(21, 2),
        group(22, 10),
        group(22, 3, min_values=2),
        group(22, 3, min_values=0, required=False),
        {"type": 23, "custom_id": "c"},
        TEXT | {"value": "", "min_length": 3, "max_length": 40, "required": False},
        select(25, min_values=2, max_values=25),
    ],
)
def test_controls_of_windows_that_discord_takes(control: dict[str, Any]) -> None:
    label = {"type": 18, "label": "Label", "component": control}
    assert modals.read({"custom_id": "m", "title": "M", "components": [label]})["components"]
