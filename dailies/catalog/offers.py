"""Settings that models offer, and their prices. Fields that the list of models leaves open (null) are not checked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from dailies.catalog.continuation import continues
from dailies.catalog.options import VideoRequest
from dailies.catalog.references import ReferenceModels
from dailies.openrouter.models import VideoModel
from dailies.openrouter.pricing.quote import Quote, quote

LONG = 10
"""Seconds assumed for models that publish no lengths."""


@dataclass(frozen=True)
class Setting:
    """Settings to be priced. Fields as for `quote`; audio None: the model's own default."""

    duration: int
    resolution: str | None = None
    aspect_ratio: str | None = None
    audio: bool | None = None
    references: int = 0
    frames: int = 0
    continuation: bool = False

    def quote(self, model: VideoModel) -> Quote:
        """Return the price. Unless set otherwise, sound is on where the model makes it, as in the bot's requests."""
        return quote(
            model,
            duration=self.duration,
            resolution=self.resolution,
            aspect_ratio=self.aspect_ratio,
            audio=True if self.audio is None and model.audio else self.audio,
            references=self.references,
            frames=self.frames,
            continuation=self.continuation,
        )


def quote_request(model: VideoModel, request: VideoRequest, *, references: int, frames: int = 0) -> Quote:
    """Return the price of a request that was checked against this model. references, frames: how many images."""
    return quote(
        model,
        duration=request.duration,
        resolution=request.resolution,
        aspect_ratio=request.aspect_ratio,
        audio=request.audio,
        references=references,
        frames=frames,
        continuation=request.continues is not None,
    )


def missing(model: VideoModel, setting: Setting, reference_models: ReferenceModels | None = None) -> str | None:
    """Name the part of a setting that the model is known not to offer, as the end of a sentence; None if there is none.

    reference_models: by default with the facts that come with the bot.
    """
    reference_models = reference_models or ReferenceModels()
    durations = reference_models.durations(model, references=setting.references > 0, resolution=setting.resolution)
    resolutions = {one.lower() for one in model.resolutions or ()}
    if durations and setting.duration not in durations:
        return f"{setting.duration} s; it offers {_list(durations)} s"
    if resolutions and setting.resolution is not None and setting.resolution.lower() not in resolutions:
        return f"{setting.resolution}; it offers {_list(model.resolutions or ())}"
    if model.aspect_ratios and setting.aspect_ratio not in (None, *model.aspect_ratios):
        return f"{setting.aspect_ratio}; it offers {_list(model.aspect_ratios)}"
    if setting.audio and model.audio is False:
        return "sound"
    return _missing_input(model, setting, reference_models)


def _missing_input(model: VideoModel, setting: Setting, reference_models: ReferenceModels) -> str | None:
    limit = reference_models.verdict(model).most
    if limit is not None and setting.references > limit:
        return f"{setting.references} reference images; it takes {limit or 'none'}"
    if (setting.references or setting.frames) and "image" not in (model.input_modalities or ("image",)):
        return f"images; it takes {_list(model.input_modalities or ())}"
    if model.frame_images and setting.frames > len(model.frame_images):
        return f"{setting.frames} frame images; it takes {_list(model.frame_images)}"
    if setting.continuation and not continues(model):
        return "going on with a finished video"
    return None


def _list(values: Iterable[object]) -> str:
    return ", ".join(map(str, values))


@lru_cache(maxsize=256)
def least_per_second(model: VideoModel) -> Decimal | None:
    """Return the lowest USD per second of a video from text, over all settings that the model offers; None: not known.

    Computed for the longest video, where a minimum price per video weighs least.
    """
    seconds = max(max(model.durations or (LONG,)), 1)
    found = (
        Setting(seconds, resolution, aspect_ratio, audio).quote(model).usd
        for resolution in model.resolutions or (None,)
        for aspect_ratio in model.aspect_ratios or (None,)
        for audio in ((True, False) if model.audio else (model.audio,))
    )
    return min((usd / seconds for usd in found if usd is not None), default=None)
