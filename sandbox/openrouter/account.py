"""The account that requests are made with, and the record of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sandbox.clock import Clock
from sandbox.openrouter.faults import OpenRouterFaults


@dataclass(eq=False)
class Account:
    """One API key, what is scripted to go wrong, and every request that came.

    key: the only API key that is accepted.
    limit_usd: the key's limit; a submit that costs more than what is left is answered 403. None: no limit.
    credits_usd: the account's credits. A submit that costs more than what is left is answered 402, and one that costs
        more than what is left beside the unfinished jobs is, too, until they have ended. None: without end.
    submits: every POST /videos in order: `body` (decoded, or None), `headers` (`authorization` as "present",
        "wrong" or "absent", the content type, the app's address and title), `status`, `id` of the accepted job or
        None, `lost` (whether the answer was scripted away), `time` (world).
    gets: every GET: `route`, `path`, `authorization`, `status`, `time`. polls: how many of them asked for a job.
    origin: where the API listens, e.g. "http://127.0.0.1:8421"; empty before the start.
    """

    clock: Clock
    key: str
    limit_usd: float | None = None
    credits_usd: float | None = None
    faults: OpenRouterFaults = field(default_factory=OpenRouterFaults)
    submits: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    gets: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    polls: int = 0
    origin: str = ""
