"""The body of the paid request, which stays incomplete until its caller has recorded that it goes out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

from dailies.openrouter.payload import FileDamaged, Payload

Sending = Callable[[], Coroutine[Any, Any, None]]


class HeldBack:
    """The body of a request, whose last byte waits for `sending`.

    A request without its last byte is incomplete, which no server carries out (RFC 9112, section 8); here it is also
    JSON without its closing brace. broken: why an image that goes along cannot be sent.
    """

    def __init__(self, payload: Payload, sending: Sending) -> None:
        self.size = payload.size
        self.sent = False
        self.broken: OSError | FileDamaged | None = None
        self._payload = payload
        self._sending = sending
        self._recording: asyncio.Task[None] | None = None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        seen = 0
        try:
            async for chunk in self._payload.chunks():
                if before_last := chunk[: max(0, self.size - 1 - seen)]:
                    yield before_last
                seen += len(chunk)
        except (OSError, FileDamaged) as error:
            self.broken = error  # aiohttp would say that the connection broke
            raise
        if seen != self.size:
            raise OSError("an image has changed while it was sent")
        # A task of its own: aiohttp ends this one when the server answers early, and nobody would know what came of it.
        self._recording = asyncio.create_task(self._sending())
        await asyncio.shield(self._recording)
        self.sent = True
        yield b"}"

    async def settled(self) -> None:
        """Wait until `sending` has ended, if it began. Raises its exception."""
        if self._recording:
            await self._recording

    async def close(self) -> None:
        """Give up `sending`, if it is still running."""
        if self._recording and not self._recording.done():
            self._recording.cancel()
            await asyncio.wait([self._recording])
