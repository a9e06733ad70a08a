"""Scripted failures of the REST interface: of single requests, or of all of them for a time."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from sandbox.discord.jsontypes import JsonObject

When = Literal["before", "after"]
BOUND = r"^/(?!interactions/|webhooks/)"
"""Paths of requests that the limit on all of a bot's requests holds for: answers to interactions are exempt."""
BLOCKED = (
    "<!DOCTYPE html>\n<html><head><title>Access denied | discord.com used Cloudflare to restrict access</title></head>"
    "<body><h1>Error 1015</h1><p>You are being rate limited</p></body></html>\n"
)
"""The page of Cloudflare's, in front of Discord, for an address with too many refused requests."""


@dataclass
class Fault:
    """One scripted failure; `times` counts down as it strikes, `after` as it lets requests pass.

    files: it strikes only requests that bring files.
    until: world time before which it strikes, however often; such an answer says in Retry-After how long that is.
    everywhere: it is the limit on all of a bot's requests. page: is sent instead of JSON, by Cloudflare before Discord.
    """

    method: str | None
    path: re.Pattern[str]
    status: int
    body: JsonObject | None
    times: int
    after: int
    drop: bool
    when: When
    delay_s: float
    struck: int = 0
    until: float | None = None
    everywhere: bool = False
    page: str | None = None
    files: bool = False

    def matches(self, method: str, path: str, *, files: bool) -> bool:
        """Return whether it concerns this request, whatever its counters say."""
        return self.method in (None, method) and self.path.search(path) is not None and files >= self.files


@dataclass
class DiscordFaults:
    """The failures scripted now. Of those that match a request, the oldest strikes."""

    now: Callable[[], float] = time.time
    pending: list[Fault] = field(default_factory=list[Fault])

    def outage(self, seconds: float) -> Fault:
        """Answer every request with 503 for so many world seconds."""
        return self._lasting(seconds, self.add(status=503))

    def limit_globally(self, seconds: float) -> Fault:
        """Refuse all requests but answers to interactions, as over the limit on all of them, for so many seconds."""
        fault = self._lasting(seconds, self.add(path=BOUND, status=429))
        fault.everywhere = True
        return fault

    def block(self, seconds: float, *, status: int = 429) -> Fault:
        """Let Cloudflare refuse every request, with its page for error 1015, for so many world seconds."""
        fault = self._lasting(seconds, self.add(status=status))
        fault.page = BLOCKED
        return fault

    def _lasting(self, seconds: float, fault: Fault) -> Fault:
        fault.until = self.now() + seconds
        return fault

    def add(
        self,
        *,
        method: str | None = None,
        path: str = ".*",
        status: int = 503,
        body: JsonObject | None = None,
        times: int = 1,
        after: int = 0,
        drop: bool = False,
        when: When = "before",
        delay_s: float = 0.0,
        files: bool = False,
    ) -> Fault:
        """Script a failure and return it; `struck` counts how often it hit.

        `path` is a regular expression searched for in the path below the API base. The first `after`
        matching requests pass, the next `times` fail with `status` and `body`, or by a closed connection
        with `drop`. With `when="after"` the request takes effect and only its answer is lost. `delay_s`
        is real seconds before the failure; with `status=0` and no `drop` there is a delay and no failure.
        `files`: only requests that bring files match.
        """
        fault = Fault(method, re.compile(path), status, body, times, after, drop, when, delay_s, files=files)
        self.pending.append(fault)
        return fault

    def clear(self) -> None:
        """Remove every fault."""
        self.pending.clear()

    def take(self, method: str, path: str, *, files: bool = False) -> Fault | None:
        """Return the fault that strikes this request, if any, and count it."""
        self.pending = [fault for fault in self.pending if fault.until is None or self.now() < fault.until]
        for fault in self.pending:
            if not fault.matches(method, path, files=files):
                continue
            if fault.after > 0:
                fault.after -= 1
                continue
            fault.struck += 1
            if fault.until is not None:
                return fault
            fault.times -= 1
            if fault.times <= 0:
                self.pending.remove(fault)
            return fault
        return None
