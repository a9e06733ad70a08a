"""The amount that the OpenRouter key may still spend: looked up hourly, warned about once, obeyed at a 402."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from pathlib import Path

from dailies.errors import CreditsShort, OpenRouterError
from dailies.explain import sentence
from dailies.language import ENGLISH, speaking
from dailies.openrouter.protocol import KeyInfo
from dailies.reason import Reason, ReasonCode

log = logging.getLogger(__name__)

LOOK_SECONDS = 3600.0
PAUSE_SECONDS = 300.0
"""After a 402 no request is sent for so long. GET /key does not show an account's credits, only the key's limits,
so then one waiting job tries; the others follow when OpenRouter takes it."""
PROBE_SECONDS = 300.0
"""Limit of the others' wait for that one job; the paid request itself has a shorter one."""
RESET_SECONDS = 3600.0
"""Longest pause for a limit that says when it renews: it may be raised before, which GET /key does not always show."""
EXPENSIVE = Decimal(1)
"""USD from which the key is looked at before a job is made."""
QUICK_SECONDS = 1.0
"""Limit of that look: a command has to be answered within three seconds."""


class CreditState(Enum):
    """Requests that may be sent, as far as the key's limit and OpenRouter's answers to earlier ones say."""

    AVAILABLE = "all: nothing was refused since OpenRouter last took one"
    ONLY_CHEAPER = "those that fit into what the key has left, which explains what was refused"
    PROBING = "one job's: a pause is over, and the next job tries"
    PAUSED = "none: for a while after a refusal, or until the one that tries was answered"
    EXHAUSTED = "none: the key has nothing left"


@dataclass
class CreditGate:
    """Lets requests pass, or not. left: as in KeyInfo; None before the first look, too. Prices: USD, None: unknown.

    now: seconds of a clock that nobody sets, or a pause would last until it is as late again.
    """

    now: Callable[[], float] = time.monotonic
    left: Decimal | None = None
    _began: float = field(default=0.0, init=False)
    _seconds: float = field(default=0.0, init=False)
    """The last pause: when it began, and how long it lasts."""
    _probe: str | None = field(default=None, init=False)
    _least: Decimal | None = field(default=None, init=False)
    """The price of the cheapest job that was refused since OpenRouter took one; 0: one of unknown price."""
    _limit: Reason | None = field(default=None, init=False)

    @property
    def state(self) -> CreditState:
        """Return what may be sent now, to whoever asks next."""
        if self.left is not None and self.left <= 0:
            return CreditState.EXHAUSTED
        if self._least is None:
            return CreditState.AVAILABLE
        if self.left is not None and self._least > self.left:
            return CreditState.ONLY_CHEAPER
        return CreditState.PAUSED if self._paused else CreditState.PROBING

    def affords(self, price: Decimal | None) -> bool:
        """Return False for a job that is too dear while only cheaper ones are sent."""
        fits = price is not None and self.left is not None and price <= self.left
        return fits or self.state is not CreditState.ONLY_CHEAPER

    def may_send(self, job_id: str, price: Decimal | None) -> bool:
        """Return whether this job may be sent. Once the pause is over, one job at a time tries."""
        state = self.state
        if state is CreditState.EXHAUSTED:
            return False
        sending = state in (CreditState.AVAILABLE, CreditState.ONLY_CHEAPER)
        if (sending and self.affords(price)) or job_id == self._probe:
            return True
        if self._paused:
            return False
        self._probe = job_id
        self._pause(PROBE_SECONDS)
        return True

    def give_back(self, job_id: str) -> None:
        """Let the next job try: the one that may is not sent yet, for another reason."""
        if job_id == self._probe:
            self._probe = None
            self._pause(0)

    @property
    def _paused(self) -> bool:
        # A clock that was set back makes no pause longer.
        return 0 <= self.now() - self._began < self._seconds

    def _pause(self, seconds: float) -> None:
        self._began, self._seconds = self.now(), seconds

    @property
    def limit(self) -> Reason | None:
        """Return the reason of the LimitSpent that explains a pause; None where another state or refusal does."""
        return self._limit if self._least is not None else None

    def learn(self, left: Decimal | None) -> None:
        """Note what the key has left. More than before ends a pause: somebody has raised its limit."""
        raised = left is not None and self.left is not None and left > self.left
        if raised and self._probe is None:
            self._pause(0)
        self.left = left

    def refused(self, price: Decimal | None, limit: Reason | None = None, resets_in: float | None = None) -> None:
        """Note a 402 to a job of this price: nothing is sent for a while, or nothing as dear.

        limit: reason of a LimitSpent. resets_in: seconds until that limit renews, if it is known.
        """
        known = Decimal(0) if price is None else price
        self._least = known if self._least is None else min(known, self._least)
        self._pause(PAUSE_SECONDS if resets_in is None else min(max(resets_in, 1.0), RESET_SECONDS))
        self._probe = None
        self._limit = limit

    def accepted(self, price: Decimal | None) -> None:
        """Note that OpenRouter took a job: there are credits. A cheap one says nothing while only those are sent."""
        if self.state is CreditState.ONLY_CHEAPER and self.affords(price):
            return
        self._probe = None
        self._least = None


_CLOSED = (CreditState.PAUSED, CreditState.EXHAUSTED)


class Credits:
    """Watches the key. key: asks OpenRouter. tell: the operators.

    low: USD below which they are warned; None: another process with the same key warns them. mark: a file that is there
    while they have been warned, so that a restart does not warn them again.
    """

    def __init__(
        self,
        credit_gate: CreditGate,
        key: Callable[[], Awaitable[KeyInfo]],
        tell: Callable[[str], Awaitable[None]],
        *,
        low: Decimal | None,
        mark: Path,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.credit_gate = credit_gate
        self._key = key
        self._tell = tell
        self._low = low
        self._sleep = sleep
        self._mark = mark
        self._told: tuple[ReasonCode, object] | None = None

    async def run(self) -> None:
        """Look for ever: by the hour, and more often while nothing can be sent."""
        looked = -LOOK_SECONDS
        while True:
            passed = self.credit_gate.now() - looked
            if self.credit_gate.state is not CreditState.AVAILABLE or not 0 <= passed < LOOK_SECONDS:
                looked = self.credit_gate.now()
                await self.look()
            await self.report()
            await self._sleep(PAUSE_SECONDS / 5)

    async def look(self) -> None:
        """Ask what is left. An answer that does not come changes nothing."""
        try:
            self.credit_gate.learn((await self._key()).left)
        except OpenRouterError as error:
            log.warning("the key could not be looked at: %s", error)
            return

    async def check(self, needed: Decimal) -> None:
        """Before a job that would hold so much. Raises CreditsShort when the key cannot pay it."""
        left = self.credit_gate.left
        if needed >= EXPENSIVE or (left is not None and needed > left):
            try:
                async with asyncio.timeout(QUICK_SECONDS):
                    await self.look()
            except TimeoutError:
                log.warning("the key could not be looked at within %g s; what is known of it counts", QUICK_SECONDS)
        left = self.credit_gate.left
        if left is not None and needed > left:
            raise CreditsShort(needed, left, self.credit_gate.limit if left <= 0 else None)
        if self.credit_gate.state in _CLOSED:
            raise CreditsShort(needed, None, self.credit_gate.limit)

    async def report(self) -> None:
        """Tell the operators, once, that little is left, that nothing more is sent, and that it goes on.

        In English, whoever's job it was at which that showed.
        """
        with speaking(ENGLISH):
            await self._report_low()
            await self._report_state()

    async def _report_state(self) -> None:
        state, limit = self.credit_gate.state, self.credit_gate.limit
        reason: Reason | None = None
        if state in _CLOSED:
            reason = Reason(ReasonCode.NOTHING_SENT_LIMIT, limit=limit) if limit else Reason(ReasonCode.NOTHING_SENT)
        elif state is CreditState.ONLY_CHEAPER:
            reason = Reason(ReasonCode.ONLY_CHEAP_ONES)
        told = reason and (reason.code, limit and limit.values["source"])
        if reason and told != self._told:
            await self._tell(sentence(reason))
            self._told = told
        elif self._told and state is CreditState.AVAILABLE:
            await self._tell(sentence(Reason(ReasonCode.CREDITS_AGAIN)))
            self._told = None

    async def _report_low(self) -> None:
        left = self.credit_gate.left
        if left is None or self._low is None:
            return
        warned = await asyncio.to_thread(self._mark.exists)
        if left >= self._low:
            if warned:
                await asyncio.to_thread(self._mark.unlink, missing_ok=True)
        elif not warned:
            log.warning("the OpenRouter key has %s USD left", left)
            await self._tell(sentence(Reason(ReasonCode.CREDITS_LOW, left=max(left, Decimal(0)), low=self._low)))
            await asyncio.to_thread(self._mark.touch)
