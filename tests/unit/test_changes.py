"""A new, changed or vanished model is noted once, also over a restart."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from dailies.catalog.changes import LINES, CatalogWatch
from dailies.catalog.facts import read
from dailies.catalog.references import ReferenceModels
from dailies.openrouter.models import Catalog, VideoModel
from tests.unit import kit
from tests.unit.kit import DEFAULTS, guide

ONE = VideoModel("a/one", "A: One", (4, 8), ("720p",), pricing_skus={"duration_seconds": "0.1"})


class ToldOperators:
    """Remembers the messages that they were told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    async def __call__(self, text: str) -> None:
        self.told.append(text)


async def seen(tmp_path: Path, *catalogs: Catalog) -> list[str]:
    """Return the messages told while one list after the other comes, each in a process of its own."""
    operators = ToldOperators()
    for catalog in catalogs:
        await CatalogWatch(tmp_path / "models.json", operators).look(guide(catalog))
    return operators.told


async def test_the_first_list_is_no_change(tmp_path: Path) -> None:
    assert await seen(tmp_path, kit.catalog()) == []


async def test_the_same_list_is_no_change(tmp_path: Path) -> None:
    assert await seen(tmp_path, kit.catalog(), kit.catalog()) == []


async def test_new_and_vanished_models_are_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    two = VideoModel("a/two", "A: Two")
    with caplog.at_level(logging.WARNING):
        told = await seen(tmp_path, Catalog([ONE]), Catalog([two]), Catalog([two]))
    assert told == ["OpenRouter's list of models changed:\ngone: a/one\nnew: a/two"]
    assert [record.getMessage() for record in caplog.records] == [
        "OpenRouter's list of models: gone: a/one",
        "OpenRouter's list of models: new: a/two",
    ]


async def test_changed_prices_and_limits_are_told(tmp_path: Path) -> None:
    now = VideoModel(
        "a/one", "A: One", (4,), None, audio=True, pricing_skus={"duration_seconds": Decimal("0.2"), "x": "1"}
    )
    (told,) = await seen(tmp_path, Catalog([ONE]), Catalog([now]))
    assert told.splitlines()[1] == (
        "changed: a/one: lengths in s 4, 8 → 4; resolutions 720p → not published; sound not published → yes; "
        "duration_seconds 0.1 → 0.2; x none → 1"
    )


async def test_a_notice_is_not_endless(tmp_path: Path) -> None:
    many = [VideoModel(f"a/{number}", "A") for number in range(LINES + 5)]
    (told,) = await seen(tmp_path, Catalog([ONE]), Catalog([ONE, *many]))
    assert len(told.splitlines()) == LINES + 2
    assert told.endswith("… and 5 more; the log has all")


@pytest.mark.parametrize("kept", ["", "[]", "{", '{"a/one": 3}'])
async def test_a_damaged_copy_does_not_stop_the_bot(tmp_path: Path, kept: str) -> None:
    (tmp_path / "models.json").write_text(kept)
    await seen(tmp_path, Catalog([ONE]))
    assert await seen(tmp_path, Catalog([ONE]), Catalog([])) == ["OpenRouter's list of models changed:\ngone: a/one"]


async def test_a_folder_that_is_gone_is_said_and_not_raised(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        await CatalogWatch(tmp_path / "gone" / "models.json").look(guide(Catalog([ONE])))
    assert "cannot be written" in caplog.text


async def test_what_is_used_instead_follows_the_operator_s_own_facts(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    await asyncio.to_thread(mine.write_text, '["x-ai/grok-imagine-video"]\nimages = 0\nsource = "tried"\n')
    operators = ToldOperators()
    gone, known = replace(DEFAULTS, model="a/one"), ReferenceModels(await asyncio.to_thread(read, str(mine)))
    await CatalogWatch(tmp_path / "models.json", operators).look(guide(kit.catalog(), gone, known))
    assert "the default model a/one is gone" in operators.told[0]
    assert "x-ai/grok-imagine-video" not in operators.told[0]


async def test_a_default_model_that_is_gone_is_told_once_with_what_is_used_instead(tmp_path: Path) -> None:
    operators = ToldOperators()
    watch = CatalogWatch(tmp_path / "models.json", operators)
    gone = guide(kit.catalog(), replace(DEFAULTS, model="a/one"))
    await watch.look(gone)
    await watch.look(gone)
    assert operators.told == [
        "the default model a/one is gone; x-ai/grok-imagine-video is used; it is the cheapest that is known to take "
        "references in 720p. Set DEFAULT_MODEL to choose another."
    ]
