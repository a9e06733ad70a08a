"""Hostile code, as if a decoder had been taken over: it tries everything that it must not be able to do.

Run as a script: reads a JSON object from standard input, see `main`, and prints one that says for each attempt what it
got: null if it was refused. It uses the standard library alone, and harms nothing that it is given.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import mmap
import os
import platform
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Attempt = Callable[[], object]
libc = ctypes.CDLL(None, use_errno=True)
ARM = platform.machine() == "aarch64"
BUFFER = ctypes.create_string_buffer(8)


def call(on_x86: int, on_arm: int, *arguments: object) -> int:
    """Make a system call past every library."""
    whole = (ctypes.c_long(one) if isinstance(one, int) else one for one in arguments)
    return failing(libc.syscall(on_arm if ARM else on_x86, *whole))


def failing(result: int) -> int:
    if result == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def sockets() -> Iterator[tuple[str, Attempt]]:
    kinds = {
        "AF_INET": ("SOCK_STREAM", "SOCK_DGRAM"),
        "AF_INET6": ("SOCK_STREAM", "SOCK_DGRAM"),
        "AF_UNIX": ("SOCK_STREAM", "SOCK_DGRAM"),
        "AF_NETLINK": ("SOCK_RAW",),
        "AF_VSOCK": ("SOCK_STREAM",),
        "AF_PACKET": ("SOCK_RAW",),
        "AF_ALG": ("SOCK_SEQPACKET",),
    }
    for family in kinds:
        for kind in kinds[family]:
            yield f"{family} {kind}", lambda f=family, k=kind: opened(getattr(socket, f), getattr(socket, k))
    yield "socketpair", lambda: [one.close() for one in socket.socketpair()] and True
    yield "a socket by its number", lambda: call(41, 198, 2, 1, 0)


def opened(family: int, kind: int) -> bool:
    socket.socket(family, kind).close()
    return True


def files(given: dict[str, Any]) -> Iterator[tuple[str, Attempt]]:
    for path in given["secrets"]:
        yield f"read {path}", lambda p=path: Path(p).read_bytes()[:40].decode(errors="replace")
        yield f"overwrite {path}", lambda p=path: Path(p).open("r+b").close() or True
        yield f"truncate {path}", lambda p=path: os.truncate(p, os.stat(p).st_size) or True
        yield f"link {path}", lambda p=path: linked(p, f"{given['folder']}/linked")
        yield f"rename {path}", lambda p=path: os.rename(p, f"{p}.moved") or os.rename(f"{p}.moved", p) or True
        yield f"chmod {path}", lambda p=path: os.chmod(p, os.stat(p).st_mode & 0o7777) or True
        yield f"utime {path}", lambda p=path: os.utime(p) or True
    for folder in given["elsewhere"]:
        yield f"list {folder}", lambda f=str(folder): len(os.listdir(f))
        yield f"create in {folder}", lambda f=folder: written(f"{f}/intruder-{os.getpid()}")
        yield f"make a folder in {folder}", lambda f=folder: made(f"{f}/intruder")
    yield "overwrite the input", lambda: Path(given["input"]).open("r+b").close() or True
    yield "symlink", lambda: os.symlink("/etc/passwd", f"{given['folder']}/symlink") or True
    yield "fifo", lambda: os.mkfifo(f"{given['folder']}/fifo") or True
    yield "inotify", lambda: failing(libc.inotify_init1(0))


def made(folder: str) -> bool:
    os.mkdir(folder)
    os.rmdir(folder)
    return True


def renamed(folder: str) -> bool:
    Path(folder, "a").touch()
    os.rename(f"{folder}/a", f"{folder}/b")
    return True


def linked(path: str, name: str) -> bool:
    Path(name).hardlink_to(path)
    Path(name).unlink()
    return True


def written(path: str) -> bool:
    Path(path).write_text("x")
    Path(path).unlink()
    return True


def memory_of(parent: int, address: int) -> Iterator[tuple[str, Attempt]]:
    for name in ("environ", "mem", "maps", "cmdline", "status"):
        yield f"read the parent's {name}", lambda n=name: Path(f"/proc/{parent}/{n}").open("rb").read(0) == b""
    yield "follow the parent's folder", lambda: os.readlink(f"/proc/{parent}/cwd")
    yield "list the parent's files", lambda: len(os.listdir(f"/proc/{parent}/fd"))
    yield "own environ in /proc", lambda: len(Path("/proc/self/environ").read_bytes()) >= 0
    own = (ctypes.c_size_t * 2)(ctypes.addressof(BUFFER), 8)
    its = (ctypes.c_size_t * 2)(address, 8)
    yield "process_vm_readv", lambda: call(310, 270, parent, own, 1, its, 1, 0)
    yield "ptrace", lambda: failing(libc.ptrace(0x4206, parent, None, None)) or True  # PTRACE_SEIZE stops nothing


def processes(parent: int) -> Iterator[tuple[str, Attempt]]:
    def forked() -> bool:
        if (pid := os.fork()) == 0:
            os._exit(0)
        return bool(os.waitpid(pid, 0))

    yield "fork", forked
    yield "subprocess", lambda: subprocess.run([sys.executable, "-I", "-S", "-c", ""], check=True).returncode == 0
    yield "posix_spawn", lambda: bool(os.posix_spawn("/bin/true", ["true"], {}))
    for number in (0, 15):
        if number == 0 or not HARMLESS:
            yield f"kill {number}", lambda n=number: os.kill(parent, n) or True
            yield f"kill its group {number}", lambda n=number: os.killpg(os.getpgid(parent), n) or True
            yield f"tgkill {number}", lambda n=number: call(234, 131, parent, parent, n) or True
            yield f"tkill {number}", lambda n=number: call(200, 130, parent, n) or True
    yield "pidfd_open", lambda: call(434, 434, parent, 0)
    yield "F_SETOWN", lambda: failing(libc.fcntl(0, 8, parent)) or True
    yield "setpriority", lambda: os.setpriority(os.PRIO_PROCESS, parent, 0) or True
    yield "sched_setaffinity", lambda: os.sched_setaffinity(parent, os.sched_getaffinity(parent)) or True
    limit = (ctypes.c_ulong * 2)(1 << 62, 1 << 62)
    yield "prlimit", lambda: call(302, 261, parent, 4, None, ctypes.byref(limit)) or True


def kernel() -> Iterator[tuple[str, Attempt]]:
    space = ctypes.create_string_buffer(256)
    for flags in (0x10000000, 0x40000000, 0x20000):
        yield f"unshare {flags:x}", lambda f=flags: failing(libc.unshare(f)) or True
    yield "memfd_create", lambda: failing(libc.memfd_create(b"x", 0))
    yield "io_uring", lambda: call(425, 425, 4, space)
    yield "bpf", lambda: call(321, 280, 0, space, 72)
    yield "keyctl", lambda: call(250, 219, 0, -3, 1)
    yield "shmget", lambda: failing(libc.shmget(0, 4096, 0o1600)) >= 0
    yield "userfaultfd", lambda: call(323, 282, 0)
    yield "perf_event_open", lambda: call(298, 241, space, 0, -1, -1, 0)
    yield "mount", lambda: failing(libc.mount(b"none", b"/tmp", b"tmpfs", 0, None)) or True if not HARMLESS else True
    yield "chroot", lambda: os.chroot("/") or True
    yield "setuid", lambda: os.setuid(12345) or True if not HARMLESS else True
    yield "a later system call", lambda: call(463, 463, -100, b"/tmp", 0, b"x", space, 16)


def allowed(given: dict[str, Any]) -> Iterator[tuple[str, Attempt]]:
    """Yield attempts that a decoder needs."""
    yield "read the input", lambda: Path(given["input"]).read_text()
    yield "fill the folder", lambda: written(f"{given['folder']}/own")
    yield "rename in the folder", lambda: renamed(given["folder"])
    yield "memory", lambda: len(mmap.mmap(-1, given["memory"] // 4)) > 0

    def threaded() -> bool:
        done = threading.Event()
        one = threading.Thread(target=done.set)
        one.start()
        one.join()
        return done.is_set()

    yield "a thread", threaded
    yield "null", lambda: written_null()
    yield "signal itself", lambda: os.kill(os.getpid(), 0) or True
    yield "the time zone", lambda: bool(__import__("time").localtime())
    yield "variables", lambda: sorted(os.environ)
    yield "capabilities", lambda: capabilities()


def capabilities() -> list[int]:
    data = (ctypes.c_uint32 * 6)()
    failing(libc.capget((ctypes.c_uint32 * 2)(0x20080522, 0), data))
    return list(data)


def written_null() -> bool:
    with open(os.devnull, "wb") as null:
        return null.write(b"x") == 1


def main() -> None:
    """Read {"parent": its id, "address": a readable one in it, "secrets": files, "elsewhere": folders, "input": a file,
    "folder": its own, "memory": bytes}, and print {"refused": {attempt: result}, "allowed": {attempt: result}}. Then
    try to become another program.
    """
    given = json.load(sys.stdin)
    parent = given["parent"]
    tried = (*sockets(), *files(given), *memory_of(parent, given["address"]), *processes(parent), *kernel())
    tried = (*tried, ("twice its memory", lambda: len(mmap.mmap(-1, 2 * given["memory"]))))
    found: dict[str, dict[str, object]] = {"refused": {}, "allowed": {}}
    for kind, attempts in (("refused", tried), ("allowed", allowed(given))):
        for name, attempt in attempts:
            found[kind][name] = None
            with contextlib.suppress(Exception):
                found[kind][name] = attempt()
    print(json.dumps(found), flush=True)
    os.execv("/bin/echo", ["echo", "another program"])


HARMLESS = "--harmless" in sys.argv
"""Nothing confines it: what would really do harm is left out."""

if __name__ == "__main__":
    main()
