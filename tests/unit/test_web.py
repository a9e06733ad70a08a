"""The web server over real sockets: deliveries passed on, refusals, and answers."""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field

import aiohttp
import pytest

from dailies.errors import NotYet, SettingsError
from dailies.openrouter.webhook import WebhookDelivery
from dailies.web import server as web
from dailies.web.server import Web, callback_url
from tests.unit.webhooks import EVENT, NOW, SECRET, an_event, encoded, signed

JOB = "0123456789abcdef"
BODY = encoded(EVENT)


@dataclass
class Served:
    """A running server, and the deliveries that it has passed on."""

    session: aiohttp.ClientSession
    origin: str
    noted: list[tuple[str, WebhookDelivery]] = field(default_factory=list[tuple[str, WebhookDelivery]])

    async def post(
        self,
        body: bytes = BODY,
        *,
        headers: dict[str, str] | None = None,
        path: str = f"/webhooks/openrouter/{JOB}",
    ) -> tuple[int, str]:
        """Return status and text of the answer to a delivery, well signed unless headers are given."""
        headers = signed(body) if headers is None else headers
        async with self.session.post(self.origin + path, data=io.BytesIO(body), headers=headers) as response:
            return response.status, await response.text()


@contextlib.asynccontextmanager
async def serving(note: Callable[[], Awaitable[None]] | None = None, now: float = NOW) -> AsyncGenerator[Served]:
    """Run a server whose clock stands still. note: called by on_delivery beside keeping the delivery."""

    async def on_delivery(job_id: str, delivery: WebhookDelivery) -> None:
        served.noted.append((job_id, delivery))
        if note:
            await note()

    server = Web(secret=SECRET, on_delivery=on_delivery, now=lambda: now)
    async with aiohttp.ClientSession() as session, server.listening("127.0.0.1", 0) as port:
        served = Served(session, f"http://127.0.0.1:{port}")
        yield served


async def test_a_delivery_is_passed_on_with_our_job_s_id() -> None:
    async with serving() as served:
        assert await served.post() == (204, "")
    ((job_id, delivery),) = served.noted
    assert (job_id, delivery.openrouter_id, delivery.status) == (JOB, "gen-vid-1", "completed")


async def test_the_address_given_to_openrouter_is_one_that_is_served() -> None:
    async with serving() as served:
        url = callback_url(served.origin, JOB)
        async with served.session.post(url, data=BODY, headers=signed(BODY)) as response:
            assert response.status == 204


def test_the_address_keeps_the_path_of_the_public_one() -> None:
    assert callback_url("https://a.example/bot", JOB) == f"https://a.example/bot/webhooks/openrouter/{JOB}"


async def test_a_delivery_that_comes_again_is_passed_on_once() -> None:
    async with serving() as served:
        assert [await served.post() for _ in range(3)] == [(204, "")] * 3
    assert len(served.noted) == 1


async def test_a_retry_with_a_fresh_signature_is_the_same_delivery() -> None:
    async with serving() as served:
        await served.post()
        await served.post(headers=signed(BODY, NOW + 60))
    assert len(served.noted) == 1


async def test_another_job_s_delivery_is_another() -> None:
    async with serving() as served:
        await served.post()
        await served.post(encoded(an_event(id="gen-vid-2")), path="/webhooks/openrouter/fedcba9876543210")
    assert [job_id for job_id, _ in served.noted] == [JOB, "fedcba9876543210"]


async def test_a_call_under_another_s_key_does_not_silence_it() -> None:
    """The key is in a header, which nobody signed."""
    other = encoded(an_event(id="gen-vid-2"))
    async with serving() as served:
        await served.post(headers=signed(BODY, key="gen-vid-2-completed"))
        await served.post(other, headers=signed(other, key="gen-vid-2-completed"))
    assert [delivery.openrouter_id for _, delivery in served.noted] == ["gen-vid-1", "gen-vid-2"]


async def test_the_oldest_deliveries_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "KEPT", 2)
    async with serving() as served:
        for number in (1, 2, 3, 3, 2, 1):
            await served.post(encoded(an_event(id=f"g{number}")))
    assert [delivery.openrouter_id for _, delivery in served.noted] == ["g1", "g2", "g3", "g1"]


async def test_an_event_of_an_unknown_type_is_accepted_and_not_passed_on() -> None:
    async with serving() as served:
        assert await served.post(encoded({"type": "video.generation.started", "data": {}})) == (204, "")
    assert served.noted == []


@pytest.mark.parametrize(
    "headers", [{}, signed(BODY, secret="guessed"), signed(BODY, NOW - 301), signed(BODY, NOW + 301)]
)
async def test_a_call_that_openrouter_did_not_sign_lately_is_refused_without_detail(headers: dict[str, str]) -> None:
    async with serving() as served:
        assert await served.post(headers=headers) == (401, "")
    assert served.noted == []


async def test_signed_rubbish_is_refused_without_detail() -> None:
    async with serving() as served:
        assert await served.post(b"\xff") == (401, "")


@pytest.mark.parametrize(
    "path", ["/", "/webhooks/openrouter/", "/webhooks/openrouter/A%0AB", "/webhooks/openrouter/a/b"]
)
async def test_there_is_no_other_path(path: str) -> None:
    async with serving() as served:
        assert (await served.post(path=path))[0] == 404


async def test_there_is_no_other_method() -> None:
    async with serving() as served, served.session.get(callback_url(served.origin, JOB)) as response:
        assert response.status == 405


async def chunks(count: int) -> AsyncGenerator[bytes]:
    for _ in range(count):
        yield b" " * 65_536


async def test_a_body_over_the_limit_is_refused() -> None:
    async with serving() as served:
        body = BODY + b" " * (web.BODY_BYTES - len(BODY) + 1)
        assert (await served.post(body))[0] == 413


async def test_a_body_of_the_limit_is_taken() -> None:
    async with serving() as served:
        assert (await served.post(BODY + b" " * (web.BODY_BYTES - len(BODY))))[0] == 204


async def test_a_body_over_the_limit_whose_length_is_not_said_is_refused() -> None:
    async with serving() as served:
        url = callback_url(served.origin, JOB)
        async with served.session.post(url, data=chunks(17), headers=signed(BODY)) as response:
            assert response.status == 413


async def test_a_body_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "READ_SECONDS", 0.1)
    async with serving() as served:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(served.origin.rpartition(":")[2]))
        writer.write(f"POST /webhooks/openrouter/{JOB} HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n{{".encode())
        async with asyncio.timeout(30):
            answer = await reader.read()
        writer.close()
    assert answer.startswith(b"HTTP/1.1 408 ")


async def test_a_caller_that_goes_away_leaves_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    async with serving() as served:
        _, writer = await asyncio.open_connection("127.0.0.1", int(served.origin.rpartition(":")[2]))
        writer.write(f"POST /webhooks/openrouter/{JOB} HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n{{".encode())
        await writer.drain()
        writer.transport.abort()
        assert (await served.post())[0] == 204
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def failing() -> None:
    raise RuntimeError("the database is away")


async def test_a_delivery_that_could_not_be_noted_is_asked_for_again(caplog: pytest.LogCaptureFixture) -> None:
    troubles = [failing]

    async def note() -> None:
        if troubles:
            await troubles.pop()()

    async with serving(note) as served:
        statuses = [(await served.post())[0] for _ in range(3)]
    assert statuses == [500, 204, 204]
    assert len(served.noted) == 2
    assert "the database is away" in caplog.text


async def test_a_delivery_that_comes_too_early_is_asked_for_again_without_a_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def note() -> None:
        if len(served.noted) == 1:
            raise NotYet

    async with serving(note) as served:
        assert [(await served.post())[0] for _ in range(3)] == [503, 204, 204]
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_a_delivery_that_comes_again_while_it_is_being_noted_is_not_said_to_be() -> None:
    """Else OpenRouter would not call again when noting it fails after all."""
    noting, go = asyncio.Event(), asyncio.Event()

    async def note() -> None:
        noting.set()
        await go.wait()

    async with serving(note) as served:
        first = asyncio.create_task(served.post())
        await noting.wait()
        assert await served.post() == (503, "")
        go.set()
        assert await first == (204, "")
        assert await served.post() == (204, "")
    assert len(served.noted) == 1


async def test_a_delivery_is_noted_to_the_end_though_its_sender_goes_away() -> None:
    noting, go, noted = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def note() -> None:
        noting.set()
        await go.wait()
        noted.set()

    async with serving(note) as served:
        sender = asyncio.create_task(served.post())
        await noting.wait()
        sender.cancel()
        await asyncio.sleep(0.1)
        go.set()
        async with asyncio.timeout(5):
            await noted.wait()


async def test_a_delivery_that_takes_too_long_to_note_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "NOTE_SECONDS", 0.05)
    async with serving(asyncio.Event().wait) as served:  # type: ignore[arg-type]
        assert [await served.post() for _ in range(2)] == [(503, ""), (503, "")]
    assert len(served.noted) == 2


def lines(caplog: pytest.LogCaptureFixture) -> Iterable[str]:
    return [record.getMessage() for record in caplog.records if record.name == "dailies.web.server"]


async def test_refused_calls_do_not_fill_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async with serving() as served:
        for _ in range(3):
            await served.post(headers={})
    assert len([line for line in lines(caplog) if "refused" in line]) == 1


async def test_the_secret_and_the_signature_stay_out_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    headers = signed(BODY)
    async with serving() as served:
        await served.post(headers=headers)
        await served.post(headers=signed(BODY, NOW + 900))
    assert SECRET not in caplog.text
    assert headers["X-OpenRouter-Signature"] not in caplog.text


async def test_after_the_block_nobody_listens() -> None:
    async with serving() as served:
        port = int(served.origin.rpartition(":")[2])
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)


async def test_a_port_that_is_taken_names_the_setting() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        server = Web(secret=SECRET, on_delivery=lambda _job, _delivery: failing())
        with pytest.raises(SettingsError, match="WEB_PORT"):
            async with server.listening("127.0.0.1", taken.getsockname()[1]):
                pass


@pytest.mark.parametrize("secret", ["", None])
def test_without_a_secret_and_without_files_there_is_no_server(secret: str | None) -> None:
    with pytest.raises(ValueError, match="secret"):
        Web(secret=secret, on_delivery=lambda _job, _delivery: failing())
