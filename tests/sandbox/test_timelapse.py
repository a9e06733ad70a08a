"""A script run by sandbox.timelapse lives in a faster world and notices nothing of it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest

from sandbox.botprocess import ROOT


def start(folder: Path, source: str, *, speed: float, arguments: tuple[str, ...] = ()) -> subprocess.Popen[str]:
    script = folder / "script.py"
    script.write_text("import asyncio, json, signal, sys, time\n" + textwrap.dedent(source))
    command = [sys.executable, "-W", "error", "-m", "sandbox.timelapse"]
    command += ["--speed", str(speed), "--epoch", str(time.time()), str(script), *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def run(folder: Path, source: str, *, speed: float, arguments: tuple[str, ...] = ()) -> list[Any]:
    """Return the JSON that the script printed."""
    process = start(folder, source, speed=speed, arguments=arguments)
    said, errors = process.communicate(timeout=20)
    assert process.returncode == 0, errors
    return json.loads(said)


def test_sixty_sleeps_of_thirty_seconds_take_little_more_than_two(tmp_path: Path) -> None:
    source = """
    async def main():
        loop, real = asyncio.get_running_loop(), time.perf_counter()
        start, unix, monotonic = loop.time(), time.time(), time.monotonic()
        for _ in range(60):
            await asyncio.sleep(30)
        ends = loop.time() - start, time.time() - unix, time.monotonic() - monotonic
        print(json.dumps([time.perf_counter() - real, *ends]))
    asyncio.run(main())
    """
    real, loop, unix, monotonic = run(tmp_path, source, speed=1000)
    assert 1.8 <= real < 20  # a busy machine wakes late; without the faster world it would be half an hour
    for world in (loop, unix, monotonic):
        assert world == pytest.approx(real * 1000, rel=0.05)


def test_a_timeout_ends_in_world_time(tmp_path: Path) -> None:
    source = """
    async def main():
        real = time.perf_counter()
        try:
            async with asyncio.timeout(60):
                await asyncio.Event().wait()
        except TimeoutError:
            print(json.dumps([time.perf_counter() - real]))
    asyncio.run(main())
    """
    assert 0.29 <= run(tmp_path, source, speed=200)[0] < 20  # a busy machine wakes late


def test_the_unix_time_is_that_of_the_sandbox_clock(tmp_path: Path) -> None:
    before = time.time()
    seen = run(tmp_path, "print(json.dumps([time.time(), time.time_ns() / 1e9]))", speed=500)
    after = time.time()
    for moment in seen:
        assert before <= moment <= before + (after - before) * 500 + 1


def test_a_signal_handler_of_the_loop_runs(tmp_path: Path) -> None:
    source = """
    async def main():
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        print("ready", flush=True)
        await stop.wait()
        print("stopped", flush=True)
    asyncio.run(main())
    """
    process = start(tmp_path, source, speed=100)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    said, errors = process.communicate(timeout=60)
    assert (process.returncode, said, errors) == (0, "stopped\n", "")


def test_subprocesses_threads_and_sockets_work(tmp_path: Path) -> None:
    source = """
    async def main():
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", "print(6 * 7)", stdout=asyncio.subprocess.PIPE)
        said, _ = await process.communicate()
        async def answer(reader, writer):
            writer.write(b"hello")
            writer.close()
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        heard = await reader.read()
        writer.close()
        server.close()
        in_thread = await asyncio.to_thread(lambda: 1)
        print(json.dumps([process.returncode, said.decode(), heard.decode(), in_thread]))
    asyncio.run(main())
    """
    assert run(tmp_path, source, speed=20) == [0, "42\n", "hello", 1]


def test_the_script_sees_itself_as_if_run_by_python(tmp_path: Path) -> None:
    (tmp_path / "neighbour.py").write_text("NAME = 'neighbour'")
    source = "import neighbour\nprint(json.dumps([__name__, sys.argv, sys.path[0], neighbour.NAME]))"
    seen = run(tmp_path, source, speed=2, arguments=("check", "--flag"))
    assert seen == ["__main__", [str(tmp_path / "script.py"), "check", "--flag"], str(tmp_path), "neighbour"]


def test_the_script_s_exit_code_is_kept(tmp_path: Path) -> None:
    process = start(tmp_path, "sys.exit(3)", speed=2)
    process.communicate(timeout=60)
    assert process.returncode == 3
