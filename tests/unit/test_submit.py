"""The paid request is sent once, whatever the outcome."""

from __future__ import annotations

import asyncio
import hashlib
import json
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from dailies.errors import (
    AnswerLost,
    BadRequest,
    Busy,
    NoCredits,
    NotPermitted,
    OpenRouterError,
    ServerFault,
    Stopping,
    Unauthorized,
    Unreachable,
)
from dailies.openrouter.client import ClientLimits, new_session
from dailies.openrouter.payload import Inline
from sandbox.clock import Clock
from sandbox.openrouter import OpenRouterServer
from tests.support.reasons import raises
from tests.support.servers import closed_port_origin, dripping, json_answer, read_request, serving, talking
from tests.unit.kit import KEY, answering, at_once, client, failed, said

BODY = {"model": "a/b", "prompt": "a kite"}
ACCEPTED = {"id": "j1", "polling_url": "/api/v1/videos/j1", "status": "pending"}


async def refused(status: int, headers: dict[str, str] | None = None) -> tuple[OpenRouterError, int]:
    """Return the error that a submit raises for this status, and how often it arrived."""
    async with serving(answering(failed(status, headers=headers))) as server, client(server.base) as openrouter:
        with pytest.raises(OpenRouterError) as caught:
            await openrouter.submit(BODY, at_once)
    return caught.value, len(server.arrivals)


async def test_a_submit_carries_the_key_and_the_body() -> None:
    async with serving(answering(said(ACCEPTED, 202))) as server, client(server.base) as openrouter:
        submitted = await openrouter.submit(BODY, at_once)
    (arrival,) = server.arrivals
    assert submitted.id == "j1"
    assert (arrival.method, arrival.path) == ("POST", "/api/v1/videos")
    assert arrival.authorization == f"Bearer {KEY}"
    assert arrival.headers["Content-Type"] == "application/json"
    assert json.loads(arrival.body) == BODY


async def test_a_submit_with_large_inline_images_arrives_whole() -> None:
    body = BODY | {"input_references": ["x" * 3_000_000]}
    async with serving(answering(said(ACCEPTED, 202))) as server, client(server.base) as openrouter:
        await openrouter.submit(body, at_once)
    assert json.loads(server.arrivals[0].body) == body


@pytest.mark.parametrize("off", [-1, -700_000, 5])
async def test_a_request_whose_image_changes_on_the_way_is_never_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, off: int
) -> None:
    (tmp_path / "image").write_bytes(bytes(1_000_000))
    image = Inline("image/png", tmp_path / "image", hashlib.sha256(bytes(1_000_000)).hexdigest())
    announced = await asyncio.to_thread(image.size) + off
    monkeypatch.setattr(Inline, "size", lambda _: announced)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    recorded: list[str] = []
    arrived = bytearray()
    ended = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        arrived.extend(await reader.read())
        ended.set()

    async def sending() -> None:
        recorded.append("sent")

    async with talking(talk) as server, client(server.base) as openrouter:
        with pytest.raises(Unreachable):
            await openrouter.submit(BODY | {"image": image}, sending)
        await ended.wait()
    head, _, body = bytes(arrived).partition(b"\r\n\r\n")
    assert len(body) < int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    assert recorded == []


async def test_a_missing_image_is_known_before_a_connection_is_made(tmp_path: Path) -> None:
    async with serving(answering(said(ACCEPTED, 202))) as server, client(server.base) as openrouter:
        with pytest.raises(FileNotFoundError):
            await openrouter.submit(BODY | {"image": Inline("image/png", tmp_path / "gone", "0" * 64)}, at_once)
    assert server.arrivals == []


async def test_the_sandbox_refuses_a_wrong_key() -> None:
    sandbox = OpenRouterServer(Clock(1000), key="another")
    await sandbox.start()
    try:
        async with client(sandbox.api_base) as openrouter:
            with pytest.raises(Unauthorized):
                await openrouter.submit(BODY, at_once)
    finally:
        await sandbox.close()


@pytest.mark.parametrize("status", [500, 502, 503, 429])
async def test_a_submit_that_is_answered_with_an_error_is_sent_once(status: int) -> None:
    error, arrivals = await refused(status, {"Retry-After": "1"})
    assert isinstance(error, (ServerFault, Busy))
    assert arrivals == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_submit_is_not_sent_where_it_is_redirected_to(status: int) -> None:
    _, arrivals = await refused(status, {"Location": "/api/v1/videos"})
    assert arrivals == 1


@pytest.mark.parametrize(("status", "kind"), [(402, NoCredits), (403, NotPermitted), (400, BadRequest)])
async def test_a_submit_that_is_refused_raises_the_error_of_its_status(
    status: int, kind: type[OpenRouterError]
) -> None:
    error, _ = await refused(status)
    assert type(error) is kind


async def test_a_connection_that_closes_before_the_answer_loses_it_and_the_submit_is_sent_once() -> None:
    arrivals: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        arrivals.append(await read_request(reader))

    async with talking(talk) as server, client(server.base) as openrouter:
        with pytest.raises(AnswerLost):
            await openrouter.submit(BODY, at_once)
    assert len(arrivals) == 1


async def test_a_submit_without_an_answer_in_time_is_lost_and_sent_once() -> None:
    arrivals: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        arrivals.append(await read_request(reader))
        await asyncio.sleep(60)

    async with talking(talk) as server, client(server.base, limits=ClientLimits(submit_seconds=0.2)) as openrouter:
        with raises(AnswerLost, match=r"0\.2 s"):
            await openrouter.submit(BODY, at_once)
    assert len(arrivals) == 1


async def test_a_submit_whose_answer_drips_for_ever_ends() -> None:
    async with talking(dripping) as server, client(server.base, limits=ClientLimits(submit_seconds=0.3)) as openrouter:
        with pytest.raises(AnswerLost):
            await openrouter.submit(BODY, at_once)


async def test_a_submit_whose_answer_is_endless_is_lost() -> None:
    big = web.Response(body=b" " * (17 * 1024 * 1024), content_type="application/json")
    async with serving(answering(big)) as server, client(server.base) as openrouter:
        with pytest.raises(AnswerLost):
            await openrouter.submit(BODY, at_once)


async def test_a_submit_whose_answer_is_cut_is_lost() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b'HTTP/1.1 202 Accepted\r\nContent-Length: 100\r\n\r\n{"id": "j1"')
        await writer.drain()

    async with talking(talk) as server, client(server.base) as openrouter:
        with pytest.raises(AnswerLost):
            await openrouter.submit(BODY, at_once)


async def test_a_submit_on_a_stale_kept_connection_is_sent_once() -> None:
    """A session that keeps connections; the server closes the kept one when the POST has come over it."""
    posts: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            line = await read_request(reader)
            if line.startswith(b"POST"):
                posts.append(line)
                return
            writer.write(json_answer(b'{"data": {}}'))

    keeping = aiohttp.ClientSession()
    async with talking(talk) as server, client(server.base, session=keeping) as openrouter:
        await openrouter.key()
        with pytest.raises(AnswerLost):
            await openrouter.submit(BODY, at_once)
    assert len(posts) == 1


async def test_the_bots_own_session_sends_a_submit_on_a_new_connection() -> None:
    connections: list[list[bytes]] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines: list[bytes] = []
        connections.append(lines)
        while True:
            lines.append(await read_request(reader))
            writer.write(json_answer(b'{"data": {}, "id": "j1"}'))

    async with talking(talk) as server, client(server.base, session=new_session()) as openrouter:
        await openrouter.key()
        await openrouter.submit(BODY, at_once)
    assert [[line.split()[0] for line in lines] for lines in connections] == [[b"GET"], [b"POST"]]


@pytest.mark.parametrize("base", [closed_port_origin(), "http://ab..c", "http://127.1"])
async def test_without_a_connection_nothing_was_sent(base: str) -> None:
    async with client(f"{base}/api/v1") as openrouter:
        with pytest.raises(Unreachable):
            await openrouter.submit(BODY, at_once)


async def test_nothing_is_recorded_without_a_connection() -> None:
    recorded: list[str] = []

    async def sending() -> None:
        recorded.append("sent")

    async with client(f"{closed_port_origin()}/api/v1") as openrouter:
        with pytest.raises(Unreachable):
            await openrouter.submit(BODY, sending)
    assert recorded == []


async def test_the_last_byte_waits_until_the_record_says_that_it_goes_out() -> None:
    arrived = bytearray()
    before: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not arrived.endswith(b"}"):
            arrived.extend(await reader.read(65536))
        writer.write(json_answer(b'{"id": "j1"}'))

    async def sending() -> None:
        while not arrived.endswith(b'"a kite"'):  # noqa: ASYNC110 (what is waited for has no event)
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.05)
        before.append(bytes(arrived))

    async with talking(talk) as server, client(server.base) as openrouter:
        submitted = await openrouter.submit(BODY, sending)
    assert submitted.id == "j1"
    assert bytes(arrived) == before[0] + b"}"


async def test_a_request_whose_record_fails_is_never_whole() -> None:
    arrived = bytearray()

    async def talk(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        arrived.extend(await reader.read())

    async def sending() -> None:
        raise Stopping

    async with talking(talk) as server, client(server.base) as openrouter:
        with pytest.raises(Stopping):
            await openrouter.submit(BODY, sending)
    assert b"}" not in arrived


async def test_a_refusal_that_comes_before_the_last_byte_counts_and_the_record_is_waited_for() -> None:
    steps: list[str] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = b'{"error": {"code": 401, "message": "no"}}'
        writer.write(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()

    async def sending() -> None:
        steps.append("begins")
        await asyncio.sleep(0.2)
        steps.append("is written")

    async with talking(talk) as server, client(server.base) as openrouter:
        with pytest.raises(Unauthorized):
            await openrouter.submit(BODY, sending)
    assert steps in ([], ["begins", "is written"])


async def test_a_submit_that_is_given_up_gives_its_record_up_first() -> None:
    steps: list[str] = []
    began = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async def sending() -> None:
        began.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            steps.append("record given up")
            raise

    async with talking(talk) as server, client(server.base) as openrouter:
        submitting = asyncio.create_task(openrouter.submit(BODY, sending))
        await began.wait()
        submitting.cancel()
        await asyncio.wait([submitting])
        assert steps == ["record given up"]
