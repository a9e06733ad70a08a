"""What the OpenRouter key may still spend: looked at by the hour, warned about once, and obeyed at a 402."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from dailies.errors import CreditsShort, OpenRouterError
from dailies.formatting import usd
from dailies.openrouter.protocol import KeyInfo

log = logging.getLogger(__name__)

LOOK_SECONDS = 3600.0
PAUSE_SECONDS = 300.0
"""After a 402 no request is sent for so long. GET /key does not show an account's credits, only the key's limits,
so then one waiting job tries; the others follow when OpenRouter takes it."""
PROBE_SECONDS = 300.0
"""How long the others wait for that one job; the paid request itself has a limit below this."""
EXPENSIVE = Decimal(1)
"""USD from which the key is looked at before a job is made."""
QUICK_SECONDS = 1.0
"""Limit of that look: a command has to be answered within three seconds."""


CLOSED = (
    "OpenRouter says that there are no credits left, so the bot sends nothing more. Jobs that were asked for wait and "
    "go on by themselves; new ones are refused. Add credits at openrouter.ai/credits, or raise the key's limit at "
    "openrouter.ai/settings/keys."
)
DEAR = (
    "OpenRouter refused a video that costs more than the bot's key has left. It waits and goes on by itself; cheaper "
    "ones are made. Raise the key's limit at openrouter.ai/settings/keys."
)


@dataclass
class CreditState:
    """Whether requests may be sent. left: see KeyInfo; None before the first look, too."""

    now: Callable[[], float] = time.time
    left: Decimal | None = None
    _until: float = field(default=0.0, init=False)
    _probe: str | None = field(default=None, init=False)
    _least: Decimal | None = field(default=None, init=False)
    """The price of the cheapest job that was refused since; 0: one whose price is not known."""

    @property
    def closed(self) -> bool:
        """Whether nothing may be sent just now. Once a pause is over, a new command may be the one that tries."""
        return self._empty or (self.now() < self._until and not self.only_dear)

    @property
    def open(self) -> bool:
        """Whether OpenRouter has not refused anything since it last took a job."""
        return not self._empty and not self._until

    @property
    def only_dear(self) -> bool:
        """Whether the key's own limit explains what was refused: jobs that fit into what is left may go."""
        return bool(self._until) and self.left is not None and self._least is not None and self._least > self.left > 0

    @property
    def _empty(self) -> bool:
        return self.left is not None and self.left <= 0

    def fits(self, needed: Decimal | None) -> bool:
        """Whether a job of this price may go although a dearer one was refused. None: its price is not known."""
        return self.only_dear and self.left is not None and needed is not None and needed <= self.left

    def able(self, needed: Decimal | None) -> bool:
        """Whether a job of this price can go as far as is known: False while only cheaper ones do."""
        return not self.only_dear or self.fits(needed)

    def may_pass(self, job_id: str, needed: Decimal | None) -> bool:
        """Whether this job may be sent. Once the pause is over, one job at a time tries. needed: USD, as for fits."""
        if self._empty:
            return False
        if not self._until or job_id == self._probe or self.fits(needed):
            return True
        if self.now() < self._until:
            return False
        self._probe = job_id
        self._until = self.now() + PROBE_SECONDS
        return True

    def give_back(self, job_id: str) -> None:
        """The job that may try is not sent yet, for another reason: the next one may."""
        if job_id == self._probe:
            self._probe = None
            self._until = self.now()

    def refused(self, needed: Decimal | None) -> None:
        """OpenRouter answered 402 to a job of this price: nothing is sent for a while, or nothing as dear."""
        price = Decimal(0) if needed is None else needed
        self._least = price if self._least is None else min(price, self._least)
        self._until = self.now() + PAUSE_SECONDS
        self._probe = None

    def accepted(self, needed: Decimal | None) -> None:
        """OpenRouter took a job, so there are credits; where only dear ones were refused, a cheap one says nothing."""
        if self.fits(needed):
            return
        self._until = 0.0
        self._probe = None
        self._least = None


class Credits:
    """Watches the key. key: asks OpenRouter. tell: the operators.

    low: USD below which they are warned; None: another process with the same key warns them. mark: a file that is there
    while they have been warned, so that a restart does not warn them again.
    """

    def __init__(
        self,
        credit_state: CreditState,
        key: Callable[[], Awaitable[KeyInfo]],
        tell: Callable[[str], Awaitable[None]],
        *,
        low: Decimal | None,
        mark: Path,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.credit_state = credit_state
        self._key = key
        self._tell = tell
        self._low = low
        self._sleep = sleep
        self._mark = mark
        self._told = ""

    async def run(self) -> None:
        """Look for ever: by the hour, and more often while nothing can be sent."""
        looked = 0.0
        while True:
            if not self.credit_state.open or self.credit_state.now() - looked >= LOOK_SECONDS:
                looked = self.credit_state.now()
                await self.look()
            await self.report()
            await self._sleep(PAUSE_SECONDS / 5)

    async def look(self) -> None:
        """Ask what is left. An answer that does not come changes nothing."""
        try:
            self.credit_state.left = (await self._key()).left
        except OpenRouterError as error:
            log.warning("the key could not be looked at: %s", error)
            return

    async def check(self, needed: Decimal) -> None:
        """Before a job that would hold so much. Raises CreditsShort when the key cannot pay it."""
        left = self.credit_state.left
        if needed >= EXPENSIVE or (left is not None and needed > left):
            try:
                async with asyncio.timeout(QUICK_SECONDS):
                    await self.look()
            except TimeoutError:
                log.warning("the key could not be looked at within %g s; what is known of it counts", QUICK_SECONDS)
        left = self.credit_state.left
        if left is not None and needed > left:
            raise CreditsShort(needed, left)
        if self.credit_state.closed:
            raise CreditsShort(needed, None)

    async def report(self) -> None:
        """Tell the operators, once, that little is left, that nothing more is sent, and that it goes on."""
        await self._report_low()
        closed = DEAR if self.credit_state.only_dear else CLOSED if self.credit_state.closed else ""
        if closed and closed != self._told:
            await self._tell(closed)
            self._told = closed
        elif self._told and self.credit_state.open:
            await self._tell("There are credits again, and the jobs that waited go on.")
            self._told = ""

    async def _report_low(self) -> None:
        left = self.credit_state.left
        if left is None or self._low is None:
            return
        warned = await asyncio.to_thread(self._mark.exists)
        if left >= self._low:
            if warned:
                await asyncio.to_thread(self._mark.unlink, missing_ok=True)
        elif not warned:
            log.warning("the OpenRouter key has %s USD left", left)
            await self._tell(
                f"The bot's OpenRouter key has {usd(max(left, Decimal(0)))} left, less than {usd(self._low)}. "
                "Raise its limit at openrouter.ai/settings/keys, or add credits."
            )
            await asyncio.to_thread(self._mark.touch)
