"""Events for observers of the world: the page, the command line, a test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from sandbox.discord.jsontypes import JsonObject


class EventStream(AsyncIterator[JsonObject]):
    """An async iterator of events from the moment of `subscribe()` on; `close()` ends it."""

    def __init__(self, hub: EventHub) -> None:
        self._hub = hub
        self._queue: asyncio.Queue[JsonObject | None] = asyncio.Queue()

    def put(self, event: JsonObject | None) -> None:
        """Add an event; None ends the stream."""
        self._queue.put_nowait(event)

    def close(self) -> None:
        """Stop listening. Events already received can still be read."""
        self._hub.remove(self)
        self.put(None)

    def __aiter__(self) -> EventStream:
        return self

    async def __anext__(self) -> JsonObject:
        event = await self._queue.get()
        if event is None:
            self.put(None)
            raise StopAsyncIteration
        return event


class EventHub:
    """Hands every event to all streams."""

    def __init__(self) -> None:
        self._streams: list[EventStream] = []

    def subscribe(self) -> EventStream:
        """Open a stream."""
        stream = EventStream(self)
        self._streams.append(stream)
        return stream

    def remove(self, stream: EventStream) -> None:
        """Forget a stream."""
        if stream in self._streams:
            self._streams.remove(stream)

    def emit(self, event: JsonObject) -> None:
        """Hand an event to every stream."""
        for stream in list(self._streams):
            stream.put(event)

    def close(self) -> None:
        """End all streams."""
        for stream in list(self._streams):
            stream.close()
