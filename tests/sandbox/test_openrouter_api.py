"""The routes, checked against the official SDK's models."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from openrouter import OpenRouter
from openrouter.components import ModelsListResponse, VideoGenerationResponse, VideoModelsListResponse
from openrouter.operations import GetCurrentKeyResponse

from tests.sandbox.openrouter_kit import FAST, KEY, body, running

VIDEO = bytes(range(256)) * 40


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """A file to complete with where the picture does not matter."""
    path = tmp_path / "some.mp4"
    path.write_bytes(VIDEO)
    return path


async def test_a_submit_is_accepted_with_an_absolute_polling_url_of_its_own() -> None:
    async with running() as client:
        answer = await client.submit(body())
        assert answer.status == 202
        assert set(answer.json) == {"id", "polling_url", "status"}
        assert re.fullmatch(r"gen-vid-\d{10}-[A-Za-z0-9]{20}", answer.json["id"])
        assert answer.json["polling_url"] == f"{client.server.api_base}/videos/{answer.json['id']}"
        assert answer.json["status"] == "pending"


async def test_a_job_is_pending_then_in_progress_then_completed(video: Path) -> None:
    async with running(speed=100, queue_seconds=10, work_seconds=10, video=video) as client:
        accepted = await client.submit(body())
        seen: list[str] = []
        while not seen or seen[-1] != "completed":
            status = (await client.get(accepted.json["polling_url"])).json["status"]
            if status not in seen:
                seen.append(status)
        assert seen == ["pending", "in_progress", "completed"]


async def test_a_completed_job_says_where_its_video_is_and_what_it_cost(video: Path) -> None:
    async with running(video=video) as client:
        job = await client.finish(body(duration=5, resolution="720p", aspect_ratio="16:9"))
        VideoGenerationResponse.model_validate(job)
        assert job["unsigned_urls"] == [f"{client.server.api_base}/videos/{job['id']}/content?index=0"]
        assert job["usage"] == {"cost": pytest.approx(0.4536), "is_byok": False}
        assert job["expires_at"] > client.server.clock.time()


async def test_content_needs_the_key(video: Path) -> None:
    async with running(video=video) as client:
        job = await client.finish(body())
        assert (await client.get(job["unsigned_urls"][0])).data == VIDEO
        assert (await client.get(job["unsigned_urls"][0], key=None)).status == 401


async def test_a_signed_url_needs_no_key_until_it_expires(video: Path) -> None:
    async with running(video=video) as client:
        job = await client.finish(body())
        url = job["urls"][0]
        assert (await client.get(url, key=None)).data == VIDEO
        past = url.replace(str(job["expires_at"]), str(job["expires_at"] - 100_000))
        assert (await client.get(past, key=None)).status == 403
        assert (await client.get(url[:-1] + "x", key=None)).status == 403


async def test_content_of_an_unfinished_job_is_not_found() -> None:
    async with running(speed=1) as client:
        accepted = await client.submit(body())
        assert (await client.get(f"/videos/{accepted.json['id']}/content?index=0")).status == 404


@pytest.mark.parametrize(
    ("key", "message"), [(None, "Missing Authentication header"), ("sk-or-wrong", "User not found.")]
)
async def test_a_request_without_the_right_key_is_refused(key: str | None, message: str) -> None:
    async with running() as client:
        for answer in (
            await client.submit(body(), key=key),
            await client.get("/videos/gen-vid-1-a", key=key),
            await client.get("/key", key=key),
        ):
            assert answer.status == 401
            assert answer.json == {"error": {"code": 401, "message": message}}


async def test_an_unknown_job_is_not_found() -> None:
    async with running() as client:
        answer = await client.get("/videos/gen-vid-1-nothing")
        assert (answer.status, answer.json["error"]["code"]) == (404, 404)


async def test_the_catalogue_needs_no_key_and_has_only_the_fields_of_the_api() -> None:
    async with running() as client:
        answer = await client.get("/videos/models", key=None)
        parsed = VideoModelsListResponse.model_validate(answer.json)
        assert len(parsed.data) == 30
        assert not {"input_modalities", "max_reference_images"} & set(answer.json["data"][0])


async def test_input_modalities_are_in_the_other_catalogue() -> None:
    async with running() as client:
        answer = await client.get("/models?output_modalities=video", key=None)
        ModelsListResponse.model_validate(answer.json)
        modalities = {entry["id"]: entry["architecture"]["input_modalities"] for entry in answer.json["data"]}
        assert modalities["google/veo-3.1"] == ["text", "image"]
        assert (await client.get("/models", key=None)).json["data"] == []


@pytest.mark.filterwarnings("ignore:warning. .. DEPRECATED:DeprecationWarning")  # the SDK warns of its own field
async def test_the_key_shows_what_is_left_of_its_credit(video: Path) -> None:
    async with running(video=video, limit_usd=1.0) as client:
        await client.finish(body(duration=5))
        answer = await client.get("/key")
        GetCurrentKeyResponse.model_validate(answer.json)
        assert answer.json["data"]["limit_remaining"] == pytest.approx(1 - 0.4536)


async def test_a_job_that_costs_more_than_is_left_is_refused() -> None:
    async with running(limit_usd=0.5) as client:
        assert (await client.submit(body(duration=5))).status == 202
        refused = await client.submit(body(duration=5))
        assert refused.status == 403
        assert refused.json["error"]["metadata"] == {"limit_source": "openrouter_key_limit"}


async def test_requests_are_recorded_without_the_key_itself(video: Path) -> None:
    async with running(video=video) as client:
        accepted = await client.submit(body())
        await client.submit(body(), key="wrong")
        await client.ended(accepted.json["id"])
        submits = client.server.submits
        assert [entry["headers"]["authorization"] for entry in submits] == ["present", "wrong"]
        assert [entry["status"] for entry in submits] == [202, 401]
        assert submits[0]["body"] == body()
        assert submits[0]["id"] == accepted.json["id"]
        assert client.server.polls == sum(entry["route"] == "poll" for entry in client.server.gets)
        assert KEY not in repr([submits, client.server.gets])


async def test_a_body_over_the_limit_is_too_large() -> None:
    async with running(max_body_bytes=1000) as client:
        answer = await client.submit(body(prompt="x" * 2000))
        assert (answer.status, answer.json["error"]["code"]) == (413, 413)


async def test_a_taken_port_is_an_error_and_leaves_nothing_open() -> None:
    async with running() as client:
        port = int(client.server.origin.rpartition(":")[2])
        other: Any = type(client.server)(client.server.clock, key=KEY)
        with pytest.raises(OSError, match="address already in use"):
            await other.start(port)
        await other.close()


async def test_the_official_client_submits_polls_and_downloads(video: Path) -> None:
    async with (
        running(video=video) as client,
        OpenRouter(api_key=KEY, server_url=client.server.api_base) as official,
    ):
        job = await official.video_generation.generate_async(model=FAST, prompt="a lantern", duration=4)
        done = await client.ended(job.id)
        polled = await official.video_generation.get_generation_async(job_id=job.id)
        assert (polled.status, polled.unsigned_urls) == ("completed", done["unsigned_urls"])
        content = await official.video_generation.get_video_content_async(job_id=job.id)
        assert await content.aread() == VIDEO
