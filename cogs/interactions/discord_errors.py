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
from dailies.language import gettext_noop
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

UNKNOWN_CHANNEL = 10003
"""Error code for a channel or post that does not exist."""

CODES = {
    **dict.fromkeys(DEAD_TOKEN, ReasonCode.TIME_OVER),
    UNKNOWN_CHANNEL: ReasonCode.CHANNEL_GONE,
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
    ("view_channel", gettext_noop("View Channel")),
    ("send_messages", gettext_noop("Send Messages")),
    ("attach_files", gettext_noop("Attach Files")),
    ("read_message_history", gettext_noop("Read Message History")),
)
"""Permissions that the bot needs in the channel of a job, by their names in Discord's English clients."""
THREAD_NEEDS = (("send_messages_in_threads", gettext_noop("Send Messages in Threads")), *NEEDS[:1], *NEEDS[2:])
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
    return missing_in(client, job.place.guild_id, job.place.channel_id, error)


def missing_in_post(client: discord.Client, job: Job, post_id: int, error: discord.HTTPException) -> Reason:
    """Explain a refusal in the forum post of a job's shot, naming the permissions that the bot lacks."""
    gone = error.code == UNKNOWN_CHANNEL
    return Reason(ReasonCode.POST_GONE) if gone else missing_in(client, job.place.guild_id, post_id, error)


def missing_in(client: discord.Client, guild_id: int | None, channel_id: int, error: discord.HTTPException) -> Reason:
    """Explain a refusal in a channel, naming the permissions that the bot lacks. guild_id: None: a direct message."""
    if error.code not in LACKING or guild_id is None:
        return reason(error)
    guild = client.get_guild(guild_id)
    if guild is None:
        return Reason(ReasonCode.SERVER_LEFT)
    channel = guild.get_channel_or_thread(channel_id)
    names = lacking(channel) if channel is not None else []
    return Reason(ReasonCode.LACKS_PERMISSIONS, names=names) if names else reason(error)


def lacking(channel: discord.abc.GuildChannel | discord.Thread) -> list[str]:
    """Return the names of the permissions that the bot needs to post videos in a channel, and lacks there."""
    allowed = channel.permissions_for(channel.guild.me)
    if not allowed.view_channel:  # without it there are no others
        return [NEEDS[0][1]]
    needs = THREAD_NEEDS if isinstance(channel, discord.Thread) else NEEDS
    return [name for flag, name in needs if not getattr(allowed, flag)]
