"""The wire format of a whole job is what both platforms document."""

from __future__ import annotations

import asyncio
from pathlib import Path

import openrouter.components
import pytest

from sandbox.discord.records import RecordedRequest
from tests.e2e.conftest import quick_stack
from tests.e2e.scene import Scene, attached
from tests.support.images import image
from tests.support.openapi import check_discord_traffic

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]


async def test_every_discord_payload_of_a_job_passes_discord_s_openapi_document(scene: Scene) -> None:
    await scene.ask("Keep the card", seed=3, **attached(image("red"), image("blue")))
    # Without the command's token the status is edited like any other message of the bot.
    scene.stack.discord.faults.add(
        method="PATCH", path="/webhooks/", status=401, body={"code": 50027, "message": "Invalid Webhook Token"}
    )
    await scene.ask()
    await scene.ask(duration=99)
    await scene.stack.discord.person().autocomplete(scene.channel, "video", {"prompt": "x", "model": "see"}, "model")
    requests: list[RecordedRequest] = scene.stack.discord.requests

    seen = {one.method + " " + one.route for one in requests}
    assert seen >= {
        "PUT /applications/{application}/commands",
        "POST /interactions/{interaction}/{token}/callback",
        "PATCH /webhooks/{application}/{token}/messages/{message}",
        "PATCH /channels/{channel}/messages/{message}",
        "POST /channels/{channel}/messages",
    }
    check_discord_traffic(requests)


async def test_every_openrouter_body_passes_the_official_sdk(scene: Scene) -> None:
    stories = [
        await scene.ask("Keep the card", seed=3, audio=True, **attached(image("red"))),
        await scene.ask(model="google/veo-3.1", resolution="720p", **attached(image("blue"))),
        await scene.ask(model="runway/gen-4.5", seed=1),
    ]

    for story in stories:
        known = openrouter.components.VideoGenerationRequest.model_validate(story.body)
        assert set(story.body) <= set(openrouter.components.VideoGenerationRequest.model_fields)
        assert known.prompt == story.body["prompt"]


async def test_nobody_but_openrouter_is_sent_the_key(scene: Scene) -> None:
    await scene.ask()

    assert {entry["headers"]["authorization"] for entry in scene.stack.openrouter.submits} == {"present"}
    shown = repr(scene.stack.discord.requests)
    assert scene.stack.openrouter.key not in shown
    assert scene.stack.openrouter.key not in scene.stack.bot.log_tail(10_000)
    assert scene.stack.discord.token not in scene.stack.bot.log_tail(10_000)


async def test_no_secret_is_in_what_is_kept_of_a_job(tmp_path: Path) -> None:
    async with quick_stack(DATA_DIR=str(tmp_path)) as stack:
        await Scene(stack).ask("The card", **attached(image("red")))
        await stack.bot.stop()
        # Each with its token: /interactions/{id}/{token}/callback, /webhooks/{application}/{token}/….
        used = [one.path.split("/")[3] for one in stack.discord.requests if one.path[1:].startswith(("inter", "webh"))]

    files = [path for path in await asyncio.to_thread(lambda: list(tmp_path.rglob("*"))) if path.is_file()]
    kept = {path.name: await asyncio.to_thread(path.read_bytes) for path in files}
    assert b"The card" in kept["dailies.sqlite"]
    assert used
    for secret in {stack.openrouter.key, stack.discord.token, *used}:
        assert [name for name, content in kept.items() if secret.encode() in content] == []
