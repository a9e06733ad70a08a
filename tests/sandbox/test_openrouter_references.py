"""References are really fetched, from this machine only, and decoded; a bad one fails the job."""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from aiohttp import web
from PIL import Image

from sandbox.openrouter import ReferenceLimits
from tests.sandbox.openrouter_kit import Client, body, data_url, image, reference, running

BROKEN = image("red")[:300]


class Pictures:
    """A web server with one answer for every path, which counts its requests."""

    def __init__(self) -> None:
        self.origin = ""
        self.paths: list[str] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.paths.append(request.path)
        if request.path == "/slow.png":
            await asyncio.sleep(5)
        if request.path.startswith("/hop"):
            left = int(request.path[4:])
            raise web.HTTPFound("/red.png" if left == 0 else f"/hop{left - 1}")
        if request.path == "/outside":
            raise web.HTTPFound("http://192.0.2.1/red.png")
        if request.path == "/page":
            return web.Response(text="<html>not an image</html>", content_type="image/png")
        if request.path != "/red.png":
            raise web.HTTPNotFound
        return web.Response(body=image("red"), content_type="image/png")


@contextlib.asynccontextmanager
async def pictures() -> AsyncGenerator[Pictures]:
    server = Pictures()
    app = web.Application()
    app.router.add_get("/{name:.*}", server.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield server
    finally:
        await runner.cleanup()


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / "some.mp4"
    path.write_bytes(b"some bytes")
    return path


async def job_error(client: Client, url: str) -> str:
    job = await client.finish(body(input_references=[reference(url)]))
    assert job["status"] == "failed", job
    assert not {"unsigned_urls", "usage"} & set(job)
    return job["error"]


async def test_a_reference_is_fetched_over_http_and_through_redirects(video: Path) -> None:
    async with pictures() as web_server, running(video=video) as client:
        urls = [f"{web_server.origin}/red.png", f"{web_server.origin}/hop2"]
        job = await client.finish(body(input_references=[reference(url) for url in urls]))
        assert job["status"] == "completed"
        assert web_server.paths == ["/red.png", "/hop2", "/hop1", "/hop0", "/red.png"]


@pytest.mark.parametrize("image_format", ["PNG", "JPEG", "WEBP", "GIF"])
async def test_a_data_url_is_decoded(image_format: str, video: Path) -> None:
    async with running(video=video) as client:
        url = data_url(image("red", image_format=image_format), f"image/{image_format.lower()}")
        job = await client.finish(body(input_references=[reference(url)]))
        assert job["status"] == "completed"


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/missing.png", "image_download_failed: HTTP 404"),
        ("/hop9", "image_download_failed: too many redirects"),
        ("/page", "unsupported_image_format: not an image"),
        ("/slow.png", "image_download_failed: no image after 0.3 s"),
        ("/outside", "the sandbox fetches from this machine only"),
    ],
)
async def test_a_link_without_an_image_fails_the_job(path: str, error: str, video: Path) -> None:
    limits = ReferenceLimits(timeout=0.3)
    async with pictures() as web_server, running(video=video, reference_limits=limits) as client:
        assert error in await job_error(client, web_server.origin + path)


@pytest.mark.parametrize("url", ["http://192.0.2.1/a.png", "https://example.com/a.png", "http://[2001:db8::1]/a.png"])
async def test_nothing_outside_this_machine_is_fetched(url: str, video: Path) -> None:
    async with running(video=video) as client:
        error = await job_error(client, url)
        assert error.startswith("image_download_failed: ")
        assert "this machine" in error


async def test_a_server_that_is_not_there_fails_the_job(video: Path) -> None:
    async with running(video=video) as client:
        error = await job_error(client, "http://127.0.0.1:1/a.png?secret=1")
        assert error.startswith("image_download_failed: http://127.0.0.1:1/a.png: ")
        assert "secret" not in error


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (image("red", (299, 800)), "image_too_small: 299x800 px"),
        (image("red", (6001, 400)), "image_too_large: 6001x400 px"),
        (BROKEN, "unsupported_image_format: the image cannot be decoded"),
        (b"GIF89a nonsense", "unsupported_image_format: "),
    ],
)
async def test_an_image_a_provider_does_not_take_fails_the_job(data: bytes, error: str, video: Path) -> None:
    async with running(video=video) as client:
        assert (await job_error(client, data_url(data))).startswith(error)


async def test_a_file_over_the_limit_is_too_large(video: Path) -> None:
    limits = ReferenceLimits(max_bytes=500)
    async with pictures() as web_server, running(video=video, reference_limits=limits) as client:
        assert (await job_error(client, f"{web_server.origin}/red.png")).startswith("image_too_large: ")


async def test_a_data_url_that_is_not_base64_fails_the_job(video: Path) -> None:
    async with running(video=video) as client:
        error = await job_error(client, "data:image/png;base64,%%%")
        assert error.startswith("unsupported_image_format: the data URL cannot be decoded")


async def test_a_failed_job_costs_nothing(video: Path) -> None:
    async with running(video=video) as client:
        await job_error(client, "http://127.0.0.1:1/a.png")
        assert (await client.get("/key")).json["data"]["usage"] == 0


async def test_an_image_that_is_turned_by_its_exif_data_is_upright(video: Path) -> None:
    picture = Image.new("RGB", (600, 320), "red")
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", exif=exif)
    async with running(video=video, reference_limits=ReferenceLimits(min_side=310)) as client:
        job = await client.finish(body(input_references=[reference(data_url(buffer.getvalue()))]))
        assert job["status"] == "completed"
