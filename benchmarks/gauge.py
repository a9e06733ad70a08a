"""The operating system's figures about a process. Linux only: it reads /proc."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path


def rss_kb(pid: int) -> int:
    """Return the memory of the process that is in RAM (VmRSS), in KB of 1024 bytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise RuntimeError(f"/proc/{pid}/status has no VmRSS")


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
