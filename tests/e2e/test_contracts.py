"""What goes over the wire in a whole job is what both platforms document."""

from __future__ import annotations

import openrouter.components
import pytest

from sandbox.discord.records import RecordedRequest
from tests.e2e.scene import Scene, attached
from tests.support.images import image
from tests.support.openapi import check_discord_traffic

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_every_discord_payload_of_a_job_passes_discord_s_openapi_document(scene: Scene) -> None:
    await scene.ask("Keep the card", seed=3, **attached(image("red"), image("blue")))
    # Without the command's token the status is edited as any message of the bot is.
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
        await scene.ask(model="runway/aleph-2", seed=1),
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
