"""Files, folders, receipts and backups are on the disk before anything names them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dailies import database
from dailies.files import make_folder
from dailies.store.receipts import LastSent, Receipt, ReceiptStore
from dailies.store.sql import SqlStore
from tests.unit.kit import a_job


@pytest.fixture
def flushed(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Files and folders whose content was brought to the disk so far."""
    done: list[Path] = []
    fsync = os.fsync

    def noted(opened: int) -> None:
        fsync(opened)
        done.append(Path(f"/proc/self/fd/{opened}").readlink())

    monkeypatch.setattr(os, "fsync", noted)
    return done


def test_a_new_folder_is_on_the_disk_with_every_folder_above_it(tmp_path: Path, flushed: list[Path]) -> None:
    make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
    assert flushed == [tmp_path, tmp_path / "a"]


def test_a_folder_that_is_there_costs_nothing(tmp_path: Path, flushed: list[Path]) -> None:
    make_folder(tmp_path)
    assert flushed == []


def test_a_file_in_the_way_of_a_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    with pytest.raises(FileExistsError):
        make_folder(tmp_path / "a" / "b")


async def test_the_first_receipt_is_on_the_disk_with_its_folder(tmp_path: Path, flushed: list[Path]) -> None:
    await ReceiptStore(tmp_path / "data").keep(Receipt("one", "openrouter-one", None, "pending"))
    assert {tmp_path, tmp_path / "data", tmp_path / "data" / "answers"} <= set(flushed)


async def test_a_request_that_was_forgotten_stays_so(tmp_path: Path, flushed: list[Path]) -> None:
    receipts = ReceiptStore(tmp_path)
    await receipts.sending(LastSent("one", 1.0))
    flushed.clear()
    await receipts.begin_anew()
    assert await receipts.last() is None
    assert flushed == [tmp_path]


async def test_a_backup_is_on_the_disk_before_it_is_said_to_be_made(tmp_path: Path, flushed: list[Path]) -> None:
    async with database.opened(database.sqlite_url(tmp_path / "a.sqlite")) as engine:
        await SqlStore(engine, tmp_path).create(a_job())
        await database.backup(engine, tmp_path / "copies.sqlite")
    assert flushed[-2:] == [tmp_path / "copies.sqlite", tmp_path]
