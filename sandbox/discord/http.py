"""The REST interface's frame: routes, authorization, rate limits, faults, and the record of requests."""

from __future__ import annotations

import asyncio
import logging
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from aiohttp import web

from sandbox.clock import Clock
from sandbox.discord.bodies import Body, receive
from sandbox.discord.buckets import Buckets
from sandbox.discord.errors import ApiError, not_found, unauthorized
from sandbox.discord.faults import DiscordFaults, Fault
from sandbox.discord.files import FileStore
from sandbox.discord.jsontypes import JsonObject, dumps
from sandbox.discord.limits import Limits, Window
from sandbox.discord.records import RecordedFile, RecordedRequest

log = logging.getLogger(__name__)
Answer = JsonObject | list[JsonObject] | None
BASE = "/api/v10"


@dataclass
class Call:
    """A request, as a handler sees it."""

    method: str
    path: str
    params: dict[str, str]
    query: dict[str, str]
    body: Body


@dataclass(frozen=True)
class Route:
    """A route. `pattern` names its parameters in braces.

    `major` names the parameters that have buckets of their own; without `window` there is no bucket.
    `public` routes need no bot token, `exempt` ones do not count for the global limit. `status` is of answers with a
    body.
    """

    method: str
    pattern: str
    handler: Callable[[Call], Answer]
    bucket: str = ""
    major: str = ""
    window: Window | None = None
    public: bool = False
    exempt: bool = False
    status: int = 200
    expression: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        """Compile the pattern."""
        source = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.pattern)
        object.__setattr__(self, "expression", re.compile(source))


@dataclass
class _Reply:
    status: int
    body: Answer
    headers: dict[str, str] = field(default_factory=dict[str, str])
    route: str = ""
    drop: bool = False
    page: str | None = None


class Api:
    """Serves the routes below the API base."""

    def __init__(self, clock: Clock, limits: Limits, token: str, files: FileStore, faults: DiscordFaults) -> None:
        self._clock = clock
        self._token = token
        self._files = files
        self._faults = faults
        self._routes: list[Route] = []
        self.buckets = Buckets(clock, limits)
        self.requests: list[RecordedRequest] = []
        self.unknown_routes: list[str] = []
        self.keeps_bodies = True
        """False leaves `requests` without payloads and answers, which suits a long benchmark."""

    def add(self, routes: Sequence[Route]) -> None:
        """Serve these routes too."""
        self._routes += routes

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        path = request.path.removeprefix(BASE)
        call = Call(request.method, path, {}, dict(request.query), Body())
        try:
            call.body = await receive(request, self._files)
        except ApiError as error:
            reply = _Reply(error.status, error.body)
        else:
            reply = await self._with_faults(request, call)
        self.buckets.count_invalid(reply.status)
        self._record(call, reply)
        call.body.discard(self._files, refused=False)
        if reply.drop:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        if reply.page is not None:
            return web.Response(status=reply.status, headers=reply.headers, text=reply.page, content_type="text/html")
        if reply.body is None:
            return web.Response(status=reply.status, headers=reply.headers)
        # Exactly "application/json": a charset makes discord.py take the body for text.
        headers = {**reply.headers, "Content-Type": "application/json"}
        return web.Response(status=reply.status, body=dumps(reply.body).encode(), headers=headers)

    async def _with_faults(self, request: web.Request, call: Call) -> _Reply:
        fault = self._faults.take(call.method, call.path, files=bool(call.body.parts))
        if fault is None:
            return self._answer(request, call)
        await asyncio.sleep(fault.delay_s)
        if fault.status == 0 and not fault.drop:
            return self._answer(request, call)
        if fault.when == "after":
            self._answer(request, call)
        return _failed(fault, self._clock.time())

    def _answer(self, request: web.Request, call: Call) -> _Reply:
        headers: dict[str, str] = {}
        route: Route | None = None
        try:
            if self.buckets.banned:
                return _Reply(429, {"message": "You are being blocked from accessing our API.", "code": 0})
            route = self._route(call)
            if not route.public and request.headers.get("Authorization") != f"Bot {self._token}":
                raise unauthorized()
            if not route.exempt:
                self.buckets.take_global()
            if route.window is not None:
                major = "+".join(call.params[name] for name in route.major.split())
                headers = self.buckets.take(route.bucket, major, route.window)
            body = route.handler(call)
        except ApiError as error:
            call.body.discard(self._files, refused=True)
            pattern = route.pattern if route else ""
            return _Reply(error.status, error.body, {**headers, **error.headers}, pattern)
        return _Reply(204 if body is None else route.status, body, headers, route.pattern)

    def _route(self, call: Call) -> Route:
        methods: list[str] = []
        for route in self._routes:
            found = route.expression.fullmatch(call.path)
            if found is None:
                continue
            methods.append(route.method)
            if route.method == call.method:
                call.params = found.groupdict()
                return route
        self.unknown_routes.append(f"{call.method} {call.path}")
        log.error("The bot used a route the sandbox does not have: %s %s", call.method, call.path)
        if methods:
            raise ApiError(405, {"message": "405: Method Not Allowed", "code": 0})
        raise not_found()

    def _record(self, call: Call, reply: _Reply) -> None:
        code = reply.body.get("code") if isinstance(reply.body, dict) and reply.status >= 400 else None
        self.requests.append(
            RecordedRequest(
                method=call.method,
                path=call.path,
                query=call.query,
                time=self._clock.time(),
                status=0 if reply.drop else reply.status,
                payload=call.body.payload if self.keeps_bodies else None,
                files=tuple(RecordedFile(p.field, p.filename, p.size) for p in call.body.parts),
                answer=reply.body if self.keeps_bodies else None,
                code=code,
                route=reply.route,
            )
        )


def _failed(fault: Fault, now: float) -> _Reply:
    if fault.drop:
        return _Reply(0, None, drop=True)
    left = math.ceil(max(0.0, fault.until - now)) if fault.until is not None else None
    if fault.page is not None:
        return _Reply(fault.status, None, {"Retry-After": str(left or 0)}, page=fault.page)
    body = fault.body or {"message": f"{fault.status}: Scripted failure", "code": 0}
    headers: dict[str, str] = {}
    if fault.status == 429:
        body = {"retry_after": float(left or 1), "global": fault.everywhere, **body}
        headers = {"Via": "1.1 sandbox", "Retry-After": str(body["retry_after"])}
        if fault.everywhere:
            headers |= {"X-RateLimit-Global": "true", "X-RateLimit-Scope": "global"}
    return _Reply(fault.status, body, headers)
