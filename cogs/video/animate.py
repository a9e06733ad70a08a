"""The message command "Animate image": opens the composer with a message's images and a prompt typed into a modal.

Discord gives such a command the whole message, even without the message content intent.
"""

from __future__ import annotations

from dataclasses import replace

import discord
from discord import Interaction, app_commands, ui
from discord.ext import commands

from cogs.interactions.permissions import age_restricted, server_of
from cogs.interactions.responses import refuse
from cogs.video.command import VideoCommand
from cogs.video.intake import VideoIntake
from cogs.video.message_links import MessageLinks
from dailies.catalog.guide import ModelGuide
from dailies.catalog.options import Options
from dailies.errors import CatalogMissing, RefusedError
from dailies.fix import fitting_model
from dailies.language import gettext, ngettext, pgettext
from dailies.openrouter.payload import Role
from dailies.reason import ReasonCode
from dailies.references.reference import Source

WINDOW_SECONDS = 3600.0
"""Time that the modal may stay open; a prompt sent later is ignored, and nothing is paid."""
ROLES = (Role.FIRST, Role.LAST)
"""Roles of one picture, and of two, that the video starts from."""
REFERENCES, FRAMES = "references", "frames"
"""Values of the menu of uses."""


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
    """Modal that asks what happens and, for one picture or two, what they are used as. Raises CatalogMissing.

    adult: the images come from an age-restricted channel.
    """

    def __init__(self, intake: VideoIntake, guide: ModelGuide, images: list[Source], *, adult: bool) -> None:
        title = ngettext("Animate {n} image", "Animate {n} images", len(images))
        super().__init__(title=title, timeout=WINDOW_SECONDS)
        self._intake = intake
        self._guide = guide
        self._images = images
        self._adult = adult
        self._prompt: ui.TextInput[Window] = ui.TextInput(
            style=discord.TextStyle.paragraph, max_length=4000, placeholder=gettext("A slow camera move around {1}")
        )
        self._use: ui.Select[Window] | None = _uses(len(images))
        said = gettext("What happens, and what should stay the same. {1} names the first image, {2} the second")
        self.add_item(ui.Label(text=gettext("Prompt"), description=said, component=self._prompt))
        if self._use:
            self.add_item(ui.Label(text=pgettext("pictures", "Use"), component=self._use))
        guide.default_model  # noqa: B018 (raises while there is no list of models)

    async def on_submit(self, interaction: Interaction, /) -> None:
        """Open the composer with the images and the prompt."""
        sources = tuple(self._images)
        if self._use and self._use.values == [FRAMES]:
            sources = tuple(replace(one, role=role) for one, role in zip(sources, ROLES, strict=False))
        command = VideoCommand(Options(self._prompt.value), sources=sources, age_restricted=self._adult, shot_typed="")
        model = fitting_model(await self._guide.of_server(server_of(interaction)), command.counted)
        await self._intake.compose(interaction, replace(command, options=replace(command.options, model=model)))


def _uses(images: int) -> ui.Select[Window] | None:
    """Return the menu of what the images are used as; None where they can only be references."""
    if images > len(ROLES):
        return None
    words = (gettext("Use it as a reference"), gettext("Start from this picture"))
    if images > 1:
        words = (gettext("Use them as references"), gettext("Start with the first, end with the second"))
    values = (REFERENCES, FRAMES)
    return ui.Select(
        options=[
            discord.SelectOption(label=label, value=value, default=value == REFERENCES)
            for label, value in zip(words, values, strict=True)
        ]
    )
