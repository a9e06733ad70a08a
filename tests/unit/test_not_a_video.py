"""A paid file that is no video is given as what it is; nothing in a file makes ffmpeg open others."""

# ruff: noqa: ASYNC240 (tests look at small files of their own)
from __future__ import annotations

import asyncio
import json
import os
import resource
import subprocess
import time
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncEngine

from cogs.status.view import status_view
from dailies import explain
from dailies.delivery.films import Film
from dailies.delivery.shares import Shares
from dailies.job import Job, State
from dailies.jobs.life import live
from dailies.media.container import recognise
from dailies.openrouter.webhook import WebhookDelivery
from dailies.store.sql import SqlStore
from dailies.web.server import Web
from tests.support.films import FFMPEG, FINE, PICTURE, TONE, make, run, x265
from tests.support.images import image
from tests.support.reasons import in_words
from tests.support.servers import Served, serving
from tests.unit.job_context import ScriptedAPI, harness
from tests.unit.kit import FakeChat, Now, a_job
from tests.unit.test_playable import JOB, plays_everywhere, prepared

DELIVERING = a_job(state=State.DELIVERING, openrouter_id="remote-1", polling_url="/x", submitted_at=1_790_000_000.0)
HTML = b"<!DOCTYPE html><html><title>Sign in</title><script>alert(1)</script></html>"
NO_VIDEOS: dict[str, tuple[bytes, str, str]] = {
    "a page": (HTML, "txt", "text, such as a web page or an error message"),
    "JSON": (b'{"error": {"code": 500}}', "txt", "text, such as"),
    "a drawing": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', "txt", "text, such as"),
    "a PNG": (image("red"), "png", "a PNG image"),
    "a JPEG": (image("red", kind="JPEG"), "jpg", "a JPEG image"),
    "a still GIF": (image("red", kind="GIF"), "gif", "a single picture (GIF)"),
    "a still WebP": (image("red", kind="WEBP"), "webp", "a WebP image"),
    "garbage": (bytes(range(256)) * 20, "bin", "a file of no known type"),
    "zeros": (bytes(5000), "bin", "a file of no known type"),
    "an MP4's beginning": (b"\0\0\0\x18ftypmp42" + bytes(100), "mp4", "a damaged MP4 file"),
    "a PDF": (b"%PDF-1.7\n" + bytes(100), "pdf", "a PDF document"),
}


@pytest.mark.parametrize("kind", NO_VIDEOS)
async def test_what_is_no_video_is_given_as_what_it_is(kind: str, tmp_path: Path) -> None:
    data, extension, words = NO_VIDEOS[kind]
    came = tmp_path / f"{JOB}.mp4"
    came.write_bytes(data)
    film = await prepared(came)
    assert (film.path, film.extension) == (came, extension)
    assert film.instead is not None
    assert f"what came back isn't a video: it's {words}" in in_words(film.instead)
    assert came.read_bytes() == data


async def test_sound_alone_and_a_single_picture_are_no_videos(tmp_path: Path) -> None:
    sound = await asyncio.to_thread(run, tmp_path / "sound.mp4", *TONE, "-c:a", "aac")
    film = await prepared(sound)
    assert (film.extension, film.video) == ("m4a", None)
    assert "sound without a picture" in told(film)

    still = await asyncio.to_thread(run, tmp_path / "still.mp4", *PICTURE, "-frames:v", "1", *FINE[:4])
    film = await prepared(still)
    assert (film.extension, film.video) == ("mp4", None)
    assert "a single picture (MP4)" in told(film)


def told(film: Film) -> str:
    assert film.instead is not None
    return in_words(film.instead)


async def delivered(data: bytes, api: ScriptedAPI, folder: Path, chat: FakeChat) -> Job:
    """Deliver a file as it was downloaded."""
    async with harness(api, folder, chat=chat) as on:
        path = folder / "videos" / f"{JOB}.mp4"
        await asyncio.to_thread(path.parent.mkdir)
        await asyncio.to_thread(path.write_bytes, data)
        return await live(await on.kept(replace(DELIVERING, file=path)), on.context)


async def test_the_message_and_the_status_say_that_it_is_no_video(api: ScriptedAPI, tmp_path: Path) -> None:
    chat = FakeChat()
    job = await delivered(HTML, api, tmp_path, chat)

    (upload,) = chat.uploads
    assert (upload.file, upload.extension) == (job.file, "txt")
    said = explain.sentences(upload.words)
    assert said.startswith("your job is finished and paid for, but what came back isn't a video")
    assert "your video is ready" not in said
    shown = json.dumps(status_view(job, []).to_components())
    assert "### Finished, but not a video" in shown
    assert "### Done" not in shown


async def test_an_empty_file_is_told_of_and_not_uploaded(api: ScriptedAPI, tmp_path: Path) -> None:
    chat = FakeChat()
    await delivered(b"", api, tmp_path, chat)
    (upload,) = chat.uploads
    assert upload.file is None
    assert "it's an empty file" in explain.sentences(upload.words)


@pytest.mark.slow
async def test_a_converted_film_is_posted_and_stays_with_what_came(api: ScriptedAPI, tmp_path: Path) -> None:
    chat = FakeChat()
    came = await asyncio.to_thread(make, tmp_path / "hevc.mp4", *x265())
    job = await delivered(came.read_bytes(), api, tmp_path, chat)

    (upload,) = chat.uploads
    assert upload.file is not None
    plays_everywhere(upload.file, sound=True)
    assert job.file is not None
    assert job.file.read_bytes() == came.read_bytes()
    assert in_words(job.delivery_note) == "HEVC → H.264"
    assert "Converting it" in in_words(next(one.activity for one in chat.shown if one.activity))


async def test_a_small_file_that_claims_a_monstrous_picture_is_not_decoded(tmp_path: Path) -> None:
    gif = await asyncio.to_thread(make, tmp_path / "small.gif", sound=False)
    data = bytearray(gif.read_bytes())
    data[6:10] = b"\xff\xff\xff\xff"
    came = tmp_path / f"{JOB}.mp4"
    came.write_bytes(data)
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    film = await prepared(came)
    assert film.path == came
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss - before < 1_000_000  # kibibytes


@pytest_asyncio.fixture
async def elsewhere() -> AsyncGenerator[Served]:
    """A server that nothing may be fetched from."""

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(text="secret")

    async with serving(answer) as server:
        yield server


PLAYLISTS = {
    "m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{address}\n#EXT-X-ENDLIST\n",
    "ffconcat": "ffconcat version 1.0\nfile '{address}'\n",
    "SDP": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=x:{address}\n",
    "DASH": "<?xml version='1.0'?><MPD xmlns='urn:mpeg:dash:schema:mpd:2011'><BaseURL>{address}</BaseURL></MPD>",
    "a pattern of pictures": "{address}/%03d.png",
    "AviSynth": 'FFVideoSource("{address}")',
}


@pytest.mark.parametrize("kind", PLAYLISTS)
async def test_a_playlist_opens_nothing(kind: str, tmp_path: Path, elsewhere: Served) -> None:
    secret = await asyncio.to_thread(make, tmp_path / "secret.mp4", *FINE)
    for address in (elsewhere.base, f"file:{secret}", str(secret), "file:///etc/passwd"):
        came = tmp_path / f"{JOB}.mp4"
        came.write_text(PLAYLISTS[kind].format(address=address))
        film = await prepared(came)
        assert (film.video, film.extension) == (None, "txt")
    assert elsewhere.arrivals == []


def alias(target: Path) -> bytes:
    """Return an entry of a data reference, by which QuickTime finds the media in another file: a Macintosh alias."""
    path = str(target).replace("/", ":").encode()
    path += b"\0" * (len(path) % 2)
    name = target.name.encode().ljust(63, b"\0")
    record = bytes(10) + b"\0" + bytes(27) + bytes(12) + bytes([len(target.name)]) + name + bytes(16)
    record += b"\0\1\0\1" + bytes(16) + b"\0\2" + len(path).to_bytes(2) + path + b"\xff\xff\0\0"
    return (12 + len(record)).to_bytes(4) + b"alis" + bytes(4) + record


async def test_an_index_that_names_another_file_opens_nothing(tmp_path: Path) -> None:
    fine = await asyncio.to_thread(make, tmp_path / "fine.mp4", *FINE, sound=False)
    data = fine.read_bytes()
    elsewhere = tmp_path / "elsewhere"
    os.mkfifo(elsewhere)  # who opens it waits for ever
    here = data.index(b"url \0\0\0\x01") - 4
    entry = alias(elsewhere)
    changed = data[:here] + entry + data[here + 12 :]
    for name in (b"dref", b"dinf", b"minf", b"mdia", b"trak", b"moov"):
        start = changed.index(name) - 4
        size = int.from_bytes(changed[start : start + 4]) + len(entry) - 12
        changed = changed[:start] + size.to_bytes(4) + changed[start + 4 :]
    came = tmp_path / f"{JOB}.mp4"
    came.write_bytes(changed)

    assert opens(came, "-enable_drefs", "1", "-use_absolute_path", "1")  # so that the check can fail
    started = time.monotonic()
    await prepared(came)
    assert time.monotonic() - started < 15


def opens(path: Path, *options: str) -> bool:
    """Tell if ffmpeg waits for another file when it opens this one."""
    try:
        subprocess.run([FFMPEG, "-nostdin", *options, "-i", str(path)], capture_output=True, check=False, timeout=3)
    except subprocess.TimeoutExpired:
        return True
    return False


async def test_a_file_inside_a_film_stays_inside(tmp_path: Path) -> None:
    attached = tmp_path / "evil.ttf"
    attached.write_text("a font")
    came = tmp_path / f"{JOB}.mkv"
    font = ("-attach", str(attached), "-metadata:s:2", "mimetype=font/ttf", "-metadata:s:2", "filename=../../out.ttf")
    await asyncio.to_thread(make, came, *FINE[:-2], *font)
    attached.unlink()
    film = await prepared(came)
    plays_everywhere(film.path, sound=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{JOB}.mkv", f"{JOB}.play.mp4"]
    assert not (tmp_path.parent.parent / "out.ttf").exists()


@pytest.mark.parametrize("kind", [".mkv", ".webm", ".avi", ".ts", ".flv", ".mov", ".gif"])
async def test_a_film_is_recognised_by_its_first_bytes(kind: str, tmp_path: Path) -> None:
    codec = {".webm": ("-c:v", "libvpx"), ".gif": ()}.get(kind, FINE[:6])
    made = await asyncio.to_thread(make, tmp_path / f"made{kind}", *codec, sound=False)
    assert f".{(await asyncio.to_thread(recognise, made)).extension}" == kind


async def test_a_link_shows_films_and_gives_everything_else_as_a_download(engine: AsyncEngine, tmp_path: Path) -> None:
    videos = tmp_path / "videos"
    videos.mkdir()
    page, film = videos / "page.mp4", videos / "film.mp4"
    page.write_bytes(HTML)
    await asyncio.to_thread(make, film, *FINE)
    await asyncio.to_thread(make, videos / "film.play.mp4", *FINE, sound=False)
    shares = Shares(engine, videos, public_url="https://bot.example", days=14, now=Now())
    store = SqlStore(engine, tmp_path)

    async def ignore(_: str, __: WebhookDelivery) -> None:
        """Do nothing: no webhook comes."""

    server = Web(secret=None, on_delivery=ignore, find_video=shares.find)
    async with aiohttp.ClientSession() as session, server.listening("127.0.0.1", 0) as port:

        async def got(path: Path, shared: Path, extension: str) -> tuple[bytes, str, str]:
            job = a_job(id=path.stem, key=path.stem, state=State.DELIVERED, ended_at=1_790_000_000.0, file=path)
            await store.create(job)
            url, _ = await shares.share(job, shared, extension)
            assert f"/{job.id}." in url
            async with session.get(url.replace("https://bot.example", f"http://127.0.0.1:{port}")) as response:
                assert response.headers["X-Content-Type-Options"] == "nosniff"
                head = response.headers
                return await response.read(), head["Content-Type"], head["Content-Disposition"]

        body, media_type, disposition = await got(page, page, "txt")
        assert (body, media_type, disposition) == (
            HTML,
            "application/octet-stream",
            'attachment; filename="page.txt"',
        )
        body, media_type, disposition = await got(film, videos / "film.play.mp4", "mp4")
        assert (media_type, disposition) == ("video/mp4", 'inline; filename="film.mp4"')
        assert body == (videos / "film.play.mp4").read_bytes()
