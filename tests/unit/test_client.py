"""Requests that cost nothing are tried again, within limits."""

from __future__ import annotations

import gzip
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from dailies.errors import (
    BadAnswer,
    Busy,
    OpenRouterError,
    ServerFault,
    Unreachable,
)
from dailies.openrouter.client import GET_TRIES, ClientLimits
from sandbox.clock import Clock
from sandbox.openrouter import OpenRouterServer
from tests.support.reasons import raises
from tests.support.servers import closed_port_origin, dripping, serving, talking
from tests.unit.kit import KEY, Sleeps, answering, client, failed, said

BODY = {"model": "a/b", "prompt": "a kite"}
ACCEPTED = {"id": "j1", "polling_url": "/api/v1/videos/j1", "status": "pending"}


async def test_models_come_as_a_catalogue() -> None:
    data = {"data": [{"id": "a/b", "name": "B"}]}
    async with serving(answering(said(data))) as server, client(server.base) as openrouter:
        models = await openrouter.models()
    assert [model.name for model in models] == ["B"]
    assert server.paths == ["/api/v1/videos/models"]


async def test_the_sandbox_says_what_is_left_of_the_key() -> None:
    sandbox = OpenRouterServer(Clock(1000), key=KEY, limit_usd=3.5)
    await sandbox.start()
    try:
        async with client(sandbox.api_base) as openrouter:
            assert (await openrouter.key()).left == 3.5
    finally:
        await sandbox.close()


async def test_a_get_is_tried_again_after_a_server_fault() -> None:
    answers = answering(failed(500), failed(502), said({"status": "pending"}))
    async with serving(answers) as server, client(server.base) as openrouter:
        assert (await openrouter.poll("j1", None)).status == "pending"
    assert len(server.arrivals) == 3


async def test_a_get_stops_after_its_tries() -> None:
    sleeps = Sleeps()
    async with serving(answering(failed(503))) as server, client(server.base, sleep=sleeps) as openrouter:
        with pytest.raises(Busy):
            await openrouter.poll("j1", None)
    assert len(server.arrivals) == GET_TRIES
    assert len(sleeps.seconds) == GET_TRIES - 1


async def test_a_get_waits_as_long_as_retry_after_says() -> None:
    sleeps = Sleeps()
    answers = answering(failed(429, headers={"Retry-After": "17"}), said({"status": "pending"}))
    async with serving(answers) as server, client(server.base, sleep=sleeps) as openrouter:
        await openrouter.poll("j1", None)
    assert sleeps.seconds == [17]


async def test_a_get_waits_until_the_date_that_retry_after_says() -> None:
    sleeps = Sleeps()
    dates = {"Retry-After": "Fri, 02 Oct 2026 10:00:25 GMT", "Date": "Fri, 02 Oct 2026 10:00:00 GMT"}
    answers = answering(failed(503, headers=dates), said({"status": "pending"}))
    async with serving(answers) as server, client(server.base, sleep=sleeps) as openrouter:
        await openrouter.poll("j1", None)
    assert sleeps.seconds == [25]


async def test_a_get_waits_a_minute_at_most() -> None:
    sleeps = Sleeps()
    answers = answering(failed(429, headers={"Retry-After": "86400"}), said({"status": "pending"}))
    async with serving(answers) as server, client(server.base, sleep=sleeps) as openrouter:
        await openrouter.poll("j1", None)
    assert sleeps.seconds == [60]


async def test_a_get_backs_off_longer_each_time() -> None:
    sleeps = Sleeps()
    async with serving(answering(failed(500))) as server, client(server.base, sleep=sleeps) as openrouter:
        with pytest.raises(ServerFault):
            await openrouter.key()
    assert 1 <= sleeps.seconds[0] < 2 <= sleeps.seconds[1] < 4


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404])
async def test_a_refused_get_is_not_tried_again(status: int) -> None:
    async with serving(answering(failed(status))) as server, client(server.base) as openrouter:
        with pytest.raises(OpenRouterError):
            await openrouter.poll("j1", None)
    assert len(server.arrivals) == 1


async def test_a_get_is_tried_again_when_nobody_listens() -> None:
    sleeps = Sleeps()
    async with client(f"{closed_port_origin()}/api/v1", sleep=sleeps) as openrouter:
        with pytest.raises(Unreachable):
            await openrouter.key()
    assert len(sleeps.seconds) == GET_TRIES - 1


@pytest.mark.parametrize("call", ["poll", "models", "key"])
async def test_a_get_whose_answer_drips_for_ever_ends(call: str) -> None:
    async with talking(dripping) as server, client(server.base, limits=ClientLimits(request_seconds=0.1)) as openrouter:
        calls = {"poll": lambda: openrouter.poll("j1", None), "models": openrouter.models, "key": openrouter.key}
        with raises(Unreachable, match=r"0\.1 s"):
            await calls[call]()


async def test_an_endless_catalogue_is_a_bad_answer() -> None:
    big = web.Response(body=gzip.compress(b" " * (17 * 1024 * 1024)), headers={"Content-Encoding": "gzip"})
    async with serving(answering(big)) as server, client(server.base) as openrouter:
        with pytest.raises(BadAnswer):
            await openrouter.models()


async def test_a_body_that_is_not_compressed_as_announced_is_unreachable() -> None:
    broken = web.Response(body=b"no gzip", headers={"Content-Encoding": "gzip"})
    async with serving(answering(broken)) as server, client(server.base) as openrouter:
        with pytest.raises(Unreachable):
            await openrouter.models()


@asynccontextmanager
async def redirecting(location: str) -> AsyncGenerator[tuple[list[str], str]]:
    """Run a server that redirects everything; yields the paths requested and its API base."""
    async with serving(answering(web.Response(status=302, headers={"Location": location}))) as server:
        yield server.paths, server.base


async def test_a_get_follows_a_redirect_on_the_own_origin_with_the_key() -> None:
    def answer(request: web.Request) -> web.Response:
        if request.path == "/elsewhere":
            return said({"status": "pending"})
        return web.Response(status=307, headers={"Location": "/elsewhere"})

    async with serving(answering(answer)) as server, client(server.base) as openrouter:
        await openrouter.poll("j1", None)
    assert [arrival.authorization for arrival in server.arrivals] == [f"Bearer {KEY}"] * 2


async def test_a_get_that_is_redirected_in_a_circle_ends() -> None:
    async with redirecting("/again") as (_, base), client(base) as openrouter:
        with raises(BadAnswer, match="more than 3 times"):
            await openrouter.poll("j1", None)


@pytest.mark.parametrize("location", ["file:///etc/passwd", "http://[::1", "javascript:1", "https://host:99999/"])
async def test_a_redirect_to_what_is_no_web_address_is_a_bad_answer(location: str) -> None:
    async with redirecting(location) as (_, base), client(base) as openrouter:
        with pytest.raises(BadAnswer):
            await openrouter.poll("j1", None)


async def test_a_redirect_to_a_host_that_cannot_be_encoded_is_unreachable() -> None:
    async with redirecting("http://ab..c/") as (_, base), client(base) as openrouter:
        with pytest.raises(Unreachable):
            await openrouter.poll("j1", None)
