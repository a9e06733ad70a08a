"""Autocomplete choices that match what is being typed."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TypeVar

from discord.app_commands import Choice

from cogs.interactions.text import plain, shorten
from dailies.catalog.comparison import ModelChoice
from dailies.catalog.guide import ModelGuide
from dailies.catalog.options import Options
from dailies.catalog.prompt_names import key_of
from dailies.catalog.references import ReferenceModels
from dailies.explain import reference_support, sentence, short
from dailies.formatting import ago, cents
from dailies.job import Job
from dailies.language import gettext, ngettext
from dailies.shot import Shot

V = TypeVar("V")

MOST = 25
"""Maximum choices that Discord shows."""
CHOICE = 100
"""Maximum characters of a choice's name."""
NAME = 40
"""Characters of a model's name that come before what would be otherwise with it."""
SHOT = 20
"""Characters of a shot's name beside a job."""


def models(guide: ModelGuide, typed: str, options: Options | None = None, *, takes: int = 1) -> list[Choice[str]]:
    """Return models whose id or name contains the typed text, with what the options would cost, in compare's order.

    options: as far as they are filled in; references and frames counted. takes: number of videos.
    Raises CatalogMissing.
    """
    found = guide.compare(options or Options(""), typed)
    usable = [one for one in found if len(one.model.id) <= CHOICE]
    return [Choice(name=_model_name(one, guide.references, takes), value=one.model.id) for one in usable[:MOST]]


def price_words(choice: ModelChoice, takes: int = 1) -> str:
    """Return what a request would cost with a model, or why it does not take it."""
    if choice.refused:
        return shorten(plain(short(choice.refused)), CHOICE - NAME)
    if choice.usd is None:
        return gettext("price not known")
    price = cents(choice.usd * takes)
    return ngettext("{price} for {n}", "{price} for {n}", takes, price=price) if takes > 1 else price


def difference_words(choice: ModelChoice) -> list[str]:
    """Return what would be otherwise with a model, and what is not certain, a few words each."""
    changes = [plain(sentence(one)) for one in choice.carried.changes] if choice.quote else []
    return changes if choice.confirmed or choice.refused else [gettext("references not confirmed"), *changes]


def _model_name(choice: ModelChoice, reference_models: ReferenceModels, takes: int) -> str:
    parts = [price_words(choice, takes), *difference_words(choice)]
    if choice.carried.options.references == 0:
        verdict = reference_models.verdict(choice.model)
        parts.append(reference_support(verdict.takes, verdict.most))
    last = _default(choice.default)
    name = choice.model.name
    while len(parts) > 1 and len(_suffix(parts)) + len(last) > CHOICE - min(len(name), NAME):
        parts.pop()
    suffix = _suffix(parts) + last
    return shorten(name, CHOICE - len(suffix)) + suffix


def _default(is_default: bool) -> str:
    return _suffix([gettext("default")]) if is_default else ""


def _suffix(parts: Iterable[str]) -> str:
    return "".join(f" · {part}" for part in parts)


def durations(offered: Iterable[int] | None, typed: str, default: object = None) -> list[Choice[int]]:
    """Return matching lengths that the model offers. default: the one that is used where none is chosen."""
    found = _matching(sorted(offered or ()), typed)
    return [
        Choice(name=gettext("{seconds} s", seconds=seconds) + _default(seconds == default), value=seconds)
        for seconds in found
    ]


def words(offered: Iterable[str] | None, typed: str, default: object = None) -> list[Choice[str]]:
    """Return matching resolutions or aspect ratios that the model offers. default: as for lengths."""
    found = _matching(offered or (), typed)
    return [Choice(name=word + _default(word == default), value=word) for word in found]


def cast_names(names: Iterable[str], typed: str) -> list[Choice[str]]:
    """Return names of the cast for the last word that is typed, each with those before it."""
    *before, last = typed.split() if typed and not typed[-1].isspace() else [*typed.split(), ""]
    key = key_of(last.lstrip("@"))
    there = {key_of(one.lstrip("@")) for one in before}
    found = [name for name in names if key in key_of(name) and key_of(name) not in there]
    found.sort(key=lambda name: (not key_of(name).startswith(key), key_of(name)))
    values = [" ".join([*before, f"@{name}"]) for name in found]
    return [Choice(name=shorten(plain(one), CHOICE), value=one) for one in values if len(one) <= CHOICE][:MOST]


def shots(found: Iterable[Shot], typed: str, *, new: bool = False, none: str = "") -> list[Choice[str]]:
    """Return shots whose name holds what is typed. new: what is typed may be a new one. none: value of the
    choice of no shot, a text of ours.
    """
    key, shown = key_of(typed), list(found)
    choices = [Choice(name=_shot(one), value=one.name) for one in shown if key in key_of(one.name)]
    typed = " ".join(plain(typed).split())
    if new and typed and all(key_of(one.name) != key for one in shown):
        choices.insert(0, Choice(name=shorten(gettext("{name} · new shot", name=typed), CHOICE), value=typed[:CHOICE]))
    if none and key in key_of(gettext(none)):
        choices = [*choices[: MOST - 1], Choice(name=gettext(none), value=none)]
    return choices[:MOST]


def _shot(shot: Shot) -> str:
    takes = ngettext("{n} take", "{n} takes", shot.takes) if shot.takes else gettext("no takes yet")
    return f"{shorten(plain(shot.name), CHOICE - len(takes) - 3)} · {takes}"


def _matching(values: Iterable[V], typed: str) -> list[V]:
    return [value for value in values if str(value).lower().startswith(typed.strip().lower())][:MOST]


def jobs(found: list[Job], now: float | None = None) -> list[Choice[str]]:
    """Return a choice for each job that was found: its first words, shot and take, model, and its age.

    now: Unix seconds.
    """
    at = time.time() if now is None else now
    return [Choice(name=_job(job, at), value=job.id) for job in found]


def _job(job: Job, now: float) -> str:
    model = gettext("model still secret") if job.blind else shorten(plain(job.request.model_name), NAME)
    take = [shorten(plain(job.shot.name), SHOT), gettext("take {number}", number=job.number)] if job.shot else []
    facts = _suffix([*take, model, ago(now - job.created_at)])
    words = plain(job.request.prompt) if job.forgotten_at is None else gettext("(forgotten)")
    return shorten(words, CHOICE - len(facts)) + facts
