"""The key goes to OpenRouter's own origin and to no other, whatever an answer names."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from dailies.errors import BadAnswer, OpenRouterError, Unreachable
from dailies.openrouter.client import OpenRouter
from dailies.openrouter.protocol import Poll
from sandbox.openrouter import ForeignServer
from tests.support.reasons import raises
from tests.support.servers import Served, serving, talking
from tests.unit.kit import KEY, answering, client, fetched, said


@asynccontextmanager
async def two_origins(location: str = "") -> AsyncGenerator[tuple[OpenRouter, Served, ForeignServer]]:
    """Run a client of an origin that redirects GETs to a foreign one (with {foreign} in `location`), and both."""
    async with ForeignServer(body=b'{"status": "pending", "data": []}') as foreign:
        target = location.replace("{foreign}", foreign.origin).replace("{host}", foreign.origin[len("http://") :])
        answer = web.Response(status=302, headers={"Location": target}) if target else said({"status": "pending"})
        async with serving(answering(answer)) as own, client(own.base) as openrouter:
            yield openrouter, own, foreign


async def test_a_foreign_polling_url_is_not_asked_at_all() -> None:
    async with two_origins() as (openrouter, own, foreign):
        await openrouter.poll("j1", f"{foreign.origin}/api/v1/videos/j1")
    assert foreign.requests == []
    assert own.paths == ["/api/v1/videos/j1"]


async def test_a_polling_url_with_the_own_origin_as_user_info_is_not_asked() -> None:
    async with two_origins() as (openrouter, own, foreign):
        trick = f"http://{own.origin[len('http://') :].replace(':', '%3A')}@{foreign.origin[len('http://') :]}/x"
        await openrouter.poll("j1", trick)
    assert foreign.requests == []


async def test_a_polling_url_with_another_scheme_is_replaced() -> None:
    async with two_origins() as (openrouter, own, _):
        await openrouter.poll("j1", own.origin.replace("http:", "https:") + "/x")
    assert own.paths == ["/api/v1/videos/j1"]


async def test_a_relative_polling_url_is_asked_at_the_own_origin_with_the_key() -> None:
    async with two_origins() as (openrouter, own, _):
        await openrouter.poll("j1", "/api/v2/jobs/j1")
    assert own.paths == ["/api/v2/jobs/j1"]
    assert own.arrivals[0].authorization == f"Bearer {KEY}"


async def test_a_missing_polling_url_is_replaced_by_the_jobs_address() -> None:
    async with two_origins() as (openrouter, own, _):
        await openrouter.poll("j1", None)
    assert own.paths == ["/api/v1/videos/j1"]


@pytest.mark.parametrize("location", ["{foreign}/x", "//{host}/x", "http://127.0.0.1@{host}/x"])
async def test_a_poll_that_is_redirected_to_another_origin_leaves_the_key_at_home(location: str) -> None:
    async with two_origins(location) as (openrouter, _, foreign):
        await openrouter.poll("j1", None)
    assert len(foreign.requests) == 1
    assert not any(KEY in (request.authorization or "") for request in foreign.requests)


async def test_a_list_of_models_from_another_origin_comes_without_the_key() -> None:
    async with two_origins("{foreign}/models") as (openrouter, _, foreign):
        await openrouter.models()
    assert len(foreign.requests) == 1
    assert not foreign.key_leaked


async def test_a_download_from_another_origin_comes_without_the_key(tmp_path: Path) -> None:
    async with two_origins() as (openrouter, own, foreign):
        finished = Poll("completed", unsigned_urls=(f"{foreign.origin}/v.mp4",))
        await fetched(openrouter, finished, tmp_path / "v.mp4")
    assert own.paths == []
    assert [request.path for request in foreign.requests] == ["/v.mp4"]
    assert not foreign.key_leaked


async def test_a_download_that_is_redirected_to_another_origin_leaves_the_key_at_home(tmp_path: Path) -> None:
    async with two_origins("{foreign}/v.mp4") as (openrouter, own, foreign):
        await fetched(openrouter, Poll("completed"), tmp_path / "v.mp4")
    assert own.arrivals[0].authorization == f"Bearer {KEY}"
    assert [request.path for request in foreign.requests] == ["/v.mp4"]
    assert not foreign.key_leaked


async def test_the_key_comes_back_with_a_redirect_to_the_own_origin_and_not_before(tmp_path: Path) -> None:
    home: list[str] = []
    away = web.Response(status=302)

    async with serving(answering(away)) as foreign:

        def answer(request: web.Request) -> web.Response:
            if request.path == "/back":
                return web.Response(body=b"video")
            return web.Response(status=302, headers={"Location": f"{foreign.origin}/x"})

        async with serving(answering(answer)) as own, client(own.base) as openrouter:
            home.append(own.origin)
            away.headers["Location"] = f"{own.origin}/back"
            await fetched(openrouter, Poll("completed"), tmp_path / "v.mp4")
        assert [arrival.authorization for arrival in foreign.arrivals] == [None]
        assert own.paths[-1] == "/back"


@pytest.mark.parametrize(
    ("host", "error"),
    [
        ("127.0.0.1", BadAnswer),
        ("[::1]", BadAnswer),
        ("0x7f.1", BadAnswer),
        ("user@127.0.0.1", BadAnswer),
        ("localhost", Unreachable),
    ],
)
async def test_an_https_api_may_not_name_a_download_inside_this_network(
    tmp_path: Path, host: str, error: type[Exception]
) -> None:
    connections: list[object] = []

    async def talk(reader: object, _: object) -> None:
        connections.append(reader)

    async with talking(talk) as inside, client("https://openrouter.invalid/api/v1") as openrouter:
        url = f"https://{host}:{inside.origin.rpartition(':')[2]}/v"
        with pytest.raises(error):
            await fetched(openrouter, Poll("completed", unsigned_urls=(url,)), tmp_path / "v")
    assert connections == []


async def test_an_https_api_may_not_name_a_plain_http_download(tmp_path: Path) -> None:
    async with ForeignServer() as foreign, client("https://openrouter.invalid/api/v1") as openrouter:
        with raises(BadAnswer, match="isn.t https"):
            await fetched(openrouter, Poll("completed", unsigned_urls=(f"{foreign.origin}/v",)), tmp_path / "v")
    assert foreign.requests == []


async def test_another_port_of_the_own_host_is_another_origin(tmp_path: Path) -> None:
    async with two_origins() as (openrouter, own, foreign):
        assert own.origin.rsplit(":", 1)[0] == foreign.origin.rsplit(":", 1)[0]
        await fetched(openrouter, Poll("completed", unsigned_urls=(f"{foreign.origin}/v",)), tmp_path / "v")
    assert not foreign.key_leaked


async def test_an_error_message_does_not_hold_the_key() -> None:
    answer = web.json_response({"error": {"message": "bad"}}, status=401)
    async with serving(answering(answer)) as own, client(own.base) as openrouter:
        with pytest.raises(OpenRouterError) as caught:
            await openrouter.key()
    assert KEY not in repr(caught.value)
