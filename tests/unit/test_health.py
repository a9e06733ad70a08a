"""A heartbeat on the disk, and the command that reads it."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from dailies import health


def test_a_fresh_heartbeat_is_healthy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    health.beat(tmp_path / "new")
    assert health.main(tmp_path / "new") == 0
    assert capsys.readouterr().out == "connected\n"


def test_an_old_heartbeat_is_not_healthy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    health.beat(tmp_path)
    os.utime(tmp_path / "alive", (time.time() - 61, time.time() - 61))
    assert health.main(tmp_path) == 1
    assert "not connected" in capsys.readouterr().out


def test_no_heartbeat_is_not_healthy(tmp_path: Path) -> None:
    assert health.main(tmp_path / "nowhere") == 1


def test_a_data_folder_that_is_a_file_is_not_healthy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert health.main(tmp_path / "file") == 1


def test_a_heartbeat_from_before_the_clock_was_set_back_is_not_healthy(tmp_path: Path) -> None:
    health.beat(tmp_path)
    os.utime(tmp_path / "alive", (time.time() + 86_400, time.time() + 86_400))
    assert health.main(tmp_path) == 1
