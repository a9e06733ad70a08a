"""/screening and /cut."""

from __future__ import annotations

from discord import Interaction, app_commands
from discord.app_commands import Choice
from discord.ext import commands

from cogs.screening.cut import CutHandlers
from cogs.screening.handlers import ScreeningHandlers
from dailies.shot import SHOT_NAME_MOST

ShotName = app_commands.Range[str, 1, SHOT_NAME_MOST]


@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
class ScreeningCommands(
    commands.GroupCog, group_name="screening", group_description="Watch the takes of this channel in a row"
):
    """The group /screening; ScreeningHandlers answer its commands."""

    def __init__(self, screening_handlers: ScreeningHandlers) -> None:
        self._handlers = screening_handlers

    @app_commands.command(description="Join the takes since the last screening into one film, with slates; free")
    @app_commands.describe(shot="Takes of this shot only, also earlier ones", approved="Approved takes only")
    async def now(self, interaction: Interaction, shot: ShotName | None = None, approved: bool = False) -> None:
        await self._handlers.screen(interaction, shot, approved=approved)

    @app_commands.command(description="Have a screening here every day at a time, or end that with off")
    @app_commands.describe(at="Such as 17:00, or off", weekdays="Such as Mon-Fri; leave empty for every day")
    async def schedule(
        self,
        interaction: Interaction,
        at: app_commands.Range[str, 1, 20],
        weekdays: app_commands.Range[str, 1, 100] | None = None,
    ) -> None:
        await self._handlers.schedule(interaction, at, weekdays)

    @now.autocomplete("shot")
    async def complete_shot(self, interaction: Interaction, current: str) -> list[Choice[str]]:
        """Suggest shots of this place."""
        return await self._handlers.complete_shot(interaction, current)


class CutCommand(commands.Cog):
    """The command /cut; CutHandlers answer it."""

    def __init__(self, cut_handlers: CutHandlers) -> None:
        self._handlers = cut_handlers

    @app_commands.command(description="Join the approved take of each shot into one film at full size; free")
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    async def cut(self, interaction: Interaction) -> None:
        """Show what the cut would be made of, with the button that makes it."""
        await self._handlers.open(interaction)
