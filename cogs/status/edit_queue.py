"""The queue of edits: one lane for each of Discord's rate limits, fair between messages and between lanes.

A lane holds names of messages, not their contents: these are looked up when there is room to send, so the newest state
wins and a stale one cannot be sent. Nothing here runs while there is nothing to do: no task for a lane or a message,
only one for each request on its way and at most one timer for each lane that waits for its limit.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import IntEnum

from cogs.interactions.pause import Pause
from cogs.status.rate_limits import (
    ALL_AT_ONCE,
    ALL_PER_SECOND,
    CHECKS_PER_SECOND,
    SPARE_EDITS,
    EditBucket,
    RateLimitHeaders,
    TokenBucket,
)

log = logging.getLogger(__name__)


class Urgency(IntEnum):
    """The order of edits."""

    END = 0  # how a job ended
    CHANGE = 1  # it says something new
    CHECK = 2  # only the time of the job's last check


Key = int | str
"""A channel's id, or the id of a job whose interaction's token has a limit of its own."""

Send = Callable[[Key, str], Awaitable[RateLimitHeaders | None]]
"""Sends the newest state of a message; None when there was nothing to send."""


@dataclass
class EditLane:
    """Messages under one rate limit, in the order in which they became due."""

    key: Key
    bucket: EditBucket = field(default_factory=EditBucket)
    waiting: tuple[dict[str, None], ...] = field(default_factory=lambda: tuple({} for _ in Urgency))
    busy: bool = False
    """A request is on its way: one at a time, so that a later state never overtakes an earlier one."""
    rest: asyncio.TimerHandle | None = None
    ready: set[Urgency] = field(default_factory=set[Urgency])

    @property
    def exempt(self) -> bool:
        """True if the limit on all of a bot's requests does not apply, as for requests with an interaction's token."""
        return isinstance(self.key, str)

    @property
    def urgency(self) -> Urgency | None:
        """The most urgent message's urgency; None when none waits."""
        return next((level for level in Urgency if self.waiting[level]), None)


class EditQueue:
    """Sends queued messages as soon as Discord's limits and a pause allow."""

    def __init__(self, send: Send, pause: Pause | None = None) -> None:
        self._send = send
        self._pause = pause or Pause()
        self._queue: dict[Key, EditLane] = {}
        self._ready: tuple[deque[EditLane], ...] = tuple(deque() for _ in Urgency)
        self._all = TokenBucket(ALL_PER_SECOND, burst=ALL_AT_ONCE)
        self._checks = TokenBucket(CHECKS_PER_SECOND, burst=5)
        self._timer: asyncio.TimerHandle | None = None
        self._sending: set[asyncio.Task[None]] = set()

    def offer(self, key: Key, name: str, urgency: Urgency) -> None:
        """Queue a message that has something to send. One that already waits keeps its turn, or becomes more urgent."""
        lane = self._queue.get(key) or self._queue.setdefault(key, EditLane(key))
        if any(name in level for level in lane.waiting[: urgency + 1]):
            return
        for level in lane.waiting[urgency + 1 :]:
            level.pop(name, None)
        lane.waiting[urgency][name] = None
        self._line_up(lane)
        self._go()

    def occupied(self, key: Key) -> bool:
        """Return whether this lane has something waiting or on its way."""
        lane = self._queue.get(key)
        return lane is not None and (lane.busy or lane.urgency is not None)

    async def close(self) -> None:
        """Send nothing more."""
        if self._timer:
            self._timer.cancel()
        for lane in self._queue.values():
            if lane.rest:
                lane.rest.cancel()
        self._queue.clear()
        for line in self._ready:
            line.clear()
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)

    def _line_up(self, lane: EditLane) -> None:
        """Put a lane that may send among those that are ready."""
        urgency = lane.urgency
        # A guess must not hold up an end; if it was right, discord.py waits.
        guessed = urgency is Urgency.END and not lane.bucket.known
        loop = asyncio.get_running_loop()
        spare = 0 if urgency in (Urgency.END, Urgency.CHANGE) else SPARE_EDITS
        wait = 0.0 if guessed else lane.bucket.wait(loop.time(), spare)
        if lane.busy or (lane.rest and wait > 0):
            return
        if lane.rest:  # a check waits for room that something more urgent has
            lane.rest.cancel()
            lane.rest = None
        if wait > 0:
            # Even with nothing to send: Discord's word about the limit must not be forgotten before it ends.
            lane.rest = loop.call_later(wait, self._rested, lane)
        elif urgency is None:
            self._queue.pop(lane.key, None)
        elif urgency not in lane.ready:
            lane.ready.add(urgency)
            self._ready[urgency].append(lane)

    def _rested(self, lane: EditLane) -> None:
        lane.rest = None
        self._line_up(lane)
        self._go()

    def _go(self) -> None:
        """Send as much as there is room for; the most urgent first, among equals the lane that waited longest."""
        loop = asyncio.get_running_loop()
        if paused := self._pause.left:
            # Of interactions' tokens too: the page of Cloudflare's is for the bot's address.
            self._later(paused)
            return
        for urgency, line in zip(Urgency, self._ready, strict=True):
            while line:
                now = loop.time()
                wait = 0.0 if line[0].exempt else self._all.wait(now)
                if urgency is Urgency.CHECK:
                    wait = max(wait, self._checks.wait(now))
                if wait > 0:
                    self._later(wait)
                    return
                lane = line.popleft()
                lane.ready.discard(urgency)
                # A lane may have lined up twice, or have rested since; then it lines up again by itself.
                if not (lane.busy or lane.rest) and lane.waiting[urgency]:
                    self._start(lane, urgency, now)

    def _later(self, wait: float) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(wait, self._go)

    def _start(self, lane: EditLane, urgency: Urgency, now: float) -> None:
        if not lane.exempt:
            self._all.take(now)
        if urgency is Urgency.CHECK:
            self._checks.take(now)
        lane.bucket.take(now)
        name = next(iter(lane.waiting[urgency]))
        del lane.waiting[urgency][name]
        lane.busy = True
        task = asyncio.create_task(self._run(lane, name), name=f"status of job {name}")
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _run(self, lane: EditLane, name: str) -> None:
        headers = None
        try:
            headers = await self._send(lane.key, name)
        except Exception:
            # A bug in one message's layout must not keep the channel's other messages from being edited.
            log.exception("job %s: a bug kept its status from being edited", name)
        finally:
            lane.busy = False
        if headers is None:
            lane.bucket.left += 1
        else:
            lane.bucket.learn(headers)
            if headers.limited and headers.everywhere:
                self._all.block(headers.at, headers.limited)
        self._line_up(lane)
        self._go()
