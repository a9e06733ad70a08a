"""Calls of the kernel that Python's library lacks (Linux), for launcher.py and for the bot itself.

Modules that launcher.py imports import little themselves: it runs at each start of ffmpeg, and milliseconds count.
"""

from __future__ import annotations

import ctypes
import os
import sys

LINUX = sys.platform == "linux"

PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_CAPBSET_READ, PR_CAPBSET_DROP = 23, 24
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
_CAPABILITY_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)


def syscall(number: int, *arguments: int) -> int:
    """Make a system call; addresses are given as integers. Raises OSError."""
    return _checked(_libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments)))


def prctl(option: int, *arguments: int) -> int:
    """Call prctl(2). Raises OSError."""
    given = (*arguments, 0, 0, 0, 0)[:4]  # some options refuse anything but 0 in the rest
    return _checked(_libc.prctl(ctypes.c_int(option), *map(ctypes.c_ulong, given)))


def _checked(result: int) -> int:
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def hide_memory() -> None:
    """Keep other processes of the same user from this one's memory, environment and open files, and write no core.

    It makes /proc/<pid> root's and refuses ptrace (ptrace(2), "Ptrace access mode checking"). A program that is
    started begins without it, so it has to be set in each.
    """
    if LINUX:
        prctl(PR_SET_DUMPABLE, 0)


def drop_capabilities() -> None:
    """Give up every capability, for good: exec gives root none back when the bounding set is empty."""
    capability = 0
    while _holds(capability):
        try:
            prctl(PR_CAPBSET_DROP, capability)
        except PermissionError:
            break  # without CAP_SETPCAP, as in a container that dropped all of them; no_new_privs holds there
        capability += 1
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    _checked(_libc.capset(header, (ctypes.c_uint32 * 6)()))


def _holds(capability: int) -> bool:
    """Tell if the kernel knows this capability, whether or not the bounding set has it."""
    try:
        return prctl(PR_CAPBSET_READ, capability) >= 0
    except OSError:
        return False
