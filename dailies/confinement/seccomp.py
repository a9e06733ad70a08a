"""seccomp: a filter of system calls, a small program (BPF) that the kernel runs before each call of a process.

It refuses what is dangerous and lets the rest pass; docs/decisions.md has the reason. It stays over exec.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys

from dailies.confinement import kernel
from dailies.confinement.syscalls import CLONE, CLONE3, DENIED, FCNTL, IOCTL, KILL, LAST, PRLIMIT64, TGKILL

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""Numbers of linux/audit.h, in the order of the columns in syscalls.py."""
_X32_BIT = 0x40000000
"""In the number of a call in x86_64's second form, which the table of numbers does not cover."""
_CLONE_THREAD = 0x10000
_NAMESPACES = 0x7E020080
"""Every CLONE_NEW… flag of linux/sched.h."""
_FILE_SIGNALS = (8, 10, 15, 1024)
"""F_SETOWN, F_SETSIG and F_SETOWN_EX make the kernel send a signal to any process; F_SETLEASE holds up its opens."""
_TERMINAL_AND_SIGNALS = (0x5412, 0x541C, 0x8901, 0x8902)
"""TIOCSTI and TIOCLINUX type into a terminal; FIOSETOWN and SIOCSPGRP are F_SETOWN by another name."""
_MODE_FILTER = 2

# struct seccomp_data: the number at 0, the processor at 4, the arguments at 16, each of eight bytes, low half first.
_NUMBER, _ARCHITECTURE, _FIRST, _SECOND = 0, 4, 16, 24
_LOAD, _EQUAL, _ABOVE, _ANY_BIT, _RETURN = 0x20, 0x15, 0x25, 0x45, 0x06
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_EPERM, _ENOSYS = 0x50000 | errno.EPERM, 0x50000 | errno.ENOSYS

Instruction = tuple[int, int, int, int]
"""Code, instructions to skip if true, and if not, value: struct sock_filter."""


def available() -> bool:
    """Tell if a process can have a filter, on this kernel and with this processor."""
    if not kernel.LINUX or sys.maxsize < 1 << 32 or os.uname().machine not in _ARCHITECTURES:
        return False
    try:
        kernel.prctl(kernel.PR_SET_SECCOMP, _MODE_FILTER, 0)
    except OSError as error:
        return error.errno == errno.EFAULT  # it looked for the program, at address 0
    return False


def install(pid: int) -> None:
    """Filter the calls of this thread and all that it starts, for good. Needs no_new_privs. pid: of this process."""
    code = program(os.uname().machine, pid)
    held = ctypes.create_string_buffer(code, len(code))
    header = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(code) // 8, ctypes.addressof(held)), 16)
    kernel.prctl(kernel.PR_SET_SECCOMP, _MODE_FILTER, ctypes.addressof(header))


def program(machine: str, pid: int) -> bytes:
    """Return the filter of a process for a processor, as the kernel takes it."""
    column = list(_ARCHITECTURES).index(machine)
    code: list[Instruction] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, _ARCHITECTURES[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    if machine == "x86_64":
        code += [(_ANY_BIT, 0, 1, _X32_BIT), (_RETURN, 0, 0, _KILL)]
    code += [(_ABOVE, 0, 1, LAST), (_RETURN, 0, 0, _ENOSYS)]
    code += _answer(CLONE3[column], _ENOSYS)
    for numbers in DENIED.values():
        code += _answer(numbers[column], _EPERM) if numbers[column] >= 0 else []
    own = [(_LOAD, 0, 0, _FIRST), (_EQUAL, 0, 1, pid), (_RETURN, 0, 0, _ALLOW)]
    for call in (KILL, TGKILL):  # abort ends its own process
        code += _case(call[column], [*own, (_RETURN, 0, 0, _EPERM)])
    limits = [*own, (_EQUAL, 0, 1, 0), (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _EPERM)]
    code += _case(PRLIMIT64[column], limits)
    thread = [(_LOAD, 0, 0, _FIRST), (_ANY_BIT, 2, 0, _NAMESPACES), (_ANY_BIT, 0, 1, _CLONE_THREAD)]
    code += _case(CLONE[column], [*thread, (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _EPERM)])
    for call, commands in ((FCNTL, _FILE_SIGNALS), (IOCTL, _TERMINAL_AND_SIGNALS)):
        refused = [step for command in commands for step in _answer(command, _EPERM)]
        code += _case(call[column], [(_LOAD, 0, 0, _SECOND), *refused, (_RETURN, 0, 0, _ALLOW)])
    code += [(_RETURN, 0, 0, _ALLOW)]
    return b"".join(struct.pack("HBBI", *one) for one in code)


def _answer(value: int, answer: int) -> list[Instruction]:
    return [(_EQUAL, 0, 1, value), (_RETURN, 0, 0, answer)]


def _case(number: int, steps: list[Instruction]) -> list[Instruction]:
    """Return steps, each path of which ends with an answer, for one call."""
    return [(_EQUAL, 0, len(steps), number), *steps]
