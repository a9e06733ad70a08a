"""The sandbox's time: world seconds, which may run faster than real ones."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Clock:
    """World time = epoch + (real time - epoch) * speed, in Unix seconds.

    Durations that the platforms measure in minutes (a job's length, a token's life, a rate-limit window) are
    counted in world seconds. Durations that a machine needs (the three seconds to acknowledge an interaction,
    a rendering) stay in real seconds: speeding up a clock makes no processor faster.
    """

    speed: float = 1.0
    epoch: float = field(default_factory=time.time)

    @classmethod
    def showing(cls, at: float, speed: float) -> Clock:
        """Return a clock that shows this time now, in Unix seconds. speed: not 1, at which time cannot be set."""
        return cls(speed, (time.time() * speed - at) / (speed - 1))

    def time(self) -> float:
        """World time now, in Unix seconds."""
        return self.epoch + (time.time() - self.epoch) * self.speed

    async def sleep(self, seconds: float) -> None:
        """Wait this many world seconds."""
        await asyncio.sleep(seconds / self.speed)
