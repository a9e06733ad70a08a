"""Scripted failures of the REST interface."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from sandbox.discord.jsontypes import JsonObject

When = Literal["before", "after"]


@dataclass
class Fault:
    """One scripted failure; `times` counts down as it strikes, `after` as it lets requests pass."""

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

    def matches(self, method: str, path: str) -> bool:
        """Return whether it concerns this request, whatever its counters say."""
        return self.method in (None, method) and self.path.search(path) is not None


@dataclass
class DiscordFaults:
    """The failures scripted now. Of those that match a request, the oldest strikes."""

    pending: list[Fault] = field(default_factory=list[Fault])

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
    ) -> Fault:
        """Script a failure and return it; `struck` counts how often it hit.

        `path` is a regular expression searched for in the path below the API base. The first `after`
        matching requests pass, the next `times` fail with `status` and `body`, or by a closed connection
        with `drop`. With `when="after"` the request takes effect and only its answer is lost. `delay_s`
        is real seconds before the failure; with `status=0` and no `drop` there is a delay and no failure.
        """
        fault = Fault(method, re.compile(path), status, body, times, after, drop, when, delay_s)
        self.pending.append(fault)
        return fault

    def clear(self) -> None:
        """Remove every fault."""
        self.pending.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """Return the fault that strikes this request, if any, and count it."""
        for fault in self.pending:
            if not fault.matches(method, path):
                continue
            if fault.after > 0:
                fault.after -= 1
                continue
            fault.times -= 1
            fault.struck += 1
            if fault.times <= 0:
                self.pending.remove(fault)
            return fault
        return None
