"""Discord's refusals and connection failures, as domain errors and reasons."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus

import aiohttp
import discord

from cogs.interactions.pause import from_outside
from dailies.delivery.chat import Upload
from dailies.errors import ChatUnavailable, FileGone, FileTooLarge, NotAllowed
from dailies.job import Job
from dailies.reason import Reason, ReasonCode

TOO_LARGE = 40005
"""Discord's error code for a request that is too large."""

BROKEN = (aiohttp.ClientError, OSError, TimeoutError, discord.DiscordServerError, discord.RateLimited)
"""Failures of Discord or of the network; another try may help. discord.py retries only 500, 502 and 504."""

PASSING = frozenset({20016, 40333, 130000})
"""Error codes of temporary refusals: slow mode, a check at Discord's edge, an overloaded API."""

NO_REPLY = frozenset({160002, 50035})
"""Error codes of refused replies: without Read Message History, or to a message that no longer exists."""

DEAD_TOKEN = (10015, 50027)
"""Error codes for an interaction token that is no longer valid."""

CODES = {
    **dict.fromkeys(DEAD_TOKEN, ReasonCode.TIME_OVER),
    10003: ReasonCode.CHANNEL_GONE,
    10004: ReasonCode.SERVER_LEFT,
    10008: ReasonCode.STATUS_GONE,
    10013: ReasonCode.PERSON_GONE,
    20016: ReasonCode.SLOW_MODE,
    30046: ReasonCode.EDITED_TOO_OFTEN,
    50001: ReasonCode.CHANNEL_UNSEEN,
    50007: ReasonCode.NO_DIRECT_MESSAGES,
    50013: ReasonCode.LACKS_PERMISSION,
    50083: ReasonCode.ARCHIVED,
    50278: ReasonCode.NO_SHARED_SERVER,
    160005: ReasonCode.LOCKED,
}
"""Reasons by Discord's error code."""
NEEDS = (
    ("view_channel", "View Channel"),
    ("send_messages", "Send Messages"),
    ("attach_files", "Attach Files"),
    ("read_message_history", "Read Message History"),
)
"""Permissions that the bot needs in the channel of a job."""
THREAD_NEEDS = (("send_messages_in_threads", "Send Messages in Threads"), *NEEDS[:1], *NEEDS[2:])
LACKING = (50001, 50013)


def reason(error: discord.HTTPException) -> Reason:
    """Return the reason of a refusal. Discord's own text is left out, because it may quote what was sent."""
    if code := CODES.get(error.code):
        return Reason(code)
    return Reason(ReasonCode.CHAT_ANSWERED, status=error.status, error_code=error.code)


def passing(error: discord.HTTPException) -> bool:
    """Return whether another try may help: Discord refuses it for now, or did not answer by itself at all."""
    if error.status == HTTPStatus.TOO_MANY_REQUESTS or error.code in PASSING:
        return True
    return from_outside(error.response.headers)


@asynccontextmanager
async def upload_errors(
    upload: Upload, *, seconds: float, why: Callable[[discord.HTTPException], Reason] = reason
) -> AsyncGenerator[None]:
    """Translate the errors of an upload into those of Chat. seconds: limit. why: returns the reason of a refusal.

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
        if error.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE or error.code == TOO_LARGE:
            raise FileTooLarge((await asyncio.to_thread(upload.file.stat)).st_size if upload.file else 0) from error
        if passing(error):
            raise ChatUnavailable(reason(error)) from error
        raise NotAllowed(why(error)) from error


def missing(client: discord.Client, job: Job, error: discord.HTTPException) -> Reason:
    """Explain a refusal in the channel of a job, naming the permissions that the bot lacks."""
    guild = client.get_guild(job.place.guild_id) if job.place.guild_id else None
    if error.code not in LACKING or job.place.guild_id is None:
        return reason(error)
    if guild is None:
        return Reason(ReasonCode.SERVER_LEFT)
    channel = guild.get_channel_or_thread(job.place.channel_id)
    if channel is None:
        return reason(error)
    allowed = channel.permissions_for(guild.me)
    if not allowed.view_channel:
        return Reason(ReasonCode.LACKS_PERMISSIONS, names=["View Channel"])
    needs = THREAD_NEEDS if isinstance(channel, discord.Thread) else NEEDS
    names = [name for flag, name in needs if not getattr(allowed, flag)]
    return Reason(ReasonCode.LACKS_PERMISSIONS, names=names) if names else reason(error)
