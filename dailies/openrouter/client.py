"""The aiohttp side of OpenRouter's video API.

The POST is sent once by every layer: no retry here, no redirect followed, and aiohttp resends only idempotent
methods on a stale connection. Its last byte is held back until its caller has recorded that it goes out.
GETs are retried with backoff and Retry-After. The key goes to OpenRouter's own origin only. Every call has a limit
that covers reading the body.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import aiohttp
from yarl import URL

from dailies import ssrf_guard as guard
from dailies.errors import AnswerLost, BadAnswer, Busy, OpenRouterError, ReferenceRefused, ServerFault, Unreachable
from dailies.files import put_in_place
from dailies.metrics.port import UNCOUNTED, Metrics
from dailies.openrouter import protocol
from dailies.openrouter.counted import counted
from dailies.openrouter.endpoints import Endpoints, VideoSource
from dailies.openrouter.heldback import HeldBack, Sending
from dailies.openrouter.models import Catalog
from dailies.openrouter.payload import Payload
from dailies.openrouter.protocol import KeyInfo, Poll, Submitted
from dailies.reason import Reason, ReasonCode
from dailies.retry import retry

log = logging.getLogger(__name__)

GET_TRIES = 3
ANSWER_LIMIT = 16 * 1024 * 1024
"""Maximum bytes of a JSON answer; the catalogue has about 30 KB."""
ERROR_LIMIT = 64 * 1024
CHUNK = 256 * 1024
WRITE = 1024 * 1024
"""Bytes of a video that are written at once: a thread for each chunk took two fifths of a download's processor time."""
REDIRECTS = 3
LONGEST_RETRY_AFTER = 60.0
INPUTS_SECONDS = 5.0
"""Time limit for the models' input types: a refinement of the catalogue, which must not hold up a start."""

Answer = tuple[int, Mapping[str, str], bytes]
T = TypeVar("T")


@dataclass(frozen=True)
class ClientLimits:
    """Maximum seconds and bytes of a call."""

    request_seconds: float = 30.0
    submit_seconds: float = 180.0
    download_seconds: float = 600.0
    download_bytes: int = 1000 * 1000 * 1000


class OpenRouter:
    """Submits, checks and downloads jobs; lists models; checks the key.

    app_url: the bot's own address, by which OpenRouter knows the app; None: it has none. metrics: counts requests.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        base: str,
        key: str,
        limits: ClientLimits | None = None,
        app_url: str | None = None,
        metrics: Metrics = UNCOUNTED,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._session = session
        self._app_headers = protocol.app_headers(app_url)
        self._endpoints = Endpoints(base)
        self._key = key
        self._limits = limits or ClientLimits()
        self._sleep = sleep
        self._counted = partial(counted, metrics)

    async def models(self) -> Catalog:
        """Return the catalogue. It is public, but the key goes along as for every call to this origin."""
        return await self._get("models", self._endpoints.models(), protocol.read_models)

    async def catalog(self) -> Catalog:
        """Return the catalogue, with each model's input types if OpenRouter's other list names them in time."""
        catalog = await self.models()
        try:
            async with asyncio.timeout(INPUTS_SECONDS):
                with self._counted("models"):
                    return catalog.with_inputs(protocol.read_inputs(*await self._get_once(self._endpoints.inputs())))
        except (OpenRouterError, TimeoutError) as error:
            log.info("what models take as input could not be loaded (%s); their list is used without", error)
            return catalog

    async def key(self) -> KeyInfo:
        """Return the key's remaining credit. Raises Unauthorized for a wrong key."""
        return await self._get("key", self._endpoints.key(), protocol.read_key)

    async def submit(self, body: Mapping[str, Any], sending: Sending) -> Submitted:
        """Send the paid request, once.

        sending: awaited when the connection stands and everything but the last byte of the request is on its way.
        Before it returns nothing can have been paid; what it raises is raised, and the request is given up.

        Raises Unreachable when it was not sent whole (nothing was paid), AnswerLost when it was sent and no
        readable answer came (it may have been paid), else the OpenRouterError of the answer's status; OSError when
        an image that goes along cannot be read, FileDamaged when it is not the right one (nothing was paid).
        """
        with self._counted("submit"):
            return await self._submit(HeldBack(await asyncio.to_thread(Payload, body), sending))

    async def _submit(self, request: HeldBack) -> Submitted:
        try:
            answer = await self._send(request)
            await request.settled()
        except (aiohttp.ClientError, OSError, UnicodeError, BadAnswer) as error:
            # TimeoutError is an OSError; UnicodeError comes from getaddrinfo, for a host with an endless label.
            await request.settled()
            if request.broken:
                raise request.broken from None
            if not request.sent:
                raise Unreachable(Reason(ReasonCode.NO_CONNECTION, error=type(error).__name__)) from error
            if type(error) is TimeoutError:
                raise AnswerLost(Reason(ReasonCode.NO_ANSWER, seconds=self._limits.submit_seconds)) from error
            raise AnswerLost(Reason(ReasonCode.ANSWER_BROKE_OFF, error=type(error).__name__)) from error
        finally:
            await request.close()
        return protocol.read_submit(*answer)

    async def _send(self, request: HeldBack) -> Answer:
        body = {"Content-Type": "application/json", "Content-Length": str(request.size)}
        headers = protocol.authorization(self._key) | self._app_headers | body
        async with (
            asyncio.timeout(self._limits.submit_seconds),
            # A connection of its own: on a kept-alive one that the server is just closing, the paid request would be
            # lost without anybody knowing whether it arrived.
            new_session() as session,
            session.post(self._endpoints.submit(), data=request, headers=headers, allow_redirects=False) as response,
        ):
            return await _read(response, ANSWER_LIMIT)

    async def poll(self, job_id: str, polling_url: str | None) -> Poll:
        """Check a job once; a failing GET is retried a little before it raises OpenRouterError."""
        return await self._get("poll", self._endpoints.job(job_id, polling_url), protocol.read_poll)

    def sources(self, job_id: str, poll: Poll, index: int = 0) -> tuple[VideoSource, ...]:
        """Return the addresses of a finished job's output, counted from 0, in the order in which to try them."""
        return self._endpoints.sources(job_id, poll, index)

    async def download(self, source: VideoSource, target: Path) -> int:
        """Stream an output to a file, replacing it; returns its bytes.

        A body that is empty, shorter than announced or over the limit, and an answer outside 2xx, raise an
        OpenRouterError and leave no file. Raises OSError when the disk refuses it.
        """
        with self._counted("download"):
            return await self._download(source, target)

    async def _download(self, source: VideoSource, target: Path) -> int:
        part = target.with_name(target.name + ".part")
        try:
            async with (
                asyncio.timeout(self._limits.download_seconds),
                self._open(source.url, with_key=source.with_key) as response,
            ):
                if not 200 <= response.status < 300:
                    # Where the address is a secret, the answer may repeat it.
                    words = await response.content.read(ERROR_LIMIT) if source.with_key else b""
                    raise protocol.read_error(response.status, response.headers, words)
                size = await self._stream(response, part)
            if size == 0:
                raise BadAnswer(Reason(ReasonCode.VIDEO_EMPTY))
            await asyncio.to_thread(put_in_place, part, target)
        # The causes are left out: aiohttp's errors name the address, which may be signed.
        except TimeoutError:
            raise Unreachable(Reason(ReasonCode.DOWNLOAD_SLOW, seconds=self._limits.download_seconds)) from None
        except (aiohttp.ClientError, UnicodeError) as error:
            raise Unreachable(Reason(ReasonCode.DOWNLOAD_BROKE_OFF, error=type(error).__name__)) from None
        finally:
            await asyncio.to_thread(part.unlink, missing_ok=True)
        return size

    async def _stream(self, response: aiohttp.ClientResponse, part: Path) -> int:
        size = waiting = 0
        chunks: list[bytes] = []
        file: BinaryIO = await asyncio.to_thread(part.open, "wb")
        try:
            async for chunk in response.content.iter_chunked(CHUNK):
                size += len(chunk)
                if size > self._limits.download_bytes:
                    raise BadAnswer(Reason(ReasonCode.VIDEO_BEYOND, bytes=self._limits.download_bytes))
                chunks.append(chunk)
                waiting += len(chunk)
                if waiting >= WRITE:
                    await asyncio.to_thread(file.writelines, chunks)
                    chunks, waiting = [], 0
            await asyncio.to_thread(file.writelines, chunks)
        finally:
            await asyncio.to_thread(file.close)
        return size

    async def _get(self, call: str, url: URL, read: Callable[[int, Mapping[str, str], bytes], T]) -> T:
        async def get(_: int) -> T:
            with self._counted(call):
                return read(*await self._get_once(url))

        passing, what = (Busy, ServerFault, Unreachable), f"GET {url.path}"
        return await retry(get, passing, what=what, tries=GET_TRIES, pause=_pause, sleep=self._sleep)

    async def _get_once(self, url: URL) -> Answer:
        try:
            async with asyncio.timeout(self._limits.request_seconds), self._open(url) as response:
                return await _read(response, ANSWER_LIMIT)
        except TimeoutError as error:
            raise Unreachable(Reason(ReasonCode.NO_ANSWER, seconds=self._limits.request_seconds)) from error
        except (aiohttp.ClientError, OSError, UnicodeError) as error:
            raise Unreachable(Reason(ReasonCode.NO_CONNECTION, error=type(error).__name__)) from error

    @asynccontextmanager
    async def _open(self, url: URL, *, with_key: bool = True) -> AsyncGenerator[aiohttp.ClientResponse]:
        """GET with redirects followed by hand, so that each hop is checked again for whether it may see the key."""
        for _ in range(REDIRECTS + 1):
            trusted = self._endpoints.may_see_key(url)
            if url.scheme != "https" and not trusted and self._endpoints.origin.scheme == "https":
                raise BadAnswer(Reason(ReasonCode.ADDRESS_NOT_HTTPS))
            headers = protocol.authorization(self._key) if trusted and with_key else {}
            async with (
                self._session_for(url, trusted) as session,
                session.get(url, headers=headers, allow_redirects=False) as response,
            ):
                location = response.headers.get("Location")
                if response.status not in (301, 302, 303, 307, 308) or not location:
                    yield response
                    return
                target = self._endpoints.resolve(location, against=url)
            if target is None:
                raise BadAnswer(Reason(ReasonCode.REDIRECT_UNREAD))
            url = target
        raise BadAnswer(Reason(ReasonCode.REDIRECTED_TOO_OFTEN, most=REDIRECTS))

    def _session_for(self, url: URL, trusted: bool) -> AbstractAsyncContextManager[aiohttp.ClientSession]:
        """Guard an address elsewhere like a user's link: it comes from an answer.

        Except below a plain http API, which values.base allows on this machine only: there, all of it is the sandbox.
        """
        return nullcontext(self._session) if trusted or self._endpoints.origin.scheme == "http" else _guarded(url)


@asynccontextmanager
async def _guarded(url: URL) -> AsyncGenerator[aiohttp.ClientSession]:
    try:
        guard.check(url, "OpenRouter", frozenset({url.port or 443}))
    except ReferenceRefused as error:
        raise BadAnswer(Reason(ReasonCode.ADDRESS_REFUSED, problem=error.problem)) from error
    names = guard.SystemResolver()
    try:
        async with new_session(guard.public_connector(names)) as session:
            yield session
    finally:
        await names.close()


def _pause(error: OpenRouterError, number: int) -> float:
    """Seconds before a GET is tried again."""
    return min(max(error.retry_after or 0.0, (1 + random.random()) * 2 ** (number - 1)), LONGEST_RETRY_AFTER)


async def _read(response: aiohttp.ClientResponse, limit: int) -> Answer:
    body = bytearray()
    async for chunk in response.content.iter_chunked(CHUNK):
        body += chunk
        if len(body) > limit:
            raise BadAnswer(Reason(ReasonCode.ANSWER_BEYOND, bytes=limit), status=response.status)
    return response.status, response.headers, bytes(body)


def new_session(connector: aiohttp.BaseConnector | None = None) -> aiohttp.ClientSession:
    """Make a session for OpenRouter: no cookies, no proxy from the environment, limits set per call."""
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=15),
        trust_env=False,
    )
