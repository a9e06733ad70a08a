"""Confines itself, then becomes the program that its arguments name, or runs a Python script. confined.py starts it.

--memory BYTES    limit of its address space
--run PATH        a file or folder that it may read and execute; the program itself is one
--read PATH       a file or folder that it may read
--write PATH      a file that it may write, or a folder that it may fill
--program, --script    before the program or the script, and its arguments

The order matters: paths are opened while it may open them, and the filter of system calls comes last. If any step fails
that the kernel offers, nothing is started.
"""

from __future__ import annotations

import os
import resource
import struct
import sys

from dailies.confinement import kernel, landlock, seccomp

FAILED = 125
"""Exit code if the program was not started; standard error has MARK and the error's number then."""
MARK = b"not started: "
PROGRAM, SCRIPT = "--program", "--script"
FILES = 256
"""Open files of a program."""
FILE_BYTES = 8 << 30
"""Size of a file that it writes: an hour of video fits, and a film without end does not fill the disk."""

SYSTEM = (
    *("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/local/lib64", "/nix/store"),
    *("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/ssl/openssl.cnf", "/etc/localtime"),
    *("/etc/fonts", "/usr/share/fonts", "/usr/share/zoneinfo", "/usr/share/locale", "/usr/share/ffmpeg"),
    *("/dev/urandom", "/dev/zero", "/sys/devices/system/cpu"),
)
"""Parts of a system that programs need: libraries, fonts, time zones, the number of processors. No /proc, no /tmp."""


def main() -> None:
    """Confine this process and run the program or the script; ends with FAILED if that is not possible."""
    split = next(at for at, word in enumerate(sys.argv) if word in (PROGRAM, SCRIPT))
    command = sys.argv[split + 1 :]
    given = list(zip(sys.argv[1:split:2], sys.argv[2:split:2], strict=True))
    is_script = sys.argv[split] == SCRIPT
    try:
        _limit(sum(int(value) for option, value in given if option == "--memory"))
        if kernel.LINUX:
            _confine(sys.executable if is_script else command[0], given)
        if not is_script:
            os.execv(command[0], command)  # noqa: S606 (no shell is wanted here)
    except OSError as error:
        os.write(2, MARK + str(error.errno).encode())
        os._exit(FAILED)
    sys.argv = command
    with open(command[0], encoding="utf-8") as file:  # noqa: PTH123 (pathlib is slow to import)
        code = compile(file.read(), command[0], "exec")
    exec(code, {"__name__": "__main__", "__file__": command[0]})  # noqa: S102 (a second Python would cost 10 ms)


def _limit(memory: int) -> None:
    """Set limits for good. RLIMIT_NPROC is not among them: it counts the bot's threads too."""
    limits = {resource.RLIMIT_CORE: 0, resource.RLIMIT_NOFILE: FILES, resource.RLIMIT_AS: memory}
    limits[resource.RLIMIT_FSIZE] = FILE_BYTES
    for kind, most in limits.items():
        hard = resource.getrlimit(kind)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        try:
            resource.setrlimit(kind, (most, most))
        except ValueError:
            if kernel.LINUX:  # macOS refuses some
                raise


def _confine(program: str, given: list[tuple[str, str]]) -> None:
    version = landlock.version()
    kept = landlock.Ruleset(version) if version else None
    if kept:
        for path in (*SYSTEM, *_parts(program)):
            kept.allow(path, landlock.RUN)
        for option, path in given:
            rights = {"--run": landlock.RUN, "--read": landlock.READ, "--write": landlock.FILL}.get(option)
            if rights:
                kept.allow(path, rights)
        kept.allow(os.devnull, landlock.WRITE)
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    kernel.drop_capabilities()
    if kept:
        kept.restrict_self()
    if seccomp.available():
        seccomp.install(os.getpid())


def _parts(program: str) -> list[str]:
    """Return the program, its loader, and the libraries beside a folder `bin`; for a script also the programs that it
    names with their whole paths, its interpreter among them.
    """
    found = os.path.realpath(program)
    with open(found, "rb") as file:  # noqa: PTH123
        head = file.read(4096)
    if head.startswith(b"#!"):
        named = {os.path.realpath(os.fsdecode(word.strip(b"'\""))) for word in head[2:].split() if b"/" in word}
        programs = [path for path in named if os.path.isfile(path) and os.access(path, os.X_OK)]  # noqa: PTH113
        return [found, *(part for path in programs if path != found for part in _binary(path))]
    return _binary(found)


def _binary(program: str) -> list[str]:
    with open(program, "rb") as file:  # noqa: PTH123
        found = [program, *_loader(file.read(4096))]
    folder = os.path.dirname(program)  # noqa: PTH120
    if os.path.basename(folder) == "bin":  # noqa: PTH119
        found.append(os.path.join(os.path.dirname(folder), "lib"))  # noqa: PTH118, PTH120
    return found


def _loader(head: bytes) -> list[str]:
    """Return the dynamic loader that an ELF file names (PT_INTERP); 64 bits, low byte first."""
    if head[:6] != b"\x7fELF\x02\x01":
        return []
    (table,), (size, count) = struct.unpack_from("<Q", head, 32), struct.unpack_from("<HH", head, 54)
    for at in range(table, min(table + size * count, len(head) - 56), size):
        kind, _, offset, _, _, length = struct.unpack_from("<IIQQQQ", head, at)
        if kind == 3:
            return [os.fsdecode(head[offset : offset + length].rstrip(b"\0"))]
    return []
