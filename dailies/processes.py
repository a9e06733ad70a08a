"""Helper processes: each leads its own process group, gets no secrets of the bot, and never outlives the call."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from subprocess import CompletedProcess

log = logging.getLogger(__name__)

OUTPUT_BYTES = 200_000
"""Bytes that are kept of standard output and of standard error: the beginning of each."""
CLOSE_SECONDS = 1.0
"""Limit of the wait for the end of the input pipe, after the program."""
_PASSED = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "HOME", "TMPDIR") if name in os.environ}

EachLine = Callable[[bytes], Awaitable[None]]


async def run(
    command: Sequence[str],
    *,
    seconds: float | None = None,
    data: bytes | None = None,
    env: Mapping[str, str] = _PASSED,
    cwd: Path | None = None,
    niceness: int = 0,
    each_line: EachLine | None = None,
) -> CompletedProcess[bytes]:
    """Run a program to its end. Raises OSError when it cannot be run, TimeoutError, and what each_line raises.

    On any error, and on cancellation, its whole process group is killed. seconds: limit of the whole run.
    data: its standard input. each_line: awaited with each line of output as it comes; no output is returned then.
    """
    stdin = DEVNULL if data is None else PIPE
    process = await asyncio.create_subprocess_exec(
        *command, stdin=stdin, stdout=PIPE, stderr=PIPE, cwd=cwd, env=env, start_new_session=True
    )
    assert process.stdout
    assert process.stderr
    try:
        if niceness:
            with contextlib.suppress(ProcessLookupError):
                os.setpriority(os.PRIO_PROCESS, process.pid, niceness)
        async with asyncio.timeout(seconds):
            output, errors, _ = await asyncio.gather(
                _read(process.stdout, command[0], each_line), _read(process.stderr, command[0]), _feed(process, data)
            )
            return CompletedProcess(command, await process.wait(), output, errors)
    except BaseException:
        # Even if it has ended: its children may hold its pipes.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        raise
    finally:
        if process.stdin:
            process.stdin.close()
            # Retrieves the error of a pipe that broke, which asyncio may log otherwise (seen with Python 3.11.2).
            with contextlib.suppress(BrokenPipeError, ConnectionResetError, TimeoutError):
                async with asyncio.timeout(CLOSE_SECONDS):  # its children may hold the pipe and read nothing
                    await process.stdin.wait_closed()


async def _read(stream: asyncio.StreamReader, name: str, each_line: EachLine | None = None) -> bytes:
    """Return the beginning of a stream. All of it is read, or the process would block."""
    kept, size = b"", 0
    while each_line and (line := await stream.readline()):
        await each_line(line)
    while chunk := await stream.read(65536):
        size += len(chunk)
        kept += chunk[: OUTPUT_BYTES - len(kept)]
    if size > OUTPUT_BYTES:
        log.warning("%s printed %d bytes; only the first %d were kept", name, size, OUTPUT_BYTES)
    return kept


async def _feed(process: asyncio.subprocess.Process, data: bytes | None) -> None:
    if process.stdin and data is not None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it may not read everything
            process.stdin.write(data)
            await process.stdin.drain()
        process.stdin.close()
