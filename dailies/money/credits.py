"""What the OpenRouter key may still spend: looked at by the hour, warned about once, and obeyed at a 402."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from decimal import Decimal

from dailies.errors import CreditsShort, OpenRouterError
from dailies.openrouter.protocol import KeyInfo
from dailies.words import usd

log = logging.getLogger(__name__)

LOOK_SECONDS = 3600.0
PAUSE_SECONDS = 300.0
"""After a 402 no request is sent for so long. GET /key does not show an account's credits, only the key's own limit,
so then one waiting job tries; the others follow when OpenRouter takes it."""
PROBE_SECONDS = 300.0
"""How long the others wait for that one job; the paid request itself has a limit below this."""
EXPENSIVE = Decimal(1)
"""USD from which the key is looked at before a job is made."""
QUICK_SECONDS = 1.0
"""Limit of that look: a command has to be answered within three seconds."""


@dataclass
class Purse:
    """Whether requests may be sent. left: USD of the key's own limit, None without one or before the first look."""

    now: Callable[[], float] = time.time
    left: Decimal | None = None
    _until: float = field(default=0.0, init=False)
    _probe: str | None = field(default=None, init=False)

    @property
    def closed(self) -> bool:
        """Whether nothing may be sent just now. Once a pause is over, a new command may be the one that tries."""
        return self._empty or self.now() < self._until

    @property
    def open(self) -> bool:
        """Whether OpenRouter has not refused anything since it last took a job."""
        return not self._empty and not self._until

    @property
    def _empty(self) -> bool:
        return self.left is not None and self.left <= 0

    def may_pass(self, job_id: str) -> bool:
        """Whether this job may be sent. Once the pause is over, one job at a time tries."""
        if self._empty:
            return False
        if not self._until or job_id == self._probe:
            return True
        if self.now() < self._until:
            return False
        self._probe = job_id
        self._until = self.now() + PROBE_SECONDS
        return True

    def refused(self) -> None:
        """OpenRouter answered 402: nothing is sent for a while."""
        self._until = self.now() + PAUSE_SECONDS
        self._probe = None

    def accepted(self) -> None:
        """OpenRouter took a job, so there are credits."""
        self._until = 0.0
        self._probe = None


class Credits:
    """Watches the key. key: asks OpenRouter. tell: the operators. low: USD below which they are warned."""

    def __init__(
        self,
        purse: Purse,
        key: Callable[[], Awaitable[KeyInfo]],
        tell: Callable[[str], Awaitable[None]],
        *,
        low: Decimal,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.purse = purse
        self._key = key
        self._tell = tell
        self._low = low
        self._sleep = sleep
        self._warned = False
        self._told_closed = False

    async def run(self) -> None:
        """Look for ever: by the hour, and more often while nothing can be sent."""
        looked = 0.0
        while True:
            if not self.purse.open or self.purse.now() - looked >= LOOK_SECONDS:
                looked = self.purse.now()
                await self.look()
            await self._report_closed()
            await self._sleep(PAUSE_SECONDS / 5)

    async def look(self) -> None:
        """Ask what is left. An answer that does not come changes nothing."""
        try:
            self.purse.left = (await self._key()).limit_remaining
        except OpenRouterError as error:
            log.warning("the key could not be looked at: %s", error)
            return
        left = self.purse.left
        if left is None or left >= self._low:
            self._warned = False
        elif not self._warned:
            self._warned = True
            log.warning("the OpenRouter key has %s USD left", left)
            await self._tell(
                f"The bot's OpenRouter key has {usd(max(left, Decimal(0)))} left, less than {usd(self._low)}. "
                "Raise its limit at openrouter.ai/settings/keys, or add credits."
            )

    async def check(self, needed: Decimal) -> None:
        """Before a job that would hold so much. Raises CreditsShort when the key cannot pay it."""
        left = self.purse.left
        if needed >= EXPENSIVE or (left is not None and needed > left):
            try:
                async with asyncio.timeout(QUICK_SECONDS):
                    await self.look()
            except TimeoutError:
                log.warning("the key could not be looked at within %g s; what is known of it counts", QUICK_SECONDS)
        left = self.purse.left
        if self.purse.closed or (left is not None and needed > left):
            raise CreditsShort(needed, left)

    async def _report_closed(self) -> None:
        if self.purse.closed and not self._told_closed:
            await self._tell(
                "OpenRouter says that there are no credits left, so the bot sends nothing more. Jobs that were asked "
                "for wait and go on by themselves; new ones are refused. Add credits at openrouter.ai/credits."
            )
            self._told_closed = True
        elif self._told_closed and self.purse.open:
            await self._tell("There are credits again, and the jobs that waited go on.")
            self._told_closed = False
