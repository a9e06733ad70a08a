"""Costs are the catalogue's."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from sandbox.openrouter.catalog import models
from sandbox.openrouter.prices import cost
from sandbox.openrouter.validate import validate
from tests.sandbox.openrouter_kit import body, reference

PICTURE = reference("http://127.0.0.1:1/a.png")
FIRST = PICTURE | {"frame_type": "first_frame"}
FILM = {"type": "video_url", "video_url": {"url": "http://127.0.0.1:1/a.mp4"}}
VOICE = {"type": "audio_url", "audio_url": {"url": "http://127.0.0.1:1/a.mp3"}}
NEEDED = {
    "runway/aleph-2": FILM,
    "black-forest-labs/flux-video-edit": FILM,
    "black-forest-labs/flux-video-upscale": FILM,
    "heygen/avatar-iv": VOICE,
}


@pytest.mark.parametrize(
    ("fields", "dollars"),
    [
        # 1280 x 720 x 24 x 5 / 1024 = 108,000 tokens
        ({"duration": 5, "resolution": "720p"}, "0.4536"),
        ({"model": "bytedance/seedance-2.0", "resolution": "1080p"}, "1.8711"),
        ({"model": "bytedance/seedance-2.0", "resolution": "4K"}, "3.888"),
        ({"model": "bytedance/seedance-1-5-pro", "generate_audio": True}, "0.2592"),
        ({"model": "bytedance/seedance-1-5-pro", "generate_audio": False}, "0.1296"),
        ({"model": "google/veo-3.1-fast", "duration": 8, "resolution": "1080p"}, "0.96"),
        ({"model": "google/veo-3.1-fast", "duration": 8, "resolution": "720p"}, "0.80"),
        ({"model": "google/veo-3.1-fast", "duration": 8, "resolution": "4K", "generate_audio": False}, "2.00"),
        ({"model": "kwaivgi/kling-v3.0-pro", "generate_audio": True}, "0.84"),
        ({"model": "kwaivgi/kling-v3.0-pro", "generate_audio": False}, "0.56"),
        ({"model": "alibaba/wan-2.6", "resolution": "720p"}, "0.40"),
        ({"model": "alibaba/wan-2.6", "resolution": "720p", "input_references": [PICTURE]}, "0.50"),
        ({"model": "heygen/heygen-video-1", "resolution": "2K"}, "0.45"),
        ({"model": "heygen/heygen-video-1", "resolution": "2K", "input_references": [PICTURE]}, "0.90"),
        ({"model": "minimax/hailuo-3", "input_references": [PICTURE] * 2}, "0.73"),
        ({"model": "x-ai/grok-imagine-video", "resolution": "480p", "input_references": [PICTURE]}, "0.252"),
        ({"model": "alibaba/wan-2.6", "resolution": "720p", "frame_images": [FIRST]}, "0.50"),
        ({"model": "heygen/heygen-video-1", "resolution": "2K", "frame_images": [FIRST]}, "0.45"),
        ({"model": "black-forest-labs/flux-3-video", "resolution": "720p"}, "0.85"),
        ({"model": "black-forest-labs/flux-3-video", "resolution": "720p", "previous_job_id": "a"}, "2.05"),
        ({"model": "black-forest-labs/flux-3-video", "resolution": "1080p", "previous_job_id": "a"}, "2.65"),
        (
            {"model": "runway/aleph-2", "duration": 1, "input_references": [FILM]},
            "0.56",
        ),  # the floor: a second would be 0.28
    ],
)
def test_the_most_specific_price_that_fits_is_taken(fields: dict[str, Any], dollars: str) -> None:
    request = validate(body(**fields))
    assert cost(request.model, request.work) == Decimal(dollars)


def test_a_model_without_a_fitting_price_costs_nothing_known() -> None:
    request = validate(body(model="black-forest-labs/flux-video-upscale", input_references=[FILM]))
    assert cost(request.model, request.work) is None


def test_every_model_that_makes_videos_has_a_price() -> None:
    without: list[str] = []
    for model in models().values():
        given = {"input_references": [NEEDED[model.id]]} if model.id in NEEDED else {}
        request = validate(body(model=model.id, **given))
        if cost(model, request.work) is None:
            without.append(model.id)
    assert without == ["black-forest-labs/flux-video-upscale"]
