"""Videos of the sandbox for tests that do not look at their pictures: each rendering takes seconds of a processor."""

from __future__ import annotations

import asyncio
import atexit
import functools
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sandbox.openrouter import OpenRouterServer, jobs
from sandbox.openrouter.render import Shot, render


@functools.cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="dailies-renderings-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


async def _shared(shot: Shot, target: Path) -> None:
    """Copy a rendering of the same size, length and sound, made when it is needed first.

    It shows nothing of prompt and pictures, and its camera holds, which is the quickest to film with.
    """
    like = Shot("static", "shared", shot.width, shot.height, shot.seconds, shot.audio, seed=None)
    made = _folder() / f"{like.key()[:20]}.mp4"
    if not await asyncio.to_thread(made.exists):
        await render(like, made)
    await asyncio.to_thread(shutil.copyfile, made, target)


@contextmanager
def short_jobs() -> Generator[None]:
    """Let jobs of a sandbox inside the block take a fifth of the usual time, so that its clock need not be so fast.

    A bot in a fast world is never idle, whatever it waits for.
    """
    defaults = OpenRouterServer.__init__.__kwdefaults__
    assert defaults
    with pytest.MonkeyPatch.context() as patch:
        for name, seconds in (("queue_seconds", 5.0), ("work_seconds", 13.0)):
            patch.setitem(defaults, name, seconds)
        yield


@contextmanager
def renderings_shared() -> Generator[None]:
    """Let jobs inside the block share videos, for commands that make a sandbox of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jobs, "render", _shared)
        yield
