"""A picture whose file is not what was written is never paid for, nor used again."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from dailies.errors import ReferenceRefused
from dailies.explain import explain, sentence
from dailies.job import State
from dailies.jobs.life import live
from dailies.openrouter.payload import PIECE, FileDamaged, Inline
from dailies.references.collect import Collector
from dailies.references.inspector import DecodeLimits, InspectedPicture, Inspector
from dailies.references.reference import Reference, Source, sent_of, source_of, thumbnail_of
from tests.support.images import image
from tests.support.servers import serving, talking
from tests.unit.fetching import FOX, fetching
from tests.unit.job_context import ScriptedAPI, harness
from tests.unit.kit import a_job, answering, client

GIF = image("red", kind="GIF")

DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "emptied": lambda _: b"",
    "zeroed": lambda data: bytes(len(data)),
    "cut": lambda data: data[: len(data) // 2],
    "one bit off": lambda data: data[:-1] + bytes([data[-1] ^ 1]),
    "longer": lambda data: data + b"\0",
}


@pytest.fixture(params=DAMAGES)
def damage(request: pytest.FixtureRequest) -> Callable[[Path], None]:
    """Change a file as a power cut or a bad disk may."""
    change = DAMAGES[request.param]
    return lambda path: void(path.write_bytes(change(path.read_bytes())))


def void(_: object) -> None:
    return None


def stored(folder: Path, data: bytes, converted: bytes | None = None) -> Reference:
    """Write a reference's files as the bot does."""
    folder.mkdir(parents=True, exist_ok=True)
    original = folder / hashlib.sha256(data).hexdigest()
    original.write_bytes(data)
    sha256 = converted and hashlib.sha256(converted).hexdigest()
    path = sent_of(original, sha256 or None)
    path.write_bytes(converted or data)
    return Reference(
        "fox.png", original.name, path, thumbnail_of(original), "image/png", 400, 300, None, converted=sha256 or None
    )


@pytest.mark.parametrize("converted", [None, FOX])
async def test_a_job_whose_picture_was_damaged_while_it_waited_ends_unpaid(
    tmp_path: Path, damage: Callable[[Path], None], converted: bytes | None
) -> None:
    reference = stored(tmp_path / "references", GIF if converted else FOX, converted)
    api = ScriptedAPI(b"")
    async with harness(api, tmp_path) as on:
        await on.kept(a_job(state=State.CHECKING))
        # As after a restart: the references come from the record.
        waiting = replace(await on.store.get(a_job().id), state=State.QUEUED, references=(reference,))
        await asyncio.to_thread(damage, reference.path)
        ended = await live(waiting, on.context)

        assert ended.state is State.REFUSED
        assert ended.reason is not None
        assert sentence(ended.reason) == (
            "A reference image was damaged on the bot's disk, so it wasn't sent. Run the command again. "
            "You weren't charged."
        )
        assert ended.submitted_at is None
        assert not any(arrival.method == "POST" and arrival.body for arrival in on.server.arrivals)
        assert not reference.path.exists()


async def test_a_damaged_picture_leaves_its_request_incomplete(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    """The server has most of the request, and the last byte never comes."""
    path = tmp_path / "image"
    path.write_bytes(bytes(range(256)) * (3 * PIECE // 256))
    inline = Inline("image/png", path, hashlib.sha256(path.read_bytes()).hexdigest())
    await asyncio.to_thread(damage, path)
    recorded: list[str] = []
    arrived = bytearray()
    ended = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        arrived.extend(await reader.read())
        ended.set()

    async def sending() -> None:
        recorded.append("sent")

    async with talking(talk) as server, client(server.base) as openrouter:
        with pytest.raises(FileDamaged):
            await openrouter.submit({"model": "a/b", "image": inline}, sending)
        await ended.wait()
    head, _, body = bytes(arrived).partition(b"\r\n\r\n")
    assert len(body) < int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    assert recorded == []


@pytest.fixture(scope="module")
def looked_into(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, InspectedPicture]:
    """Return a folder with a reference that was converted, and what was found in it."""
    folder = tmp_path_factory.mktemp("looked-into")
    original = stored(folder, GIF).path
    return folder, asyncio.run(Inspector(DecodeLimits(80)).inspect(original, "fox.gif"))


@pytest.fixture
def inspected(looked_into: tuple[Path, InspectedPicture], tmp_path: Path) -> tuple[Path, InspectedPicture]:
    """Return a copy of that reference, and what was found in it."""
    folder, found = looked_into
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    return tmp_path / hashlib.sha256(GIF).hexdigest(), found


@pytest.mark.slow
@pytest.mark.parametrize("which", ["converted", "thumbnail"])
async def test_a_damaged_conversion_is_made_again(
    inspected: tuple[Path, InspectedPicture], damage: Callable[[Path], None], which: str
) -> None:
    original, first = inspected
    converted = sent_of(original, first.converted)
    good = converted.read_bytes(), thumbnail_of(original).read_bytes()
    await asyncio.to_thread(damage, converted if which == "converted" else thumbnail_of(original))

    assert await Inspector(DecodeLimits(80)).inspect(original, "fox.gif") == first
    assert (converted.read_bytes(), thumbnail_of(original).read_bytes()) == good


async def test_a_damaged_result_is_not_believed(
    inspected: tuple[Path, InspectedPicture], damage: Callable[[Path], None]
) -> None:
    original, first = inspected
    await asyncio.to_thread(damage, original.with_name(f"{original.name}.json"))
    assert await Inspector(DecodeLimits(80)).inspect(original, "fox.gif") == first


async def test_a_picture_fetched_again_replaces_its_damaged_file(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    reference = stored(tmp_path, FOX)
    await asyncio.to_thread(damage, reference.path)
    async with serving(answering(web.Response(body=FOX))) as server, fetching(server.origin, tmp_path) as fetcher:
        again = await fetcher.fetch(Source(f"{server.origin}/fox.png", "fox.png", attached=False))
    assert again.path == reference.path
    assert reference.path.read_bytes() == FOX


async def test_a_run_again_makes_a_damaged_conversion_anew(
    inspected: tuple[Path, InspectedPicture], tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    original, _ = inspected
    async with fetching("", tmp_path) as fetcher:
        collector = Collector(fetcher, bounds=DecodeLimits(80))
        before = await collector.one(source_of(stored(tmp_path, GIF), original))
        assert before.converted
        await asyncio.to_thread(damage, before.path)
        (again,) = await collector.again([before]).finish()
    assert again == before
    assert hashlib.sha256(again.path.read_bytes()).hexdigest() == again.converted


async def test_a_run_again_whose_original_is_damaged_is_refused(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    before = stored(tmp_path, FOX)
    await asyncio.to_thread(damage, before.path)
    async with fetching("", tmp_path) as fetcher:
        with pytest.raises(ReferenceRefused) as caught:
            await Collector(fetcher, bounds=DecodeLimits(80)).again([before]).finish()
    assert "fox.png was damaged on the bot's disk; attach or link it again" in explain(caught.value)


async def test_a_message_s_damaged_original_is_fetched_by_its_link(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    before = stored(tmp_path, FOX)
    await asyncio.to_thread(damage, before.path)
    async with serving(answering(web.Response(body=FOX))) as server, fetching(server.origin, tmp_path) as fetcher:
        source = replace(source_of(before, before.path), url=f"{server.origin}/fox.png")
        again = await Collector(fetcher, bounds=DecodeLimits(80)).one(source)
    assert again.sha256 == before.sha256
    assert again.path.read_bytes() == FOX
