"""The start of the whole bot on a SQLite file that it may not use: a sentence and an exit code."""

from __future__ import annotations

from pathlib import Path

import pytest

from dailies import database
from tests.e2e.test_process import command
from tests.support.databases import sqlite_file

pytestmark = pytest.mark.slow

SECRETS = {"DISCORD_TOKEN": "token-of-a-test", "OPENROUTER_API_KEY": "key-of-a-test"}


def damage(path: Path) -> bytes:
    content = bytes(100) + path.read_bytes()[100:]
    path.write_bytes(content)
    return content


async def test_a_damaged_file_is_named_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "data" / "dailies.sqlite"
    await sqlite_file(path)
    content = damage(path)

    code, printed = await command("run", SECRETS | {"DATA_DIR": str(path.parent)}, tmp_path)

    assert code == 1
    assert f"The database {path} is damaged" in printed
    assert "To restore a backup, move" in printed
    assert "Traceback" not in printed
    assert path.read_bytes() == content


async def test_a_second_process_on_one_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "shared.sqlite"
    url = await sqlite_file(path)
    async with database.exclusive(url, tmp_path):
        environment = SECRETS | {"DATABASE_URL": url, "DATA_DIR": str(tmp_path / "other")}
        code, printed = await command("run", environment, tmp_path)

    assert code == 1
    assert f"Another process runs with the same database ({path}). Stop it first" in printed
    assert "Traceback" not in printed
