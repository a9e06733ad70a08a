"""The page's server: a person's hands and eyes in the stand-in for Discord, for one browser."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any

from aiohttp import WSMsgType, web

from sandbox.discord import EventStream, Interaction, Person, Upload
from sandbox.discord.jsontypes import JsonObject, is_object
from sandbox.discord.locales import LOCALES
from sandbox.page import guard, statics
from sandbox.page.outcomes import OUTCOMES, NextJob
from sandbox.page.requests import JSON_LIMIT, read_form, read_json, text
from sandbox.page.welcome import Welcome
from sandbox.stack import BotNotReadyError, Stack

HOST = "127.0.0.1"
FILES_AT_ONCE = 4  # request bodies may hold this many files of the largest size


class PageServer:
    """Serves the page and its API over a running stack, on 127.0.0.1 only.

    welcome: what a newcomer finds in the composer; None leaves it empty.
    """

    def __init__(self, stack: Stack, welcome: Welcome | None = None) -> None:
        self._stack = stack
        self._welcome = welcome
        self._discord = stack.discord
        self._next_job = NextJob(stack.openrouter.faults, stack.discord.faults)
        self._streams: set[EventStream] = set()
        self._files: dict[str, statics.StaticFile] = {}
        self._samples: list[JsonObject] = []
        self._runner: web.AppRunner | None = None
        self._restarting = asyncio.Lock()
        self.origin = ""
        """The page's address, once it has started."""

    async def start(self, port: int = 8420) -> None:
        """Listen on 127.0.0.1; `port` 0 takes any free one. OSError when the port is taken."""
        self._files = await asyncio.to_thread(statics.load_static)
        samples = await asyncio.to_thread(statics.load_samples)
        self._files |= samples
        self._samples = statics.describe_samples(samples)
        self._runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, port)
        await site.start()
        bound = self._runner.addresses[0][1]
        self.origin = f"http://{HOST}:{bound}"

    async def close(self) -> None:
        """Disconnect every browser and stop listening."""
        for stream in list(self._streams):
            stream.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def _app(self) -> web.Application:
        guarded = guard.middleware(self._hosts, lambda: self._discord.origin)
        app = web.Application(middlewares=[guarded], client_max_size=JSON_LIMIT)
        app.router.add_get("/api/state", self._get_state)
        app.router.add_get("/api/events", self._get_events)
        posts: dict[str, Callable[[web.Request], Coroutine[Any, Any, JsonObject]]] = {
            "command": self._command,
            "autocomplete": self._autocomplete,
            "message-command": self._message_command,
            "click": self._click,
            "select": self._select,
            "modal": self._modal,
            "send": self._send,
            "outcome": self._outcome,
            "language": self._language,
            "restart": self._restart,
        }
        for name, act in posts.items():
            app.router.add_post(f"/api/{name}", _json_answer(act))
        app.router.add_get("/{path:.*}", self._get_file)
        return app

    def _hosts(self) -> frozenset[str]:
        port = self.origin.rsplit(":", 1)[-1]
        return frozenset({f"{HOST}:{port}", f"localhost:{port}"})

    @property
    def _body_limit(self) -> int:
        return FILES_AT_ONCE * self._upload_limit()

    def _upload_limit(self, name: str | None = None) -> int:
        """The largest file, in bytes, that this person (None: anybody) may send."""
        world = self._discord.world
        own = [user.upload_bytes for user in world.users.values() if name in (None, user.global_name)]
        return max([world.guild.upload_bytes or self._discord.limits.upload_bytes, *own])

    # Reading: a person's view

    async def _get_file(self, request: web.Request) -> web.Response:
        file = self._files.get(request.path)
        if file is None:
            raise web.HTTPNotFound(text="There is nothing here.")
        return web.Response(body=file.data, content_type=file.content_type, charset=_charset(file.content_type))

    def _person(self, name: object) -> Person:
        known = {user.global_name for user in self._discord.world.users.values() if not user.bot}
        if not isinstance(name, str) or name not in known:
            raise web.HTTPBadRequest(text="There is no such person in this sandbox.")
        return self._discord.person(name)

    def _state(self, name: str) -> JsonObject:
        sandbox = {
            "outcomes": [outcome.to_json() for outcome in OUTCOMES],
            "outcome": self._next_job.current(),
            "samples": self._samples,
            "languages": self._languages(self._person(name)),
            "upload_bytes": self._upload_limit(name),
            "welcome": None if self._welcome is None else self._welcome.to_json(),
        }
        seen = self._discord.snapshot(name)
        roles = [{"id": role.id, "name": role.name} for role in self._discord.world.guild.roles.values()]
        return {**seen, "guild": {**seen["guild"], "roles": roles}, "sandbox": sandbox}

    async def _get_state(self, request: web.Request) -> web.Response:
        name = request.query.get("person", "Ann")
        self._person(name)
        return web.json_response(self._state(name))

    async def _get_events(self, request: web.Request) -> web.StreamResponse:
        name = request.query.get("person", "Ann")
        person = self._person(name)
        socket = web.WebSocketResponse(heartbeat=20)
        await socket.prepare(request)
        stream = self._discord.subscribe()
        self._streams.add(stream)
        # No await between the two: the state and the events after it leave no gap and do not overlap.
        first: JsonObject = {"type": "state", "state": self._state(name)}
        pump = asyncio.create_task(self._pump(socket, stream, first, person.id))
        try:
            async for message in socket:
                if message.type is WSMsgType.ERROR:
                    break
        finally:
            stream.close()
            self._streams.discard(stream)
            await pump
        return socket

    async def _pump(
        self, socket: web.WebSocketResponse, stream: EventStream, first: JsonObject, person_id: str
    ) -> None:
        outcome = self._next_job.current()
        with contextlib.suppress(ConnectionError):  # the browser left; the reader above ends the stream
            await socket.send_json(first)
            async for event in stream:
                if _visible(event, person_id):
                    await socket.send_json(event)
                if self._next_job.current() != outcome:
                    outcome = self._next_job.current()
                    await socket.send_json({"type": "outcome", "outcome": outcome})
            await socket.close()

    # Acting: a person's actions

    async def _command(self, request: web.Request) -> JsonObject:
        form = await read_form(request, self._body_limit)
        options = _options(form.payload)
        options.update(form.files)
        person = self._person(form.payload.get("person", "Ann"))
        names = text(form.payload, "channel_id"), text(form.payload, "command")
        return _begun(await person.command(*names, options))

    async def _autocomplete(self, request: web.Request) -> JsonObject:
        payload = await read_json(request)
        person = self._person(payload.get("person", "Ann"))
        names = text(payload, "channel_id"), text(payload, "command")
        return {"choices": await person.autocomplete(*names, _options(payload), text(payload, "focused"))}

    async def _message_command(self, request: web.Request) -> JsonObject:
        payload = await read_json(request)
        person = self._person(payload.get("person", "Ann"))
        names = text(payload, "channel_id"), text(payload, "command"), text(payload, "message_id")
        return _begun(await person.message_command(*names))

    async def _click(self, request: web.Request) -> JsonObject:
        payload = await read_json(request)
        person = self._person(payload.get("person", "Ann"))
        return _begun(await person.click(text(payload, "message_id"), text(payload, "custom_id")))

    async def _select(self, request: web.Request) -> JsonObject:
        payload = await read_json(request)
        person = self._person(payload.get("person", "Ann"))
        values: object = payload.get("values")
        if not isinstance(values, list):
            raise web.HTTPBadRequest(text="values is missing.")
        chosen = [str(value) for value in values]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        return _begun(await person.select(text(payload, "message_id"), text(payload, "custom_id"), chosen))

    async def _modal(self, request: web.Request) -> JsonObject:
        form = await read_form(request, self._body_limit)
        person = self._person(form.payload.get("person", "Ann"))
        try:
            interaction = self._discord.interaction(text(form.payload, "interaction_id"))
        except KeyError:
            raise web.HTTPNotFound(text="This form is not open any more.") from None
        values: object = form.payload.get("values")
        filled: dict[str, object] = {**(values if is_object(values) else {}), **form.grouped()}
        return _begun(await person.submit_modal(interaction, filled))

    async def _send(self, request: web.Request) -> JsonObject:
        form = await read_form(request, self._body_limit)
        person = self._person(form.payload.get("person", "Ann"))
        uploads = [upload for _, upload in form.files]
        channel_id, content = text(form.payload, "channel_id"), text(form.payload, "content")
        return {"message": await person.send(channel_id, content, uploads)}

    # Controlling the sandbox

    async def _outcome(self, request: web.Request) -> JsonObject:
        payload = await read_json(request)
        try:
            self._next_job.choose(text(payload, "outcome"))
        except ValueError as problem:
            raise web.HTTPBadRequest(text=str(problem)) from problem
        return {"outcome": self._next_job.current()}

    async def _language(self, request: web.Request) -> JsonObject:
        """Change a person's language, or the server's: what is made from then on is in it."""
        payload = await read_json(request)
        locale, whose = text(payload, "locale"), text(payload, "whose")
        if locale not in LOCALES:
            raise web.HTTPBadRequest(text=f'Discord has no locale "{locale}".')
        person = self._person(payload.get("person", "Ann"))
        if whose == "server":
            self._discord.change_locale(locale)
        elif whose == "person":
            person.user.locale = locale
        else:
            raise web.HTTPBadRequest(text="whose is neither person nor server.")
        return {"languages": self._languages(person)}

    def _languages(self, person: Person) -> JsonObject:
        return {"person": person.user.locale, "server": self._discord.world.guild.locale, "all": list(LOCALES)}

    async def _restart(self, request: web.Request) -> JsonObject:
        await read_json(request)
        if self._restarting.locked():
            raise web.HTTPConflict(text="The bot is being restarted already.")
        async with self._restarting:
            await self._stack.bot.kill()
            try:
                await self._stack.start_bot()
            except BotNotReadyError as problem:
                raise web.HTTPServiceUnavailable(text=str(problem)) from problem
        return {"online": True}


def _begun(interaction: Interaction) -> JsonObject:
    return {"interaction_id": interaction.id}


def _options(payload: JsonObject) -> dict[str, object | Upload]:
    options: object = payload.get("options", {})
    if not is_object(options):
        raise web.HTTPBadRequest(text="options is not an object.")
    return dict(options)


def _visible(event: JsonObject, person_id: str) -> bool:
    message: object = event.get("message")
    to: object = message.get("visible_to") if is_object(message) else None
    return to is None or to == person_id


def _charset(content_type: str) -> str | None:
    return "utf-8" if content_type.startswith("text/") else None


def _json_answer(
    act: Callable[[web.Request], Coroutine[Any, Any, JsonObject]],
) -> Callable[[web.Request], Coroutine[Any, Any, web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        return web.json_response(await act(request))

    return handle
