"""Assembles the stand-in and serves it on one loopback port."""

from __future__ import annotations

import asyncio

from aiohttp import web
from aiohttp.typedefs import Middleware

from sandbox.clock import Clock
from sandbox.discord.attachments import Attachments
from sandbox.discord.commands import Commands
from sandbox.discord.events import EventHub, EventStream
from sandbox.discord.faults import DiscordFaults
from sandbox.discord.files import FileStore
from sandbox.discord.gateway import Gateway
from sandbox.discord.guild import Guild
from sandbox.discord.http import BASE, Api
from sandbox.discord.interactions import Interaction, Interactions
from sandbox.discord.jsontypes import JsonObject
from sandbox.discord.limits import Limits
from sandbox.discord.messages import Messages
from sandbox.discord.model import Channel
from sandbox.discord.payloads import Payloads
from sandbox.discord.person import Person, Surroundings
from sandbox.discord.records import RecordedRequest
from sandbox.discord.routes_app import AppRoutes
from sandbox.discord.routes_channels import ChannelRoutes
from sandbox.discord.routes_interactions import InteractionRoutes
from sandbox.discord.routes_threads import ThreadRoutes
from sandbox.discord.snowflake import Snowflakes
from sandbox.discord.world import World

MAX_JSON = 8 * 1024 * 1024


class DiscordServer:
    """Discord on one loopback port: REST under `api_base`, the gateway, and files under `origin`.

    `token` is the one bot token it accepts. `world`, `commands`, `gateway`, `faults`, `attachments` and
    `requests` are there to be looked at and used by tests. `middlewares` are aiohttp's, around every request,
    for failures that faults cannot express; to be set before the start.
    """

    def __init__(self, clock: Clock, *, token: str, limits: Limits | None = None) -> None:
        limits = limits or Limits()
        self.clock = clock
        self.token = token
        self.limits = limits
        self.origin = ""
        self.faults = DiscordFaults(clock.time)
        self.middlewares: list[Middleware] = []
        snowflakes = Snowflakes(clock)
        self.world = World(clock, snowflakes)
        self.commands = Commands(self.world.application_id, snowflakes)
        self._hub = EventHub()
        self._files = FileStore(clock, limits.attachment_link_seconds)
        self._payloads = Payloads(self.world, limits)
        self._messages = Messages(self.world, self._files, clock, limits, snowflakes, self._hub)
        self._interactions = Interactions(clock, limits, self._hub, self._messages.render)
        self.gateway = Gateway(clock, limits, self.world, token, self._payloads)
        self.gateway.on_online = self._on_online
        self._messages.dispatch, self.world.notify = self.gateway.dispatch, self._notify
        self.attachments = Attachments(self._files)
        self.api = Api(clock, limits, token, self._files, self.faults)
        self.api.add(AppRoutes(self.world, self.commands, self._payloads, self._on_commands).routes())
        channels = ChannelRoutes(self.world, self._messages, self._files, self._payloads, self._hub)
        self.api.add(channels.routes(limits))
        self.api.add(ThreadRoutes(self.world, self._messages, self._files, self._payloads).routes(limits))
        answers = InteractionRoutes(
            self.world, self._messages, self._interactions, self._files, self._payloads, self._hub, limits
        )
        self.api.add(answers.routes())
        self._ready = asyncio.Condition()
        self._runner: web.AppRunner | None = None
        self._wakers: set[asyncio.Task[None]] = set()

    @property
    def api_base(self) -> str:
        """Base of the REST interface."""
        return f"{self.origin}{BASE}"

    @property
    def requests(self) -> list[RecordedRequest]:
        """Every REST request so far, in the order of the answers."""
        return self.api.requests

    @property
    def unknown_routes(self) -> list[str]:
        """Requests to routes that the stand-in lacks, as "METHOD /path"."""
        return self.api.unknown_routes

    @property
    def bot_online(self) -> bool:
        """True if the bot is connected to the gateway."""
        return self.gateway.online

    async def start(self, port: int = 0) -> None:
        """Listen on 127.0.0.1; port 0 takes a free one."""
        app = web.Application(client_max_size=MAX_JSON, middlewares=self.middlewares)
        app.router.add_route("*", f"{BASE}/{{path:.*}}", self.api.handle)
        app.router.add_get("/gateway", self.gateway.handle)
        app.router.add_get("/gateway/", self.gateway.handle)
        self.attachments.add_to(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        bound: int = self._runner.addresses[0][1]
        self.origin = self._files.origin = self._payloads.origin = f"http://127.0.0.1:{bound}"

    async def close(self) -> None:
        """Close every connection, stop listening and delete the files."""
        await self._interactions.close()
        await self.gateway.close()
        if self._runner is not None:
            await self._runner.cleanup()
        self._hub.close()
        await asyncio.gather(*self._wakers)
        self._files.close()

    def person(self, name: str = "Ann") -> Person:
        """Return the person of that name, who exists (StopIteration otherwise)."""
        around = Surroundings(
            self.world,
            self.commands,
            self._messages,
            self._interactions,
            self._files,
            self._payloads,
            self.gateway.dispatch,
        )
        return Person(around, self.world.user_named(name))

    def interaction(self, interaction_id: str) -> Interaction:
        """Return an interaction by id (KeyError)."""
        return self._interactions.get(interaction_id)

    def message_json(self, message_id: str) -> JsonObject:
        """Return a message as it is now, with fresh links; ephemeral ones carry `visible_to`."""
        return self._messages.event("update", self.world.message(message_id))["message"]

    def add_bot(self, guild: Guild) -> None:
        """Add the bot to a guild, as a person would."""
        self.world.add_bot(guild)
        self.gateway.dispatch("GUILD_CREATE", self._payloads.guild_create(guild.id), guild.id)

    def remove_bot(self, guild: Guild) -> None:
        """Remove the bot from a guild, as a person would. Discord leaves `unavailable` out then."""
        self.gateway.dispatch("GUILD_DELETE", {"id": guild.id}, guild.id)
        del guild.members[self.world.bot.id]

    def subscribe(self) -> EventStream:
        """Open a stream of events from now on."""
        return self._hub.subscribe()

    async def wait_for_bot(self, timeout: float = 10.0) -> None:
        """Wait until the bot is connected and has registered commands; real seconds (TimeoutError)."""
        async with asyncio.timeout(timeout), self._ready:
            await self._ready.wait_for(lambda: self.bot_online and self.commands.registered)

    def change_locale(self, locale: str) -> None:
        """Give the server another language, as its owner does in its settings."""
        guild = self.world.guild
        guild.locale = locale
        self.gateway.dispatch("GUILD_UPDATE", guild.to_json(), guild.id)

    def snapshot(self, name: str = "Ann") -> JsonObject:
        """Return the content of that person's client: guild, channels, me, people, bot, commands, messages, clock."""
        person, guild, channels = self.person(name), self.world.guild, self._channels
        return {
            "guild": {"id": guild.id, "name": guild.name},
            "channels": [channel.to_json() for channel in channels],
            "me": person.user.to_json(),
            "people": [member.user.to_json() for member in guild.members.values()],
            "bot": {**self.world.bot.to_json(), "online": self.bot_online},
            "commands": self.commands.visible(guild.id),
            "messages": [data for channel in channels for data in person.messages(channel.id)],
            "clock": {"epoch": self.clock.epoch, "speed": self.clock.speed},
        }

    @property
    def _channels(self) -> list[Channel]:
        """Channels and threads of the first guild, which is what observers see."""
        return [channel for channel in self.world.channels.values() if channel.guild_id == self.world.guild.id]

    def _notify(self, name: str, data: JsonObject, guild_id: str | None) -> None:
        """Tell the bot of a change of the world, and observers of one of its channels."""
        self.gateway.dispatch(name, data, guild_id)
        if name.startswith(("CHANNEL_", "THREAD_")):
            self._hub.emit({"type": "channels", "channels": [channel.to_json() for channel in self._channels]})

    def _on_online(self, online: bool) -> None:
        self._hub.emit({"type": "bot", "online": online})
        self._wake()

    def _on_commands(self) -> None:
        self._hub.emit({"type": "commands", "commands": self.commands.visible(self.world.guild.id)})
        self._wake()

    def _wake(self) -> None:
        task = asyncio.get_running_loop().create_task(self._announce())
        self._wakers.add(task)
        task.add_done_callback(self._wakers.discard)

    async def _announce(self) -> None:
        async with self._ready:
            self._ready.notify_all()
