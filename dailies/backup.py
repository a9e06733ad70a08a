"""`bot.py backup FILE`: copies the database, even while a bot is using it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path

from dailies import database
from dailies.errors import DatabaseError
from dailies.formatting import megabytes


def main(environment: Mapping[str, str], target: Path) -> int:
    """Copy the database that DATABASE_URL or DATA_DIR names, print where to, and return the exit code.

    Needs no other setting, and leaves the schema as it is: a bot of another version may be using it.
    """
    folder = Path(environment.get("DATA_DIR", "").strip() or "data")
    url = environment.get("DATABASE_URL", "").strip() or database.sqlite_url(folder / "dailies.sqlite")
    try:
        asyncio.run(_copy(url, target))
    except DatabaseError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{target} is a copy of the database, {megabytes(target.stat().st_size)}.\n")
    return 0


async def _copy(url: str, target: Path) -> None:
    async with database.connected(url) as engine:
        await database.backup(engine, target)
