"""Discord's refusals and connection failures, as domain errors and sentences."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus

import aiohttp
import discord

from dailies.delivery.chat import Upload
from dailies.errors import ChatUnavailable, FileGone, FileTooLarge, NotAllowed
from dailies.job import Job

TOO_LARGE = 40005
"""Discord's code for a request entity that is too large."""

BROKEN = (aiohttp.ClientError, OSError, TimeoutError, discord.DiscordServerError, discord.RateLimited)
"""Failures of Discord's side or of the network; another try may help. discord.py retries only 500, 502 and 504."""

PASSING = frozenset({20016, 40333, 130000})
"""Refusals that pass by themselves: slow mode, a check at Discord's edge, an overloaded API."""

NO_REPLY = frozenset({160002, 50035})
"""Refusals of a reply: without Read Message History, or to a message that Discord no longer finds."""

TIME_OVER = "the bot is not a member there and could write for 15 minutes only"
DEAD_TOKEN = (10015, 50027)
"""Discord's codes for a command's token that is no longer valid."""

REASONS = {
    **dict.fromkeys(DEAD_TOKEN, TIME_OVER),
    10003: "the channel is gone",
    10004: "the bot is not in the server any more",
    10008: "the status message is gone",
    10013: "the person is not on Discord any more",
    20016: "the channel is in slow mode",
    30046: "the message is over an hour old and was edited too often",
    50001: "the bot cannot see the channel",
    50007: "the person takes no direct messages from the bot",
    50013: "the bot lacks a permission there: it needs Send Messages, Attach Files and Read Message History",
    50083: "the thread is archived",
    50278: "the person shares no server with the bot",
    160005: "the thread is locked",
}
NEEDS = (
    ("view_channel", "View Channel"),
    ("send_messages", "Send Messages"),
    ("attach_files", "Attach Files"),
    ("read_message_history", "Read Message History"),
)
"""Permissions that the bot needs in the place of a job."""
THREAD_NEEDS = (("send_messages_in_threads", "Send Messages in Threads"), *NEEDS[:1], *NEEDS[2:])
LACKING = (50001, 50013)


def reason(error: discord.HTTPException) -> str:
    """Return Discord's refusal in our words; its own text is not repeated, since it may hold what was sent."""
    return REASONS.get(error.code, f"Discord answered HTTP {error.status}, code {error.code}")


@asynccontextmanager
async def upload_errors(
    upload: Upload, *, seconds: float, why: Callable[[discord.HTTPException], str] = reason
) -> AsyncGenerator[None]:
    """Bound an upload in time and turn Discord's failures into Chat's errors. why: explains a refusal in our words.

    Raises FileGone, FileTooLarge, NotAllowed, ChatUnavailable.
    """
    try:
        async with asyncio.timeout(seconds):
            yield
    except FileNotFoundError as error:
        raise FileGone from error
    except BROKEN as error:
        raise ChatUnavailable(type(error).__name__) from error
    except discord.HTTPException as error:
        if error.status == HTTPStatus.TOO_MANY_REQUESTS or error.code in PASSING:
            raise ChatUnavailable(reason(error)) from error
        if error.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE or error.code == TOO_LARGE:
            raise FileTooLarge((await asyncio.to_thread(upload.file.stat)).st_size if upload.file else 0) from error
        raise NotAllowed(why(error)) from error


def missing(client: discord.Client, job: Job, error: discord.HTTPException) -> str:
    """Return why Discord refused in the place of a job; names the missing permissions."""
    guild = client.get_guild(job.place.guild_id) if job.place.guild_id else None
    if error.code not in LACKING or job.place.guild_id is None:
        return reason(error)
    if guild is None:
        return REASONS[10004]
    channel = guild.get_channel_or_thread(job.place.channel_id)
    if channel is None:
        return reason(error)
    allowed = channel.permissions_for(guild.me)
    if not allowed.view_channel:
        return "the bot lacks View Channel there"
    needs = THREAD_NEEDS if isinstance(channel, discord.Thread) else NEEDS
    names = [name for flag, name in needs if not getattr(allowed, flag)]
    return f"the bot lacks {', '.join(names)} there" if names else reason(error)
