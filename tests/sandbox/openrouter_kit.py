"""Shared helpers for the OpenRouter stand-in's tests: a running server, a client with the key, images."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import io
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from PIL import Image

from sandbox.clock import Clock
from sandbox.openrouter import OpenRouterServer, ReferenceLimits

KEY = "sk-or-v1-test"
FAST = "bytedance/seedance-2.0-fast"


@dataclass
class Answer:
    """An HTTP answer, read to its end."""

    status: int
    headers: Mapping[str, str]
    data: bytes
    json: Any


class Client:
    """Speaks to the stand-in as a well-behaved client would."""

    def __init__(self, server: OpenRouterServer, session: aiohttp.ClientSession) -> None:
        self.server = server
        self.session = session

    async def get(self, url: str, *, key: str | None = KEY, redirects: bool = True) -> Answer:
        """GET a URL, or a path below the API's base."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        url = url if url.startswith("http") else self.server.api_base + url
        async with self.session.get(url, headers=headers, allow_redirects=redirects) as response:
            return await _read(response)

    async def submit(self, body: object, *, key: str | None = KEY) -> Answer:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        async with self.session.post(f"{self.server.api_base}/videos", json=body, headers=headers) as response:
            return await _read(response)

    async def finish(self, body: object) -> dict[str, Any]:
        """Submit, poll until the job ends, and return its last status."""
        accepted = await self.submit(body)
        assert accepted.status == 202, accepted.json
        return await self.ended(accepted.json["id"])

    async def ended(self, job_id: str) -> dict[str, Any]:
        async with asyncio.timeout(120):
            while True:
                answer = await self.get(f"/videos/{job_id}")
                if answer.status == 200 and answer.json["status"] in ("completed", "failed", "cancelled", "expired"):
                    return answer.json
                await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def running(
    *,
    speed: float = 1000.0,
    queue_seconds: float = 10.0,
    work_seconds: float = 80.0,
    limit_usd: float | None = None,
    max_body_bytes: int = 100_000_000,
    reference_limits: ReferenceLimits | None = None,
    video: Path | None = None,
) -> AsyncGenerator[Client]:
    """Run a server whose jobs take a tenth of a second, unless told otherwise, and its client."""
    server = OpenRouterServer(
        Clock(speed),
        key=KEY,
        queue_seconds=queue_seconds,
        work_seconds=work_seconds,
        limit_usd=limit_usd,
        max_body_bytes=max_body_bytes,
        reference_limits=reference_limits,
        video=video,
    )
    await server.start()
    try:
        async with aiohttp.ClientSession() as session:
            yield Client(server, session)
    finally:
        await server.close()


async def eventually(condition: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait until the condition holds, looking every 20 ms."""
    for _ in range(round(seconds / 0.02)):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it never came true")


def body(**fields: object) -> dict[str, object]:
    """Make a valid request; fields add to it, and None takes one away."""
    whole = {"model": FAST, "prompt": "a lantern in the rain"} | fields
    return {name: value for name, value in whole.items() if value is not None}


def image(colour: str, size: tuple[int, int] = (480, 360), image_format: str = "PNG") -> bytes:
    """Make an image file of one colour."""
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, image_format)
    return buffer.getvalue()


def data_url(data: bytes, media_type: str = "image/png") -> str:
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"


def reference(url: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url}}


async def _read(response: aiohttp.ClientResponse) -> Answer:
    data = await response.read()
    is_json = response.content_type == "application/json"
    return Answer(response.status, response.headers, data, await response.json() if is_json else None)
