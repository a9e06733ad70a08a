"""Points at which the bot is killed: named moments in the traffic between it and the stand-ins.

The bot itself is not touched. An aiohttp middleware around every request of both stand-ins knows what the bot is
doing and kills it right there.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from sandbox.discord.faults import DiscordFaults

LATE_SECONDS = 4.0
"""Real seconds by which a late request takes effect after the kill: the next bot is up by then."""

When = Literal["lost", "swallowed", "arrived", "late", "handled", "answered", "midway"]


@dataclass(frozen=True)
class Point:
    """A moment in the life of a job.

    when: "lost": the request begins to arrive and never takes effect. "swallowed": all of it arrives, and it never
    takes effect. "arrived": it arrives, and takes effect if all of it was
    sent. "late": all of it arrives, and it takes effect seconds after the kill. "handled": it has taken effect, the
    answer is not sent. "answered": up to `spread` real seconds after the answer. "midway": half of the answer's body
    is sent.
    text: required content of the answer, or of the request while it has no answer.
    """

    stage: str
    when: When
    method: str
    path: str
    text: str = ""
    spread: float = 0.0

    @property
    def name(self) -> str:
        """Return stage and moment."""
        return f"{self.stage}, {self.when}"


CALLBACK = r"/interactions/\d+/[^/]+/callback$"
_STATUS = r"/(channels/\d+|webhooks/\d+/[^/]+)/messages/[^/]+$"
_UPLOAD = r"/channels/\d+/messages$"
_SUBMIT = r"/api/v1/videos$"
_POLL = r"/api/v1/videos/gen-vid-[^/]+$"
_FILE = r"/videos/gen-vid-[^/]+/(content|\d+\.mp4)$"
_SENDING = "### Sending the request"
_DONE = "### Done"

POINTS = (
    Point("answer to the command", "handled", "POST", CALLBACK),
    Point("answer to the command", "answered", "POST", CALLBACK, spread=0.005),
    Point("before the paid request", "handled", "PATCH", _STATUS, _SENDING),
    Point("before the paid request", "answered", "PATCH", _STATUS, _SENDING, spread=0.01),
    Point("paid request", "lost", "POST", _SUBMIT),
    Point("paid request", "swallowed", "POST", _SUBMIT),
    Point("paid request", "arrived", "POST", _SUBMIT),
    Point("paid request", "late", "POST", _SUBMIT),
    Point("paid request accepted", "handled", "POST", _SUBMIT),
    Point("paid request accepted", "answered", "POST", _SUBMIT, spread=0.01),
    Point("check", "arrived", "GET", _POLL),
    Point("check", "answered", "GET", _POLL, spread=0.02),
    Point("check of a finished job", "answered", "GET", _POLL, '"completed"', spread=0.01),
    Point("download", "midway", "GET", _FILE),
    Point("download", "answered", "GET", _FILE, spread=0.1),
    Point("upload", "arrived", "POST", _UPLOAD),
    Point("upload", "late", "POST", _UPLOAD),
    Point("upload accepted", "handled", "POST", _UPLOAD),
    Point("upload accepted", "answered", "POST", _UPLOAD, spread=0.01),
    Point("before the last edit", "lost", "PATCH", _STATUS, _DONE),
    Point("last edit", "handled", "PATCH", _STATUS, _DONE),
    Point("last edit", "answered", "PATCH", _STATUS, _DONE, spread=0.01),
)

_IN_ROWS = {_SENDING: "Comparing", _DONE: "videos are ready"}
COMPARED_POINTS = tuple(replace(point, text=_IN_ROWS.get(point.text, point.text)) for point in POINTS)
"""Points of a run in which models are compared: a status has a row for each."""


class Tap:
    """Watches requests for the armed point and kills the bot there, once.

    kill: ends the bot at once. video: what every download serves. rng: how long after an answer.
    """

    def __init__(self, kill: Callable[[], None], faults: DiscordFaults, video: bytes, rng: random.Random) -> None:
        self._kill_bot = kill
        self._faults = faults
        self._video = video
        self._rng = rng
        self._point: Point | None = None
        self._struck = asyncio.Event()

    async def strike(self, point: Point, seconds: float) -> bool:
        """Kill the bot at this point; False when it did not come within that many real seconds."""
        self._struck.clear()
        self._point = point
        try:
            async with asyncio.timeout(seconds):
                await self._struck.wait()
        except TimeoutError:
            return False
        finally:
            self._point = None
        return True

    def middleware(self) -> Middleware:
        """Middleware for a stand-in's requests."""

        @web.middleware
        async def tapped(request: web.Request, handler: Handler) -> web.StreamResponse:
            point = self._point
            if point is None or request.method != point.method or not re.search(point.path, request.path):
                return await handler(request)
            if point.when in ("lost", "swallowed", "arrived", "late"):
                return await self._on_arrival(point, request, handler)
            return await self._on_answer(point, request, await handler(request))

        return tapped

    async def _on_arrival(self, point: Point, request: web.Request, handler: Handler) -> web.StreamResponse:
        multipart = request.content_type.startswith("multipart/")
        if point.text and (multipart or point.text not in await request.text()):
            return await handler(request)
        if point.when == "late" and multipart:
            return await self._late_upload(request, handler)
        if point.when in ("late", "swallowed"):
            await request.read()
        self._kill()
        if point.when == "late":
            await asyncio.sleep(LATE_SECONDS)
        if point.when in ("lost", "swallowed"):
            return _gone(request)
        try:
            return await handler(request)
        except ConnectionResetError:
            return _gone(request)  # killed in the middle of it

    async def _late_upload(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        # Only the stand-in itself knows when it has received a form whole; then its delay begins.
        fault = self._faults.add(method=request.method, path=_UPLOAD, status=0, delay_s=LATE_SECONDS)
        working = asyncio.ensure_future(handler(request))
        while not fault.struck and not working.done():  # noqa: ASYNC110 (a fault has no event)
            await asyncio.sleep(0.001)
        self._kill()
        return await working

    async def _on_answer(self, point: Point, request: web.Request, answer: web.StreamResponse) -> web.StreamResponse:
        if point.text and not (isinstance(answer, web.Response) and point.text in (answer.text or "")):
            return answer
        if self._point is not point:
            return answer  # another request was there first
        if point.when == "midway":
            return await self._half(request, answer)
        if point.when == "handled":
            self._kill()
            return _gone(request)
        self._point = None
        asyncio.get_running_loop().call_later(self._rng.uniform(0, point.spread), self._kill)
        return answer

    async def _half(self, request: web.Request, answer: web.StreamResponse) -> web.StreamResponse:
        if not isinstance(answer, web.FileResponse):
            return answer
        half = web.StreamResponse(headers={"Content-Type": answer.content_type})
        half.content_length = len(self._video)
        await half.prepare(request)
        await half.write(self._video[: len(self._video) // 2])
        # So that the half is on the bot's disk.
        await asyncio.sleep(0.01)
        self._kill()
        return half

    def _kill(self) -> None:
        self._point = None
        self._kill_bot()
        self._struck.set()


def _gone(request: web.Request) -> web.Response:
    """Discard the answer: nobody is left to receive it."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
