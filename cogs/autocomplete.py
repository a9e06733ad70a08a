"""Autocomplete: what the catalogue offers for what is being typed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from discord.app_commands import Choice

from cogs.interactions.text import plain, shorten
from cogs.status.view import title
from dailies.catalog.guide import ModelGuide
from dailies.catalog.offers import least_per_second
from dailies.catalog.references import ReferenceModels
from dailies.explain import reference_support
from dailies.formatting import usd
from dailies.job import Job
from dailies.openrouter.models import VideoModel

V = TypeVar("V")

MOST = 25
"""Choices that Discord shows at most."""
CHOICE = 100
"""Characters of a choice's name at most."""


def models(guide: ModelGuide, typed: str, *, references: int = 0) -> list[Choice[str]]:
    """Models whose id or name holds what was typed; those that take the references come first, then the default one.

    references: how many are filled in already. Raises CatalogMissing.
    """
    known, default = guide.references, guide.default_model
    found = sorted(
        guide.catalog.search(typed),
        key=lambda model: (not known.verdict(model).enough(references), model.id != default),
    )
    return [
        Choice(name=_model_name(model, default, known), value=model.id)
        for model in found[:MOST]
        if len(model.id) <= 100
    ]


def _model_name(model: VideoModel, default: str, known: ReferenceModels) -> str:
    least = least_per_second(model)
    price = f" · from {usd(least)}/s" if least is not None else " · price not known"
    verdict = known.verdict(model)
    support = reference_support(verdict.takes, verdict.most)
    suffix = f" · {support}{price}" + (" · default" if model.id == default else "")
    return model.name[: 100 - len(suffix)] + suffix


def durations(offered: Iterable[int] | None, typed: str) -> list[Choice[int]]:
    """Lengths that the model offers."""
    return [Choice(name=f"{seconds} s", value=seconds) for seconds in _matching(sorted(offered or ()), typed)]


def words(offered: Iterable[str] | None, typed: str) -> list[Choice[str]]:
    """Resolutions or aspect ratios that the model offers."""
    return [Choice(name=word, value=word) for word in _matching(offered or (), typed)]


def _matching(values: Iterable[V], typed: str) -> list[V]:
    return [value for value in values if str(value).lower().startswith(typed.strip().lower())][:MOST]


def jobs(found: list[Job]) -> list[Choice[str]]:
    """Jobs while their id or prompt is typed."""
    return [
        Choice(name=shorten(f"{job.id} · {title(job.state)} · {_bare_prompt(job)}", CHOICE), value=job.id)
        for job in found
    ]


def _bare_prompt(job: Job) -> str:
    return plain(job.request.prompt) if job.forgotten_at is None else "(forgotten)"
