"""Room for status edits is counted as Discord's answers describe it."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from aiohttp import web

from cogs.status.rate_limits import (
    ALL_AT_ONCE,
    ALL_PER_SECOND,
    MARGIN,
    RATE_LIMIT_HEADERS,
    EditBucket,
    RateLimitHeaders,
    TokenBucket,
    rate_limit_trace,
)
from tests.support.servers import serving

LIMITED = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": "3.5"}


def headers_of(status: int = 200, *, at: float = 100.0, **headers: str) -> RateLimitHeaders:
    answer = RateLimitHeaders()
    answer.note(status, {name.replace("_", "-"): value for name, value in headers.items()}, at)
    return answer


def test_a_bucket_is_assumed_small_until_an_answer_describes_it() -> None:
    bucket = EditBucket()
    for _ in range(5):
        assert bucket.wait(100.0) == 0
        bucket.take(100.0)
    assert bucket.wait(101.0) == 4.0
    assert bucket.wait(105.0) == 0


def test_discord_s_figures_replace_the_own_count() -> None:
    bucket = EditBucket()
    bucket.take(100.0)
    bucket.learn(headers_of(X_RateLimit_Remaining="0", X_RateLimit_Reset_After="2.5"))
    assert bucket.wait(101.0) == pytest.approx(1.5 + MARGIN)
    bucket.learn(headers_of(X_RateLimit_Remaining="7", X_RateLimit_Reset_After="2.5", at=101.0))
    assert bucket.wait(101.0) == 0


@pytest.mark.parametrize("headers", [{"Retry_After": "4"}, {"X_RateLimit_Remaining": "0", "Retry_After": "4"}])
def test_a_429_closes_the_bucket_for_as_long_as_it_says(headers: dict[str, str]) -> None:
    bucket = EditBucket()
    bucket.learn(headers_of(429, at=100.0, **headers))
    assert bucket.wait(100.0) == pytest.approx(4 + MARGIN)


def test_a_429_about_one_message_leaves_the_channel_open() -> None:
    bucket = EditBucket()
    bucket.learn(headers_of(429, X_RateLimit_Remaining="3", X_RateLimit_Reset_After="2", Retry_After="600"))
    assert bucket.wait(100.0) == 0


@pytest.mark.parametrize("wrong", ["", "soon", "nan", "inf", "-1"])
def test_headers_that_are_no_numbers_are_not_believed(wrong: str) -> None:
    bucket = EditBucket()
    bucket.learn(headers_of(X_RateLimit_Remaining=wrong, X_RateLimit_Reset_After=wrong))
    assert bucket.wait(100.0) == 0


def test_in_all_there_is_room_for_less_than_discord_allows() -> None:
    allowance = TokenBucket(ALL_PER_SECOND, burst=ALL_AT_ONCE)
    made, now = 0, 100.0
    while now < 101.0:
        if allowance.wait(now) == 0:
            allowance.take(now)
            made += 1
        now += 0.001
    assert 40 <= made <= 46


def test_a_limit_on_everything_closes_everything_for_as_long_as_it_says() -> None:
    allowance = TokenBucket(ALL_PER_SECOND, burst=ALL_AT_ONCE)
    allowance.block(100.0, 2.0)
    assert allowance.wait(100.0) == pytest.approx(2.0)
    assert allowance.wait(101.0) == pytest.approx(1.0)


async def test_answers_are_heard_by_who_asked() -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response({}, status=429, headers=LIMITED | {"X-RateLimit-Scope": "global", "Retry-After": "9"})

    said = RateLimitHeaders()
    RATE_LIMIT_HEADERS.set(said)
    async with serving(answer) as server, aiohttp.ClientSession(trace_configs=[rate_limit_trace()]) as session:
        await _get(session, str(server.base))
    assert (said.status, said.remaining, said.reset_after) == (429, 0, 3.5)
    assert (said.limited, said.everywhere) == (9, True)


async def _get(session: aiohttp.ClientSession, url: str) -> Any:
    async with session.get(url) as response:
        return await response.json()
