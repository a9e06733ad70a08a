"""Processes for tests that need several: forked from one that has loaded the bot's modules, which takes longest."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.support.spender", "tests.support.descendants"])

Say: TypeAlias = Callable[[str], None]
"""Hands a text to the test. It arrives even if the process is killed right after."""


async def forked(work: Callable[..., Coroutine[Any, Any, None]], *given: Any) -> tuple[int, list[str]]:
    """Run a coroutine function of a preloaded module in a process of its own; return its exit code and what it said.

    It is called with a Say and with what was given.
    """
    return await asyncio.to_thread(_run, work, given)


def _run(work: Callable[..., Coroutine[Any, Any, None]], given: tuple[Any, ...]) -> tuple[int, list[str]]:
    said: list[str] = []
    ours, theirs = _FORKS.Pipe(duplex=False)
    with ours:
        process = _FORKS.Process(target=_work, args=(theirs, work, given))
        with theirs:
            process.start()
        with contextlib.suppress(EOFError):
            while True:
                said.append(ours.recv())
    process.join()
    code = process.exitcode
    process.close()
    assert code is not None
    return code, said


def _work(pipe: Any, work: Callable[..., Coroutine[Any, Any, None]], given: tuple[Any, ...]) -> None:
    asyncio.run(work(pipe.send, *given))
