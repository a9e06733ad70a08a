"""Landlock: a process gives up all files but those that it names, TCP, and signals to others (Linux 5.13 or newer).

Rights and structures are those of linux/landlock.h, up to version 7 of its interface. Each version added rights, and an
older kernel refuses what it does not know, so they are masked by version.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct

from dailies.confinement import kernel

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
"""The numbers of the system calls, the same on all processors."""
_VERSION_FLAG = 1
_PATH_BENEATH = 1

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
REMOVE_FILE, MAKE_REG, TRUNCATE = 1 << 5, 1 << 8, 1 << 14
READ = READ_FILE | READ_DIR
RUN = READ | EXECUTE
WRITE = WRITE_FILE | TRUNCATE | READ_FILE
FILL = WRITE | READ_DIR | REMOVE_FILE | MAKE_REG
"""The rights to a folder: regular files only, so that neither a link nor a pipe waits there for the bot."""
_OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE

_FILES = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""The number of rights to files that a version knows; the same from version 5 on."""
_TCP = 0b11
"""Binding and connecting, from version 4 on."""
_SCOPES = 0b11
"""Abstract UNIX sockets and signals of other processes, from version 6 on."""


def version() -> int:
    """Return the version of the kernel's Landlock, 0 without any."""
    if not kernel.LINUX:
        return 0
    try:
        return kernel.syscall(CREATE_RULESET, 0, 0, _VERSION_FLAG)
    except OSError:
        return 0  # not built in, not enabled at boot, or withheld by a container's own filter


class Ruleset:
    """The rights that a process keeps. Made and filled first; `restrict_self` then takes away the rest."""

    def __init__(self, version: int) -> None:
        self._handled = (1 << _FILES[min(version, 5)]) - 1
        fields = (self._handled, *((_TCP,) if version >= 4 else ()), *((_SCOPES,) if version >= 6 else ()))
        attributes = ctypes.create_string_buffer(struct.pack(f"={len(fields)}Q", *fields), 8 * len(fields))
        self._opened = kernel.syscall(CREATE_RULESET, ctypes.addressof(attributes), len(attributes), 0)

    def allow(self, path: str, rights: int) -> None:
        """Keep rights to a file, or to everything in a folder. A path that cannot be opened gives none."""
        try:
            opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            return
        try:
            if not stat.S_ISDIR(os.fstat(opened).st_mode):
                rights &= _OF_FILES
            rule = ctypes.create_string_buffer(struct.pack("=Qi", rights & self._handled, opened), 12)
            kernel.syscall(ADD_RULE, self._opened, _PATH_BENEATH, ctypes.addressof(rule), 0)
        finally:
            os.close(opened)

    def restrict_self(self) -> None:
        """Restrict this thread and all that it starts, for good. Needs no_new_privs."""
        kernel.syscall(RESTRICT_SELF, self._opened, 0)
        os.close(self._opened)
