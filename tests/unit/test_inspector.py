"""Pictures are looked into in a process with bounds: hostile bytes cost a refusal, never more."""

from __future__ import annotations

import asyncio
import hashlib
import os
import resource
import struct
import tempfile
import time
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from dailies.confinement.confined import Access
from dailies.errors import ReferenceRefused
from dailies.references import inspector as module
from dailies.references.inspector import DecodeLimits, InspectedPicture, Inspector
from dailies.references.reference import sent_of, thumbnail_of
from tests.support.children import children
from tests.support.images import corners, endless, image, near, quarters, saved, turned
from tests.support.reasons import each_in_words, problem_of

BOUNDS = DecodeLimits(80)


def kept(data: bytes, folder: Path) -> Path:
    path = folder / hashlib.sha256(data).hexdigest()
    path.write_bytes(data)
    return path


def names_in(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir()]


async def looked(data: bytes, folder: Path, bounds: DecodeLimits = BOUNDS) -> tuple[InspectedPicture, Path]:
    path = kept(data, folder)
    found = await Inspector(bounds).inspect(path, "fox.png")
    return found, sent_of(path, found.converted)


async def refusal(data: bytes, folder: Path, bounds: DecodeLimits = BOUNDS) -> str:
    with pytest.raises(ReferenceRefused) as caught:
        await looked(data, folder, bounds)
    assert caught.value.name == "fox.png"
    return problem_of(caught.value)


async def test_an_untouched_picture_stays_the_same_to_the_byte(tmp_path: Path) -> None:
    data = image("red", kind="JPEG")
    found, sent = await looked(data, tmp_path)
    assert found == InspectedPicture("image/jpeg", 400, 300, None, ())
    assert sent.read_bytes() == data


async def test_a_photo_of_a_phone_becomes_an_upright_jpeg(tmp_path: Path) -> None:
    found, sent = await looked(turned(corners(), 6, "HEIF", quality=90), tmp_path)
    assert each_in_words(found.notes) == ("converted to JPEG", "turned upright")
    with Image.open(sent) as picture:
        assert picture.size == (found.width, found.height) == (320, 240)
        meant = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255))
        assert all(near(one, other, 30) for one, other in zip(quarters(picture), meant, strict=True))
    assert hashlib.sha256(sent.read_bytes()).hexdigest() == found.converted


@pytest.mark.slow
async def test_the_same_picture_is_looked_into_and_converted_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[object] = []
    start = asyncio.create_subprocess_exec

    async def counted(*arguments: str, **options: object) -> object:
        started.append(arguments)
        return await start(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", counted)
    path = kept(saved(corners(), "GIF"), tmp_path)
    inspector = Inspector(BOUNDS)
    found = await asyncio.gather(*(inspector.inspect(path, "fox.gif") for _ in range(100)))
    assert len(set(found)) == 1
    assert await Inspector(BOUNDS).inspect(path, "again.gif") == found[0]
    assert len(started) == 1
    names = {f"{path.name}{end}" for end in ("", ".jpg", ".json", f".{found[0].converted}")}
    assert set(names_in(tmp_path)) == names


@pytest.mark.slow
async def test_a_known_picture_whose_converted_file_is_gone_is_converted_again(tmp_path: Path) -> None:
    found, sent = await looked(saved(corners(), "GIF"), tmp_path)
    sent.unlink()
    assert (await looked(saved(corners(), "GIF"), tmp_path)) == (found, sent)
    assert sent.exists()


@pytest.mark.slow
async def test_a_known_picture_is_looked_into_anew_when_the_limits_changed(tmp_path: Path) -> None:
    await looked(image("red", size=(1000, 600)), tmp_path)
    found, _ = await looked(image("red", size=(1000, 600)), tmp_path, replace(BOUNDS, side=500))
    assert found.width == 500
    assert "at most 0.1 million" in await refusal(image("red", size=(1000, 600)), tmp_path, DecodeLimits(0.1))


@pytest.mark.slow
async def test_what_is_used_again_is_not_old(tmp_path: Path) -> None:
    data = saved(corners(), "GIF")
    _, sent = await looked(data, tmp_path)
    files = [sent, thumbnail_of(tmp_path / hashlib.sha256(data).hexdigest())]
    for file in files:
        os.utime(file, (1, 1))
    await looked(data, tmp_path)
    assert all(file.stat().st_mtime > 1000 for file in files)


@cache
def bomb(width: int, height: int, *, bits: int = 1, lines: int | None = None) -> bytes:
    """Make a PNG with this many pixels, or one that ends after some lines of them. Several tests use the largest."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, bits, 0, 0, 0, 0)
    packer = zlib.compressobj(9)
    line = bytes(1 + -(-width * bits // 8))
    pixels = b"".join(packer.compress(line) for _ in range(lines or height)) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


async def test_a_picture_of_900_million_pixels_in_1_kb_is_refused(tmp_path: Path) -> None:
    data = bomb(30_000, 30_000, lines=200)
    assert len(data) < 1024
    assert "million pixels" in await refusal(data, tmp_path)


@pytest.mark.slow
async def test_a_real_picture_of_900_million_pixels_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    data = await asyncio.to_thread(bomb, 30_000, 30_000)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert "million pixels" in await refusal(data, tmp_path)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime - before.ru_utime < 3


@pytest.mark.slow
async def test_the_largest_picture_that_is_allowed_fits_into_the_memory(tmp_path: Path) -> None:
    data = await asyncio.to_thread(bomb, 8_900, 8_900, bits=16)
    found, _ = await looked(data, tmp_path)
    assert (found.width, found.height) == (6000, 6000)


@pytest.mark.slow
async def test_a_jpeg_of_50_mb_is_taken(tmp_path: Path) -> None:
    data = await asyncio.to_thread(lambda: saved(Image.effect_noise((2000, 2000), 80), "JPEG", quality=90))
    comment = b"\xff\xfe\xff\xff" + bytes(65533)
    data = data[:2] + comment * (50_000_000 // len(comment)) + data[2:]
    found, sent = await looked(data, tmp_path)
    assert (found.notes, sent.stat().st_size) == ((), len(data))


@pytest.mark.slow
async def test_a_picture_gets_memory_for_its_own_pixels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    granted: list[int] = []
    start = module.run_python

    async def noted(script: Path, *, access: Access, data: bytes, seconds: float) -> CompletedProcess[bytes]:
        granted.append(access.memory)
        return await start(script, access=access, data=data, seconds=seconds)

    monkeypatch.setattr(module, "run_python", noted)
    await looked(saved(corners(), "GIF"), tmp_path)
    await looked(await asyncio.to_thread(bomb, 5_000, 5_000), tmp_path)
    usual, larger = (module.MEMORY + module.MEMORY_PER_PIXEL * pixels for pixels in (module.ROOM, 25_000_000))
    assert granted == [usual, usual, larger]


@pytest.mark.slow
async def test_a_picture_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    data = await asyncio.to_thread(bomb, 8_900, 8_900, bits=16)
    assert "took over 0.3 s" in await refusal(data, tmp_path, DecodeLimits(80, seconds=0.3))
    assert names_in(tmp_path) == [hashlib.sha256(data).hexdigest()]


@pytest.mark.slow
async def test_a_picture_that_wants_too_much_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MEMORY", 200_000_000)
    monkeypatch.setattr(module, "MEMORY_PER_PIXEL", 0)
    data = await asyncio.to_thread(bomb, 8_900, 8_900, bits=16)
    assert "needs too much memory" in await refusal(data, tmp_path)


@pytest.mark.slow
async def test_a_cancelled_look_leaves_neither_a_process_nor_a_file(tmp_path: Path) -> None:
    data, others = await asyncio.to_thread(bomb, 8_900, 8_900, bits=16), children()
    looking = asyncio.create_task(looked(data, tmp_path))
    await asyncio.sleep(0.3)
    looking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await looking
    assert children(others) == []
    assert names_in(tmp_path) == [hashlib.sha256(data).hexdigest()]


@pytest.mark.slow
async def test_one_person_s_pictures_do_not_keep_the_others_waiting(tmp_path: Path) -> None:
    data = await asyncio.to_thread(endless)
    inspector = Inspector(replace(BOUNDS, seconds=600))
    paths = [kept(data + bytes(number), tmp_path) for number in range(4)]
    busy = [asyncio.create_task(inspector.inspect(path, "endless.jpg", requester=1)) for path in paths]
    try:
        found = await inspector.inspect(kept(saved(corners(), "GIF"), tmp_path), "fox.gif", requester=2)
        assert not any(one.done() for one in busy)
    finally:
        for one in busy:
            one.cancel()
        await asyncio.gather(*busy, return_exceptions=True)
    assert each_in_words(found.notes) == ("converted to JPEG",)


@pytest.mark.slow
async def test_the_loop_does_none_of_the_work(tmp_path: Path) -> None:
    data = await asyncio.to_thread(bomb, 5_000, 5_000)
    with measuring() as taken:
        await looked(data, tmp_path)
    assert taken.loop < sum(worker.ru_utime + worker.ru_stime for worker in taken.workers) / 2


async def test_the_process_sees_none_of_our_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, object] = {}
    start = asyncio.create_subprocess_exec

    async def noted(*arguments: str, **options: object) -> object:
        given.update(options)
        return await start(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", noted)
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-or-secret")
    await looked(image("red"), tmp_path)
    assert set(given["env"]) == {"MALLOC_ARENA_MAX", "LC_ALL"}  # type: ignore[call-overload]


@dataclass
class ProcessorTime:
    """Processor seconds of the loop's own thread, and the kernel's figures for each ended process."""

    loop: float = 0.0
    workers: list[resource.struct_rusage] = field(default_factory=list[resource.struct_rusage])


@contextmanager
def measuring() -> Generator[ProcessorTime]:
    """asyncio's own wait for a process is given the kernel's account of it, too."""
    taken = ProcessorTime()

    def wait(pid: int, options: int) -> tuple[int, int]:
        ended, status, usage = os.wait4(pid, options)
        taken.workers.append(usage)
        return ended, status

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "waitpid", wait)
        began = time.thread_time()
        yield taken
        taken.loop = time.thread_time() - began


HEADS = [saved(corners((64, 48)), kind) for kind in ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF", "HEIF")]


@st.composite
def spoiled(draw: st.DrawFn) -> bytes:
    """Make a real picture with some bytes overwritten, cut off somewhere or not."""
    data = bytearray(draw(st.sampled_from(HEADS)))
    at, new = draw(st.integers(0, len(data) - 1)), draw(st.binary(min_size=1, max_size=40))
    data[at : at + len(new)] = new
    return bytes(data[: draw(st.integers(len(data) // 2, len(data)))])


@pytest.mark.slow
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.binary(max_size=400), spoiled()))
async def test_no_bytes_make_the_inspector_do_anything_but_look_or_refuse(data: bytes) -> None:
    """Through the real process: an answer or ReferenceRefused, nothing left behind, and within the bounds.

    The loop does no more than start the process.
    """
    bounds = DecodeLimits(80, seconds=20)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = await asyncio.to_thread(kept, data, folder)
        with measuring() as taken:
            try:
                found = await Inspector(bounds).inspect(path, "fox.png")
            except ReferenceRefused:
                found = None
        assert taken.workers
        for worker in taken.workers:
            assert worker.ru_maxrss * 1024 <= module.MEMORY + module.MEMORY_PER_PIXEL * bounds.megapixels * 1_000_000
            assert worker.ru_utime + worker.ru_stime <= bounds.seconds + 2  # RLIMIT_CPU counts whole seconds
        assert taken.loop < 1
        assert found is None or found.media_type in ("image/jpeg", "image/png", "image/webp")
        assert not [file for file in await asyncio.to_thread(os.listdir, folder) if ".part" in file]
