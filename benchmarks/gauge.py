"""The operating system's figures about a process. Linux only: it reads /proc."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from pathlib import Path


def rss_kb(pid: int) -> int:
    """Return the memory of the process that is in RAM (VmRSS), in KB of 1024 bytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise RuntimeError(f"/proc/{pid}/status has no VmRSS")


def tree_rss_kb(pid: int) -> int:
    """Return the memory of the process and all that it started, added up, in KB of 1024 bytes."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended
            parents.setdefault(int(path.read_text().rpartition(")")[2].split()[1]), []).append(int(path.parent.name))
    total, left = rss_kb(pid), list(parents.get(pid, ()))
    while left:
        one = left.pop()
        left += parents.get(one, ())
        with contextlib.suppress(OSError, RuntimeError):  # the latter: it has ended and is waited for
            total += rss_kb(one)
    return total


def cpu_seconds(pid: int) -> float:
    """Return the processor time used by the process so far, in user and kernel mode, all threads."""
    # After the name, which is in parentheses and may hold spaces: utime and stime are fields 14 and 15.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def cpu_percent(pid: int, seconds: float) -> float:
    """Measure the share of one core that the process uses over that many seconds from now."""
    started, used = time.monotonic(), cpu_seconds(pid)
    await asyncio.sleep(seconds)
    return 100 * (cpu_seconds(pid) - used) / (time.monotonic() - started)
