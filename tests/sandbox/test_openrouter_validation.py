"""Refusals of POST /videos, and their wording."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.openrouter.validate import validate
from tests.sandbox.openrouter_kit import body, data_url, image, reference, running

PICTURE = reference("http://127.0.0.1:1/a.png")
FILM = {"type": "video_url", "video_url": {"url": "http://127.0.0.1:1/a.mp4"}}
FIRST = PICTURE | {"frame_type": "first_frame"}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"model": None}, "model: is required"),
        ({"prompt": None}, "prompt: is required"),
        ({"prompt": "  "}, "prompt: is required"),
        ({"prompt": 7}, "prompt: expected a string, received integer"),
        ({"duration": 3}, "duration: 3 is not supported by bytedance/seedance-2.0-fast. Supported values: 4, 5, 6"),
        ({"duration": 5.0}, "duration: expected an integer, received number"),
        ({"duration": "5"}, "duration: expected an integer, received string"),
        ({"duration": True}, "duration: expected an integer, received boolean"),
        ({"resolution": "1080p"}, "resolution: 1080p is not supported by .*Supported values: 480p, 720p"),
        ({"aspect_ratio": "3:2"}, "aspect_ratio: 3:2 is not supported by .*Supported values: 1:1, 3:4"),
        ({"size": "1280x721"}, "size: 1280x721 is not supported by .*Supported values: 480x480"),
        ({"size": "big"}, 'size: must be "WIDTHxHEIGHT"'),
        ({"size": "1280x720", "resolution": "720p"}, "size: cannot be combined with resolution"),
        ({"seed": "7"}, "seed: expected an integer, received string"),
        ({"model": "google/veo-3.1", "duration": 4, "input_references": [PICTURE]}, "duration: must be 8"),
        (
            {"model": "google/veo-3.1-fast", "duration": 6, "input_references": [PICTURE]},
            "must be 8 with reference images",
        ),
        ({"model": "google/veo-3.1-fast", "duration": 4, "resolution": "4K"}, "duration: must be 8 at 4K"),
        ({"model": "google/veo-3.1", "duration": 6, "size": "1080x1920"}, "duration: must be 8 at 1080p"),
        ({"model": "google/veo-3.1-lite", "duration": 4, "resolution": "1080p"}, "duration: must be 8 at 1080p"),
        ({"model": "runway/aleph-2"}, "input_references: runway/aleph-2 requires a video_url reference"),
        ({"model": "black-forest-labs/flux-video-edit", "input_references": [PICTURE]}, "requires a video_url"),
        ({"model": "black-forest-labs/flux-video-upscale"}, "requires a video_url reference"),
        ({"model": "heygen/avatar-iv", "input_references": [PICTURE]}, "requires an audio_url reference"),
        ({"model": "runway/gen-4.5", "generate_audio": True}, "generate_audio: is not supported by runway/gen-4.5"),
        ({"model": "x-ai/grok-imagine-video", "generate_audio": False}, "generate_audio: is not supported"),
        ({"generate_audio": "yes"}, "generate_audio: expected a boolean, received string"),
        ({"callback_url": "http://example.com/hook"}, "callback_url: must be an HTTPS URL"),
        ({"input_references": [PICTURE] * 10}, "input_references: .* supports at most 9 images, received 10"),
        ({"model": "google/veo-3.1-lite", "input_references": [PICTURE]}, "does not support reference images"),
        (
            {"model": "heygen/heygen-video-1", "input_references": [PICTURE], "frame_images": [FIRST]},
            "frame_images: cannot be combined with input_references",
        ),
        ({"input_references": [{"type": "image"}]}, r"input_references\[0\].type: expected one of image_url"),
        ({"input_references": [reference("ftp://a/b")]}, r"\[0\].image_url.url: must be an http\(s\) URL"),
        ({"input_references": "http://127.0.0.1/a.png"}, "input_references: expected an array, received string"),
        ({"frame_images": [PICTURE]}, "frame_type: expected one of first_frame, last_frame"),
        (
            {"model": "runway/gen-4.5", "frame_images": [PICTURE | {"frame_type": "last_frame"}]},
            "last_frame is not supported by runway/gen-4.5. Supported values: first_frame",
        ),
        (
            {"model": "black-forest-labs/flux-video-edit", "input_references": [FILM], "frame_images": [FIRST]},
            "first_frame is not supported by .*Supported values: none",
        ),
        ({"previous_job_id": "gen-vid-1-a"}, "previous_job_id: is not supported by"),
        ({"provider": {"options": []}}, "provider.options: expected an object"),
        ({"provider": {"options": {"seed": True}}}, "provider.options.seed: expected an object"),
        ({"session_id": "x" * 257}, "session_id: must be at most 256 characters"),
    ],
)
async def test_a_request_that_is_not_in_order_is_refused_by_name(fields: dict[str, Any], words: str) -> None:
    async with running() as client:
        answer = await client.submit(body(**fields))
        assert answer.status == 400
        assert answer.json["error"]["code"] == 400
        with pytest.raises(AssertionError, match=words):
            raise AssertionError(answer.json["error"]["message"])


async def test_an_unknown_model_is_refused_in_openrouters_words() -> None:
    async with running() as client:
        answer = await client.submit(body(model="nobody/nothing"))
        assert (answer.status, answer.json["error"]["message"]) == (400, "nobody/nothing is not a valid model ID")


async def test_a_body_that_is_not_json_is_refused() -> None:
    async with running() as client:
        headers = {"Authorization": f"Bearer {client.server.key}"}
        url = f"{client.server.api_base}/videos"
        async with client.session.post(url, data=b"{", headers=headers) as response:
            assert response.status == 400


def test_unknown_fields_are_passed_over() -> None:
    assert validate(body(colour="blue", user="u1")).prompt == "a lantern in the rain"


def test_defaults_are_filled_in() -> None:
    request = validate(body())
    assert (request.duration, request.width, request.height, request.audio) == (5, 1280, 720, True)


def test_audio_is_off_where_the_model_has_none() -> None:
    assert validate(body(model="runway/gen-4.5")).audio is False


@pytest.mark.parametrize(
    ("fields", "size"),
    [
        ({"resolution": "480p", "aspect_ratio": "16:9"}, (854, 480)),
        ({"resolution": "720p", "aspect_ratio": "9:21"}, (720, 1680)),
        ({"resolution": "480p", "aspect_ratio": "3:4"}, (480, 640)),
        ({"size": "960x720"}, (960, 720)),
        ({"model": "bytedance/seedance-2.5", "resolution": "720p", "aspect_ratio": "4:3"}, (1112, 834)),
        ({"model": "minimax/hailuo-3", "resolution": "2K", "aspect_ratio": "21:9"}, (3360, 1440)),
        ({"model": "bytedance/seedance-2.0", "resolution": "4K", "aspect_ratio": "1:1"}, (2160, 2160)),
        ({"model": "minimax/hailuo-3-max", "aspect_ratio": "16:9"}, (1366, 768)),
    ],
)
def test_resolution_and_aspect_ratio_give_the_frame(fields: dict[str, Any], size: tuple[int, int]) -> None:
    request = validate(body(**fields))
    assert (request.width, request.height) == size


def test_references_keep_their_order() -> None:
    urls = [data_url(image(colour)) for colour in ("red", "green", "blue")]
    assert validate(body(input_references=[reference(url) for url in urls])).image_urls == tuple(urls)


def test_a_video_reference_is_not_an_image() -> None:
    request = validate(body(input_references=[FILM, PICTURE]))
    assert len(request.image_urls) == 1
    assert request.work.video_input is True


async def test_a_job_is_continued_only_from_a_completed_one_of_the_same_model() -> None:
    async with running() as client:
        answer = await client.submit(body(model="black-forest-labs/flux-3-video", previous_job_id="gen-vid-1-a"))
        assert answer.status == 404


def test_frames_win_over_references_in_silence() -> None:
    """With most models nobody is told, and it costs what a job from frames costs."""
    last = PICTURE | {"frame_type": "last_frame"}
    request = validate(body(input_references=[PICTURE] * 3, frame_images=[last, FIRST]))
    assert request.image_urls == ()
    assert set(request.frame_urls) == {"first_frame", "last_frame"}
    assert (request.work.kind, request.work.images, request.work.references) == ("image", 2, 0)


@pytest.mark.parametrize(
    ("model", "options", "kept"),
    [
        (
            "bytedance/seedance-2.0-fast",
            {"seed": {"parameters": {"watermark": True, "colour": "blue"}}},
            {"watermark": True},
        ),
        ("bytedance/seedance-2.0-fast", {"openai": {"parameters": {"watermark": True}}}, {}),
        ("google/veo-3.1", {"google-vertex": {"parameters": {"negativePrompt": "rain"}}}, {"negativePrompt": "rain"}),
        ("google/veo-3.1", {"google-vertex": {"negativePrompt": "rain"}}, {}),
        ("kwaivgi/kling-v3.0-pro", {"k": {"parameters": {"negative_prompt": "rain"}}}, {"negative_prompt": "rain"}),
        ("alibaba/wan-2.7", {"atlas-cloud": {"negative_prompt": "rain"}}, {"negative_prompt": "rain"}),
        ("alibaba/wan-3.0", {"alibaba": {"parameters": {"negative_prompt": "rain"}}}, {}),
    ],
)
def test_only_options_that_the_model_s_provider_knows_are_passed_on(
    model: str, options: dict[str, Any], kept: dict[str, Any]
) -> None:
    assert validate(body(model=model, provider={"options": options})).options == kept


async def test_a_job_is_continued_only_once_it_is_completed_and_on_its_own_model() -> None:
    flux = "black-forest-labs/flux-3-video"
    async with running() as client:
        client.server.faults.job("failed")
        failed = await client.finish(body(model=flux))
        for model, previous in ((flux, failed["id"]), (flux, (await client.submit(body())).json["id"])):
            answer = await client.submit(body(model=model, previous_job_id=previous))
            assert (answer.status, answer.json["error"]["message"]) == (
                400,
                "previous_job_id: must be a completed job of the same model",
            )
