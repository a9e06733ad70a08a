"""Whole files or none: on a real disk, and with a process that ends in the middle."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dailies.files import put_in_place, write_atomically
from dailies.store.receipts import Receipt, ReceiptStore

CUT_OFF = """
import os, pathlib, sys
from dailies.files import write_atomically
pathlib.Path.replace = lambda *_: os._exit(9)
write_atomically(pathlib.Path(sys.argv[1]), b"new")
"""


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def cut_off(path: Path) -> None:
    """Have a process write the file that ends, as by a crash, before the file has its name."""
    ended = subprocess.run([sys.executable, "-c", CUT_OFF, str(path)], cwd=Path(__file__).parents[2], check=False)
    assert ended.returncode == 9


def test_a_file_holds_what_was_written(tmp_path: Path) -> None:
    write_atomically(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"new"


def test_a_shorter_content_replaces_a_longer_one_whole(tmp_path: Path) -> None:
    write_atomically(tmp_path / "file", b"old and longer")
    write_atomically(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"new"


def test_nothing_else_is_left_in_the_folder(tmp_path: Path) -> None:
    write_atomically(tmp_path / "file", b"new")
    assert names(tmp_path) == ["file"]


def test_a_crash_before_the_file_has_its_name_leaves_the_old_content(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")
    cut_off(tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == b"old"


async def test_what_a_crash_leaves_counts_as_no_answer(tmp_path: Path) -> None:
    receipts = ReceiptStore(tmp_path)
    kept = Receipt("one", "openrouter-one", None, "pending")
    await receipts.keep(kept)
    cut_off(tmp_path / "answers" / "two.json")
    assert len(names(tmp_path / "answers")) == 2
    assert await receipts.kept() == [kept]


def test_a_write_that_fails_leaves_the_old_content_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / "file").write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


def test_the_bytes_are_on_the_disk_before_the_name_and_the_name_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[tuple[str, list[str]]] = []
    fsync = os.fsync

    def noted(opened: int) -> None:
        fsync(opened)
        flushed.append((Path(f"/proc/self/fd/{opened}").readlink().name, names(tmp_path)))

    monkeypatch.setattr(os, "fsync", noted)
    (tmp_path / "part").write_bytes(b"new")
    put_in_place(tmp_path / "part", tmp_path / "file")
    assert flushed == [("part", ["part"]), (tmp_path.name, ["file"])]


def test_a_part_that_is_missing_replaces_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")
    with pytest.raises(FileNotFoundError):
        put_in_place(tmp_path / "part", tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == b"old"


async def test_two_requests_that_go_out_at_once_are_both_noted(
    tmp_path: Path,
) -> None:
    await asyncio.gather(
        *(asyncio.to_thread(write_atomically, tmp_path / "last", str(number).encode()) for number in range(50))
    )
    assert (tmp_path / "last").read_bytes().isdigit()
    assert names(tmp_path) == ["last"]
