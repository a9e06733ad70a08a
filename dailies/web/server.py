"""The web server: videos under secret links, and OpenRouter's webhooks if there is a secret to check them with.

It speaks plain HTTP: the reverse proxy or tunnel that makes PUBLIC_URL https stands in front of it and forwards
PUBLIC_URL/webhooks/… to /webhooks/… and PUBLIC_URL/files/… to /files/….
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from functools import partial
from urllib.parse import quote

from aiohttp import web

from dailies.delivery.serving import FindVideo, add_files
from dailies.errors import NotYet, SettingsError, WebhookRefused
from dailies.openrouter.webhook import WebhookDelivery, verify
from dailies.values import Network
from dailies.web.accepting import Connections, file_limit, listeners
from dailies.web.connection import CLOSING, HEADERS, Connection, Sparing

log = logging.getLogger(__name__)

BODY_BYTES = 256 * 1024
"""Larger bodies are refused; a real one has about a thousand bytes."""

READ_SECONDS = 10.0
"""Time limit for a body to arrive."""

NOTE_SECONDS = 20.0
"""Time limit for on_delivery; after that OpenRouter is told to come again."""

STOP_SECONDS = 5.0
"""Time limit for calls still being answered when the bot stops."""

KEPT = 10_000
"""Deliveries to remember. A forgotten one makes the bot check once more, which changes nothing."""

_PATH = "/webhooks/openrouter"


def callback_url(public_url: str, job_id: str) -> str:
    """Return the address at which OpenRouter reports a job. job_id: ours."""
    return f"{public_url}{_PATH}/{quote(job_id, safe='')}"


class Web:
    """Checks calls and passes each genuine one on, once.

    secret: checks webhooks; None: they have no address.
    on_delivery: gets our job id, unproven, from the address, and the delivery. It only records the task and
    returns; the work itself goes on elsewhere. OpenRouter gets its 2xx only then: after a crash or an exception it
    calls again. NotYet asks for that on purpose. A job that is not known is no exception: another call would not help.
    find_video: serves videos too, by dailies/delivery/serving.py.
    connections: at most so many at once. trusted: addresses of reverse proxies, to which the limit of one address does
    not apply. Their X-Forwarded-For is not read: a place goes to whoever uses it, whatever the address.
    now: Unix seconds.
    """

    def __init__(
        self,
        *,
        secret: str | None,
        on_delivery: Callable[[str, WebhookDelivery], Awaitable[None]],
        find_video: FindVideo | None = None,
        connections: int = 256,
        trusted: Sequence[Network] = (),
        now: Callable[[], float] = time.time,
    ) -> None:
        if not (secret or find_video):
            raise ValueError("a web server without a secret takes no webhooks, and without files it serves nothing")
        self._secret = secret
        self._on_delivery = on_delivery
        self._find_video = find_video
        self._now = now
        self._seen: dict[tuple[str, str, str], None] = {}
        self._passing: set[asyncio.Task[web.Response]] = set()
        self._noting: set[tuple[str, str, str]] = set()
        self._connections = connections
        self._trusted = trusted
        self._sparing = Sparing(now)

    @contextlib.asynccontextmanager
    async def listening(self, host: str, port: int) -> AsyncGenerator[int]:
        """Serve inside the block; yields the port, for which 0 takes a free one. Raises SettingsError."""
        app = web.Application(client_max_size=BODY_BYTES)
        app.on_response_prepare.append(_complete)
        if self._secret:
            app.router.add_post(_PATH + "/{job_id:[0-9a-z]{1,25}}", partial(self._webhook, self._secret))
        if self._find_video:
            add_files(app, self._find_video)
        runner = web.AppRunner(app, shutdown_timeout=STOP_SECONDS, handler_cancellation=True)
        await runner.setup()
        assert runner.server
        try:
            opened = await listeners(host, port)
        except OSError as error:
            await runner.cleanup()
            problem = f"WEB_HOST, WEB_PORT: {host} port {port} cannot be used: {error.strerror or error}"
            raise SettingsError([problem]) from error
        bound: int = opened[0].getsockname()[1]
        connections = Connections(runner.server, most=self._most(), trusted=self._trusted)
        try:
            async with connections.accepting(opened):
                log.info("listening on %s port %d, %s webhooks", host, bound, "with" if self._secret else "without")
                yield bound
        finally:
            for one in opened:
                one.close()
            await runner.cleanup()
            connections.abort()

    def _most(self) -> int:
        """Return the limit of connections: the setting, and never more than half of the files that may be open."""
        possible = file_limit() // 2
        if possible < self._connections:
            log.warning(
                "WEB_CONNECTIONS is %d, and the process may open too few files for it: %d are used instead",
                self._connections,
                possible,
            )
        return min(possible, self._connections)

    async def _webhook(self, secret: str, request: web.Request) -> web.Response:
        length = request.content_length
        if length is None and not request.body_exists:
            return web.Response(status=411)
        if length is not None and length > BODY_BYTES:
            return web.Response(status=413)
        try:
            async with asyncio.timeout(READ_SECONDS):
                body = await request.read()
        except TimeoutError:
            return web.Response(status=408)
        except web.HTTPRequestEntityTooLarge:
            return web.Response(status=413)
        except (ConnectionError, web.RequestPayloadError):
            # The caller went away. Not raised: aiohttp would log a traceback for something that anybody can cause.
            return web.Response(status=400)
        try:
            delivery = verify(secret, request.headers, body, self._now())
        except WebhookRefused as refusal:
            self._report(refusal)
            return web.Response(status=401)
        if isinstance(request.protocol, Connection):
            request.protocol.verified = True
        # A caller that goes away ends its request, and would end this half-way.
        noting = asyncio.create_task(self._pass_on(request.match_info["job_id"], delivery))
        self._passing.add(noting)
        noting.add_done_callback(self._passing.discard)
        return await asyncio.shield(noting)

    async def _pass_on(self, job_id: str, delivery: WebhookDelivery) -> web.Response:
        if not delivery.status:
            log.info("webhook for job %s: %s is nothing to act on", job_id, delivery.type)
            return web.Response(status=204)
        # The parts of the idempotency key, because they are signed and the key itself is not: repeating a
        # call under another job's key must not silence that job's own.
        mark = (job_id, delivery.openrouter_id, delivery.status)
        if mark in self._seen:
            log.info("webhook for job %s: %s came again", job_id, delivery.key)
            return web.Response(status=204)
        if mark in self._noting:
            # The first call may still fail, and then one of them has to count.
            return web.Response(status=503)
        self._noting.add(mark)
        try:
            async with asyncio.timeout(NOTE_SECONDS):
                await self._on_delivery(job_id, delivery)
        except (TimeoutError, NotYet):
            log.warning("webhook for job %s: %s could not be noted yet", job_id, delivery.key)
            return web.Response(status=503)
        finally:
            self._noting.discard(mark)
        self._remember(mark)
        return web.Response(status=204)

    def _remember(self, mark: tuple[str, str, str]) -> None:
        self._seen[mark] = None
        if len(self._seen) > KEPT:
            del self._seen[next(iter(self._seen))]

    def _report(self, refusal: WebhookRefused) -> None:
        if count := self._sparing.due("refusal"):
            log.warning(
                "%d calls to the webhook were refused since the last such line; the newest: %s; "
                "is OPENROUTER_WEBHOOK_SECRET right?",
                count,
                refusal,
            )


async def _complete(_: web.Request, response: web.StreamResponse) -> None:
    """Add the headers that every answer has, and end the connection after it."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.update(CLOSING)  # aiohttp has already written its own
    response.force_close()
