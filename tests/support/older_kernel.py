"""Runs a command as on a kernel that lacks something: python -m tests.support.older_kernel landlock,seccomp COMMAND…

A real filter of system calls answers in its place, as a container's own filter does.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys

from dailies.confinement import kernel, landlock

_PRCTL = 167 if platform.machine() == "aarch64" else 157
_NO_LANDLOCK = [(0x20, 0, 0, 0), (0x15, 0, 1, landlock.CREATE_RULESET), (0x06, 0, 0, 0x50000 | errno.ENOSYS)]
_NO_SECCOMP = [
    *[(0x20, 0, 0, 0), (0x15, 0, 3, _PRCTL), (0x20, 0, 0, 16)],
    *[(0x15, 0, 1, kernel.PR_SET_SECCOMP), (0x06, 0, 0, 0x50000 | errno.EINVAL)],
]


def main(lacking: str, command: list[str]) -> None:
    """Become the command, without what is named."""
    steps = [*(_NO_LANDLOCK if "landlock" in lacking else []), *(_NO_SECCOMP if "seccomp" in lacking else [])]
    code = b"".join(struct.pack("HBBI", *step) for step in (*steps, (0x06, 0, 0, 0x7FFF0000)))
    held = ctypes.create_string_buffer(code, len(code))
    header = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(code) // 8, ctypes.addressof(held)), 16)
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    kernel.prctl(kernel.PR_SET_SECCOMP, 2, ctypes.addressof(header))
    os.execv(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
