"""The message command "Animate image": makes a job of a message's images and a prompt typed into a modal.

Discord gives such a command the whole message, even without the message content intent.
"""

from __future__ import annotations

import discord
from discord import Interaction, app_commands, ui
from discord.ext import commands

from cogs import autocomplete as choices
from cogs.interactions.permissions import age_restricted
from cogs.interactions.responses import refuse
from cogs.video.command import VideoCommand
from cogs.video.intake import VideoIntake
from cogs.video.message_links import MessageLinks
from dailies.catalog.guide import ModelGuide
from dailies.catalog.options import Options
from dailies.errors import CatalogMissing, RefusedError
from dailies.formatting import plural
from dailies.reason import ReasonCode
from dailies.references.reference import Source

WINDOW_SECONDS = 3600.0
"""Time that the modal may stay open; a prompt sent later is ignored, and nothing is paid."""


class Animate(commands.Cog):
    """Adds the command to the menu of every message, under Apps."""

    def __init__(
        self,
        bot: commands.Bot | commands.AutoShardedBot,
        intake: VideoIntake,
        guide: ModelGuide,
        links: MessageLinks,
    ) -> None:
        self._bot = bot
        self._intake = intake
        self._links = links
        self._guide = guide
        self._menu = app_commands.ContextMenu(
            name="Animate image",
            callback=self.animate,
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
        )

    async def cog_load(self) -> None:
        """Add the command to the tree: discord.py does not do that for a cog's context menus."""
        self._bot.tree.add_command(self._menu)

    async def animate(self, interaction: Interaction, message: discord.Message) -> None:
        """Open the modal that asks for the prompt."""
        try:
            window = await self._window(interaction, message)
        except (RefusedError, CatalogMissing) as error:
            await refuse(interaction, error)
            return
        await interaction.response.send_modal(window)

    async def _window(self, interaction: Interaction, message: discord.Message) -> Window:
        images = await self._links.images(interaction, message)
        if not images:
            raise RefusedError(ReasonCode.NO_IMAGE_IN_MESSAGE)
        return Window(self._intake, self._guide, images, adult=age_restricted(interaction.channel))


class Window(ui.Modal):
    """Modal with a prompt and a choice of models that take this many images. Raises CatalogMissing.

    adult: the images come from an age-restricted channel.
    """

    def __init__(self, intake: VideoIntake, guide: ModelGuide, images: list[Source], *, adult: bool) -> None:
        super().__init__(title=f"Animate {plural(len(images), '{n} image', '{n} images')}", timeout=WINDOW_SECONDS)
        self._intake = intake
        self._images = images
        self._adult = adult
        self._prompt: ui.TextInput[Window] = ui.TextInput(
            style=discord.TextStyle.paragraph, max_length=4000, placeholder="A slow camera move around {1}"
        )
        self._model: ui.Select[Window] = ui.Select(options=_models(guide, len(images)))
        said = "What happens, and what should stay the same. {1} names the first image, {2} the second"
        self.add_item(ui.Label(text="Prompt", description=said, component=self._prompt))
        self.add_item(ui.Label(text="Model", component=self._model))

    async def on_submit(self, interaction: Interaction, /) -> None:
        """Translate the input and submit it."""
        options = Options(self._prompt.value, self._model.values[0])
        command = VideoCommand(options, sources=tuple(self._images), age_restricted=self._adult)
        await self._intake.submit(interaction, command)


def _models(guide: ModelGuide, references: int) -> list[discord.SelectOption]:
    """Return models known to take this many images, the default first; if there are none, the default alone."""
    found = choices.models(guide, "", references=references)
    able = [
        one for one in found if (model := guide.model(one.value)) and guide.references.verdict(model).enough(references)
    ]
    return [
        discord.SelectOption(label=one.name, value=one.value, default=number == 0)
        for number, one in enumerate(able or found[:1])
    ]
