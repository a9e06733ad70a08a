"""A full disk is reported before anything is paid."""

from __future__ import annotations

from pathlib import Path

import pytest

from dailies.command_record import CommandRecord
from dailies.disk import Disk
from dailies.errors import DiskFull
from dailies.explain import explain


async def test_enough_room_is_no_trouble(tmp_path: Path) -> None:
    assert await Disk(tmp_path, least=500, free=lambda _: 500_000_000).check() == 500_000_000


async def test_too_little_room_says_how_much_there_is(tmp_path: Path) -> None:
    with pytest.raises(DiskFull) as caught:
        await Disk(tmp_path, least=500, free=lambda _: 499_000_000).check()
    assert explain(caught.value) == (
        "The bot's disk is almost full (499.0 MB left, 500.0 MB needed); the bot's operator has to free up space. "
        "You weren't charged."
    )


async def test_a_folder_that_is_gone_is_said(tmp_path: Path) -> None:
    with pytest.raises(DiskFull) as caught:
        await Disk(tmp_path / "gone", least=0).check()
    assert "can't read its data folder" in explain(caught.value)


async def test_the_real_disk_is_asked(tmp_path: Path) -> None:
    assert await Disk(tmp_path, least=0).check() > 0


def test_a_record_of_commands_that_cannot_be_written_keeps_nobody_from_starting(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    record = CommandRecord(tmp_path / "file" / "commands.json")
    record.keep("everywhere", [])
    assert not record.is_same("everywhere", [])
