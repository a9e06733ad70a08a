"""What Discord refuses and what breaks on the way there, in our words."""

from __future__ import annotations

import aiohttp
import discord

TOO_LARGE = 40005
"""Discord's code for a request entity that is too large."""

BROKEN = (aiohttp.ClientError, OSError, TimeoutError, discord.DiscordServerError, discord.RateLimited)
"""What Discord's side or the network does wrong; another try may help. discord.py retries only 500, 502 and 504."""

REASONS = {
    10003: "the channel is gone",
    10008: "the status message is gone",
    50001: "the bot cannot see the channel",
    50013: "the bot lacks a permission there: it needs Send Messages, Attach Files and Read Message History",
    50083: "the thread is archived",
    30046: "the message is over an hour old and was edited too often",
}


def reason(error: discord.HTTPException) -> str:
    """Discord's refusal in our words; its own text is not repeated, since it may hold what was sent."""
    return REASONS.get(error.code, f"Discord answered HTTP {error.status}, code {error.code}")
