"""The one way to run a program that reads hostile bytes: by launcher.py, in the memory that it is granted."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from subprocess import CompletedProcess

from dailies import processes
from dailies.confinement.budget import MEMORY
from dailies.confinement.landlock import version
from dailies.confinement.launcher import FAILED, MARK, PROGRAM, SCRIPT
from dailies.confinement.seccomp import available
from dailies.processes import EachLine
from dailies.reason import Reason, ReasonCode

_PACKAGE = Path(__file__).parents[1]
_LAUNCH = (
    f"import sys; sys.path.append({str(_PACKAGE.parent)!r}); from dailies.confinement.launcher import main; main()"
)
_LIBRARIES = os.environ.get("LD_LIBRARY_PATH", "")
"""An operator's own ffmpeg or Python may be linked against libraries in unusual places."""
_ENVIRONMENT = {"MALLOC_ARENA_MAX": "2", "LC_ALL": "C.UTF-8"} | ({"LD_LIBRARY_PATH": _LIBRARIES} if _LIBRARIES else {})
"""Fewer arenas, each of which reserves 64 MB of address space; nothing of the bot, whose variables hold the keys."""


@dataclass(frozen=True)
class Access:
    """The rights of a program. memory: bytes of address space. reads: files, or folders with all in them, that it may
    read. writes: existing files that it may write, or folders that it may fill with files.
    """

    memory: int
    reads: Sequence[Path] = ()
    writes: Sequence[Path] = ()


async def run_confined(
    command: Sequence[str],
    access: Access,
    *,
    seconds: float | None = None,
    data: bytes | None = None,
    niceness: int = 0,
    each_line: EachLine | None = None,
) -> CompletedProcess[bytes]:
    """Run a program to its end without network and without anything but `access`; processes.run has the rest.

    seconds: limit of the run, without the wait for memory. Raises OSError when it cannot be run, TimeoutError, and
    what each_line raises.
    """
    # Without site-packages, which a program has no use for, Python starts sooner.
    launch = [sys.executable, "-I", "-S", "-c", _LAUNCH]
    return await _run(launch, [PROGRAM, *command], access, seconds, data, niceness, each_line)


async def run_python(
    script: Path, *arguments: str, access: Access, data: bytes, seconds: float | None = None
) -> CompletedProcess[bytes]:
    """Run a script of ours with this Python, confined as by run_confined. It can import what is installed."""
    reads = (*_python(), script, *access.reads)
    launch = [sys.executable, "-I", "-c", _LAUNCH]
    return await _run(launch, [SCRIPT, str(script), *arguments], replace(access, reads=reads), seconds, data)


async def _run(
    launch: Sequence[str],
    command: Sequence[str],
    access: Access,
    seconds: float | None,
    data: bytes | None,
    niceness: int = 0,
    each_line: EachLine | None = None,
) -> CompletedProcess[bytes]:
    paths = [("--run", Path(folder)) for folder in _LIBRARIES.split(":") if folder]
    paths += [("--read", path) for path in access.reads] + [("--write", path) for path in access.writes]
    named = [word for option, path in paths for word in (option, str(path))]
    async with MEMORY.grant(access.memory) as memory:
        ended = await processes.run(
            [*launch, "--memory", str(memory), *named, *command],
            seconds=seconds,
            data=data,
            env=_ENVIRONMENT,
            niceness=niceness,
            each_line=each_line,
        )
    if ended.returncode == FAILED and ended.stderr.startswith(MARK):
        number = int(ended.stderr.removeprefix(MARK)[:4])
        raise OSError(number, os.strerror(number), command[1])
    return ended


@cache
def _python() -> tuple[Path, ...]:
    """Return what Python reads: its library, what is installed, and this package, without the folder around it."""
    places = sysconfig.get_paths()
    found = {places[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    shared = Path(sysconfig.get_config_var("LIBDIR") or "/usr/lib") / (sysconfig.get_config_var("INSTSONAME") or "")
    return (*map(Path, sorted(found)), Path(sys.prefix, "pyvenv.cfg"), shared, _PACKAGE)


def gaps() -> list[Reason]:
    """Return what this system lacks to confine programs. Without all of it the bot works, less protected."""
    kernel = f"{os.uname().sysname} {os.uname().release}"
    lacking = [] if version() else [Reason(ReasonCode.NO_LANDLOCK, kernel=kernel)]
    return lacking if available() else [*lacking, Reason(ReasonCode.NO_SECCOMP, kernel=kernel)]
