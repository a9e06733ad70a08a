"""Answers with a layout: each redraws the message that was clicked in, if only one person sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import discord
from discord import Interaction, ui

from cogs.interactions.text import NOBODY


async def show(interaction: Interaction, view: ui.LayoutView, files: Sequence[discord.File] | None = ()) -> None:
    """Answer with a view: in place of the ephemeral message that was clicked in, or else as a new one.

    files: what the view shows; None: the files that are there stay.
    """
    shown: dict[str, Any] = {"view": view, "allowed_mentions": NOBODY}
    kept: dict[str, Any] = {} if files is None else {"attachments": list(files)}
    message = interaction.message
    if message is not None and message.flags.ephemeral:
        # A message with text, as a refusal is, has to lose it before it can take a layout.
        emptied: dict[str, Any] = {"content": None, "embeds": []} if message.content or message.embeds else {}
        if interaction.response.is_done():
            await interaction.edit_original_response(**shown, **emptied, **kept)
        else:
            await interaction.response.edit_message(**shown, **emptied, **kept)
    elif interaction.response.is_done():
        await interaction.followup.send(**shown, files=list(files or ()), ephemeral=True)
    else:
        await interaction.response.send_message(**shown, files=list(files or ()), ephemeral=True)


async def comes_later(interaction: Interaction, work: asyncio.Task[Any], seconds: float) -> bool:
    """Wait for what an answer needs. True when that takes longer: then Discord was told, and `redraw` answers."""
    if (await asyncio.wait([work], timeout=seconds))[0]:
        return False
    if interaction.message is not None and interaction.message.flags.ephemeral:
        await interaction.response.defer()
    else:
        await interaction.response.defer(ephemeral=True, thinking=True)
    return True


async def redraw(interaction: Interaction, view: ui.LayoutView, files: Sequence[discord.File] | None) -> None:
    """Show a view in place of an answer that was given before, as long as its token lives."""
    kept: dict[str, Any] = {} if files is None else {"attachments": list(files)}
    await interaction.edit_original_response(view=view, allowed_mentions=NOBODY, **kept)
