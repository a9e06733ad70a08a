"""Autocomplete: what the catalogue offers for what is being typed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from discord.app_commands import Choice

from dailies.openrouter.catalog import Catalog, VideoModel
from dailies.openrouter.options import offered_durations, reference_limit

V = TypeVar("V")

MOST = 25
"""Choices that Discord shows at most."""


def models(catalog: Catalog, typed: str, default: str) -> list[Choice[str]]:
    """Models whose id or name holds what was typed; the default one first."""
    found = sorted(catalog.search(typed), key=lambda model: model.id != default)
    return [Choice(name=_model_name(model, default), value=model.id) for model in found[:MOST] if len(model.id) <= 100]


def _model_name(model: VideoModel, default: str) -> str:
    limit = reference_limit(model.id)
    takes = "references not confirmed" if limit is None else f"up to {limit} references" if limit else "no references"
    suffix = f" · {takes}" + (" · default" if model.id == default else "")
    return model.name[: 100 - len(suffix)] + suffix


def durations(model: VideoModel, typed: str, *, references: bool) -> list[Choice[int]]:
    """Lengths that the model offers."""
    offered = offered_durations(model, references=references) or ()
    return [Choice(name=f"{seconds} s", value=seconds) for seconds in _matching(sorted(offered), typed)]


def words(offered: Iterable[str] | None, typed: str) -> list[Choice[str]]:
    """Resolutions or aspect ratios that the model offers."""
    return [Choice(name=word, value=word) for word in _matching(offered or (), typed)]


def _matching(values: Iterable[V], typed: str) -> list[V]:
    return [value for value in values if str(value).lower().startswith(typed.strip().lower())][:MOST]
