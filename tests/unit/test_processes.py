"""Helper processes: real ones, which print, hang, ignore signals and start others."""

from __future__ import annotations

import asyncio
import gc
import os
import time
from pathlib import Path

import pytest

from dailies.processes import OUTPUT_BYTES, run

STUBBORN = "trap '' TERM INT HUP; echo $$ > {pid}; while :; do sleep 0.05; done"


def shell(script: str) -> list[str]:
    return ["/bin/sh", "-c", script]


def written(path: Path) -> str:
    return path.read_text().strip() if path.exists() else ""


async def pid_in(path: Path) -> int:
    """The id that a process writes, once it has."""
    async with asyncio.timeout(30):
        while not (text := written(path)):  # noqa: ASYNC110 (another process writes it)
            await asyncio.sleep(0.01)
    return int(text)


async def ends(pid: int) -> bool:
    """Tell if a process that is not our child ends soon; a zombie has ended."""
    ended = time.monotonic() + 10
    while time.monotonic() < ended:
        try:
            if (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        await asyncio.sleep(0.01)
    return False


async def test_output_errors_and_code_come_back() -> None:
    ended = await run(shell("echo out; echo err >&2; exit 3"))
    assert (ended.returncode, ended.stdout, ended.stderr) == (3, b"out\n", b"err\n")


async def test_a_process_that_a_signal_ends_has_a_negative_code() -> None:
    assert (await run(shell("kill -9 $$"))).returncode == -9


async def test_data_is_the_standard_input() -> None:
    data = os.urandom(100_000)
    assert (await run(["cat"], data=data)).stdout == data


async def test_without_data_the_standard_input_is_empty() -> None:
    assert (await run(["cat"], seconds=30)).stdout == b""


async def test_data_that_is_not_read_is_no_error() -> None:
    assert (await run(["true"], data=bytes(1_000_000))).returncode == 0


async def test_output_over_the_bound_is_cut_and_that_is_said(caplog: pytest.LogCaptureFixture) -> None:
    ended = await run(shell("yes | head -c 5000000; echo done >&2"))
    assert len(ended.stdout) == OUTPUT_BYTES
    assert (ended.returncode, ended.stderr) == (0, b"done\n")
    assert caplog.messages == [f"/bin/sh printed 5000000 bytes; only the first {OUTPUT_BYTES} were kept"]


async def test_errors_over_the_bound_are_cut() -> None:
    ended = await run(shell("yes | head -c 5000000 >&2"))
    assert len(ended.stderr) == OUTPUT_BYTES


async def test_the_variables_of_the_bot_are_not_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-or-secret")
    said = (await run(["env"])).stdout
    assert b"secret" not in said
    assert b"PATH=" in said


async def test_only_the_variables_that_are_given_are_passed_on() -> None:
    assert (await run(["/usr/bin/env"], env={"LC_ALL": "C.UTF-8"})).stdout == b"LC_ALL=C.UTF-8\n"


async def test_a_process_runs_as_nicely_as_asked() -> None:
    said = (await run(shell("sleep 0.2; nice"), niceness=7)).stdout
    assert int(said) == 7


async def test_lines_come_while_the_process_runs(tmp_path: Path) -> None:
    heard: list[bytes] = []

    async def answer(line: bytes) -> None:
        heard.append(line)
        (tmp_path / "go").touch()  # it waits for that

    script = f"echo one; while [ ! -e {tmp_path}/go ]; do sleep 0.01; done; echo two"
    ended = await run(shell(script), seconds=30, each_line=answer)
    assert heard == [b"one\n", b"two\n"]
    assert ended.stdout == b""


async def test_a_program_that_is_missing_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await run([str(tmp_path / "none")])


async def test_a_process_that_ignores_signals_is_killed_at_its_time_limit(tmp_path: Path) -> None:
    with pytest.raises(TimeoutError):
        await run(shell(STUBBORN.format(pid=tmp_path / "pid")), seconds=1)
    with pytest.raises(ProcessLookupError):  # reaped, too
        os.kill(await pid_in(tmp_path / "pid"), 0)


async def test_a_cancelled_call_kills_its_process(tmp_path: Path) -> None:
    running = asyncio.create_task(run(shell(STUBBORN.format(pid=tmp_path / "pid"))))
    pid = await pid_in(tmp_path / "pid")
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_what_the_process_started_is_killed_with_it(tmp_path: Path) -> None:
    script = f"sh -c '{STUBBORN.format(pid=tmp_path / 'pid').replace(chr(39), chr(34))}' & wait"
    with pytest.raises(TimeoutError):
        await run(shell(script), seconds=1)
    assert await ends(await pid_in(tmp_path / "pid"))


async def test_what_a_process_that_has_ended_left_running_is_killed_at_the_time_limit(tmp_path: Path) -> None:
    with pytest.raises(TimeoutError):
        await run(shell(f"sleep 60 & echo $! > {tmp_path}/pid"), seconds=1)  # it holds the output open
    assert await ends(await pid_in(tmp_path / "pid"))


async def test_a_line_that_cannot_be_taken_ends_the_process() -> None:
    said: list[bytes] = []

    async def refuse(line: bytes) -> None:
        said.append(line)
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        await run(shell("echo $$; sleep 60"), seconds=30, each_line=refuse)
    with pytest.raises(ProcessLookupError):
        os.kill(int(said[0]), 0)


async def test_a_helper_that_does_not_read_its_input_leaves_no_error_behind() -> None:
    left: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, found: left.append(found))
    for _ in range(5):
        await run(shell("exec <&-; exit 0"), data=b"x" * 5_000_000)
    with pytest.raises(TimeoutError):
        await run(shell("sleep 60"), data=b"x" * 5_000_000, seconds=0.2)
    await asyncio.to_thread(gc.collect)
    assert left == []
