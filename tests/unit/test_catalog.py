"""The list of models, and the copy of it that stays when OpenRouter does not answer."""

from __future__ import annotations

import asyncio
import json

import pytest

from dailies.catalog.guide import RETRY_SECONDS, ModelGuide
from dailies.errors import CatalogMissing, ServerFault
from dailies.openrouter.models import Catalog, VideoModel
from tests.support.servers import serving
from tests.unit.kit import CATALOG_FILE, DEFAULTS, Sleeps, answering, client, failed, said

TWO = {"data": [{"id": "a/one", "name": "A: One Fast"}, {"id": "b/two", "name": None}]}


def test_every_model_of_the_capture_is_read(catalog: Catalog) -> None:
    entries = json.loads(CATALOG_FILE.read_bytes())["data"]
    assert [model.id for model in catalog] == [entry["id"] for entry in entries]
    assert len(catalog) == len(entries)


def test_null_fields_are_not_published() -> None:
    assert VideoModel.from_dict({"id": "a/b", "supported_durations": None, "seed": None}) == VideoModel("a/b", "a/b")


def test_published_fields_are_kept_in_order() -> None:
    entry = {
        "id": "a/b",
        "name": "B",
        "supported_durations": [8, 4],
        "supported_resolutions": ["720p", "4K"],
        "supported_aspect_ratios": ["9:16"],
        "generate_audio": False,
        "seed": True,
    }
    assert VideoModel.from_dict(entry) == VideoModel("a/b", "B", (8, 4), ("720p", "4K"), ("9:16",), False, True)


def test_values_of_another_kind_are_left_out() -> None:
    entry = {"id": "a/b", "supported_durations": [4, "5", True, None], "supported_resolutions": "720p", "seed": "yes"}
    assert VideoModel.from_dict(entry) == VideoModel("a/b", "a/b", durations=(4,))


def test_an_empty_list_is_not_published() -> None:
    assert VideoModel.from_dict({"id": "a/b", "supported_durations": []}).durations is None


@pytest.mark.parametrize("entry", [{}, {"id": ""}, {"id": None}, {"id": 7}])
def test_an_entry_without_an_id_is_no_model(entry: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="without an id"):
        VideoModel.from_dict(entry)


def test_a_model_is_found_by_its_whole_id_only(catalog: Catalog) -> None:
    assert catalog.get("bytedance/seedance-2.0-fast") is not None
    assert catalog.get("seedance-2.0-fast") is None


def test_a_search_finds_every_word_in_id_or_name() -> None:
    catalog = Catalog([VideoModel("a/one", "A: One Fast"), VideoModel("b/two", "B: Two")])
    assert [model.id for model in catalog.search("FAST one")] == ["a/one"]
    assert catalog.search("fast two") == []


def test_an_empty_search_finds_everything(catalog: Catalog) -> None:
    assert len(catalog.search("  ")) == len(catalog)


def test_a_mistyped_id_has_similar_ones(catalog: Catalog) -> None:
    assert "bytedance/seedance-2.0-fast" in catalog.similar("bytedance/seedence-2.0-fast")


def test_nothing_is_similar_to_something_else(catalog: Catalog) -> None:
    assert catalog.similar("?" * 6000) == []


async def test_without_a_first_copy_there_is_no_catalogue() -> None:
    async with serving(answering(failed(500))) as server, client(server.base) as openrouter:
        guide = ModelGuide(openrouter.models, DEFAULTS, every=3600)
        assert not await guide.refresh()
        with pytest.raises(CatalogMissing):
            _ = guide.catalog


async def test_a_good_list_is_kept() -> None:
    async with serving(answering(said(TWO))) as server, client(server.base) as openrouter:
        guide = ModelGuide(openrouter.models, DEFAULTS, every=3600)
        assert await guide.refresh()
    assert [model.name for model in guide.catalog] == ["A: One Fast", "b/two"]


@pytest.mark.parametrize(
    "worse",
    [failed(500), failed(401), said({"data": []}), said({"data": [{"id": ""}]}), said({"oops": 1}), said({}, 404)],
    ids=["server fault", "refused", "empty", "no ids", "no data", "gone"],
)
async def test_the_last_good_copy_stays_when_a_worse_one_comes(worse: object) -> None:
    async with serving(answering(said(TWO), worse)) as server, client(server.base) as openrouter:  # type: ignore[arg-type]
        guide = ModelGuide(openrouter.models, DEFAULTS, every=3600)
        await guide.refresh()
        assert not await guide.refresh()
    assert len(guide.catalog) == 2


async def test_a_newer_list_replaces_the_older_one() -> None:
    newer = said({"data": [{"id": "c/three"}]})
    async with serving(answering(said(TWO), newer)) as server, client(server.base) as openrouter:
        guide = ModelGuide(openrouter.models, DEFAULTS, every=3600)
        await guide.refresh()
        await guide.refresh()
    assert [model.id for model in guide.catalog] == ["c/three"]


async def test_the_list_is_asked_for_sooner_while_there_is_none() -> None:
    answers = iter([ServerFault("down", status=500), Catalog([VideoModel("a/b", "B")])])
    enough = asyncio.Event()
    sleeps = Sleeps()

    async def fetch() -> Catalog:
        answer = next(answers)
        if isinstance(answer, ServerFault):
            raise answer
        return answer

    async def sleep(seconds: float) -> None:
        await sleeps(seconds)
        if len(sleeps.seconds) == 3:
            enough.set()
            await asyncio.Event().wait()

    running = asyncio.create_task(ModelGuide(fetch, DEFAULTS, every=3600, sleep=sleep).run())
    await enough.wait()
    running.cancel()
    assert sleeps.seconds == [RETRY_SECONDS, RETRY_SECONDS, 3600]
