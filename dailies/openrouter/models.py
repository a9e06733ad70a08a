"""OpenRouter's list of video models.

Null is a normal value of every field of the list (GET /videos/models) and means: do not send, do not check.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dailies.openrouter import published
from dailies.openrouter.fields import mapping

MODELS_MOST = 16_384
"""Models of which derived facts are kept in memory; each keystroke in a menu asks for those of all."""
DESCRIPTION_LIMIT = 4000
"""Characters of a description that are read."""


@dataclass(frozen=True)
class VideoModel:
    """A model's offers, as OpenRouter publishes them. None: not published.

    durations: whole seconds. resolutions: as in "720p". aspect_ratios: as in "16:9". sizes: as in
    "1280x720". frame_images: frames that may be given. input_modalities: as in "image"; GET /videos/models itself
    leaves them out. references: reference images that may be given, at most; True: how many is not published; False:
    none. passthrough: parameters of its provider that are passed on. enlarges: it has factors by which it enlarges a
    video. pricing_skus: as published; dailies/openrouter/pricing reads it.
    """

    id: str
    name: str
    durations: tuple[int, ...] | None = None
    resolutions: tuple[str, ...] | None = None
    aspect_ratios: tuple[str, ...] | None = None
    audio: bool | None = None
    seed: bool | None = None
    sizes: tuple[str, ...] | None = None
    frame_images: tuple[str, ...] | None = None
    input_modalities: tuple[str, ...] | None = None
    description: str | None = None
    references: bool | int | None = None
    passthrough: tuple[str, ...] | None = None
    enlarges: bool = False
    pricing_skus: Mapping[str, object] = field(default_factory=dict[str, object], hash=False)

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> VideoModel:
        """Read one entry of the list. Raises ValueError when it has no id that can be used."""
        identity = entry.get("id")
        if not isinstance(identity, str) or not published.is_model_id(identity):
            raise ValueError("a model without an id that can be used")
        return cls(
            id=identity,
            name=published.name(entry.get("name")) or identity,
            durations=published.seconds(entry.get("supported_durations")),
            resolutions=published.words(entry.get("supported_resolutions"), published.RESOLUTION_LIMIT),
            aspect_ratios=published.words(entry.get("supported_aspect_ratios"), published.ASPECT_RATIO_LIMIT),
            audio=_flag(entry.get("generate_audio")),
            seed=_flag(entry.get("seed")),
            sizes=published.words(entry.get("supported_sizes")),
            frame_images=published.words(entry.get("supported_frame_images")),
            input_modalities=published.words(entry.get("input_modalities")),
            description=_text(entry.get("description")),
            references=published.reference_images(entry),
            passthrough=published.words(entry.get("allowed_passthrough_parameters")),
            enlarges=bool(mapping(entry.get("upscale_factor"))),
            pricing_skus=mapping(entry.get("pricing_skus")),
        )


def _text(value: object) -> str | None:
    return value[:DESCRIPTION_LIMIT] if isinstance(value, str) and value else None


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


class Catalog:
    """The models of one answer, in OpenRouter's order."""

    def __init__(self, models: Iterable[VideoModel]) -> None:
        self._models = {model.id: model for model in models}

    def __iter__(self) -> Iterator[VideoModel]:
        return iter(self._models.values())

    def __len__(self) -> int:
        return len(self._models)

    def __getitem__(self, model_id: str) -> VideoModel:
        """Return the model with exactly this id. Raises KeyError."""
        return self._models[model_id]

    def get(self, model_id: str) -> VideoModel | None:
        """Return the model with exactly this id."""
        return self._models.get(model_id)

    def with_inputs(self, inputs: Mapping[str, tuple[str, ...]]) -> Catalog:
        """Return the same models with the input types of each (text, image, …), by id, from another list."""
        return Catalog(replace(model, input_modalities=inputs.get(model.id, model.input_modalities)) for model in self)

    def search(self, text: str) -> list[VideoModel]:
        """Return models whose id or name holds every word of the text, in the catalogue's order."""
        words = text.lower().split()
        return [
            model
            for model in self._models.values()
            if all(word in f"{model.id} {model.name}".lower() for word in words)
        ]

    def similar(self, model_id: str) -> list[str]:
        """Return up to three ids that a mistyped one may have meant."""
        return difflib.get_close_matches(model_id, self._models, n=3, cutoff=0.5)
