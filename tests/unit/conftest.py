"""Files that are made once and used by many tests."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies import database
from dailies.openrouter.models import Catalog
from dailies.store.sql import SqlStore
from tests.support.databases import emptied, postgresql, sqlite_file
from tests.support.videos import render
from tests.unit import kit
from tests.unit.job_context import ScriptedAPI


@pytest.fixture(scope="session")
def mp4(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a whole MP4 of one second whose index comes first."""
    return render(tmp_path_factory.mktemp("videos") / "whole.mp4")


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """Return the sandbox's models."""
    return kit.catalog()


@pytest.fixture
def api(mp4: Path) -> ScriptedAPI:
    """Accepts, completes at the first check, and hands out a whole video."""
    return ScriptedAPI(mp4.read_bytes())


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """Run one server for all tests of a process."""
    with postgresql() as url:
        yield url


@pytest_asyncio.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[AsyncEngine]:
    """Make an empty database with today's schema."""
    if request.param == "sqlite":
        url = await sqlite_file(tmp_path / "jobs.sqlite")
    else:
        url = request.getfixturevalue("postgresql_url")
        await emptied(url)
    async with database.opened(url) as opened:
        yield opened


@pytest.fixture
def store(engine: AsyncEngine, tmp_path: Path) -> SqlStore:
    """The store under test."""
    return SqlStore(engine, tmp_path)
