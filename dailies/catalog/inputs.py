"""Models that need a video or a sound recording as input, by what OpenRouter publishes of them.

This bot sends prompts and images. The signs of such a model are those of the four that OpenRouter had in October 2026:
none publishes lengths (they follow from the input), frames or sizes. A model that lacks one sign is offered: refusing a
new model that would work is worse than a request that OpenRouter refuses, which costs nothing.
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache

from dailies.openrouter.models import MODELS_MOST, VideoModel
from dailies.openrouter.pricing.skus import Kind, Sku, Unit, read_key


class Input(StrEnum):
    """An input that this bot does not send; the words are those of models.toml and of a refusal."""

    VIDEO = "video"
    UPSCALE = "upscale"
    CONTINUATION = "continuation"
    AUDIO = "audio"


@lru_cache(maxsize=MODELS_MOST)
def needed(model: VideoModel) -> Input | None:
    """Return the input without which the model makes nothing; None: it works from a prompt, as far as is published."""
    if found := _by_prices(model):
        return found
    if model.durations:
        return _by_kinds(model) if not _takes(model, "text", "image") else None
    if model.enlarges:
        return Input.UPSCALE
    # Frames, sizes and such prices belong to videos that are made anew.
    anew = any(
        sku and sku.kind in (Kind.TEXT, Kind.FRAMES, Kind.REFERENCES) for sku in map(read_key, model.pricing_skus)
    )
    return None if anew or model.frame_images or model.sizes else _by_kinds(model)


def _by_kinds(model: VideoModel) -> Input | None:
    kinds = {kind.lower() for kind in model.input_modalities or ()}
    return Input.VIDEO if "video" in kinds else Input.AUDIO if "audio" in kinds else None


def _takes(model: VideoModel, *kinds: str) -> bool:
    return model.input_modalities is None or any(kind.lower() in kinds for kind in model.input_modalities)


def _by_prices(model: VideoModel) -> Input | None:
    """Return the input that every price is for. A key that is not understood may be the price of anything."""
    read = [read_key(key) for key in model.pricing_skus]
    prices = [sku for sku in read if sku and sku.unit in (Unit.SECOND, Unit.TOKEN, Unit.MEGAPIXEL_SECOND)]
    if not prices or None in read:
        return None
    inputs = {_of(sku) for sku in prices}
    return inputs.pop() if len(inputs) == 1 else None if None in inputs else Input.VIDEO


def _of(sku: Sku) -> Input | None:
    if sku.unit is Unit.MEGAPIXEL_SECOND:
        return Input.UPSCALE
    if sku.kind is Kind.CONTINUATION:
        return Input.CONTINUATION
    return Input.VIDEO if sku.video_input else None
