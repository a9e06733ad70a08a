"""One gateway connection: frames in order, heartbeats, and close codes.

Opcodes and close codes are from Discord's documentation ("Opcodes and Status Codes"). Requests for guild members
(opcode 8) are not supported: they need a privileged intent that the bot does not use.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Protocol

from aiohttp import WSMsgType, web

from sandbox.clock import Clock
from sandbox.discord.jsontypes import JsonObject, dumps, is_integer, is_object
from sandbox.discord.limits import Limits

DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, VOICE = 0, 1, 2, 3, 4
RESUME, RECONNECT, INVALID, HELLO, ACK = 6, 7, 9, 10, 11
UNKNOWN_OPCODE, DECODE_ERROR, NOT_AUTHENTICATED, AUTHENTICATION_FAILED, ALREADY = 4001, 4002, 4003, 4004, 4005
INVALID_SEQUENCE, RATE_LIMITED, TIMED_OUT, INVALID_SHARD = 4007, 4008, 4009, 4010
INVALID_INTENTS, DISALLOWED_INTENTS = 4013, 4014
MAX_FRAME, MAX_FRAMES_A_MINUTE = 4096, 120
MAX_KEPT = 5000


class Sessions(Protocol):
    """All sessions, as a connection needs them. acknowledges: False leaves heartbeats unanswered."""

    clock: Clock
    limits: Limits
    acknowledges: bool

    @property
    def heartbeat_ms(self) -> int:
        """The heartbeat interval in real milliseconds."""
        ...

    def identify(self, connection: Connection, data: JsonObject) -> int | None:
        """Begin a session; returns a close code instead if that is refused."""
        ...

    def resume(self, connection: Connection, data: JsonObject) -> int | None:
        """Go on with a session; returns a close code instead if that is refused."""
        ...


@dataclass
class Session:
    """One identified client: what it may see, and what it has been told, for a resume."""

    id: str
    intents: int
    shard: tuple[int, int]
    sequence: int = 0
    kept: list[JsonObject] = field(default_factory=list[JsonObject])
    connection: Connection | None = None
    left_at: float = 0.0

    def sees(self, guild_id: str | None) -> bool:
        """Tell if this session's shard has the guild; direct messages belong to shard 0."""
        shard, count = self.shard
        return shard == (0 if guild_id is None else (int(guild_id) >> 22) % count)

    def tell(self, name: str, data: JsonObject) -> None:
        """Send an event, or keep it for a resume."""
        self.sequence += 1
        frame: JsonObject = {"op": DISPATCH, "t": name, "s": self.sequence, "d": data}
        self.kept.append(frame)
        del self.kept[:-MAX_KEPT]
        if self.connection is not None:
            self.connection.send(frame)


class Connection:
    """One WebSocket. Frames are queued and sent in order by a task of its own."""

    def __init__(self, sessions: Sessions, request: web.Request, socket: web.WebSocketResponse) -> None:
        self._sessions = sessions
        self._request = request
        self._socket = socket
        self._queue: asyncio.Queue[JsonObject] = asyncio.Queue()
        self._last_heartbeat = asyncio.get_running_loop().time()
        self._frames: list[float] = []
        self.session: Session | None = None
        self.closed_by_client: int | None = None
        self._closing = False

    def send(self, frame: JsonObject) -> None:
        """Queue a frame."""
        self._queue.put_nowait(frame)

    def abort(self) -> None:
        """Drop the connection."""
        self._closing = True
        if self._request.transport is not None:
            self._request.transport.abort()

    async def close(self, code: int) -> None:
        """Close with a code."""
        self._closing = True
        await self._socket.close(code=code)

    async def run(self) -> None:
        """Say HELLO, then read until the end."""
        self.send({"op": HELLO, "d": {"heartbeat_interval": self._sessions.heartbeat_ms, "_trace": ["sandbox"]}})
        writer = asyncio.create_task(self._write())
        watcher = asyncio.create_task(self._watch())
        try:
            async for message in self._socket:
                code = self._read(message.data) if message.type == WSMsgType.TEXT else DECODE_ERROR
                if code is not None:
                    await self.close(code)
            if not self._closing:
                self.closed_by_client = self._socket.close_code
        finally:
            writer.cancel()
            watcher.cancel()
            await asyncio.gather(writer, watcher, return_exceptions=True)

    async def _write(self) -> None:
        while True:
            frame = await self._queue.get()
            if self._socket.closed:
                return
            try:
                await self._socket.send_str(dumps(frame))
            except ConnectionError:
                return  # the client is gone; the events that it missed are kept for a resume

    async def _watch(self) -> None:
        """Close a connection that stopped sending heartbeats."""
        loop = asyncio.get_running_loop()
        interval = self._sessions.heartbeat_ms / 1000
        # A fast clock makes the interval shorter than a busy machine's pauses.
        patience = max(interval * 1.5, interval + self._sessions.limits.heartbeat_pause_seconds)
        while True:
            await asyncio.sleep(max(self._last_heartbeat + patience - loop.time(), 0.05))
            if loop.time() - self._last_heartbeat >= patience:
                await self.close(TIMED_OUT)
                return

    def _read(self, raw: str) -> int | None:
        if len(raw) > MAX_FRAME:
            return DECODE_ERROR
        try:
            frame: object = json.loads(raw)
        except ValueError:
            return DECODE_ERROR
        if not is_object(frame) or not is_integer(op := frame.get("op")):
            return DECODE_ERROR
        if op == HEARTBEAT:
            self._last_heartbeat = asyncio.get_running_loop().time()
            if self._sessions.acknowledges:
                self.send({"op": ACK})
            return None
        now = self._sessions.clock.time()
        self._frames = [at for at in self._frames if now - at < 60] + [now]
        if len(self._frames) > MAX_FRAMES_A_MINUTE:
            return RATE_LIMITED
        return self._obey(op, frame.get("d"))

    def _obey(self, op: int, data: object) -> int | None:
        if op in (IDENTIFY, RESUME):
            if self.session is not None:
                return ALREADY
            if not is_object(data):
                return DECODE_ERROR
            return (self._sessions.identify if op == IDENTIFY else self._sessions.resume)(self, data)
        if self.session is None:
            return NOT_AUTHENTICATED
        return None if op in (PRESENCE, VOICE) else UNKNOWN_OPCODE
