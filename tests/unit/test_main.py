"""The arguments of bot.py."""

from __future__ import annotations

import pytest

from bot import main


@pytest.mark.parametrize("arguments", [["--help"], ["backup", "--help"], ["check", "-h"]])
def test_who_asks_for_help_gets_the_commands_and_nothing_is_done(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 0
    assert "python bot.py backup F" in capsys.readouterr().out
