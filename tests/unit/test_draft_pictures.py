"""Pictures of drafts are fetched at once, in the background if they take long, and never at the cost of a change."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from aiohttp import web

from cogs.composer.fetching import DraftPictures, Found
from dailies import database
from dailies.catalog.options import Options
from dailies.draft import Draft, new_draft
from dailies.openrouter.payload import Role
from dailies.references.collect import Collector
from dailies.references.fetch import Fetcher
from dailies.references.inspector import DecodeLimits
from dailies.references.reference import Source
from dailies.store.drafts import DraftStore
from dailies.store.sql import SqlStore
from tests.support.images import image
from tests.support.servers import serving

NOW = 1_790_000_000.0


@dataclass
class Composing:
    """Pictures at /COLOUR.png, given out once `open` is set. late: what was told after the answer."""

    pictures: DraftPictures
    drafts: DraftStore
    origin: str
    open: asyncio.Event
    late: list[tuple[Draft, Found]] = field(default_factory=list[tuple[Draft, Found]])
    came: asyncio.Event = field(default_factory=asyncio.Event)

    async def draft(self, *colours: str, role: Role = Role.REFERENCE) -> Draft:
        sources = (Source(f"{self.origin}/{one}.png", f"{one}.png", attached=True, role=role) for one in colours)
        draft = replace(new_draft(1, 2, 3, Options("A boat"), now=NOW), sources=tuple(sources))
        await self.drafts.create(draft)
        return draft

    async def ready(self, draft: Draft, seconds: float = 20) -> tuple[Draft, Found]:
        async def late(newest: Draft, found: Found) -> None:
            self.late.append((newest, found))
            self.came.set()

        return await self.pictures.ready(draft, seconds, late)

    async def stored(self, draft: Draft) -> Draft:
        found = await self.drafts.get(draft.id)
        assert found is not None
        return found

    async def told(self) -> tuple[Draft, Found]:
        await asyncio.wait_for(self.came.wait(), 20)
        return self.late[0]


@pytest.fixture
async def composing(tmp_path: Path) -> AsyncGenerator[Composing]:
    async with running(tmp_path) as one:
        yield one


@asynccontextmanager
async def running(folder: Path) -> AsyncGenerator[Composing]:
    opened = asyncio.Event()
    opened.set()

    async def answer(request: web.Request) -> web.Response:
        await opened.wait()
        colour = request.path.strip("/").removesuffix(".png")
        if colour == "gone":
            return web.Response(status=404)
        return web.Response(body=image(colour), content_type="image/png")

    async with (
        serving(answer) as server,
        Fetcher(folder / "references", trusted=frozenset({server.origin}), size=1_000_000, seconds=20) as fetcher,
        database.opened(database.sqlite_url(folder / "a.sqlite")) as engine,
    ):
        drafts = DraftStore(engine, SqlStore(engine, folder), folder, now=lambda: NOW)
        pictures = DraftPictures(Collector(fetcher, bounds=DecodeLimits(20)), drafts)
        yield Composing(pictures, drafts, server.origin, opened)
        opened.set()
        await pictures.close()


@pytest.mark.slow
async def test_what_was_fetched_is_recorded_without_making_the_panel_an_older_one(composing: Composing) -> None:
    draft = await composing.draft("red")
    ready, found = await composing.ready(draft)
    (source,) = ready.sources
    assert source.kept is not None
    assert source.kept.read_bytes() == image("red")
    assert (source.width, source.height) == (400, 300)
    assert not found
    assert await composing.stored(draft) == ready
    assert ready.revision == draft.revision


@pytest.mark.slow
async def test_what_takes_longer_than_an_answer_may_is_told_later(composing: Composing) -> None:
    composing.open.clear()
    draft = await composing.draft("red", "gone")
    assert await composing.ready(draft, seconds=0.01) == (draft, Found())

    composing.open.set()

    newest, found = await composing.told()
    assert [one.name for one in newest.sources] == ["red.png"]
    assert [one.name for one in found.refused] == ["gone.png"]
    assert await composing.stored(draft) == newest


@pytest.mark.slow
async def test_a_second_look_meanwhile_fetches_nothing_twice(composing: Composing) -> None:
    composing.open.clear()
    draft = await composing.draft("red")
    await composing.ready(draft, seconds=0.01)
    waiting = asyncio.create_task(composing.ready(draft))
    await asyncio.sleep(0)
    composing.open.set()
    ready, _ = await waiting
    assert ready.sources[0].kept
    assert [one for one in (await composing.told())[0].sources if one.kept] == list(ready.sources)
    assert len(composing.late) == 1


@pytest.mark.slow
async def test_what_was_changed_while_a_picture_came_stays_changed(composing: Composing) -> None:
    composing.open.clear()
    draft = await composing.draft("red", "blue")
    await composing.ready(draft, seconds=0.01)
    swapped = tuple(replace(one, role=Role.FIRST) for one in reversed(draft.sources[:1]))
    changed = await composing.drafts.change(replace(draft, sources=swapped, options=Options("A ship")))
    assert changed

    composing.open.set()

    newest, _ = await composing.told()
    assert newest.options.prompt == "A ship"
    assert [(one.name, one.role) for one in newest.sources] == [("red.png", Role.FIRST)]
    assert newest.sources[0].kept
    assert newest.revision == changed.revision


@pytest.mark.slow
async def test_after_a_restart_in_the_middle_it_is_fetched_when_the_draft_is_next_shown(tmp_path: Path) -> None:
    async with running(tmp_path) as before:
        before.open.clear()
        draft = await before.draft("red")
        await before.ready(draft, seconds=0.01)
        await before.pictures.close()
    async with running(tmp_path) as after:
        stored = await after.stored(draft)
        moved = replace(stored.sources[0], url=f"{after.origin}/red.png", kept=None)
        ready, _ = await after.ready(replace(stored, sources=(moved,)))
    assert ready.sources[0].kept


@pytest.mark.slow
async def test_of_the_same_picture_twice_one_stays_and_the_other_is_named(composing: Composing) -> None:
    draft = await composing.draft("red", "blue")
    twice = replace(draft.sources[0], url=f"{composing.origin}/red.png?again", name="again.png")
    changed = await composing.drafts.change(replace(draft, sources=(*draft.sources, twice)))
    assert changed
    ready, found = await composing.ready(changed)
    assert [one.name for one in ready.sources] == ["red.png", "blue.png"]
    assert found.same == ["again.png"]
    assert ready.revision == changed.revision + 1


@pytest.mark.slow
async def test_a_loop_keeps_its_picture_twice(composing: Composing) -> None:
    draft = await composing.draft("red", role=Role.FIRST)
    loop = replace(draft, sources=(draft.sources[0], replace(draft.sources[0], role=Role.LAST)))
    changed = await composing.drafts.change(loop)
    assert changed
    ready, found = await composing.ready(changed)
    assert [one.role for one in ready.sources] == [Role.FIRST, Role.LAST]
    assert not found


@pytest.mark.slow
async def test_a_frame_of_an_earlier_job_gets_its_size(composing: Composing) -> None:
    ready, _ = await composing.ready(await composing.draft("red"))
    bare = replace(ready.sources[0], url="", role=Role.FIRST, width=None, height=None)
    changed = await composing.drafts.change(replace(ready, sources=(bare,)))
    assert changed
    known, _ = await composing.ready(changed)
    assert (known.sources[0].width, known.sources[0].height) == (400, 300)
