"""The gateway: sessions over WebSockets (Discord's documentation, "Gateway"), in plain JSON text frames.

Discord compresses with zlib when a client asks for it; clients also take uncompressed text frames, and
these can be read when something goes wrong.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Protocol

from aiohttp import web

from sandbox.clock import Clock
from sandbox.discord.connection import (
    AUTHENTICATION_FAILED,
    DISALLOWED_INTENTS,
    INVALID,
    INVALID_INTENTS,
    INVALID_SEQUENCE,
    INVALID_SHARD,
    RECONNECT,
    Connection,
    Session,
)
from sandbox.discord.jsontypes import JsonObject, is_integer, is_list
from sandbox.discord.limits import Limits
from sandbox.discord.world import World

GUILDS, GUILD_MEMBERS, GUILD_PRESENCES = 1 << 0, 1 << 1, 1 << 8
GUILD_MESSAGES, DIRECT_MESSAGES, MESSAGE_CONTENT = 1 << 9, 1 << 12, 1 << 15
PRIVILEGED = GUILD_MEMBERS | GUILD_PRESENCES | MESSAGE_CONTENT


class Describer(Protocol):
    """Makes the payloads of READY and GUILD_CREATE."""

    def ready(self) -> JsonObject:
        """Make READY, without the session's own fields."""
        ...

    def guild_create(self, guild_id: str) -> JsonObject:
        """Make GUILD_CREATE of a guild."""
        ...


class Gateway:
    """All sessions. `acknowledges` False leaves heartbeats unanswered, as a zombie connection does."""

    def __init__(self, clock: Clock, limits: Limits, world: World, token: str, describer: Describer) -> None:
        self.clock, self.limits, self.world, self.token = clock, limits, world, token
        self.describer = describer
        self.sessions: dict[str, Session] = {}
        self.acknowledges = True
        self.identifies = 0
        self.resumes = 0
        self.on_online: Callable[[bool], None] = lambda _online: None
        self._connections: set[Connection] = set()
        self._away_until = 0.0

    @property
    def online(self) -> bool:
        """True if some session has been sent READY and is connected."""
        return any(session.connection is not None for session in self.sessions.values())

    @property
    def heartbeat_ms(self) -> int:
        """The heartbeat interval in real milliseconds."""
        return max(round(self.limits.heartbeat_interval_ms / self.clock.speed), 1)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one WebSocket until it closes."""
        if self.clock.time() < self._away_until:
            return web.Response(status=503)
        socket = web.WebSocketResponse(max_msg_size=0, compress=False)
        try:
            await socket.prepare(request)
        except ConnectionError:
            return web.Response()  # the client gave up before it was answered; aiohttp notices that once more
        connection = Connection(self, request, socket)
        self._connections.add(connection)
        try:
            await connection.run()
        finally:
            self._connections.discard(connection)
            self._leave(connection)
        return socket

    def dispatch(self, name: str, data: JsonObject, guild_id: str | None) -> None:
        """Send an event to every session that has the guild and the intent for it."""
        if guild_id is not None and not self.world.has_bot(guild_id) and name != "INTERACTION_CREATE":
            return  # events in a guild go to its members
        now = self.clock.time()
        for session in list(self.sessions.values()):
            if session.connection is None and now - session.left_at > self.limits.resume_seconds:
                del self.sessions[session.id]
            elif session.sees(guild_id) and (seen := self._seen(session, name, data, guild_id)):
                session.tell(name, seen)

    def ask_reconnect(self) -> None:
        """Send RECONNECT to every connection."""
        for connection in self._connections:
            connection.send({"op": RECONNECT, "d": None})

    def invalidate(self, *, resumable: bool = False) -> None:
        """Send INVALID_SESSION to every connection, and forget the sessions if they are not resumable."""
        for connection in self._connections:
            connection.send({"op": INVALID, "d": resumable})
            if not resumable:
                connection.session = None
        if not resumable:
            self.sessions.clear()
            self.on_online(False)

    def forget_sessions(self) -> None:
        """Forget the resumable sessions; the next RESUME is answered with INVALID_SESSION."""
        self.sessions.clear()

    def drop(self) -> None:
        """Cut every connection without a closing frame, as a network does."""
        for connection in list(self._connections):
            connection.abort()
            self._leave(connection)

    def go_away(self, seconds: float) -> None:
        """Cut every connection, take none for so many world seconds, and forget the sessions: none can be resumed."""
        self._away_until = self.clock.time() + seconds
        self.drop()
        self.forget_sessions()

    async def close(self) -> None:
        """Close every connection for good."""
        for connection in list(self._connections):
            await connection.close(1001)

    def identify(self, connection: Connection, data: JsonObject) -> int | None:
        """Begin a session; returns a close code instead if that is refused."""
        intents, shard = data.get("intents"), data.get("shard") or [0, 1]
        if data.get("token") != self.token:
            return AUTHENTICATION_FAILED
        if not is_integer(intents) or intents < 0:
            return INVALID_INTENTS
        if intents & PRIVILEGED & ~self.world.privileged_intents:
            return DISALLOWED_INTENTS
        if not (is_list(shard) and len(shard) == 2 and 0 <= shard[0] < shard[1]):
            return INVALID_SHARD
        self.identifies += 1
        session = Session(secrets.token_hex(16), intents, (shard[0], shard[1]), connection=connection)
        connection.session = session
        self.sessions[session.id] = session
        guilds = [guild for guild in self.world.guilds if session.sees(guild) and self.world.has_bot(guild)]
        ready = self.describer.ready() | {
            "session_id": session.id,
            "shard": list(session.shard),
            "guilds": [{"id": guild, "unavailable": True} for guild in guilds],
        }
        session.tell("READY", ready)
        for guild in guilds if intents & GUILDS else ():
            session.tell("GUILD_CREATE", self.describer.guild_create(guild))
        self.on_online(True)
        return None

    def resume(self, connection: Connection, data: JsonObject) -> int | None:
        """Continue a session; returns a close code instead if that is refused."""
        if data.get("token") != self.token:
            return AUTHENTICATION_FAILED
        session, seq = self.sessions.get(str(data.get("session_id"))), data.get("seq")
        oldest = session.sequence - len(session.kept) if session else 0
        if session is None or not is_integer(seq) or seq < oldest:
            connection.send({"op": INVALID, "d": False})
            return None
        if seq > session.sequence:
            return INVALID_SEQUENCE
        if session.connection is not None:
            session.connection.abort()
        self.resumes += 1
        session.connection, connection.session = connection, session
        for frame in session.kept:
            if frame["s"] > seq:
                connection.send(frame)
        session.tell("RESUMED", {"_trace": ["sandbox"]})
        self.on_online(True)
        return None

    def _leave(self, connection: Connection) -> None:
        session = connection.session
        if session is None or session.connection is not connection:
            return
        session.connection, session.left_at = None, self.clock.time()
        if connection.closed_by_client in (1000, 1001):
            self.sessions.pop(session.id, None)
        if not self.online:
            self.on_online(False)

    def _seen(self, session: Session, name: str, data: JsonObject, guild_id: str | None) -> JsonObject | None:
        if name.startswith("MESSAGE_"):
            return self._seen_message(session, data, guild_id)
        if name.startswith(("GUILD_", "CHANNEL_", "THREAD_")):
            return data if session.intents & GUILDS else None
        return data

    def _seen_message(self, session: Session, data: JsonObject, guild_id: str | None) -> JsonObject | None:
        needed = GUILD_MESSAGES if guild_id else DIRECT_MESSAGES
        if not session.intents & needed:
            return None
        if session.intents & MESSAGE_CONTENT or guild_id is None or "author" not in data:
            return data
        return data if may_read(data, self.world.bot.id) else without_content(data)


def may_read(data: JsonObject, bot_id: str) -> bool:
    """Return whether a bot without the message content intent gets a guild message whole."""
    mentioned = any(user["id"] == bot_id for user in data["mentions"])
    return mentioned or data["author"]["id"] == bot_id


def without_content(data: JsonObject) -> JsonObject:
    """Return a message as a bot without the message content intent gets it."""
    return {**data, "content": "", "embeds": [], "attachments": [], "components": []}
