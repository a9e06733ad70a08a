"""Autocomplete choices that match what is being typed."""

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
"""Maximum choices that Discord shows."""
CHOICE = 100
"""Maximum characters of a choice's name."""


def models(guide: ModelGuide, typed: str, *, references: int = 0) -> list[Choice[str]]:
    """Return models whose id or name contains the typed text: those that take the references first, then the default.

    references: number already filled in. Raises CatalogMissing.
    """
    reference_models, default = guide.references, guide.default_model
    usable = [model for model in guide.offered.search(typed) if len(model.id) <= CHOICE]
    found = sorted(
        usable,
        key=lambda model: (not reference_models.verdict(model).enough(references), model.id != default),
    )
    return [Choice(name=_model_name(model, default, reference_models), value=model.id) for model in found[:MOST]]


def _model_name(model: VideoModel, default: str, reference_models: ReferenceModels) -> str:
    least = least_per_second(model)
    price = f" · from {usd(least)}/s" if least is not None else " · price not known"
    verdict = reference_models.verdict(model)
    support = reference_support(verdict.takes, verdict.most)
    suffix = f" · {support}{price}" + (" · default" if model.id == default else "")
    return shorten(model.name, CHOICE - len(suffix)) + suffix


def durations(offered: Iterable[int] | None, typed: str) -> list[Choice[int]]:
    """Return matching lengths that the model offers."""
    return [Choice(name=f"{seconds} s", value=seconds) for seconds in _matching(sorted(offered or ()), typed)]


def words(offered: Iterable[str] | None, typed: str) -> list[Choice[str]]:
    """Return matching resolutions or aspect ratios that the model offers."""
    return [Choice(name=word, value=word) for word in _matching(offered or (), typed)]


def _matching(values: Iterable[V], typed: str) -> list[V]:
    return [value for value in values if str(value).lower().startswith(typed.strip().lower())][:MOST]


def jobs(found: list[Job]) -> list[Choice[str]]:
    """Return a choice for each job that was found."""
    return [
        Choice(name=shorten(f"{job.id} · {title(job)} · {_bare_prompt(job)}", CHOICE), value=job.id) for job in found
    ]


def _bare_prompt(job: Job) -> str:
    return plain(job.request.prompt) if job.forgotten_at is None else "(forgotten)"
