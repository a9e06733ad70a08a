"""Checks of who may change the cast, and where there is one."""

from __future__ import annotations

from discord import Interaction

from cogs.cast.ids import CHANNEL, SERVER
from cogs.interactions.permissions import first_process, hidden, moderates, token_only
from cogs.interactions.rights import check_person
from dailies.cast.entry import CastEntry
from dailies.errors import RefusedError
from dailies.reason import ReasonCode


def check_adding(interaction: Interaction) -> None:
    """Check that names can be added here, and by this person. Raises RefusedError.

    Where the bot is not a member, a server's cast would belong to nobody who manages it.
    """
    if token_only(interaction):
        if interaction.guild_id is not None:
            raise RefusedError(ReasonCode.CAST_NOT_HERE)
        if not first_process(interaction.client):
            raise RefusedError(ReasonCode.SEVERAL_PROCESSES)
    check_person(interaction)


def may_change(interaction: Interaction, entry: CastEntry) -> bool:
    """Return whether the person may change an entry that holds here: who added it, and who moderates."""
    return entry.added_by == interaction.user.id or moderates(interaction)


def check_changing(interaction: Interaction, entry: CastEntry) -> None:
    """Check that the person may change an entry that holds here. Raises RefusedError."""
    if not may_change(interaction, entry):
        raise RefusedError(ReasonCode.CAST_NOT_YOURS, name=entry.name)
    check_person(interaction)


def usual_scope(interaction: Interaction) -> str:
    """Return where a new name holds if nobody says: in the whole server, unless some of it do not see the channel."""
    return CHANNEL if interaction.guild_id is None or hidden(interaction.channel) else SERVER
