"""OpenRouter's list of video models.

Null is a normal value of every field of the list (GET /videos/models) and means: do not send, do not check.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar, cast

from dailies.openrouter.fields import mapping

T = TypeVar("T")


@dataclass(frozen=True)
class VideoModel:
    """A model's offers, as OpenRouter publishes them. None: not published.

    durations: whole seconds. resolutions: as in "720p". aspect_ratios: as in "16:9". sizes: as in "1280x720".
    frame_images: frames that may be given. input_modalities: as in "image"; GET /videos/models itself leaves them
    out. pricing_skus: as published; dailies/openrouter/pricing reads it.
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
    pricing_skus: Mapping[str, object] = field(default_factory=dict[str, object], hash=False)

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> VideoModel:
        """Read one entry of the list. Raises ValueError when it has no id."""
        identity = entry.get("id")
        if not isinstance(identity, str) or not identity:
            raise ValueError("a model without an id")
        name = entry.get("name")
        return cls(
            id=identity,
            name=name if isinstance(name, str) and name else identity,
            durations=_tuple(entry.get("supported_durations"), int),
            resolutions=_tuple(entry.get("supported_resolutions"), str),
            aspect_ratios=_tuple(entry.get("supported_aspect_ratios"), str),
            audio=_flag(entry.get("generate_audio")),
            seed=_flag(entry.get("seed")),
            sizes=_tuple(entry.get("supported_sizes"), str),
            frame_images=_tuple(entry.get("supported_frame_images"), str),
            input_modalities=_tuple(entry.get("input_modalities"), str),
            description=_text(entry.get("description")),
            pricing_skus=mapping(entry.get("pricing_skus")),
        )


def _tuple(value: object, kind: type[T]) -> tuple[T, ...] | None:
    if not isinstance(value, list):
        return None
    items = cast("list[object]", value)
    # bool is a kind of int, but true is no number of seconds.
    return tuple(item for item in items if isinstance(item, kind) and not isinstance(item, bool)) or None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


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
