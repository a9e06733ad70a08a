"""The panel, its windows and what models.toml says are in the reader's language: no word of ours stays English."""

from __future__ import annotations

import gettext as standard
import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from discord import ui

from cogs import autocomplete
from cogs.composer import comparing, pictures, windows, words
from cogs.composer.outlook import outlook
from cogs.composer.panel import panel
from cogs.composer.shot_window import shot_window
from cogs.interactions.permissions import NEEDS
from cogs.video.shots import NO_SHOT, is_none
from cogs.video.ways_view import ways_view
from dailies import language
from dailies.catalog.facts import OWN, option_inline, option_words
from dailies.catalog.options import Options
from dailies.catalog.words import CHOICES, INLINE, SOURCES
from dailies.continuing.ways import ways
from dailies.explain import sentence
from dailies.job import How, Origin, State
from dailies.language import speaking
from dailies.money.budget import Budget, BudgetLeft, Period, Scope
from dailies.openrouter.payload import Role
from dailies.reason import Reason, ReasonCode
from dailies.shot import Shot
from tests.unit.kit import a_job
from tests.unit.test_bounds import everything
from tests.unit.test_composer_panel import CHEAP, GUIDE, NOW, a_draft
from tests.unit.test_composer_panel import pictures as some

VEO = "google/veo-3.1"
SAID = re.compile(r"«[^«»]*»")
"""A text that was looked up; within it may stand another one, or a value."""


class Marked(standard.NullTranslations):
    """A language in which every text stands between quotation marks."""

    def gettext(self, message: str) -> str:
        return f"«{message}»"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"«{msgid1 if n == 1 else msgid2}»"

    def pgettext(self, context: str, message: str) -> str:
        return f"«{message}»"

    def npgettext(self, context: str, msgid1: str, msgid2: str, n: int) -> str:
        return f"«{msgid1 if n == 1 else msgid2}»"


@pytest.fixture(autouse=True)
def marked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def catalog(_: str) -> Marked:
        return Marked()

    monkeypatch.setattr(language, "_catalog", catalog)
    with speaking("de"):
        yield


def read(view: ui.LayoutView | ui.Modal) -> Iterator[str]:
    """Yield every text that a person reads."""
    data: Any = view.to_dict() if isinstance(view, ui.Modal) else {"components": view.to_components()}
    if isinstance(view, ui.Modal):
        yield view.title
    for part in everything([_flat(one) for one in data["components"]]):
        yield from (part[key] for key in ("content", "label", "description", "placeholder") if part.get(key))
        for option in part.get("options", ()):
            yield from (option[key] for key in ("label", "description") if option.get(key))


def _flat(part: dict[str, Any]) -> dict[str, Any]:
    return {**part, "components": [part["component"]]} if "component" in part else part


def left(text: str) -> str:
    """Return what of a text was not looked up, without values: money, models, and names in capitals of the tests."""
    while SAID.search(text):
        text = SAID.sub("", text)
    text = re.sub(r"…$", "", text)
    names = [re.escape(name) for name in sorted((one.name for one in GUIDE.catalog), key=len, reverse=True)] + [
        r"[A-Z]{3,}(?:\.[A-Z]+)?",
        "720p",
        "1080p",
        "480p",
        "4K",
    ]
    text = re.sub("|".join(names), "", text)
    return re.sub(r"[^A-Za-z]+", " ", text).strip()


def check(view: ui.LayoutView | ui.Modal | None) -> None:
    assert view is not None
    # What is cut to Discord's limits has lost its closing mark.
    assert [text for text in read(view) if left(text) and not text.endswith("…")] == []


def everywhere() -> Any:
    """A draft with everything that a panel says something about."""
    pair = (*some("ONE.PNG", role=Role.FIRST), *some("TWO.PNG"))
    return a_draft(
        Options("KITE", VEO, seed=7, audio=True, provider_options={"negativePrompt": "FOG", "gone": True}),
        sources=tuple(replace(one, width=100, height=300) for one in pair),
        takes=2,
        origin=Origin("0123456789abcdef", How.LAST_FRAME, 3),
    )


@pytest.mark.parametrize("scope", list(Scope))
@pytest.mark.parametrize("period", list(Period))
def test_the_panel(scope: Scope, period: Period, monkeypatch: pytest.MonkeyPatch) -> None:
    def came_from(*_: object) -> str:
        return ""

    monkeypatch.setattr(words, "came_from", came_from)
    earlier = replace(a_job(), request=replace(a_job().request, model_name="WAN"))
    budget = BudgetLeft(Budget(scope, period, Decimal(5), 7), Decimal(1), NOW)
    for draft in (a_draft(Options("KITE", CHEAP)), everywhere(), a_draft(Options("KITE", CHEAP, duration=77))):
        seen = replace(outlook(GUIDE, draft), origin=earlier, budgets_left=[budget], unknown=("@HERO",))
        check(panel(GUIDE, seen))


def test_the_panel_of_a_comparison() -> None:
    check(panel(GUIDE, outlook(GUIDE, a_draft(Options("KITE"), models=(CHEAP, VEO)))))


def test_the_windows() -> None:
    seen = outlook(GUIDE, everywhere())
    check(windows.prompt_window(seen.draft))
    check(windows.search_window(seen.draft))
    check(windows.settings_window(seen))
    for name in ("duration", "resolution", "aspect_ratio"):
        check(windows.typed_window(seen, name))
    check(pictures.window(seen.draft))
    check(comparing.window(GUIDE, seen))
    check(shot_window(seen.draft, [Shot("1", 2, 3, "HARBOR", 4, NOW)]))


async def test_the_ways() -> None:
    job = a_job()
    job = replace(job, state=State.DELIVERED, request=replace(job.request, prompt="KITE", model_name="WAN"))
    check(ways_view(job, 1, await ways(job, 1, GUIDE)))


def test_suggestions() -> None:
    job = replace(a_job(), created_at=NOW)
    job = replace(job, request=replace(job.request, prompt="KITE", model_name="WAN"))
    forgotten = replace(job, forgotten_at=NOW)
    found = [
        *autocomplete.durations([4, 8], "", 8),
        *autocomplete.shots([], "HARBOR", new=True),
        *autocomplete.shots([], "", none=NO_SHOT),
        *autocomplete.jobs([job, forgotten], NOW + 9000),
        *autocomplete.models(GUIDE, "", takes=2),
    ]
    assert [one.name for one in found if left(one.name) and "…" not in one.name] == []


def test_no_shot_is_understood_in_every_language_that_shows_it() -> None:
    assert is_none("«no shot»")
    assert is_none("No shot")
    assert [one.value for one in autocomplete.shots([], "", none=NO_SHOT)] == [NO_SHOT]


def test_the_words_of_models_toml_are_known_to_translators() -> None:
    options = [one for facts in OWN.values() for one in facts.provider_options or ()]
    assert {one.label for one in options} == set(INLINE)
    assert {said for one in options for said in one.choices.values()} == set(CHOICES)
    assert {facts.source for facts in OWN.values() if facts.takes is not None} == set(SOURCES)


def test_an_option_of_a_provider_is_translated_where_it_is_shown() -> None:
    assert option_words("personGeneration", "dont_allow") == ("«People»", "«no people»")
    assert option_inline("negativePrompt") == "«negative prompt»"
    assert sentence(Reason(ReasonCode.PARAMETER_DROPPED, label="watermark")) == "««watermark» dropped: not offered»"


def test_permissions_are_named_in_the_language_of_the_reader() -> None:
    said = sentence(Reason(ReasonCode.LACKS_PERMISSIONS, names=[name for _, name in NEEDS]))
    assert "«View Channel»" in said
    assert "«Read Message History»" in said
