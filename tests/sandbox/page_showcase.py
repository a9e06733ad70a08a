"""A bot of real discord.py with every kind of option, component and modal control the page has to show."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import Any

import discord
from discord import app_commands, ui
from discord.app_commands import Choice, Range
from PIL import Image

from tests.support.discordbot import Bot


@dataclass
class Received:
    """Input that the bot received, in order."""

    options: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    completions: list[tuple[object, str]] = field(default_factory=list[tuple[object, str]])
    presses: list[str] = field(default_factory=list[str])
    forms: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


def picture(name: str, colour: str) -> discord.File:
    """Make a small PNG with a description."""
    data = io.BytesIO()
    Image.new("RGB", (320, 240), colour).save(data, "PNG")
    data.seek(0)
    return discord.File(data, name, description=f"A {colour} card")


def board_files() -> list[discord.File]:
    """Make the files that a board shows."""
    return [picture("red.png", "red"), picture("blue.png", "blue"), discord.File(io.BytesIO(b"hi"), "notes.txt")]


class Form(ui.Modal, title="A form"):
    """Every control a modal may hold within five rows."""

    def __init__(self, received: Received) -> None:
        super().__init__()
        self.received = received
        self.title_ = ui.TextInput[Form](min_length=3, max_length=40)
        self.files = ui.FileUpload[Form](min_values=1, max_values=2)
        self.model = ui.Select[Form](options=[discord.SelectOption(label=name) for name in ("Slow", "Fast")])
        self.shape = ui.RadioGroup[Form](
            options=[discord.RadioGroupOption(label=label, value=label) for label in ("Wide", "Tall")]
        )
        self.extras = ui.CheckboxGroup[Form](
            required=False,
            options=[discord.CheckboxGroupOption(label=label, value=label) for label in ("Sound", "Captions")],
        )
        self.add_item(ui.Label(text="Title", description="At least three letters", component=self.title_))
        self.add_item(ui.Label(text="Pictures", component=self.files))
        self.add_item(ui.Label(text="Model", component=self.model))
        self.add_item(ui.Label(text="Shape", component=self.shape))
        self.add_item(ui.Label(text="Extras", component=self.extras))

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Record the values."""
        self.received.forms.append(
            {
                "title": self.title_.value,
                "files": [file.filename for file in self.files.values],
                "model": self.model.values,
                "shape": self.shape.value,
                "extras": self.extras.values,
            }
        )
        await interaction.response.send_message("Form received", ephemeral=True)


class Board(ui.LayoutView):
    """Components of every kind."""

    def __init__(self, received: Received) -> None:
        super().__init__(timeout=None)
        self.received = received
        self.text = ui.TextDisplay[Board]("**Count** 0")
        self.add_item(
            ui.Container(
                ui.Section[Board](
                    "## Board", accessory=ui.Thumbnail[Board]("attachment://red.png", description="A red card")
                ),
                self.text,
                ui.Separator(),
                ui.MediaGallery(
                    discord.MediaGalleryItem("attachment://red.png", description="A red card"),
                    discord.MediaGalleryItem("attachment://blue.png", description="A blue card", spoiler=True),
                ),
                ui.File("attachment://notes.txt"),
                accent_colour=0x3366CC,
            )
        )
        row = ui.ActionRow[Board]()
        for label, style in (("Add", discord.ButtonStyle.primary), ("Form", discord.ButtonStyle.success)):
            button = ui.Button[Board](label=label, style=style, custom_id=label)
            button.callback = self._pressed(label)
            row.add_item(button)
        row.add_item(ui.Button(label="Silent", style=discord.ButtonStyle.danger, custom_id="silent"))
        row.add_item(ui.Button(label="Never", disabled=True, custom_id="never"))
        row.add_item(ui.Button(label="Docs", url="https://docs.example"))
        self.add_item(row)
        menu = ui.Select[Board](
            placeholder="Choose colours",
            max_values=2,
            options=[discord.SelectOption(label=name, description=f"like {name}") for name in ("Red", "Green", "Blue")],
        )

        async def chosen(interaction: discord.Interaction) -> None:
            received.presses.append("+".join(sorted(menu.values)))
            await interaction.response.defer()

        menu.callback = chosen
        self.add_item(ui.ActionRow(menu))

    def _pressed(self, label: str) -> Any:
        async def pressed(interaction: discord.Interaction) -> None:
            self.received.presses.append(label)
            if label == "Form":
                await interaction.response.send_modal(Form(self.received))
                return
            self.text.content = f"**Count** {self.received.presses.count('Add')}"
            await interaction.response.edit_message(view=self)

        return pressed


def showcase(bot: Bot, received: Received) -> None:
    """Give the bot its commands."""

    @bot.tree.command(description="Every kind of option")
    @app_commands.choices(size=[Choice(name="Small", value="s"), Choice(name="Large", value="l")])
    async def ask(
        interaction: discord.Interaction,
        text: str,
        count: Range[int, 1, 5],
        sure: bool | None = None,
        ratio: Range[float, 0, 1] | None = None,
        who: discord.Member | None = None,
        where: discord.TextChannel | None = None,
        size: str | None = None,
        word: str | None = None,
        file: discord.Attachment | None = None,
    ) -> None:
        """Write down every option."""
        given = {"text": text, "count": count, "sure": sure, "ratio": ratio, "who": who and who.display_name}
        given |= {"where": where and where.name, "size": size, "word": word, "file": file and file.filename}
        received.options.append(given)
        await interaction.response.send_message("Noted", ephemeral=True)

    @ask.autocomplete("word")
    async def complete(interaction: discord.Interaction, current: str) -> list[Choice[str]]:
        received.completions.append((interaction.namespace.count, current))
        return [
            Choice(name=name, value=name.lower()) for name in ("Apple", "Apricot", "Pear") if current in name.lower()
        ]

    @bot.tree.command(description="Shows components")
    async def board(interaction: discord.Interaction) -> None:
        await interaction.response.send_message(view=Board(received), files=board_files())

    @bot.tree.command(description="Posts a file with buttons")
    async def clip(interaction: discord.Interaction) -> None:
        view = ui.View(timeout=None)
        for label in ("Again · $0.45", "Edit", "Continue", "More"):
            button: ui.Button[ui.View] = ui.Button(label=label, custom_id=label)
            button.callback = private
            view.add_item(button)
        await interaction.response.send_message("Ready", file=picture("card.png", "red"), view=view)

    async def private(interaction: discord.Interaction) -> None:
        await interaction.response.send_message(view=Board(received), files=board_files(), ephemeral=True)

    @bot.tree.command(description="Never answers")
    async def silence(interaction: discord.Interaction) -> None: ...

    @bot.tree.context_menu(name="Quote")
    async def quote(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"> {message.content}")

    group = app_commands.Group(name="budget", description="Money")

    @group.command(name="set", description="Set the budget")
    async def budget_set(interaction: discord.Interaction, usd: float) -> None:
        received.options.append({"usd": usd})
        await interaction.response.send_message("Set")

    bot.tree.add_command(group)
