"""The filter of system calls, for both processors, run by an interpreter of its instructions."""

from __future__ import annotations

import errno
import struct
from pathlib import Path

import pytest

from dailies.confinement import seccomp, syscalls

ALLOW, KILL = 0x7FFF0000, 0x80000000
EPERM, ENOSYS = 0x50000 | errno.EPERM, 0x50000 | errno.ENOSYS
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
PID = 4321
HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}


def answered(machine: str, number: int, *arguments: int, architecture: int | None = None) -> int:
    """Run the filter as the kernel does, on a struct seccomp_data."""
    given = (*arguments, 0, 0, 0, 0, 0, 0)[:6]
    kind = ARCHITECTURES[machine] if architecture is None else architecture
    data = struct.pack("<iIQ6Q", number, kind, 0, *(one & 0xFFFFFFFFFFFFFFFF for one in given))
    steps = list(struct.iter_unpack("HBBI", seccomp.program(machine, PID)))
    held, at = 0, 0
    while True:
        code, yes, no, value = steps[at]
        at += 1
        match code:
            case 0x20:
                (held,) = struct.unpack_from("<I", data, value)
            case 0x06:
                return value
            case 0x15:
                at += yes if held == value else no
            case 0x25:
                at += yes if held > value else no
            case 0x45:
                at += yes if held & value else no
            case _:
                raise AssertionError(f"no such instruction: {code:x}")


@pytest.fixture(params=["x86_64", "aarch64"])
def machine(request: pytest.FixtureRequest) -> str:
    """Give each processor that has a filter."""
    return request.param


def number(machine: str, call: tuple[int, int]) -> int:
    return call[list(ARCHITECTURES).index(machine)]


def test_every_dangerous_call_is_refused(machine: str) -> None:
    calls = [number(machine, call) for call in syscalls.DENIED.values()]
    assert {answered(machine, one) for one in calls if one >= 0} == {EPERM}


def test_the_numbers_are_the_kernel_s(machine: str) -> None:
    header = HEADERS[machine]
    if not header.exists():
        pytest.skip("the kernel's headers are not installed")
    lines = [line.replace("__NR3264_", "__NR_").split() for line in header.read_text().splitlines()]
    known = {
        line[1].removeprefix("__NR_"): line[2]
        for line in lines
        if line[:1] == ["#define"] and line[2:3] and line[2].isdigit()
    }
    given = {name: number(machine, call) for name, call in syscalls.DENIED.items()}
    wrong = {name: one for name, one in given.items() if known.get(name, str(one)) != str(one)}
    assert wrong == {}
    assert len([name for name in given if name in known]) > 90


def test_reading_writing_and_memory_pass(machine: str) -> None:
    calls = {"x86_64": (0, 1, 3, 9, 11, 12, 202, 257, 262), "aarch64": (63, 64, 57, 222, 215, 214, 98, 56, 79)}
    assert {answered(machine, one) for one in calls[machine]} == {ALLOW}


def test_threads_pass_and_processes_do_not(machine: str) -> None:
    clone = number(machine, syscalls.CLONE)
    assert answered(machine, clone, 0x3D0F00) == ALLOW  # glibc's flags of a thread
    assert answered(machine, clone, 17) == EPERM  # fork
    assert answered(machine, clone, 0x4111) == EPERM  # vfork
    assert answered(machine, clone, 0x3D0F00 | 0x10000000) == EPERM  # in a user namespace of its own
    assert answered(machine, number(machine, syscalls.CLONE3), 0) == ENOSYS


@pytest.mark.parametrize("call", [syscalls.KILL, syscalls.TGKILL])
def test_a_process_signals_itself_alone(machine: str, call: tuple[int, int]) -> None:
    assert answered(machine, number(machine, call), PID, 6) == ALLOW
    assert {answered(machine, number(machine, call), other, 6) for other in (PID - 1, 0, -1, 1)} == {EPERM}


def test_limits_of_others_stay(machine: str) -> None:
    call = number(machine, syscalls.PRLIMIT64)
    assert [answered(machine, call, pid) for pid in (0, PID, 1)] == [ALLOW, ALLOW, EPERM]


def test_files_send_no_signals(machine: str) -> None:
    call = number(machine, syscalls.FCNTL)
    assert [answered(machine, call, 0, command) for command in (3, 8, 10, 15, 1024)] == [ALLOW, *[EPERM] * 4]
    call = number(machine, syscalls.IOCTL)
    assert [answered(machine, call, 0, command) for command in (0x5401, 0x5412, 0x8901)] == [ALLOW, EPERM, EPERM]


def test_calls_that_are_newer_than_the_list_do_not_exist(machine: str) -> None:
    assert {answered(machine, one) for one in (451, 463, 500, 9999)} == {ENOSYS}


def test_calls_of_another_processor_end_the_process(machine: str) -> None:
    others = (0x40000003, 0x40000028, *(one for name, one in ARCHITECTURES.items() if name != machine))
    assert {answered(machine, 0, architecture=one) for one in others} == {KILL}


def test_the_second_form_of_calls_on_x86_64_ends_the_process() -> None:
    assert answered("x86_64", 0x40000000 | 41) == KILL
    assert answered("x86_64", -1) == KILL
