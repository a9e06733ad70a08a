"""Deferred answers and refusals of commands and buttons."""

from __future__ import annotations

import logging
import re
from typing import Any

import discord
from discord import Interaction, InteractionResponseType, ui

from cogs.interactions.discord_errors import BROKEN
from cogs.interactions.text import NOBODY, content, inert_reason
from dailies.database import is_away
from dailies.errors import DailiesError, RefusedError
from dailies.explain import explain
from dailies.log_fields import fields
from dailies.reason import ReasonCode

log = logging.getLogger(__name__)

REFUSAL_SHOWN = 900
_PUT_OFF = (InteractionResponseType.deferred_channel_message, InteractionResponseType.deferred_message_update)


async def refuse(interaction: Interaction[Any], error: DailiesError, buttons: ui.View | None = None) -> None:
    """Answer with the error, visible to the requester alone, and log it."""
    log_refusal(interaction, error)
    await _answer(interaction, error, buttons)


def log_refusal(interaction: Interaction[Any], error: DailiesError) -> None:
    """Log that a person was refused something, by codes: values may hold their words."""
    said = fields(
        "refused",
        code=error.reason.codes,
        command=interaction.command and interaction.command.qualified_name,
        button=_kind_of(interaction),
        user=interaction.user.id,
        guild=interaction.guild_id,
        channel=interaction.channel_id,
    )
    log.info("a request was refused", extra=said)


def _kind_of(interaction: Interaction[Any]) -> str | None:
    """Return which kind of button, menu or window was used; None for a command."""
    custom_id = (interaction.data or {}).get("custom_id")
    # Without the ids and values behind it.
    found = re.match(r"[a-z_]+(:[a-z_]+)?(?=:|$)", str(custom_id)) if custom_id else None
    return found and found[0]


async def _answer(interaction: Interaction[Any], error: DailiesError, buttons: ui.View | None = None) -> None:
    text = content(inert_reason(error.reason, REFUSAL_SHOWN))
    below: dict[str, Any] = {"view": buttons} if buttons else {}
    await interaction.response.send_message(text, ephemeral=True, allowed_mentions=NOBODY, **below)


async def defer(interaction: Interaction[Any]) -> None:
    """Defer the answer before a database write, which may take longer than Discord waits; `finish` completes it."""
    await interaction.response.defer(ephemeral=True, thinking=True)


async def finish(interaction: Interaction[Any], text: str) -> None:
    """Complete a deferred answer."""
    await interaction.edit_original_response(content=content(text), allowed_mentions=NOBODY)


async def report_failure(interaction: Interaction[Any], what: str, error: BaseException) -> None:
    """Log a bug or an outage once, and tell the person, unless they have an answer already. The command itself has sent
    nothing to OpenRouter.

    what: names the command in the log.
    """
    away = is_away(error)
    log.error("%s: %r", what, error, exc_info=None if away else error)
    refused = RefusedError(ReasonCode.AWAY if away else ReasonCode.BUG)
    if interaction.type is discord.InteractionType.autocomplete:
        return  # autocomplete cannot show text
    try:
        if not interaction.response.is_done():
            await _answer(interaction, refused)
        elif interaction.response.type in _PUT_OFF:
            # For a command that is shown as thinking, this becomes the answer.
            await interaction.followup.send(content(explain(refused)), ephemeral=True, allowed_mentions=NOBODY)
    except (*BROKEN, discord.HTTPException) as trouble:
        log.warning("%s: who used it could not be told: %s", what, type(trouble).__name__)
