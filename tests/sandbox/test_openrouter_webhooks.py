"""The stand-in reports the ends of jobs as OpenRouter documents it, and the bot's own reading of it agrees."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from dailies.openrouter.webhook import WebhookDelivery
from dailies.settings import Settings
from dailies.web.server import Web, callback_url
from sandbox.openrouter import OpenRouterServer
from sandbox.stack import Stack
from tests.sandbox.openrouter_kit import Client, body, eventually, running
from tests.support.servers import Served, serving

SECRET = "whsec-test"
PUBLIC = "https://bot.sandbox"
URL = f"{PUBLIC}/webhooks/openrouter/0123456789abcdef"


@dataclass
class Hooked:
    """The stand-in with a receiver behind the public address."""

    client: Client
    receiver: Served

    @property
    def server(self) -> OpenRouterServer:
        return self.client.server

    async def finish(self, **fields: object) -> dict[str, Any]:
        return await self.client.finish(body(callback_url=URL, **fields))

    async def arrived(self, count: int) -> None:
        await eventually(lambda: len(self.receiver.arrivals) >= count)


@contextlib.asynccontextmanager
async def hooked(
    video: Path, *statuses: int, speed: float = 1000.0, secret: str | None = SECRET
) -> AsyncGenerator[Hooked]:
    """The receiver answers with the statuses in turn, then with 204."""
    left = list(statuses)

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=left.pop(0) if left else 204)

    async with serving(answer) as receiver, running(speed=speed, video=video) as client:
        client.server.webhooks.secret = secret
        client.server.webhooks.routes[PUBLIC] = receiver.origin
        yield Hooked(client, receiver)


@contextlib.asynccontextmanager
async def reporting(video: Path) -> AsyncGenerator[tuple[Client, list[tuple[str, WebhookDelivery]]]]:
    """Run the stand-in with the bot's web server behind the public address; yields the deliveries that it passes on."""
    noted: list[tuple[str, WebhookDelivery]] = []

    async def on_delivery(job_id: str, delivery: WebhookDelivery) -> None:
        noted.append((job_id, delivery))

    async with running(video=video) as client:
        server = Web(secret=SECRET, on_delivery=on_delivery, now=client.server.clock.time)
        async with server.listening("127.0.0.1", 0) as port:
            client.server.webhooks.secret = SECRET
            client.server.webhooks.routes[PUBLIC] = f"http://127.0.0.1:{port}"
            yield client, noted


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """The file that jobs complete with; nobody looks into it here."""
    path = tmp_path / "a.mp4"
    path.write_bytes(b"a video")
    return path


def tried(server: OpenRouterServer) -> list[tuple[int, int | None]]:
    return [(entry["attempt"], entry["status"]) for entry in server.webhooks.attempts]


async def test_a_completed_job_is_posted_to_its_callback_url(video: Path) -> None:
    async with hooked(video) as world:
        end = await world.finish()
        await world.arrived(1)
        (arrival,) = world.receiver.arrivals
    assert (arrival.method, arrival.path) == ("POST", "/webhooks/openrouter/0123456789abcdef")
    event = json.loads(arrival.body)
    assert event["type"] == "video.generation.completed"
    assert event["created_at"].endswith("Z")
    assert event["data"] == {
        "id": end["id"],
        "status": "completed",
        "generation_id": end["generation_id"],
        "model": "bytedance/seedance-2.0-fast",
        "unsigned_urls": end["unsigned_urls"],
        "usage": end["usage"],
    }


async def test_a_delivery_carries_no_key_of_the_api(video: Path) -> None:
    async with hooked(video) as world:
        await world.finish()
        await world.arrived(1)
    (arrival,) = world.receiver.arrivals
    assert arrival.authorization is None
    assert arrival.headers["Content-Type"] == "application/json"
    assert arrival.headers["User-Agent"]


@pytest.mark.parametrize("end", ["failed", "cancelled", "expired"])
async def test_a_job_that_ends_badly_is_reported_with_words(video: Path, end: Any) -> None:
    async with hooked(video) as world:
        world.server.faults.job(end)
        job = await world.finish()
        await world.arrived(1)
    event = json.loads(world.receiver.arrivals[0].body)
    assert (event["type"], event["data"]["status"]) == (f"video.generation.{end}", end)
    assert event["data"]["error"]
    assert world.receiver.arrivals[0].headers["X-OpenRouter-Idempotency-Key"] == f"{job['id']}-{end}"


async def test_the_signature_is_over_the_time_and_the_raw_body(video: Path) -> None:
    async with hooked(video) as world:
        await world.finish()
        await world.arrived(1)
    (arrival,) = world.receiver.arrivals
    at, _, given = arrival.headers["X-OpenRouter-Signature"].removeprefix("t=").partition(",v1=")
    assert given == hmac.new(SECRET.encode(), at.encode() + b"," + arrival.body, hashlib.sha256).hexdigest()


async def test_without_a_signing_secret_nothing_is_signed(video: Path) -> None:
    async with hooked(video, secret=None) as world:
        await world.finish()
        await world.arrived(1)
    assert "X-OpenRouter-Signature" not in world.receiver.arrivals[0].headers


async def test_a_job_without_a_callback_url_is_not_reported(video: Path) -> None:
    async with hooked(video) as world:
        await world.client.finish(body())
        await world.finish()
        await world.arrived(1)
    assert len(world.server.webhooks.attempts) == 1


async def test_a_job_whose_answer_was_lost_is_reported_all_the_same(video: Path) -> None:
    async with hooked(video) as world:
        world.server.faults.answer("submit", 502, when="after")
        assert (await world.client.submit(body(callback_url=URL))).status == 502
        await world.arrived(1)
    assert list(world.server.jobs) == [json.loads(world.receiver.arrivals[0].body)["data"]["id"]]


@pytest.mark.parametrize("url", ["http://bot.example/hook", "bot.example", "https:///hook", 7])
async def test_a_callback_url_that_is_not_https_is_refused(video: Path, url: object) -> None:
    async with hooked(video) as world:
        answer = await world.client.submit(body(callback_url=url))
    assert answer.status == 400
    assert "callback_url" in answer.json["error"]["message"]


@pytest.mark.parametrize("status", [302, 404, 500])
async def test_another_answer_than_2xx_brings_it_again(video: Path, status: int) -> None:
    async with hooked(video, status, status) as world:
        await world.finish()
        await eventually(lambda: tried(world.server)[-1:] == [(3, 204)])
    assert tried(world.server) == [(1, status), (2, status), (3, 204)]
    keys = {arrival.headers["X-OpenRouter-Idempotency-Key"] for arrival in world.receiver.arrivals}
    assert len(keys) == 1


async def test_the_waits_between_tries_grow(video: Path) -> None:
    async with hooked(video, 500, 500) as world:
        await world.finish()
        await world.arrived(3)
    first, second, third = [entry["time"] for entry in world.server.webhooks.attempts]
    assert second - first >= 5
    assert third - second >= 25


async def test_it_gives_up_after_some_tries(video: Path) -> None:
    async with hooked(video, *[503] * 9) as world:
        await world.finish()
        await world.arrived(4)
        await world.client.server.clock.sleep(500)
    assert tried(world.server) == [(1, 503), (2, 503), (3, 503), (4, 503)]


async def test_a_receiver_that_is_away_is_tried_again(video: Path) -> None:
    async with hooked(video) as world:
        world.server.webhooks.routes[PUBLIC] = "http://127.0.0.1:1"
        await world.finish()
        await eventually(lambda: world.server.webhooks.attempts)
        world.server.webhooks.routes[PUBLIC] = world.receiver.origin
        await world.arrived(1)
    first, *_ = world.server.webhooks.attempts
    assert (first["status"], bool(first["problem"])) == (None, True)


async def test_an_address_without_a_route_is_never_called(video: Path) -> None:
    async with hooked(video) as world:
        await world.client.finish(body(callback_url="https://elsewhere.example/hook"))
        await eventually(lambda: world.server.webhooks.attempts)
    assert world.server.webhooks.attempts[0]["problem"] == "the sandbox has no route to this address"
    assert world.receiver.arrivals == []


async def test_a_lost_delivery_never_comes(video: Path) -> None:
    async with hooked(video) as world:
        world.server.faults.webhook(lost=True)
        lost = await world.finish()
        await world.finish()
        await world.arrived(1)
    assert lost["id"] not in {entry["id"] for entry in world.server.webhooks.attempts}


async def test_a_delayed_delivery_comes_later(video: Path) -> None:
    async with hooked(video) as world:
        world.server.faults.webhook(delay=1000)
        await world.finish()
        known = world.server.clock.time()
        assert world.server.webhooks.attempts == []
        await world.arrived(1)
    assert world.server.webhooks.attempts[0]["time"] - known >= 500


async def test_cleared_faults_do_not_happen(video: Path) -> None:
    async with hooked(video) as world:
        world.server.faults.webhook(lost=True)
        world.server.faults.clear()
        await world.finish()
        await world.arrived(1)


async def test_the_bot_reads_what_the_stand_in_says(video: Path) -> None:
    async with reporting(video) as (client, noted):
        end = await client.finish(body(callback_url=callback_url(PUBLIC, "0123456789abcdef")))
        await eventually(lambda: noted)
    ((job_id, delivery),) = noted
    assert job_id == "0123456789abcdef"
    assert (delivery.openrouter_id, delivery.status) == (end["id"], "completed")
    assert delivery.cost is not None
    assert float(delivery.cost) == end["usage"]["cost"]
    assert delivery.unsigned_urls == tuple(end["unsigned_urls"])


async def test_the_bot_acts_once_on_a_delivery_that_comes_twice(video: Path) -> None:
    async with reporting(video) as (client, noted):
        client.server.faults.webhook(copies=3)
        await client.finish(body(callback_url=URL))
        await eventually(lambda: [status for _, status in tried(client.server)] == [204] * 3)
    assert len(noted) == 1


@pytest.mark.parametrize(
    "script", [{"signature": "wrong"}, {"signature": "missing"}, {"age": 900.0}, {"age": -900.0}], ids=str
)
async def test_the_bot_refuses_what_is_not_signed_as_it_should_be(video: Path, script: dict[str, Any]) -> None:
    async with reporting(video) as (client, noted):
        client.server.faults.webhook(**script)
        await client.finish(body(callback_url=URL))
        await eventually(lambda: [status for _, status in tried(client.server)] == [401] * 4)
    assert noted == []


async def test_a_stack_with_webhooks_gives_the_bot_an_address_that_the_stand_in_knows(tmp_path: Path) -> None:
    async with Stack(webhooks=True, start_bot=False, data_dir=tmp_path) as stack:
        settings = Settings.from_env(stack.bot_environment())
    assert settings.public_url is not None
    assert stack.openrouter.webhooks.routes == {settings.public_url: f"http://127.0.0.1:{settings.web_port}"}
    assert stack.openrouter.webhooks.secret == settings.openrouter_webhook_secret
    assert settings.web_host == "127.0.0.1"


async def test_a_stack_without_webhooks_gives_the_bot_none_of_it(tmp_path: Path) -> None:
    async with Stack(start_bot=False, data_dir=tmp_path) as stack:
        settings = Settings.from_env(stack.bot_environment())
    assert (settings.public_url, settings.openrouter_webhook_secret) == (None, None)


async def test_a_closing_stand_in_waits_for_no_retry(video: Path) -> None:
    async with hooked(video, *[500] * 9, speed=100.0) as world:
        world.server.faults.job("failed", queue_seconds=0, work_seconds=0)
        await world.finish()
        await world.arrived(1)
        started = time.monotonic()
    assert time.monotonic() - started < 1
