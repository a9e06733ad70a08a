"""/compose: opens the composer with what is given, or with the person's newest draft."""

from __future__ import annotations

from discord import Interaction, app_commands

from cogs.composer.composer import DraftComposer
from cogs.interactions.responses import refuse
from cogs.video.parameters import OptionsCog, command_of, suggests, takes_options
from dailies.catalog.guide import ModelGuide
from dailies.errors import RefusedError


class Compose(OptionsCog):
    """The command /compose."""

    def __init__(self, composer: DraftComposer, guide: ModelGuide) -> None:
        super().__init__(guide, composer.cast, composer.shots)
        self._composer = composer

    @app_commands.command(description="Put a video together step by step, and see its price first")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    @takes_options(prompt=False)
    async def compose(self, interaction: Interaction, **given: object) -> None:
        """Open the panel of a new draft with these options; without any, of the newest one."""
        composer, new = self._composer, any(value is not None for value in given.values())
        try:
            draft = await (composer.draft(interaction, command_of(given)) if new else composer.newest(interaction))
        except RefusedError as error:
            await refuse(interaction, error)
            return
        await composer.open(interaction, draft)

    suggests(compose)
