"""OpenRouter's next answers: each paid request meets the one whose turn it is."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from sandbox.discord.faults import DiscordFaults
from sandbox.openrouter import OpenRouterFaults
from sandbox.openrouter.refusals import REFUSALS, Refusal
from sandbox.page.outcomes import OUTCOMES
from sandbox.stack import Stack

Arm = Callable[[OpenRouterFaults, DiscordFaults], object]


def _refusal(name: Refusal) -> Arm:
    return lambda openrouter, _: openrouter.refuse(name)


def _status(status: int) -> Arm:
    return lambda openrouter, _: openrouter.answer("submit", status)


STATUSES = (400, 401, 402, 403, 404, 408, 413, 429, 500, 502, 503, 504, 524, 529)
ENDINGS: dict[str, Arm] = {
    **{str(status): _status(status) for status in STATUSES},
    **{name: _refusal(name) for name in REFUSALS},
    **{outcome.label.lower(): outcome.arm for outcome in OUTCOMES},
    **{outcome.id: outcome.arm for outcome in OUTCOMES},
    "lost": lambda openrouter, _: openrouter.answer("submit", drop=True, when="after"),
    "unanswered": lambda openrouter, _: openrouter.answer("submit", drop=True),
}
"""Fates of a paid request, by name: HTTP statuses, the refusals that OpenRouter documents, the outcomes of the page by
their words and their ids, a request that is taken while its answer is lost, and one that never gets there."""


class NextEndings:
    """Scripts each paid request when it arrives, so that refused and accepted ones keep the story's order.

    on_submit: called with the record of each paid request once it was answered.
    """

    def __init__(self, stack: Stack, on_submit: Callable[[dict[str, Any]], None]) -> None:
        self._stack = stack
        self._on_submit = on_submit
        self._names: deque[str] = deque()

    def add(self, names: list[str]) -> None:
        """Queue what becomes of the next paid requests."""
        self._names.extend(names)

    def install(self) -> None:
        """Put itself in front of OpenRouter's stand-in, before that is started."""
        self._stack.openrouter.middlewares.append(self._middleware())

    def _middleware(self) -> Middleware:
        @web.middleware
        async def script(request: web.Request, handler: Handler) -> web.StreamResponse:
            if request.method != "POST" or not request.path.endswith("/videos"):
                return await handler(request)
            openrouter = self._stack.openrouter
            if self._names:
                ENDINGS[self._names.popleft()](openrouter.faults, self._stack.discord.faults)
            number = len(openrouter.submits)
            try:
                return await handler(request)
            finally:
                if len(openrouter.submits) > number:
                    self._on_submit(openrouter.submits[number])

        return script
