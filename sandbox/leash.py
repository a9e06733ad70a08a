"""Run a command that ends when its starter does: `python -m sandbox.leash PARENT_PID COMMAND…`.

Linux tells a process of its parent's death through prctl(PR_SET_PDEATHSIG), and keeps that over exec, so
that the command itself stays unmodified. Elsewhere this only runs the command; botprocess.py also ends its
processes at the interpreter's exit, which covers everything but a parent that is killed.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    parent, command = int(arguments[0]), arguments[1:]
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
        if os.getppid() != parent:
            # The parent died before the call above, so no signal will ever come.
            sys.exit("the sandbox that started this bot is gone")
    os.execv(command[0], command)  # noqa: S606  # no shell is wanted here


if __name__ == "__main__":
    main(sys.argv[1:])
