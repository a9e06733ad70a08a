"""Menus and refusals by the facts about models, also with a list of models that makes no sense."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from sandbox.clock import Clock
from sandbox.openrouter import OpenRouterServer
from tests.bot.conftest import KEY, BotApp

VEO = "google/veo-3.1-fast"
ODD: list[dict[str, Any]] = [
    {"id": "x/" + "y" * 199, "name": "too long"},
    {"id": "odd/powers", "name": "²p " * 90, "supported_resolutions": ["²p", "720 p", "720p", "720P", "r" * 300]},
    {"id": "odd/lengths", "supported_durations": [12, -1, 0, 3, 3, 10**18, "5"], "supported_resolutions": ["4k", "4K"]},
    {"id": "odd/strings", "supported_durations": "5", "supported_resolutions": "720p", "pricing_skus": "free"},
    {"id": "odd/nulls", "name": None, "description": None, "pricing_skus": None, "supported_input_references": "?"},
    {"id": "bytedance/seedance-2.0-fast", "supported_durations": [5], "supported_input_references": ["image_url"]},
]


async def choices(app: BotApp, option: str, **given: object) -> list[Any]:
    """Return the values that are suggested for an option of /video."""
    found = await app.ann.autocomplete(app.channel, "video", option, "", prompt="x", **given)
    return [one["value"] for one in found]


class TestTheCapture:
    """With the list of models as OpenRouter had it."""

    async def test_lengths_are_those_of_the_chosen_resolution(self, app: BotApp) -> None:
        assert await choices(app, "duration", model=VEO) == [4, 6, 8]
        assert await choices(app, "duration", model=VEO, resolution="4K") == [8]
        assert await choices(app, "duration", model=VEO, links="https://a.example/b.png") == [8]

    async def test_resolutions_are_those_of_the_chosen_length(self, app: BotApp) -> None:
        assert await choices(app, "resolution", model=VEO) == ["720p", "1080p", "4K"]
        assert await choices(app, "resolution", model=VEO, duration=6) == ["720p"]
        assert await choices(app, "resolution", model=VEO, duration=8) == ["720p", "1080p", "4K"]

    async def test_a_length_that_does_not_go_with_the_resolution_is_refused(self, app: BotApp) -> None:
        refused = await app.video(model=VEO, duration=6, resolution="1080p")
        assert app.text(refused) == (
            f"duration: 6 isn't offered by {VEO} at 1080p, only at 720p. It offers 8. You weren't charged."
        )
        assert app.openrouter.submits == []

    async def test_a_model_that_edits_videos_is_refused_by_what_it_needs(self, app: BotApp) -> None:
        assert "runway/aleph-2" not in await choices(app, "model")
        refused = await app.video(model="runway/aleph-2")
        assert "runway/aleph-2 needs a video to edit; this bot sends prompts and images." in app.text(refused)
        assert app.openrouter.submits == []

    @pytest.mark.slow
    async def test_the_page_of_models_says_which_lengths_go_with_which_resolutions(self, app: BotApp) -> None:
        answer = await app.ann.slash(app.channel, "models", duration=8, resolution="1080p", at_most=1.0)
        assert answer.response is not None
        assert "1080p and 4K: 8 s only" in json.dumps(answer.response.components)


class TestAnOddList:
    """With a list of models that makes no sense."""

    @pytest_asyncio.fixture
    async def openrouter(self, clip: Path) -> AsyncGenerator[OpenRouterServer]:
        """Run OpenRouter's stand-in with that list."""
        server = OpenRouterServer(Clock(100), key=KEY, queue_seconds=1, work_seconds=1, video=clip)
        server.faults.answer("models", 200, body=json.dumps({"data": [*ODD, 7, None]}).encode(), times=None)
        await server.start()
        yield server
        await server.close()

    @pytest.mark.slow
    async def test_every_menu_opens(self, app: BotApp) -> None:
        assert {*await choices(app, "model")} == {one["id"] for one in ODD[1:]}
        for model in (one["id"] for one in ODD):
            for option in ("duration", "resolution", "aspect_ratio"):
                await choices(app, option, model=model)
        assert await choices(app, "duration", model="odd/lengths") == [3, 12]
        assert await choices(app, "resolution", model="odd/powers") == ["²p", "720 p", "720p"]

    async def test_the_page_of_models_opens_with_every_filter(self, app: BotApp) -> None:
        for wish in ({}, {"resolution": "4k"}, {"resolution": "²p"}, {"resolution": "720 p"}, {"duration": 3}):
            answer = await app.ann.slash(app.channel, "models", **wish)
            assert answer.response is not None
            assert "Something went wrong" not in json.dumps(answer.response.components) + (
                answer.response.content or ""
            )

    async def test_a_video_is_made_all_the_same(self, app: BotApp) -> None:
        asked = await app.video()
        assert "Something went wrong in the bot" not in app.text(asked)
