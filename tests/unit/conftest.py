"""Files that are made once and used by many tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from dailies.openrouter.catalog import Catalog
from tests.support.videos import render
from tests.unit import kit
from tests.unit.crew import Provider


@pytest.fixture(scope="session")
def mp4(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole MP4 of one second whose index comes first."""
    return render(tmp_path_factory.mktemp("videos") / "whole.mp4")


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """The models that the sandbox serves."""
    return kit.catalog()


@pytest.fixture
def provider(mp4: Path) -> Provider:
    """Accepts, completes at the first check, and hands out a whole video."""
    return Provider(mp4.read_bytes())
