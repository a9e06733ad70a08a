"""/cast: named references of a server or a channel."""

from __future__ import annotations

from discord import Interaction, app_commands
from discord.app_commands import Choice
from discord.ext import commands

from cogs.cast.editing import CastEditing
from cogs.cast.handlers import CastHandlers
from cogs.cast.ids import CHANNEL, SERVER
from cogs.cast.windows import NOTE_MOST

Name = app_commands.Range[str, 1, 100]
Note = app_commands.Range[str, 1, NOTE_MOST]


@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
class Cast(
    commands.GroupCog, group_name="cast", group_description="Your cast: @hero in a prompt brings its pictures along"
):
    """The group /cast; CastEditing and CastHandlers answer its commands."""

    def __init__(self, cast_editing: CastEditing, cast_handlers: CastHandlers) -> None:
        self._cast_editing = cast_editing
        self._cast_handlers = cast_handlers

    @app_commands.command(description="Add a character, a place or a thing with up to 4 pictures")
    @app_commands.describe(name="Such as hero, or hero/winter for another look", where="Who can use it")
    @app_commands.choices(
        where=[Choice(name="Whole server", value=SERVER), Choice(name="This channel or thread only", value=CHANNEL)]
    )
    async def add(
        self, interaction: Interaction, name: Name, where: str | None = None, note: Note | None = None
    ) -> None:
        await self._cast_editing.add(interaction, name, where, note or "")

    @app_commands.command(name="list", description="See everyone and everything in the cast here")
    async def list_names(self, interaction: Interaction) -> None:
        await self._cast_handlers.list_names(interaction)

    @app_commands.command(description="See the pictures of a name, who added it, and whose likeness it is")
    @app_commands.describe(name="Start typing the name")
    async def show(self, interaction: Interaction, name: Name) -> None:
        await self._cast_handlers.show(interaction, name)

    @app_commands.command(description="Change pictures, name, note or likeness, or renew consent")
    @app_commands.describe(name="Start typing the name")
    async def edit(self, interaction: Interaction, name: Name) -> None:
        await self._cast_handlers.show(interaction, name, edit=True)

    @app_commands.command(description="Remove a name from the cast, with its pictures; asks first")
    @app_commands.describe(name="Start typing the name")
    async def remove(self, interaction: Interaction, name: Name) -> None:
        await self._cast_handlers.ask_remove(interaction, name)

    @show.autocomplete("name")
    @edit.autocomplete("name")
    @remove.autocomplete("name")
    async def complete_name(self, interaction: Interaction, current: str) -> list[Choice[str]]:
        """Suggest names that hold here."""
        return await self._cast_handlers.complete(interaction, current)
