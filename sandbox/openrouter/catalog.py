"""The models: the catalogue's entry for each, and the two answers that publish it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Self

_NOT_IN_VIDEO_MODELS = {"input_modalities", "max_reference_images"}
SHORT_SIDES = {"480p": 480, "720p": 720, "768p": 768, "1080p": 1080, "1K": 1024, "2K": 1440, "4K": 2160}
"""Pixels of the shorter side, by resolution."""


@dataclass(frozen=True)
class Model:
    """One entry of the catalogue. A set that is None is not published, so nothing is checked against it."""

    id: str
    durations: tuple[int, ...] | None
    resolutions: tuple[str, ...] | None
    aspect_ratios: tuple[str, ...] | None
    sizes: tuple[str, ...] | None
    frame_images: tuple[str, ...] | None
    generate_audio: bool | None
    seed: bool | None
    prices: dict[str, str]
    input_modalities: tuple[str, ...]
    max_reference_images: int | None
    passthrough: tuple[str, ...]
    """Names that `provider.options` may have."""

    @classmethod
    def from_entry(cls, entry: dict[str, Any]) -> Self:
        def known(name: str) -> tuple[Any, ...] | None:
            return None if entry[name] is None else tuple(entry[name])

        return cls(
            id=entry["id"],
            durations=known("supported_durations"),
            resolutions=known("supported_resolutions"),
            aspect_ratios=known("supported_aspect_ratios"),
            sizes=known("supported_sizes"),
            frame_images=known("supported_frame_images"),
            generate_audio=entry["generate_audio"],
            seed=entry["seed"],
            prices=entry["pricing_skus"] or {},
            input_modalities=tuple(entry["input_modalities"]),
            max_reference_images=entry["max_reference_images"],
            passthrough=known("allowed_passthrough_parameters") or (),
        )

    @property
    def continues(self) -> bool:
        """True if it takes previous_job_id, as the models that have a price for it do."""
        return any("continuation" in key for key in self.prices)

    def default_duration(self) -> int:
        """Seconds if the request names none."""
        return 5 if self.durations is None or 5 in self.durations else min(self.durations)

    def default_resolution(self) -> str:
        return "720p" if self.resolutions is None or "720p" in self.resolutions else self.resolutions[0]

    def default_aspect_ratio(self) -> str:
        known = self.aspect_ratios
        return "16:9" if known is None or "16:9" in known else known[0]

    def frame_size(self, resolution: str, aspect_ratio: str) -> tuple[int, int]:
        """Width and height in pixels, both even.

        The resolution is the shorter side, except where the model publishes its own sizes (Seedance 2.5 makes
        960x960 of 720p in 1:1): those have about as many pixels as its 16:9 picture of that resolution.
        """
        wide, high = (int(part) for part in aspect_ratio.split(":"))
        short = SHORT_SIDES[resolution]
        published = [
            size
            for size in map(parse_size, self.sizes or ())
            if abs(size[0] / size[1] / (wide / high) - 1) < 0.03  # published sizes are rounded
        ]
        same_lines = [size for size in published if min(size) == short]
        area = short * _even(short * 16 / 9)
        same_area = [size for size in published if 0.8 < size[0] * size[1] / area < 1.25]
        if found := same_lines or same_area:
            return found[0]
        width = _even(short * max(wide, high) / high if wide >= high else short)
        height = _even(short * high / wide if high > wide else short)
        return width, height


def parse_size(text: str) -> tuple[int, int]:
    """ "1280x720" → (1280, 720). Raises ValueError."""
    width, height = text.split("x")
    return int(width), int(height)


def _even(value: float) -> int:
    """Round up to an even number: H.264 in yuv420p halves both sides, and 480p in 16:9 is 854x480."""
    return int(-(-value // 2)) * 2


@cache
def entries() -> list[dict[str, Any]]:
    """The catalogue's entries with the sandbox's own fields."""
    return json.loads(Path(__file__).with_name("catalog.json").read_text())["data"]


@cache
def models() -> dict[str, Model]:
    """Return the models by id, in the catalogue's order."""
    return {entry["id"]: Model.from_entry(entry) for entry in entries()}


def videos_models_answer() -> dict[str, Any]:
    """Build GET /videos/models."""
    return {
        "data": [
            {name: value for name, value in entry.items() if name not in _NOT_IN_VIDEO_MODELS} for entry in entries()
        ]
    }


def models_answer() -> dict[str, Any]:
    """Build GET /models?output_modalities=video, with the fields that are the same kind for every model."""
    data = [_model_entry(entry) for entry in entries()]
    return {"data": data, "total_count": len(data), "links": {"next": None}}


def _model_entry(entry: dict[str, Any]) -> dict[str, Any]:
    inputs: list[str] = entry["input_modalities"]
    return {
        "id": entry["id"],
        "canonical_slug": entry["canonical_slug"],
        "name": entry["name"],
        "created": entry["created"],
        "description": entry["description"],
        "context_length": None,
        "architecture": {
            "modality": f"{'+'.join(inputs)}->video",
            "input_modalities": inputs,
            "output_modalities": ["video"],
            "tokenizer": "Other",
            "instruct_type": None,
        },
        "pricing": {"prompt": "0", "completion": "0"},
        "top_provider": {"context_length": None, "max_completion_tokens": None, "is_moderated": False},
        "per_request_limits": None,
        "supported_parameters": ["seed"] if entry["seed"] else [],
        "default_parameters": None,
        "supported_voices": None,
        "links": {"details": f"/api/v1/models/{entry['canonical_slug']}/endpoints"},
    }
