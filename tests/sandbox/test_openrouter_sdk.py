"""Every kind of answer of the stand-in, held against the official SDK's models."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Literal

import pytest
from aiohttp import web
from openrouter import OpenRouter, errors
from openrouter.components import ModelsListResponse, VideoGenerationResponse, VideoModelsListResponse
from openrouter.operations import GetCurrentKeyResponse
from pydantic import BaseModel, ValidationError

from sandbox.openrouter.errors import error_body
from tests.sandbox.openrouter_kit import FAST, KEY, body, data_url, eventually, image, running
from tests.support.servers import serving

STATUSES: dict[int, type[BaseModel]] = {
    400: errors.BadRequestResponseErrorData,
    401: errors.UnauthorizedResponseErrorData,
    402: errors.PaymentRequiredResponseErrorData,
    403: errors.ForbiddenResponseErrorData,
    404: errors.NotFoundResponseErrorData,
    413: errors.PayloadTooLargeResponseErrorData,
    429: errors.TooManyRequestsResponseErrorData,
    499: errors.ClientClosedRequestResponseErrorData,
    500: errors.InternalServerResponseErrorData,
    502: errors.BadGatewayResponseErrorData,
    503: errors.ServiceUnavailableResponseErrorData,
}


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """A file to complete with where the picture does not matter."""
    path = tmp_path / "some.mp4"
    path.write_bytes(b"video")
    return path


def held(answer: dict[str, Any]) -> VideoGenerationResponse:
    """The SDK takes an answer about a job and knows every field of it."""
    assert set(answer) <= set(VideoGenerationResponse.model_fields)
    assert set(answer.get("usage") or {}) <= {"cost", "is_byok"}
    return VideoGenerationResponse.model_validate(answer)


async def test_an_accepted_job() -> None:
    async with running() as client:
        assert held((await client.submit(body())).json).status == "pending"


async def test_a_job_that_waits_and_one_that_runs(video: Path) -> None:
    async with running(speed=100, queue_seconds=10, work_seconds=10, video=video) as client:
        accepted = await client.submit(body())
        seen: set[str] = set()
        while "completed" not in seen:
            seen.add(held((await client.get(accepted.json["polling_url"])).json).status)
            await asyncio.sleep(0.01)
        assert seen == {"pending", "in_progress", "completed"}


@pytest.mark.parametrize("end", ["completed", "failed", "cancelled", "expired"])
async def test_a_job_at_each_end(video: Path, end: Literal["completed", "failed", "cancelled", "expired"]) -> None:
    async with running(video=video) as client:
        client.server.faults.job(end)
        job = held(await client.finish(body()))
        assert job.status == end
        assert (job.urls is not None) == (job.unsigned_urls is not None) == (end == "completed")
        assert (job.error is not None) == (end == "failed")


async def test_a_finished_job_without_links_or_a_bill(video: Path) -> None:
    async with running(video=video) as client:
        client.server.faults.job(urls=False, unsigned_urls=None, usage=False)
        job = held(await client.finish(body()))
        assert (job.urls, job.unsigned_urls, job.usage) == (None, None, None)


async def test_both_lists_of_models() -> None:
    async with running() as client:
        videos = VideoModelsListResponse.model_validate((await client.get("/videos/models", key=None)).json)
        every = ModelsListResponse.model_validate((await client.get("/models?output_modalities=video")).json)
        assert [model.id for model in videos.data] == [model.id for model in every.data]
        entries = (await client.get("/videos/models", key=None)).json["data"]
        known = {field.alias or name for name, field in type(videos.data[0]).model_fields.items()}
        assert all(set(entry) <= known for entry in entries)


@pytest.mark.filterwarnings("ignore:warning. .. DEPRECATED:DeprecationWarning")  # the SDK warns of its own field
@pytest.mark.parametrize("limit", [None, 0.0, 25.0])
async def test_the_key_with_and_without_a_limit(limit: float | None) -> None:
    async with running(limit_usd=limit) as client:
        answer = GetCurrentKeyResponse.model_validate((await client.get("/key")).json)
        assert (answer.data.limit, answer.data.limit_remaining) == (limit, limit)


@pytest.mark.parametrize("status", STATUSES)
async def test_an_error_of_each_status(status: int) -> None:
    async with running() as client:
        client.server.faults.answer("submit", status, metadata={"reasons": ["violence"], "provider_name": "Seed"})
        answer = await client.submit(body())
        assert answer.status == status
        read = STATUSES[status].model_validate(answer.json)
        assert read.model_dump()["error"]["code"] == status
        assert STATUSES[status].model_validate_json(error_body(status))


async def test_refusals_of_its_own() -> None:
    async with running(limit_usd=0.0) as client:
        refused = await client.submit(body(duration=3))
        errors.BadRequestResponseErrorData.model_validate(refused.json)
        spent = await client.submit(body())
        errors.ForbiddenResponseErrorData.model_validate(spent.json)
        errors.UnauthorizedResponseErrorData.model_validate((await client.submit(body(), key=None)).json)
        errors.NotFoundResponseErrorData.model_validate((await client.get("/videos/gen-vid-1-none")).json)
        errors.NotFoundResponseErrorData.model_validate((await client.get("/nothing")).json)
        assert [refused.status, spent.status] == [400, 403]


@pytest.mark.parametrize("end", ["completed", "failed", "cancelled", "expired"])
async def test_a_report_says_of_a_job_what_its_answer_says(
    video: Path, end: Literal["completed", "failed", "cancelled", "expired"]
) -> None:
    """The SDK has no model of a webhook; its data are those of a job's answer, and the model's id."""
    arrived: list[dict[str, Any]] = []

    async def receive(request: web.Request) -> web.Response:
        arrived.append(await request.json())
        return web.Response(status=204)

    async with serving(receive) as receiver, running(video=video) as client:
        client.server.webhooks.routes["https://bot.sandbox"] = receiver.origin
        client.server.faults.job(end)
        job = await client.finish(body(callback_url="https://bot.sandbox/webhooks/openrouter/0123456789abcdef"))
        await eventually(lambda: bool(arrived))
        (event,) = arrived
        assert set(event) == {"type", "created_at", "data"}
        assert event["type"] == f"video.generation.{end}"
        assert event["data"].pop("model") == FAST
        told = held(event["data"] | {"polling_url": job["polling_url"]})
        assert (told.id, told.status, told.unsigned_urls) == (job["id"], end, job.get("unsigned_urls"))


async def test_the_official_client_reads_a_refusal_of_veo_s_lengths() -> None:
    async with running() as client, OpenRouter(api_key=KEY, server_url=client.server.api_base) as official:
        with pytest.raises(errors.BadRequestResponseError, match="must be 8 at 4K"):
            await official.video_generation.generate_async(
                model="google/veo-3.1", prompt="a lantern", duration=6, resolution="4K"
            )


async def test_the_official_client_sends_frames_options_and_a_continuation(video: Path) -> None:
    """Each body that the stand-in takes beyond the ordinary one is one that the SDK can write."""
    first: Any = {
        "type": "image_url",
        "image_url": {"url": data_url(image("red"))},
        "frame_type": "first_frame",
    }
    flux = "black-forest-labs/flux-3-video"
    async with running(video=video) as client, OpenRouter(api_key=KEY, server_url=client.server.api_base) as official:
        begun = await official.video_generation.generate_async(
            model=flux,
            prompt="a lantern",
            frame_images=[first],
            provider={"options": {"black_forest_labs": {"parameters": {"safety_tolerance": 2, "colour": "blue"}}}},
        )
        request = client.server.jobs[begun.id].request
        assert set(request.frame_urls) == {"first_frame"}
        assert request.options == {"safety_tolerance": 2}
        await client.ended(begun.id)
        continued = await official.video_generation.generate_async(
            model=flux, prompt="a lantern", previous_job_id=begun.id
        )
        assert client.server.jobs[continued.id].request.previous_job_id == begun.id


def test_the_sdk_refuses_an_answer_that_is_wrong() -> None:
    """Show that the comparison above can fail."""
    with pytest.raises(ValidationError):
        held({"id": 7, "status": "pending"})
