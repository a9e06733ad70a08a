"""Discord's markup in a prompt, as a person reads it.

A client sends a mention as an id: the model would see digits, and a person's id would leave Discord.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from datetime import UTC, datetime

import discord
from discord import Interaction

from cogs.interactions.discord_errors import BROKEN
from cogs.interactions.text import plain

_ID = r"\d{15,20}"
"""An id of Discord; shorter numbers are none, and stay as they were typed."""
_MARKUP = re.compile(
    rf"<(?:@!?(?P<user>{_ID})|@&(?P<role>{_ID})|#(?P<channel>{_ID})|a?:(?P<emoji>\w{{1,32}}):{_ID}"
    rf"|/(?P<command>[^<>:\n]{{1,100}}):{_ID}|t:(?P<time>-?\d{{1,17}})(?::(?P<style>\w))?"
    rf"|id:(?P<page>customize|browse|guide|home|linked-roles)(?::{_ID})?)>",
    re.ASCII,
)
"""Discord's formats of messages (its reference, "Message Formatting"); emoji names are ASCII."""
_PAGES = {
    "customize": "Channels & Roles",
    "browse": "Browse Channels",
    "guide": "Server Guide",
    "home": "Server Guide",
    "linked-roles": "Linked Roles",
}
"""Names of a server's own pages, as clients show them."""
PEOPLE = 5
"""Most people whose names are asked for; the others of one prompt are someone."""


async def readable(interaction: Interaction, prompt: str, *, seconds: float) -> str:
    """Return a prompt with names in the place of ids. seconds: limit of the questions for names of people.

    Anything that is not known, or not visible to the requester, becomes "someone", "a role" or "a channel".
    """
    found = list(_MARKUP.finditer(prompt))
    names = await _names(interaction, {int(one["user"]) for one in found if one["user"]}, seconds)

    def words(match: re.Match[str]) -> str:
        kind = match.lastgroup if match.lastgroup != "style" else "time"
        match kind:
            case "user":
                return names.get(int(match[kind]), "someone")
            case "role":
                role = interaction.guild and interaction.guild.get_role(int(match[kind]))
                return _name(role.name) if role else "a role"
            case "channel":
                return _channel(interaction, int(match[kind]))
            case "command":
                return f"/{match[kind]}"
            case "time":
                return _time(int(match[kind]), match["style"] or "f")
            case "page":
                return _PAGES[match[kind]]
            case _:
                return match["emoji"]

    return _MARKUP.sub(words, prompt)


async def _names(interaction: Interaction, ids: set[int], seconds: float) -> dict[int, str]:
    """Return the display names of people of this server, and of the two whom direct messages are between."""
    known = [interaction.user, *([interaction.client.user] if interaction.client.user else [])]
    guild = interaction.client.get_guild(interaction.guild_id or 0)
    if guild is not None:
        known += [member for one in ids if (member := guild.get_member(one))]
    names = {one.id: _name(one.display_name) for one in known}
    unknown = sorted(ids - names.keys())[:PEOPLE]
    if guild is not None and unknown:
        members = await _fetched(guild, unknown, seconds)
        names |= {one.id: _name(one.display_name) for one in members}
    return names


async def _fetched(guild: discord.Guild, ids: Iterable[int], seconds: float) -> list[discord.Member]:
    async def fetch(one: int) -> discord.Member | None:
        try:
            async with asyncio.timeout(seconds):
                return await guild.fetch_member(one)
        except (*BROKEN, discord.HTTPException):
            return None

    return [member for member in await asyncio.gather(*map(fetch, ids)) if member]


def _channel(interaction: Interaction, channel_id: int) -> str:
    guild = interaction.client.get_guild(interaction.guild_id or 0)
    channel = guild and guild.get_channel_or_thread(channel_id)
    if channel is None or not isinstance(interaction.user, discord.Member):
        return "a channel"
    if isinstance(channel, discord.Thread) and (channel.parent is None or channel.is_private()):
        return "a channel"
    return _name(channel.name) if channel.permissions_for(interaction.user).view_channel else "a channel"


def _name(text: str) -> str:
    """Return a name without what could be read as the number of a reference, or as markup."""
    return re.sub(r"[@\uff20{}\uff5b\uff5d<>\[\]]", "", plain(text)).strip() or "someone"


def _time(seconds: int, style: str) -> str:
    """Return a time in words, in UTC, because the prompt does not say where its readers are."""
    try:
        at = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return "a date"
    day, clock = f"{at.day} {at:%B %Y}", f"{at:%H:%M}"
    return clock if style in "tT" else day if style in "dD" else f"{day}, {clock}"
