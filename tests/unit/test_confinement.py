"""Programs that read hostile bytes get nothing but what they need, even when their code is taken over."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from dailies.confinement.confined import Access, run_confined, run_python
from dailies.confinement.launcher import FILE_BYTES
from dailies.errors import MediaError, ReferenceRefused
from dailies.media import probe as media
from dailies.media.ffmpeg import MEMORY, run_ffmpeg
from dailies.references.inspector import DecodeLimits, Inspector
from sandbox.botprocess import ROOT
from tests.support.images import image
from tests.support.servers import closed_port_origin

FFMPEG = media.find_ffmpeg(None)
KEY = "sk-or-key-of-the-bot"
REAL = {
    *("AF_INET SOCK_STREAM", "AF_INET6 SOCK_DGRAM", "AF_UNIX SOCK_STREAM", "AF_NETLINK SOCK_RAW", "socketpair"),
    *("a socket by its number", "symlink", "fifo", "own environ in /proc", "fork", "subprocess", "posix_spawn"),
    *(
        "kill 0",
        "kill its group 0",
        "tgkill 0",
        "tkill 0",
        "pidfd_open",
        "F_SETOWN",
        "setpriority",
        "sched_setaffinity",
    ),
    *("prlimit", "overwrite the input", "twice its memory", "become another program"),
}
"""Attempts that succeed where nothing stops them, whoever tries."""
NEEDED = ("read the input", "fill the folder", "rename in the folder", "memory", "a thread", "null", "signal itself")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a folder as the bot's, with secrets and data. Everybody may do everything in it."""
    place = tmp_path / "bot"
    for name in (
        ".env",
        "data/dailies.sqlite",
        "data/references/other",
        "data/references/given",
        "data/videos/fit-1/x",
    ):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(f"OPENROUTER_API_KEY={KEY}")
    for one in (place, *place.rglob("*"), *list(tmp_path.parents)[:2], tmp_path):
        one.chmod(0o777)
    return place


def reported(command: Sequence[str], folder: Path, *arguments: str, **options: Any) -> dict[str, Any]:
    """Run the stand-in of the bot, whose decoder is hostile; returns what that got."""
    ended = subprocess.run(
        [*command, "-m", "tests.support.bot_process", str(folder), *arguments],
        cwd=ROOT,
        env={"OPENROUTER_API_KEY": KEY, "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        **options,
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def gotten(report: dict[str, Any]) -> dict[str, Any]:
    return {name: result for name, result in report["refused"].items() if result is not None}


def unprivileged() -> tuple[list[str], dict[str, Any]]:
    """Return a Python that everybody may run, and the options that start it as compose.yaml starts the bot."""
    if os.geteuid():
        return [sys.executable], {}
    options: dict[str, Any] = {"user": 65534, "group": 65534, "extra_groups": ()}
    check = "import sys; assert sys.version_info >= (3, 11)"
    for python in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        try:
            subprocess.run([python, "-c", check], check=True, capture_output=True, env={}, **options)
        except (OSError, subprocess.CalledProcessError):
            continue
        return [python], options
    pytest.skip("no Python here that an unprivileged user may run")


@cache
def older(lacking: str) -> list[str]:
    return [sys.executable, "-m", "tests.support.older_kernel", lacking, sys.executable]


def test_where_nothing_confines_it_hostile_code_gets_what_it_wants(folder: Path) -> None:
    report = reported([sys.executable], folder, "control")
    got = gotten(report)
    assert set(got) >= REAL
    assert KEY in got[f"read {folder}/.env"]
    assert "OPENROUTER_API_KEY" in report["allowed"]["variables"]


def test_hostile_code_gets_nothing_of_a_bot_that_root_runs(folder: Path) -> None:
    report = reported([sys.executable], folder)
    assert gotten(report) == {}
    assert set(report["refused"]) > REAL
    assert report["allowed"]["capabilities"] == [0] * 6


@pytest.mark.slow
def test_hostile_code_gets_nothing_of_a_bot_as_compose_runs_it(folder: Path) -> None:
    python, options = unprivileged()
    report = reported(python, folder, **options)
    assert gotten(report) == {}
    assert set(report["refused"]) > REAL


def test_a_decoder_has_what_it_needs(folder: Path) -> None:
    allowed = reported([sys.executable], folder)["allowed"]
    assert all(allowed[name] for name in NEEDED)
    assert allowed["variables"] == ["LC_ALL", "MALLOC_ARENA_MAX"]


@pytest.mark.slow
def test_without_landlock_there_is_no_network_no_process_and_none_of_the_bot_s_memory(folder: Path) -> None:
    report = reported(older("landlock"), folder)
    assert report["gaps"] == ["no_landlock"]
    files = {f"{what} {where}" for what in ("read", "overwrite", "rename") for where in folder.rglob("*")}
    assert all(report["allowed"][name] for name in NEEDED)
    left = set(gotten(report)) - files
    assert not {name for name in left if name.startswith(("AF_", "kill", "tgkill", "fork", "chmod", "ptrace"))}
    assert not left & {
        "read the parent's environ",
        "read the parent's mem",
        "process_vm_readv",
        "subprocess",
        "socketpair",
    }


@pytest.mark.slow
def test_without_seccomp_the_files_are_still_out_of_reach(folder: Path) -> None:
    report = reported(older("seccomp"), folder)
    assert report["gaps"] == ["no_seccomp"]
    assert all(report["allowed"][name] for name in NEEDED)
    assert not {name for name in gotten(report) if name.startswith(("read", "overwrite", "create", "list", "rename"))}


def test_without_either_decoders_still_work(folder: Path) -> None:
    report = reported(older("landlock,seccomp"), folder)
    assert report["gaps"] == ["no_landlock", "no_seccomp"]
    assert all(report["allowed"][name] for name in NEEDED)


@pytest.mark.parametrize("version", range(1, 8))
def test_every_version_of_landlock_closes_the_files_that_are_not_named(version: int, tmp_path: Path) -> None:
    (tmp_path / "named").mkdir()
    (tmp_path / "named" / "file").write_text("named")
    (tmp_path / "other").write_text("other")
    code = (
        "from dailies.confinement import kernel, landlock\n"
        f"ruleset = landlock.Ruleset({version})\n"
        f"ruleset.allow({str(tmp_path / 'named')!r}, landlock.FILL)\n"
        "kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)\n"
        "ruleset.restrict_self()\n"
        f"print(open({str(tmp_path / 'named' / 'file')!r}).read())\n"
        f"open({str(tmp_path / 'named' / 'new')!r}, 'w').close()\n"
        f"open({str(tmp_path / 'other')!r})\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.stdout == "named\n"
    assert (tmp_path / "named" / "new").exists()
    assert f"PermissionError: [Errno 13] Permission denied: '{tmp_path / 'other'}'" in ended.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lacking", "words"), [("landlock", "offers no Landlock"), ("seccomp", "offers no seccomp filters")]
)
def test_the_check_and_the_start_say_what_the_kernel_lacks(lacking: str, words: str, tmp_path: Path) -> None:
    closed = closed_port_origin()
    env = {"DISCORD_TOKEN": "token", "OPENROUTER_API_KEY": KEY, "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    env |= {"DISCORD_API_BASE": closed, "OPENROUTER_API_BASE": closed, "DATA_DIR": str(tmp_path / "data")}
    said: list[list[str]] = []
    for arguments in (["check"], []):
        ended = subprocess.run(
            [*older(lacking), str(ROOT / "bot.py"), *arguments],
            cwd=tmp_path,
            env=env,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        said.append([line for line in (ended.stdout + ended.stderr).splitlines() if words in line])
    (checked,), (started,) = said
    assert checked.startswith("WARNING Confinement: Linux ")
    assert "WARNING dailies.bot: Linux " in started


@pytest.mark.slow
def test_the_bot_hides_its_memory_from_its_own_user() -> None:
    code = (
        "import bot, ctypes; bot.main(['no', 'such']); print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"  # PR_GET_DUMPABLE
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "0"


@pytest.mark.slow
async def test_code_planted_in_the_picture_worker_gets_nothing(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    await asyncio.to_thread(shutil.copytree, ROOT / "dailies", copy / "dailies")
    planted = copy / "dailies" / "references" / "picture.py"
    attempts = (
        "import os as _os, json as _json, socket as _socket\n"
        "_got = {}\n"
        f"for _path in ['/proc/%d/environ' % _os.getppid(), '/proc/%d/mem' % _os.getppid(), {str(folder / '.env')!r},\n"
        f"              {str(folder / 'data/dailies.sqlite')!r}, {str(folder / 'data/references/other')!r}]:\n"
        "    try: _got[_path] = open(_path, 'rb').read(20).hex()\n"
        "    except OSError as _error: pass\n"
        "_connect, _kill = lambda: _socket.create_connection(('127.0.0.1', 1)), lambda: _os.kill(_os.getppid(), 0)\n"
        "for _try in (_connect, _os.fork, _kill):\n"
        "    try: _got[str(_try)] = str(_try())\n"
        "    except PermissionError as _error: pass\n"
        "    except OSError as _error: _got[str(_try)] = str(_error)\n"
        "print(_json.dumps({'refused': {'code': 'text', 'text': _json.dumps(_got)}}), flush=True)\n"
        "_os._exit(0)\n"
    )
    await asyncio.to_thread(planted.write_text, planted.read_text() + attempts)
    given = folder / "data" / "references" / "given"
    given.write_bytes(image("red"))
    code = (
        "import asyncio; from pathlib import Path; from dailies.references import inspector\n"
        "from dailies.errors import ReferenceRefused\n"
        f"assert inspector.__file__.startswith({str(copy)!r})\n"
        f"look = inspector.Inspector(inspector.DecodeLimits(80)).inspect(Path({str(given)!r}), 'fox.png')\n"
        "try: print(asyncio.run(look))\n"
        "except ReferenceRefused as error: print(error.problem.values['text'])\n"
    )
    ended = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", code], cwd=copy, capture_output=True, text=True, check=True
    )
    assert (ended.stdout.strip(), ended.stderr) == ("{}", "")


@pytest.mark.parametrize(
    "said",
    [
        "null", "[]", "{}", "no JSON", '{"look": {}}', '{"pixels": 90000000}', '{"refused": 3}',
        '{"look": {"media_type": "text/html", "width": 1, "height": 1, "changes": [], "remarks": []}}',
        '{"look": {"media_type": "image/png", "width": 1, "height": 1, "changes": [1], "remarks": []}}',
        '{"look": {"media_type": "image/png", "width": "1", "height": 1, "changes": [], "remarks": []}}',
    ],
)  # fmt: skip
async def test_whatever_a_worker_that_was_taken_over_says_is_a_broken_picture(
    said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = tmp_path / "worker.py"
    worker.write_text(f"print({said!r})")
    monkeypatch.setattr("dailies.references.inspector._SCRIPT", worker)
    path = tmp_path / "given"
    path.write_bytes(image("red"))
    with pytest.raises(ReferenceRefused, match="broken"):
        await Inspector(DecodeLimits(80)).inspect(path, "fox.png")
    assert sorted(await asyncio.to_thread(os.listdir, tmp_path)) == ["given", "worker.py"]


async def test_ffmpeg_reads_the_given_file_alone(tmp_path: Path, mp4: Path) -> None:
    other = tmp_path / "other.mp4"
    await asyncio.to_thread(shutil.copy, mp4, other)
    for given, code in ((other, 0), (tmp_path / "given.mp4", 1)):
        command = [FFMPEG, "-nostdin", "-v", "error", "-i", str(other), "-c", "copy", "-f", "null", "-"]
        ended = await run_ffmpeg(command, given)
        assert bool(ended.returncode) == bool(code)
        assert (b"Permission denied" in ended.stderr) == bool(code)


async def test_ffmpeg_writes_into_the_given_folder_alone(tmp_path: Path, mp4: Path) -> None:
    (tmp_path / "own").mkdir()
    for target, code in ((tmp_path / "own" / "a.mkv", 0), (tmp_path / "b.mkv", 1)):
        command = [FFMPEG, "-nostdin", "-v", "error", "-i", str(mp4), "-c", "copy", str(target)]
        ended = await run_ffmpeg(command, mp4, folder=tmp_path / "own")
        assert bool(ended.returncode) == bool(code), ended.stderr
        assert target.exists() == (code == 0)


async def test_ffmpeg_reaches_no_address(tmp_path: Path) -> None:
    origin = closed_port_origin()
    for address in (f"{origin}/a.mp4", origin.replace("http", "tcp"), f"unix:{tmp_path}/socket"):
        ended = await run_ffmpeg([FFMPEG, "-nostdin", "-v", "error", "-i", address, "-f", "null", "-"], None)
        assert ended.returncode
        assert b"Connection refused" not in ended.stderr  # what it says when it may try


@pytest.mark.slow
async def test_ffmpeg_has_no_more_memory_than_it_was_granted() -> None:
    frames = "color=s=16000x16000:d=1,format=rgb48"
    command = [FFMPEG, "-nostdin", "-v", "error", "-f", "lavfi", "-i", frames, "-f", "null", "-"]
    assert b"Cannot allocate memory" in (await run_ffmpeg(command, None)).stderr
    assert (await run_ffmpeg(command, None, pixels=16000 * 16000)).stderr == b""


async def test_a_script_in_ffmpeg_s_place_becomes_the_program_that_it_names_and_starts_nothing(tmp_path: Path) -> None:
    script = tmp_path / "ffmpeg"
    script.write_text(f'#!/bin/sh\n/bin/echo started\nexec {FFMPEG} "$@"\n')
    script.chmod(0o755)
    said = (await run_confined([str(script), "-version"], Access(MEMORY))).stdout
    assert b"started" not in said
    script.write_text(f'#!/bin/sh\nexec {FFMPEG} "$@"\n')
    assert (await media.version(str(script))).startswith("ffmpeg version")


async def test_a_program_that_is_no_program_is_an_os_error(tmp_path: Path) -> None:
    text = tmp_path / "ffmpeg"
    text.write_text("not a program")
    text.chmod(0o755)
    with pytest.raises(OSError, match="Exec format error"):
        await run_confined([str(text)], Access(MEMORY))
    text.chmod(0o644)
    with pytest.raises(PermissionError):
        await run_confined([str(text)], Access(MEMORY))
    with pytest.raises(MediaError):
        await media.version(str(text))


async def test_a_file_that_a_program_writes_has_a_limit(tmp_path: Path) -> None:
    script = tmp_path / "limit.py"
    script.write_text("import resource\nprint(*resource.getrlimit(resource.RLIMIT_FSIZE))\n")
    ended = await run_python(script, access=Access(400_000_000), data=b"", seconds=60)
    assert ended.stdout.decode().split() == [str(FILE_BYTES)] * 2
