"""The power cut takes what was written and not flushed, and nothing else; and the crash benchmark survives it."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.crash import crash
from benchmarks.powercut import PowerCut

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
WRITES = """
import os, pathlib, sys
from benchmarks.flushes import install
install(pathlib.Path(sys.argv[1]))
from dailies.files import flush, make_folder, put_in_place, write_atomically
data = pathlib.Path(sys.argv[2])
make_folder(data / "safe")
write_atomically(data / "safe" / "whole", b"whole")
(data / "safe" / "written").write_bytes(b"written")
(data / "safe" / "named").write_bytes(b"")
flush(data / "safe")
(data / "safe" / "named").write_bytes(b"named")
(data / "safe" / "again").write_bytes(b"before")
put_in_place(data / "safe" / "again", data / "safe" / "later")
with (data / "safe" / "later").open("ab") as file:
    file.write(b"after")
(data / "loose").mkdir()
write_atomically(data / "loose" / "whole", b"whole")
(data / "dailies.sqlite").write_bytes(b"SQLite flushes by itself")
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder in which a process wrote, flushed and forgot to flush."""
    folder = tmp_path / "data"
    folder.mkdir()
    subprocess.run([sys.executable, "-c", WRITES, tmp_path / "log", folder], cwd=ROOT, check=True)
    return folder


def struck(data: Path, seed: int) -> dict[str, bytes]:
    """Return what the power cut leaves."""
    PowerCut(data, data.parent / "log", random.Random(seed)).strike()
    return {str(path.relative_to(data)): path.read_bytes() for path in data.rglob("*") if path.is_file()}


@pytest.mark.parametrize("seed", range(5))
def test_what_was_flushed_stays_and_the_rest_is_damaged(data: Path, seed: int) -> None:
    left = struck(data, seed)

    assert left.pop("safe/whole") == b"whole"
    assert left.pop("dailies.sqlite") == b"SQLite flushes by itself"
    assert left.pop("safe/named") != b"named"  # its name was flushed, and not its bytes
    assert left.pop("safe/later") != b"beforeafter"
    assert left.pop("safe/written", b"") != b"written"
    assert left.pop("loose/whole", b"whole") == b"whole"  # with its folder, or not at all
    assert left == {}


def test_a_second_power_cut_leaves_what_the_first_one_left(data: Path) -> None:
    cut = PowerCut(data, data.parent / "log", random.Random(1))
    cut.strike()
    first = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    cut.strike()
    assert {path: path.read_bytes() for path in data.rglob("*") if path.is_file()} == first


async def test_power_cuts_lose_nothing_and_damage_no_picture_that_is_paid_for() -> None:
    report = await crash(jobs=6, kills=4, seed=3, power_cut=True)

    assert report.verdict.problems == []
    assert report.verdict.good
    assert report.damaged.total() > 0
