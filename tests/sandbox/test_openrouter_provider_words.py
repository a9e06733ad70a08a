"""The stand-in refuses in a provider's words, and shows what it was told of the app."""

from __future__ import annotations

import pytest

from sandbox.openrouter.provider_words import OUTPUT_AUDIO, REAL_PERSON, SHAPES, body, job_error
from tests.sandbox.openrouter_kit import FAST, KEY, running


@pytest.mark.parametrize("shape", SHAPES)
async def test_a_request_is_refused_in_a_provider_s_words(shape: str) -> None:
    async with running() as client:
        client.server.faults.answer("submit", 400, body=body(shape, REAL_PERSON))
        refused = await client.submit({"model": FAST, "prompt": "a"})
    assert refused.status == 400
    assert "may contain real person" in refused.data.decode()


@pytest.mark.parametrize("shape", ["raw text", "error string", "error text", "error object"])
async def test_an_accepted_job_fails_in_a_provider_s_words(shape: str) -> None:
    async with running() as client:
        client.server.faults.job("failed", error=job_error(shape, OUTPUT_AUDIO))
        ended = await client.finish({"model": FAST, "prompt": "a"})
    assert ended["status"] == "failed"
    assert ended["error"] == job_error(shape, OUTPUT_AUDIO)


async def test_the_app_and_the_session_are_shown() -> None:
    headers = {"Authorization": f"Bearer {KEY}", "HTTP-Referer": "https://a.example", "X-OpenRouter-Title": "Dailies"}
    body = {"model": FAST, "prompt": "a", "session_id": "s" * 256, "user": "u"}
    async with running() as client:
        async with client.session.post(f"{client.server.api_base}/videos", json=body, headers=headers) as response:
            assert response.status == 202
        too_long = await client.submit({**body, "session_id": "s" * 257})
        entry = client.server.submits[0]
    assert too_long.status == 400
    assert (entry["headers"]["http-referer"], entry["headers"]["x-openrouter-title"]) == (
        "https://a.example",
        "Dailies",
    )
    assert (entry["body"]["session_id"], entry["body"]["user"]) == ("s" * 256, "u")
