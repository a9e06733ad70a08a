"""Counting of Discord's answers, whoever asked: they all go through discord.py's one HTTP session."""

from __future__ import annotations

import json
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any

import aiohttp

from cogs.interactions.discord_errors import CODES, NO_REPLY, PASSING, TOO_LARGE
from cogs.interactions.pause import everywhere, from_outside
from dailies.metrics.port import Metrics

KNOWN_CODES = frozenset({*CODES, *PASSING, *NO_REPLY, TOO_LARGE})
"""Discord's error codes that mean something to the bot."""


def count_answers(trace: aiohttp.TraceConfig, metrics: Metrics) -> None:
    """Let a trace count the answers to all requests of its session."""

    async def answered(
        _: aiohttp.ClientSession, context: SimpleNamespace, ended: aiohttp.TraceRequestEndParams
    ) -> None:
        status, headers = ended.response.status, ended.response.headers
        context.status = status
        metrics.discord_called(status)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            scope = "global" if everywhere(headers) else headers.get("X-RateLimit-Scope", "")
            known = scope if scope in ("global", "user", "shared") else "other"
            metrics.discord_limited("address" if from_outside(headers) else known)

    async def read(
        _: aiohttp.ClientSession, context: SimpleNamespace, part: aiohttp.TraceResponseChunkReceivedParams
    ) -> None:
        # discord.py reads each answer whole, and its error code is in there.
        if (status := getattr(context, "status", 0)) >= HTTPStatus.BAD_REQUEST:
            metrics.discord_refused(status, _code(part.chunk))

    async def failed(*_: object) -> None:
        metrics.discord_called(None)

    trace.on_request_end.append(answered)
    trace.on_response_chunk_received.append(read)
    trace.on_request_exception.append(failed)


def _code(body: bytes) -> int | None:
    try:
        answer: Any = json.loads(body)
        code = answer["code"]
    except (ValueError, LookupError, TypeError):
        return None
    return code if isinstance(code, int) and code else None
