"""The place of a screening or a cut: where a command was used, and who may ask for what there."""

from __future__ import annotations

import discord
from discord import Interaction

from cogs.interactions.permissions import check_permissions, manages, token_only
from cogs.interactions.rights import check_person
from dailies.errors import RefusedError
from dailies.jobs.screening_takes import Scene
from dailies.reason import ReasonCode
from dailies.screening import Screening


def scene(interaction: Interaction) -> Scene:
    """Return the place of a command in which the person and the bot may post. Raises RefusedError."""
    if token_only(interaction):
        raise RefusedError(ReasonCode.SCREENING_NEEDS_BOT)
    check_permissions(interaction)
    check_person(interaction)
    return Scene(interaction.guild_id, interaction.channel_id or 0)


def check_here(interaction: Interaction, screening: Screening | None) -> Screening:
    """Return the screening below which something was pressed, if it is in this channel. Raises RefusedError."""
    if screening is None or (screening.guild_id, screening.channel_id) != (
        interaction.guild_id,
        interaction.channel_id,
    ):
        raise RefusedError(ReasonCode.SCREENING_GONE)
    return screening


def check_scheduling(interaction: Interaction, role_ids: frozenset[int]) -> Scene:
    """Return the place of a daily screening that the person may set. role_ids: of reviewers. Raises RefusedError."""
    if interaction.guild_id is None or token_only(interaction):
        raise RefusedError(ReasonCode.SCREENING_ELSEWHERE)
    member = interaction.user
    reviews = isinstance(member, discord.Member) and any(role.id in role_ids for role in member.roles)
    if not (manages(interaction) or reviews):
        raise RefusedError(ReasonCode.SCREENING_MANAGERS_ONLY)
    return scene(interaction)
