"""The commands that were last registered are remembered."""

from __future__ import annotations

from pathlib import Path

import pytest

from dailies.command_record import CommandRecord


def test_the_same_commands_are_known_again(tmp_path: Path) -> None:
    CommandRecord(tmp_path / "new" / "commands.json").keep("everywhere", [{"name": "video", "type": 1}])
    assert CommandRecord(tmp_path / "new" / "commands.json").is_same("everywhere", [{"type": 1, "name": "video"}])


def test_other_commands_are_not_the_same(tmp_path: Path) -> None:
    record = CommandRecord(tmp_path / "commands.json")
    record.keep("everywhere", [{"name": "video"}])
    assert not record.is_same("everywhere", [{"name": "film"}])


def test_another_scope_is_not_the_same(tmp_path: Path) -> None:
    record = CommandRecord(tmp_path / "commands.json")
    record.keep("everywhere", [])
    assert not record.is_same("guild", [])


@pytest.mark.parametrize("content", [None, b"", b"{", b"\xff\xfe", b"[]", b"7"])
def test_a_lost_or_broken_record_is_not_the_same(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "commands.json").write_bytes(content)
    assert not CommandRecord(tmp_path / "commands.json").is_same("everywhere", [])
