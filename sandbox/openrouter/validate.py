"""Validates a POST /videos body: it becomes a VideoRequest, or is refused as the API documents it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from sandbox.openrouter.catalog import SHORT_SIDES, Model, models, parse_size
from sandbox.openrouter.errors import ApiError
from sandbox.openrouter.passthrough import passed_on
from sandbox.openrouter.prices import Kind, Work

Json = Mapping[str, Any]

_ASPECT_RATIOS = ("16:9", "9:16", "1:1", "4:3", "3:4", "3:2", "2:3", "21:9", "9:21")
_TYPES: dict[str, tuple[type, str]] = {
    "model": (str, "a string"),
    "prompt": (str, "a string"),
    "duration": (int, "an integer"),
    "resolution": (str, "a string"),
    "aspect_ratio": (str, "a string"),
    "size": (str, "a string"),
    "generate_audio": (bool, "a boolean"),
    "seed": (int, "an integer"),
    "input_references": (list, "an array"),
    "frame_images": (list, "an array"),
    "callback_url": (str, "a string"),
    "previous_job_id": (str, "a string"),
    "provider": (dict, "an object"),
    "user": (str, "a string"),
    "session_id": (str, "a string"),
    "trace": (dict, "an object"),
    "upscale_factor": (float, "a number"),
    "creativity": (int, "an integer"),
}
_ALWAYS_EIGHT_SECONDS = {
    "google/veo-3.1": ("1080p", "4K"),
    "google/veo-3.1-fast": ("1080p", "4K"),
    "google/veo-3.1-lite": ("1080p",),
}
"""Resolutions at which a model makes 8 s only, as it does with references, according to Google's documentation."""
_NEEDED = {
    "black-forest-labs/flux-video-edit": "video_url",
    "black-forest-labs/flux-video-upscale": "video_url",
    "runway/aleph-2": "video_url",
    "heygen/avatar-iv": "audio_url",
}
"""The kind of reference without which a model makes nothing."""
_ARTICLES = {"video_url": "a video_url", "audio_url": "an audio_url"}
_EITHER = {"heygen/heygen-video-1"}
"""Models measured to refuse frames together with references; with the others, frames win and nobody is told."""
_PROMPT_OPTIONAL = {"heygen/avatar-iv", "black-forest-labs/flux-video-upscale"}


@dataclass(frozen=True)
class VideoRequest:
    """A request that was accepted, with every default filled in."""

    model: Model
    prompt: str
    duration: int
    width: int
    height: int
    resolution: str | None
    audio: bool
    seed: int | None
    image_urls: tuple[str, ...]
    """Reference images, without video and audio references."""
    frame_urls: dict[str, str]
    """Frame images by `frame_type`. Where there are any, references count for nothing."""
    options: dict[str, Any]
    """Return what the provider gets of `provider.options`."""
    work: Work
    callback_url: str | None
    previous_job_id: str | None


def validate(body: object) -> VideoRequest:
    """Check a decoded body. Raises ApiError (400, or 404 for a model without an endpoint)."""
    if not isinstance(body, dict):
        raise _refused("body", "must be a JSON object")
    fields = _typed(cast("dict[str, Any]", body))
    model = _model(fields)
    if not fields.get("prompt", "").strip() and model.id not in _PROMPT_OPTIONAL:
        raise _refused("prompt", f"is required by {model.id}")
    width, height, resolution = _frame(fields, model)
    references, frames = _pictures(fields, model)
    duration = _duration(fields, model, resolution, has_references=bool(references))
    audio = _audio(fields, model)
    if "seed" in fields and model.seed is False:
        raise _refused("seed", f"is not supported by {model.id}")
    pictures = tuple(part["image_url"]["url"] for part in references if part["type"] == "image_url")
    kind: Kind = "reference" if references else "image" if frames else "text"
    continuation = "previous_job_id" in fields
    if continuation and not model.continues:
        raise _refused("previous_job_id", f"is not supported by {model.id}")
    video_input = any(part["type"] == "video_url" for part in references)
    return VideoRequest(
        model=model,
        prompt=fields.get("prompt", "").strip(),
        duration=duration,
        width=width,
        height=height,
        resolution=resolution,
        audio=audio,
        seed=fields.get("seed"),
        image_urls=pictures,
        frame_urls=frames,
        options=passed_on(fields.get("provider", {}), model),
        work=Work(
            kind,
            duration,
            width,
            height,
            resolution,
            audio,
            images=len(pictures) + len(frames),
            references=len(pictures),
            video_input=video_input,
            continuation=continuation,
        ),
        callback_url=_callback_url(fields),
        previous_job_id=fields.get("previous_job_id"),
    )


def _pictures(fields: Json, model: Model) -> tuple[list[Any], dict[str, str]]:
    """Return references and frames; where both are given, most models silently leave the references out."""
    references, frames = _references(fields, model), _frame_images(fields, model)
    if not (references and frames):
        return references, frames
    if model.id in _EITHER:
        raise _refused("frame_images", "cannot be combined with input_references")
    return [], frames


def _typed(body: dict[str, Any]) -> dict[str, Any]:
    """Return the known fields, each of its type. The schema leaves unknown ones open, so they are ignored."""
    fields: dict[str, Any] = {}
    for name, (kind, words) in _TYPES.items():
        if name not in body:
            continue
        value = body[name]
        whole_as_number = kind is float and isinstance(value, int)
        is_bool = isinstance(value, bool)
        if is_bool != (kind is bool) or not (isinstance(value, kind) or whole_as_number):
            raise _refused(name, f"expected {words}, received {_json_type(value)}")
        fields[name] = value
    if len(fields.get("session_id", "")) > 256:
        raise _refused("session_id", "must be at most 256 characters")
    return fields


def _model(fields: Json) -> Model:
    if "model" not in fields:
        raise _refused("model", "is required")
    if fields["model"] not in models():
        raise ApiError(400, f"{fields['model']} is not a valid model ID")
    return models()[fields["model"]]


def _frame(fields: Json, model: Model) -> tuple[int, int, str | None]:
    """Return width, height and resolution from `size`, or from `resolution` and `aspect_ratio`."""
    if "size" in fields:
        if "resolution" in fields or "aspect_ratio" in fields:
            raise _refused("size", "cannot be combined with resolution or aspect_ratio")
        if not re.fullmatch(r"[1-9]\d{1,3}x[1-9]\d{1,3}", fields["size"]):
            raise _refused("size", 'must be "WIDTHxHEIGHT"')
        _one_of("size", fields["size"], model.sizes, model)
        width, height = parse_size(fields["size"])
        named = [name for name, side in SHORT_SIDES.items() if side == min(width, height)]
        return width - width % 2, height - height % 2, named[0] if named else None
    if "resolution" in fields:
        _one_of("resolution", fields["resolution"], model.resolutions or tuple(SHORT_SIDES), model)
    if "aspect_ratio" in fields:
        _one_of("aspect_ratio", fields["aspect_ratio"], model.aspect_ratios or _ASPECT_RATIOS, model)
    resolution = fields.get("resolution", model.default_resolution())
    ratio = fields.get("aspect_ratio", model.default_aspect_ratio())
    return *model.frame_size(resolution, ratio), resolution


def _duration(fields: Json, model: Model, resolution: str | None, *, has_references: bool) -> int:
    if "duration" in fields:
        if fields["duration"] < 1:
            raise _refused("duration", "must be greater than or equal to 1")
        _one_of("duration", fields["duration"], model.durations, model)
    at_eight = _ALWAYS_EIGHT_SECONDS.get(model.id)
    because = None
    if at_eight is not None:
        because = "with reference images" if has_references else f"at {resolution}" if resolution in at_eight else None
    duration = fields.get("duration", 8 if because else model.default_duration())
    if because and duration != 8:
        raise _refused("duration", f"must be 8 {because} for {model.id}")
    return duration


def _audio(fields: Json, model: Model) -> bool:
    if "generate_audio" not in fields:
        return bool(model.generate_audio)
    if not model.generate_audio:
        raise _refused("generate_audio", f"is not supported by {model.id}")
    return fields["generate_audio"]


def _references(fields: Json, model: Model) -> list[Any]:
    parts = fields.get("input_references", [])
    for index, part in enumerate(parts):
        _content_part(f"input_references[{index}]", part, ("image_url", "audio_url", "video_url"))
    needed = _NEEDED.get(model.id)
    if needed and not any(part["type"] == needed for part in parts) and not _speaks(fields, needed):
        raise _refused("input_references", f"{model.id} requires {_ARTICLES[needed]} reference")
    images = sum(part["type"] == "image_url" for part in parts)
    most = model.max_reference_images
    if images and (most == 0 or "image" not in model.input_modalities):
        raise _refused("input_references", f"{model.id} does not support reference images")
    if most is not None and images > most:
        raise _refused("input_references", f"{model.id} supports at most {most} images, received {images}")
    return parts


def _speaks(fields: Json, needed: str) -> bool:
    """Tell if the provider's options name a voice, which stands in for a recording."""
    return needed == "audio_url" and "voice_id" in json.dumps(fields.get("provider", {}))


def _frame_images(fields: Json, model: Model) -> dict[str, str]:
    urls: dict[str, str] = {}
    for index, part in enumerate(fields.get("frame_images", [])):
        where = f"frame_images[{index}]"
        _content_part(where, part, ("image_url",))
        frame_type = part.get("frame_type")
        if frame_type not in ("first_frame", "last_frame"):
            raise _refused(f"{where}.frame_type", "expected one of first_frame, last_frame")
        _one_of(f"{where}.frame_type", frame_type, model.frame_images or (), model)
        urls[frame_type] = part["image_url"]["url"]
    return urls


def _content_part(where: str, part: object, kinds: tuple[str, ...]) -> None:
    kind = _member(part, "type")
    if not isinstance(kind, str) or kind not in kinds:
        raise _refused(f"{where}.type", f"expected one of {', '.join(kinds)}")
    url = _member(_member(part, kind), "url")
    if not isinstance(url, str) or not re.match(r"(https?://[^/]|data:)", url):
        raise _refused(f"{where}.{kind}.url", "must be an http(s) URL or a data URL")


def _member(value: object, name: str) -> object:
    return cast("dict[str, object]", value).get(name) if isinstance(value, dict) else None


def _callback_url(fields: Json) -> str | None:
    url = fields.get("callback_url")
    if url is not None and not re.match(r"https://[^/]", url):
        raise _refused("callback_url", "must be an HTTPS URL")
    return url


def _one_of(name: str, value: object, known: tuple[object, ...] | None, model: Model) -> None:
    if known is not None and value not in known:
        values = ", ".join(map(str, known)) or "none"
        raise _refused(name, f"{value} is not supported by {model.id}. Supported values: {values}")


def _refused(name: str, what: str) -> ApiError:
    return ApiError(400, f"Invalid request parameters: {name}: {what}")


def _json_type(value: object) -> str:
    names = {"bool": "boolean", "int": "integer", "float": "number", "str": "string", "list": "array", "dict": "object"}
    return names.get(type(value).__name__, "null")
