"""Run a script, unmodified, in a world whose clock runs faster.

    python -m sandbox.timelapse --speed 30 --epoch 1760000000 bot.py [arguments…]

In it time.time() is `epoch + (real - epoch) * speed`, as in sandbox.clock.Clock, time.monotonic() runs at the
same speed, and so does every asyncio event loop: asyncio.sleep(30) takes one real second at speed 30, and
asyncio.timeout ends thirty times as early. What is not sped up: datetime.now() and time.perf_counter() (C code
that cannot be replaced without replacing types), time.sleep, and timeouts of threads and locks.
"""

from __future__ import annotations

import argparse
import asyncio
import asyncio.events

# These keep a reference to the real monotonic() that they imported. They wait in real time, so that is right;
# if loaded later, they would count world seconds and wait real ones.
import concurrent.futures.thread
import queue
import runpy
import selectors
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

_KEEP_REAL_TIME = (concurrent.futures.thread, queue, subprocess, threading)

_real_time = time.time
_real_monotonic = time.monotonic


@dataclass
class _World:
    speed: float = 1.0
    epoch: float = 0.0
    start: float = 0.0


_world = _World()


def world_time() -> float:
    """Return the world's Unix seconds."""
    return _world.epoch + (_real_time() - _world.epoch) * _world.speed


def world_monotonic() -> float:
    """Return seconds of the world's clock that nobody sets."""
    return _world.start + (_real_monotonic() - _world.start) * _world.speed


class _FastSelector(selectors.DefaultSelector):
    """Waits a world's seconds: the loop hands in world seconds, the system call takes real ones."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(timeout if timeout is None else timeout / _world.speed)


class FastLoop(asyncio.SelectorEventLoop):
    """An ordinary event loop (signals, subprocesses, sockets) that runs at the world's speed."""

    def __init__(self) -> None:
        super().__init__(_FastSelector())

    def time(self) -> float:
        return world_monotonic()


def install(speed: float, epoch: float) -> None:
    """Make this process's clocks and every event loop created from now on run at `speed`.

    A second call changes the speed for those, too, who have kept one of the functions since.
    """
    _world.speed, _world.epoch, _world.start = speed, epoch, _real_monotonic()
    time.time = world_time
    time.time_ns = lambda: int(world_time() * 1e9)
    time.monotonic = world_monotonic
    time.monotonic_ns = lambda: int(world_monotonic() * 1e9)
    # asyncio.run and asyncio.Runner look it up here; the policies, an older way in, are deprecated.
    asyncio.events.new_event_loop = asyncio.new_event_loop = FastLoop


def main(arguments: list[str]) -> None:
    """Run the script as __main__, with sys.argv and sys.path as `python script` would have them."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.timelapse", description="Run a script in a faster world.")
    parser.add_argument("--speed", type=float, required=True, help="world seconds in a real second")
    parser.add_argument("--epoch", type=float, required=True, help="when both clocks agreed, in Unix seconds")
    parser.add_argument("script")
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    options = parser.parse_args(arguments)
    if options.speed <= 0:
        parser.error("--speed must be positive")
    script = Path(options.script).resolve()
    sys.argv = [str(script), *options.arguments]
    sys.path[0] = str(script.parent)
    install(options.speed, options.epoch)
    runpy.run_path(str(script), run_name="__main__")


if __name__ == "__main__":
    main(sys.argv[1:])
