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
from dailies.reason import Reason, ReasonCode

TOO_LARGE = 40005
"""Discord's code for a request entity that is too large."""

BROKEN = (aiohttp.ClientError, OSError, TimeoutError, discord.DiscordServerError, discord.RateLimited)
"""Failures of Discord's side or of the network; another try may help. discord.py retries only 500, 502 and 504."""

PASSING = frozenset({20016, 40333, 130000})
"""Refusals that pass by themselves: slow mode, a check at Discord's edge, an overloaded API."""

NO_REPLY = frozenset({160002, 50035})
"""Refusals of a reply: without Read Message History, or to a message that Discord no longer finds."""

DEAD_TOKEN = (10015, 50027)
"""Discord's codes for a command's token that is no longer valid."""

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
"""Discord's codes for what it refuses."""
NEEDS = (
    ("view_channel", "View Channel"),
    ("send_messages", "Send Messages"),
    ("attach_files", "Attach Files"),
    ("read_message_history", "Read Message History"),
)
"""Permissions that the bot needs in the place of a job."""
THREAD_NEEDS = (("send_messages_in_threads", "Send Messages in Threads"), *NEEDS[:1], *NEEDS[2:])
LACKING = (50001, 50013)


def reason(error: discord.HTTPException) -> Reason:
    """Discord's refusal; its own text is not repeated, since it may hold what was sent."""
    if code := CODES.get(error.code):
        return Reason(code)
    return Reason(ReasonCode.CHAT_ANSWERED, status=error.status, error_code=error.code)


@asynccontextmanager
async def upload_errors(
    upload: Upload, *, seconds: float, why: Callable[[discord.HTTPException], Reason] = reason
) -> AsyncGenerator[None]:
    """What Discord does to a parcel, in at most so many seconds, as Chat says it. why: of a refusal.

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


def missing(client: discord.Client, job: Job, error: discord.HTTPException) -> Reason:
    """Why Discord refused where a job was asked for; names the permissions that are missing."""
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
