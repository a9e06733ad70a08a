"""Messages for the people who run the bot, in a channel of theirs."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable

import discord

from cogs.interactions.discord_errors import BROKEN, reason
from cogs.interactions.text import NOBODY, inert_but_times, shorten

log = logging.getLogger(__name__)

MOST = 20
HOUR = 3600.0
"""Maximum messages an hour: a fault that repeats itself must not flood the channel."""
SEND_SECONDS = 30.0
SHOWN = 1800
MESSAGE = 2000
"""Maximum characters of a message."""


class Operators:
    """channel_id: None: everything is in the log alone. now: seconds of a clock that does not jump."""

    def __init__(
        self, client: discord.Client, channel_id: int | None, *, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._channel_id = channel_id
        self._now = now
        self._sent: deque[float] = deque()

    async def tell(self, text: str) -> None:
        """Send a sentence, made inert; it is in the log in any case. Never raises for Discord's failures."""
        log.info("for the operators: %s", text)
        if self._channel_id is None:
            return
        while self._sent and self._now() - self._sent[0] > HOUR:
            self._sent.popleft()
        if len(self._sent) >= MOST:
            log.warning("the operators' channel had %d messages within an hour; this one is in the log alone", MOST)
            return
        self._sent.append(self._now())
        channel = self._client.get_partial_messageable(self._channel_id)
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await channel.send(shorten(inert_but_times(text, SHOWN), MESSAGE), allowed_mentions=NOBODY)
        except BROKEN as error:
            log.warning("the operators' channel could not be reached: %s", type(error).__name__)
        except discord.HTTPException as error:
            log.warning("the operators' channel refused a message: %s", reason(error))
