"""Every failure that a test can script happens as often as scripted, and then no more."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Literal

import aiohttp
import pytest
from openrouter.components import VideoGenerationResponse

from sandbox.openrouter import ForeignServer
from tests.sandbox.openrouter_kit import body, eventually, image, running

VIDEO = bytes(range(256)) * 400


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / "some.mp4"
    path.write_bytes(VIDEO)
    return path


@pytest.mark.parametrize("status", [400, 401, 402, 404, 413, 500, 502, 503])
async def test_a_submit_is_answered_with_a_scripted_status_once(status: int) -> None:
    async with running() as client:
        client.server.faults.answer("submit", status)
        refused = await client.submit(body())
        assert (refused.status, refused.json["error"]["code"]) == (status, status)
        assert client.server.jobs == {}
        assert (await client.submit(body())).status == 202


async def test_moderation_names_its_reasons() -> None:
    async with running() as client:
        client.server.faults.answer("submit", 403, metadata={"reasons": ["violence"], "flagged_input": "a"})
        refused = await client.submit(body())
        assert refused.json["error"]["metadata"]["reasons"] == ["violence"]


async def test_too_many_requests_say_when_to_come_back() -> None:
    async with running() as client:
        client.server.faults.answer("submit", 429, headers={"Retry-After": "7"}, times=2)
        answers = [await client.submit(body()) for _ in range(3)]
        assert [answer.status for answer in answers] == [429, 429, 202]
        assert answers[0].headers["Retry-After"] == "7"


async def test_a_fault_can_let_requests_pass_first(video: Path) -> None:
    async with running(video=video) as client:
        client.server.faults.answer("poll", 502, after=1, times=2)
        accepted = await client.submit(body())
        statuses = [(await client.get(accepted.json["polling_url"])).status for _ in range(4)]
        assert statuses == [200, 502, 502, 200]


@pytest.mark.parametrize(("when", "jobs"), [("before", 0), ("after", 1)])
async def test_an_answer_is_lost_before_or_after_the_job_was_accepted(
    when: Literal["before", "after"], jobs: int
) -> None:
    async with running() as client:
        client.server.faults.answer("submit", drop=True, when=when)
        with pytest.raises(aiohttp.ClientError):
            await client.submit(body())
        assert len(client.server.jobs) == jobs
        assert client.server.submits[0]["lost"] is True
        assert client.server.submits[0]["body"] == body()


async def test_a_job_may_be_accepted_behind_a_gateway_error() -> None:
    async with running() as client:
        client.server.faults.answer("submit", 502, body=b"<html>Bad gateway</html>", when="after")
        answer = await client.submit(body())
        assert (answer.status, answer.headers["Content-Type"]) == (502, "text/html")
        assert len(client.server.jobs) == 1


async def test_a_slow_answer_is_slow_and_right() -> None:
    async with running() as client:
        client.server.faults.answer("submit", delay=0.2)
        start = asyncio.get_running_loop().time()
        assert (await client.submit(body())).status == 202
        assert asyncio.get_running_loop().time() - start >= 0.2


async def test_a_fault_can_last(video: Path) -> None:
    async with running(video=video) as client:
        client.server.faults.answer("models", 500, times=None)
        assert [(await client.get("/videos/models")).status for _ in range(3)] == [500, 500, 500]
        client.server.faults.clear()
        assert (await client.get("/videos/models")).status == 200


@pytest.mark.parametrize("end", ["failed", "cancelled", "expired"])
async def test_a_job_ends_as_scripted(end: Literal["failed", "cancelled", "expired"]) -> None:
    async with running() as client:
        client.server.faults.job(end, error="payload_too_large: shorten it")
        job = await client.finish(body())
        assert (job["status"], job["error"]) == (end, "payload_too_large: shorten it")


async def test_unknown_status_words_come_one_for_each_poll(video: Path) -> None:
    async with running(video=video) as client:
        client.server.faults.job(status_words=("queued", "warming_up"), queue_seconds=300, work_seconds=0)
        accepted = await client.submit(body())
        words = [(await client.get(accepted.json["polling_url"])).json["status"] for _ in range(3)]
        assert words == ["queued", "warming_up", "warming_up"]
        assert (await client.ended(accepted.json["id"]))["status"] == "completed"


@pytest.mark.parametrize(
    ("script", "missing"),
    [
        ({"polling_url": None}, "polling_url"),
        ({"unsigned_urls": None}, "unsigned_urls"),
        ({"urls": False}, "expires_at"),
        ({"usage": False}, "usage"),
    ],
)
async def test_a_field_is_left_out(script: dict[str, Any], missing: str, video: Path) -> None:
    async with running(video=video) as client:
        client.server.faults.job(**script)
        job = await client.finish(body())
        assert job["status"] == "completed"
        assert missing not in job


async def test_the_bill_may_differ_from_the_catalogue(video: Path) -> None:
    async with running(video=video) as client:
        client.server.faults.job(cost=0.2125)
        assert (await client.finish(body()))["usage"]["cost"] == 0.2125


async def test_addresses_can_point_at_a_foreign_server_that_sees_whether_the_key_comes_along(video: Path) -> None:
    async with ForeignServer() as foreign, running(video=video) as client:
        client.server.faults.job(polling_url=foreign.origin, unsigned_urls=foreign.origin)
        accepted = await client.submit(body())
        assert accepted.json["polling_url"].startswith(foreign.origin)
        job = await client.ended(accepted.json["id"])
        await client.get(job["unsigned_urls"][0], key=None)
        assert not foreign.key_leaked
        await client.get(job["unsigned_urls"][0])
        assert foreign.key_leaked
        assert [request.path for request in foreign.requests] == [f"/api/v1/videos/{job['id']}/content?index=0"] * 2


async def test_a_download_can_be_redirected_to_another_origin(video: Path) -> None:
    async with ForeignServer() as foreign, running(video=video) as client:
        client.server.faults.job(redirect_to=foreign.origin)
        job = await client.finish(body())
        answer = await client.get(job["unsigned_urls"][0], redirects=False)
        assert answer.status == 302
        assert answer.headers["Location"] == f"{foreign.origin}/api/v1/videos/{job['id']}/content?index=0"


async def test_a_download_breaks_off(video: Path) -> None:
    async with running(video=video) as client:
        client.server.faults.job(truncate_at=1000)
        job = await client.finish(body())
        with pytest.raises(aiohttp.ClientPayloadError):
            await client.get(job["unsigned_urls"][0])


async def test_a_download_can_be_short_without_saying_so(video: Path) -> None:
    async with running(video=video) as client:
        client.server.faults.job(truncate_at=1000, declare_full_length=False)
        job = await client.finish(body())
        assert (await client.get(job["unsigned_urls"][0])).data == VIDEO[:1000]


async def test_a_download_can_be_something_else(video: Path) -> None:
    async with running(video=video) as client:
        client.server.faults.job(file=image("red"))
        client.server.faults.job(file=b"<html>busy</html>", content_type="text/html")
        picture, page = await client.finish(body()), await client.finish(body())
        answer = await client.get(picture["unsigned_urls"][0])
        assert (answer.headers["Content-Type"], answer.data) == ("video/mp4", image("red"))
        answer = await client.get(page["unsigned_urls"][0])
        assert (answer.headers["Content-Type"], answer.data) == ("text/html", b"<html>busy</html>")


async def test_the_stored_copy_answers_while_the_content_address_is_dead(video: Path) -> None:
    async with running(video=video) as client:
        client.server.faults.answer("content", 410, headers={"Retry-After": "120"}, times=None)
        job = await client.finish(body())
        dead = await client.get(job["unsigned_urls"][0])
        assert (dead.status, dead.headers["Retry-After"]) == (410, "120")
        assert (await client.get(job["urls"][0], key=None)).data == VIDEO
        client.server.faults.answer("stored", 502)
        assert (await client.get(job["urls"][0], key=None)).status == 502


async def test_a_signed_link_expires_and_a_poll_names_a_new_one(video: Path) -> None:
    async with running(video=video) as client:
        client.server.faults.job(stored_seconds=600)
        job = await client.finish(body())
        await eventually(lambda: client.server.clock.time() > job["expires_at"] + 1)
        assert (await client.get(job["urls"][0], key=None)).status == 403
        again = (await client.get(f"/videos/{job['id']}")).json
        assert again["expires_at"] > job["expires_at"]
        assert (await client.get(again["urls"][0], key=None)).data == VIDEO


@pytest.mark.parametrize(
    "script",
    [{}, {"end_word": "Job completed"}, {"end_word": "Succeeded", "unsigned_urls": None}, {"urls": False}],
)
async def test_an_end_in_other_words_is_one_of_the_official_client_s_answers(
    video: Path, script: dict[str, Any]
) -> None:
    async with running(video=video) as client:
        client.server.faults.job(**script)
        accepted = await client.submit(body())
        await eventually(lambda: client.server.jobs[accepted.json["id"]].ended)
        answer = (await client.get(accepted.json["polling_url"])).json
        assert answer["status"] == script.get("end_word", "completed")
        read = VideoGenerationResponse.model_validate(answer)
        assert (read.urls, read.expires_at) == (answer.get("urls"), answer.get("expires_at"))


async def test_a_download_fails_and_then_works(video: Path) -> None:
    async with running(video=video) as client:
        client.server.faults.answer("content", 502)
        job = await client.finish(body())
        assert (await client.get(job["unsigned_urls"][0])).status == 502
        assert (await client.get(job["unsigned_urls"][0])).data == VIDEO
