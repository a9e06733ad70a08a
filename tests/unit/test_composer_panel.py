"""The panel and the windows of the composer, as pure functions: within Discord's bounds, and true."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from discord import ui
from hypothesis import given, settings
from hypothesis import strategies as st

from cogs.composer import windows
from cogs.composer.handlers import agreed
from cogs.composer.outlook import outlook
from cogs.composer.panel import panel
from cogs.composer.words import budget_line, heading, quoted
from dailies.catalog.guide import ModelGuide
from dailies.catalog.options import Options
from dailies.draft import Draft, new_draft
from dailies.job import How, Origin
from dailies.money.budget import Budget, BudgetLeft, Period, Scope
from dailies.openrouter.payload import Role
from dailies.references.reference import Source
from tests.unit import kit
from tests.unit.kit import a_job
from tests.unit.test_bounds import WORDS, check, everything

NOW = 1_790_000_000.0
GUIDE = kit.guide(kit.catalog())
MODELS = [model.id for model in GUIDE.catalog]
PARAMETERS = ["negativePrompt", "personGeneration", "watermark", "prompt_extend", "gone_since"]
CHEAP = "bytedance/seedance-2.0-fast"


@pytest.fixture
def guide() -> ModelGuide:
    return GUIDE


def a_draft(options: Options | None = None, **changes: Any) -> Draft:
    return replace(new_draft(1, 2, 3, options or Options("A paper boat", CHEAP), now=NOW), **changes)


def pictures(*names: str, role: Role = Role.REFERENCE) -> tuple[Source, ...]:
    return tuple(Source(f"https://a.example/{name}", name, attached=False, role=role) for name in names)


def shown(view: ui.LayoutView) -> str:
    texts = [part["content"] for part in everything(view.to_components()) if part["type"] == 10]
    return "\n".join(texts).replace("\\", "")


def buttons(view: ui.LayoutView) -> dict[str, bool]:
    parts = everything(view.to_components())
    return {part["label"]: not part["disabled"] for part in parts if part["type"] == 2}


def menus(view: ui.LayoutView) -> Iterator[dict[str, Any]]:
    return (part for part in everything(view.to_components()) if part["type"] == 3)


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    """Draw any draft that can be stored: of any model, with values that it may not offer."""
    model = draw(st.sampled_from([None, "gone/model", *MODELS]))
    prompt = draw(st.one_of(st.text(max_size=6000), st.sampled_from([one[:6000] for one in WORDS.values()])))
    chosen: dict[str, Any] = {
        "duration": draw(st.one_of(st.none(), st.integers(-5, 10_000))),
        "resolution": draw(
            st.one_of(st.none(), st.sampled_from(["480p", "720p", "1080p", "4K"]), st.text(max_size=90))
        ),
        "aspect_ratio": draw(st.one_of(st.none(), st.sampled_from(["16:9", "9:16"]), st.text(max_size=90))),
        "audio": draw(st.one_of(st.none(), st.booleans())),
        "seed": draw(st.one_of(st.none(), st.integers(-(2**40), 2**40))),
    }
    names = draw(st.lists(st.text(max_size=80), max_size=12))
    provider = draw(st.dictionaries(st.sampled_from(PARAMETERS), st.one_of(st.booleans(), st.text(max_size=3000))))
    return a_draft(
        Options(prompt, model, **chosen, provider_options=provider),
        sources=pictures(*names, role=draw(st.sampled_from(Role))),
        takes=draw(st.integers(1, 4)),
        origin=draw(st.sampled_from([None, *(Origin("0123456789abcdef", how, 3) for how in How)])),
        revision=draw(st.integers(1, 10**8)),
    )


@pytest.mark.slow
@given(drafts(), st.text(max_size=2000), st.text(max_size=80))
@settings(deadline=None)
def test_no_panel_goes_beyond_what_discord_takes(draft: Draft, said: str, typed: str) -> None:
    left = [BudgetLeft(Budget(Scope.ROLE, Period.MONTH, Decimal(5), 7), Decimal(1), NOW)]
    origin = a_job(take=3)
    view = panel(GUIDE, replace(outlook(GUIDE, draft), origin=origin, budgets_left=left), said, typed=typed)
    check(view)
    for menu in menus(view):
        assert 1 <= len(menu["options"]) <= 25
        assert len({one["value"] for one in menu["options"]}) == len(menu["options"])
        assert all(len(one.get("description") or "") <= 100 for one in menu["options"])
        assert all(1 <= len(one["label"]) <= 100 and 1 <= len(one["value"]) <= 100 for one in menu["options"])
        assert sum(bool(one.get("default")) for one in menu["options"]) <= 1


@pytest.mark.parametrize("model", MODELS)
def test_every_model_can_be_composed_for(guide: ModelGuide, model: str) -> None:
    view = panel(guide, outlook(guide, a_draft(Options("A paper boat", model))))
    check(view)
    needs = guide.references.needs(guide.catalog[model])
    (able,) = [works for label, works in buttons(view).items() if label.startswith("Generate")]
    assert able is (needs is None)


def test_the_price_stands_on_the_button(guide: ModelGuide) -> None:
    seen = outlook(guide, a_draft(takes=3))
    assert seen.quote
    assert seen.quote.usd
    assert f"Generate · ${seen.quote.usd * 3:.2f}" in buttons(panel(guide, seen))
    assert f"3 takes at about ${seen.quote.usd:.2f} each" in shown(panel(guide, seen))


def test_what_is_wrong_is_a_line_and_nothing_can_be_generated(guide: ModelGuide) -> None:
    view = panel(guide, outlook(guide, a_draft(Options("A paper boat", CHEAP, duration=77))))
    assert buttons(view)["Generate"] is False
    assert "**Not ready yet:**" in shown(view)
    assert "77" in shown(view)


def test_a_number_without_a_picture_keeps_the_price(guide: ModelGuide) -> None:
    view = panel(guide, outlook(guide, a_draft(Options("A paper boat like {2}", CHEAP), sources=pictures("a.png"))))
    (label,) = [one for one in buttons(view) if one.startswith("Generate · $")]
    assert buttons(view)[label] is False


def test_more_values_than_a_menu_holds_are_typed(guide: ModelGuide) -> None:
    many = next(one for one in guide.catalog if len(one.durations or ()) > 25 and not guide.references.needs(one))
    view = panel(guide, outlook(guide, a_draft(Options("A paper boat", many.id))))
    assert any(label.startswith("Length: ") for label in buttons(view))
    assert "Length" not in [menu["placeholder"] for menu in menus(view)]


def test_a_model_that_cannot_make_the_draft_says_why(guide: ModelGuide) -> None:
    draft = a_draft(Options("Like {1}", CHEAP), sources=pictures("a.png"))
    (menu,) = [one for one in menus(panel(guide, outlook(guide, draft), typed="veo")) if one["placeholder"] == "Model"]
    chosen, *others = menu["options"]
    assert (chosen["value"], chosen["default"]) == (CHEAP, True)
    (lite,) = [one for one in others if one["value"] == "google/veo-3.1-lite"]
    assert lite["label"] == "Google: Veo 3.1 Lite"
    assert lite["description"].startswith("Not for this draft: ")


def test_the_heading_says_what_differs_from_the_take_before(guide: ModelGuide) -> None:
    before = a_job(take=3)
    options = replace(before.request.options, prompt="Something else", model=CHEAP, duration=8)
    draft = a_draft(options, origin=Origin(before.id, How.EDIT))
    words = heading(replace(outlook(guide, draft), origin=before))
    assert words.startswith("### What you are making\n-# from take 3 · prompt changed")
    assert f"{before.request.duration} s → 8 s" in words


def test_an_earlier_take_that_is_gone_is_said_as_one(guide: ModelGuide) -> None:
    first = Source("https://a.example/last.png", "last.png", attached=False, role=Role.FIRST)
    draft = a_draft(origin=Origin("0123456789abcdef", How.LAST_FRAME), sources=(first,))
    assert heading(outlook(guide, draft)).endswith("-# from the last frame of an earlier take")


def test_a_long_prompt_is_shortened_in_the_middle(guide: ModelGuide) -> None:
    prompt = "It begins so. " + "word " * 1190 + "It ends so."
    words = quoted(outlook(guide, a_draft(Options(prompt, CHEAP))))
    assert words.startswith("> It begins so.")
    assert words.endswith("It ends so.")
    assert " … " in words
    assert len(words) > 2500


def test_a_prompt_is_shown_as_the_model_gets_it(guide: ModelGuide) -> None:
    seen = outlook(guide, a_draft(Options("Like {1}", CHEAP), sources=pictures("a.png")))
    assert seen.request
    assert seen.request.sent_prompt
    assert quoted(seen).replace("\\", "") == f"> {seen.request.sent_prompt}"


def test_the_budget_with_the_least_left_is_named() -> None:
    budgets = [
        BudgetLeft(Budget(Scope.GUILD, Period.MONTH, Decimal(50)), Decimal("1.5"), NOW),
        BudgetLeft(Budget(Scope.EACH, Period.DAY, Decimal(5)), Decimal("1.9"), NOW),
    ]
    assert budget_line(budgets) == "$3.10 of your $5.00 left today"
    assert budget_line([]) == ""


def test_a_yes_is_for_the_price_on_the_button_and_every_lower_one(guide: ModelGuide) -> None:
    seen = outlook(guide, a_draft())
    assert seen.total
    exact = str(int(seen.total * 1_000_000))
    assert agreed(exact, seen)
    assert agreed(str(int(exact) + 1), seen)
    assert not agreed(str(int(exact) - 1), seen)
    assert not agreed("unknown", seen)


@given(st.text(alphabet="ab \n👩", max_size=6000))
@settings(deadline=None)
def test_a_prompt_comes_back_from_its_window_as_it_was(prompt: str) -> None:
    first, second = windows.split(prompt)
    assert windows.joined(first, second) == prompt
    assert max(len(first), len(second)) <= 4000


@pytest.mark.slow
@given(drafts())
@settings(deadline=None)
def test_every_window_is_one_that_discord_takes(draft: Draft) -> None:
    async def opened() -> list[ui.Modal]:
        seen = outlook(GUIDE, draft)
        typed = [("duration", seen.lengths), ("resolution", seen.resolutions), ("aspect_ratio", seen.shapes)]
        made = [windows.prompt_window(draft), windows.search_window(draft), windows.settings_window(seen)]
        return [one for one in [*made, *(windows.typed_window(seen, n) for n, values in typed if values)] if one]

    for window in asyncio.run(opened()):
        data = window.to_dict()
        assert len(data["custom_id"]) <= 100
        assert len(data["title"]) <= 45
        assert 1 <= len(data["components"]) <= 5
        for label in data["components"]:
            assert 1 <= len(label["label"]) <= 45
            assert len(label.get("description") or "") <= 100
            field = label["component"]
            assert len(field.get("value") or "") <= field.get("max_length", 4000) <= 4000
            assert len(field.get("placeholder") or "") <= 100
            entries: list[dict[str, Any]] = field.get("options") or []
            assert len(entries) <= 25
            assert sum(bool(one.get("default")) for one in entries) <= 1


@pytest.mark.parametrize(
    ("name", "typed", "read"),
    [
        ("duration", " 12 s", 12),
        ("duration", "12", 12),
        ("duration", "", None),
        ("seed", "-4", -4),
        ("audio", ["off"], False),
        ("audio", ["on"], True),
        ("resolution", "1080p", "1080p"),
    ],
)
def test_a_field_is_read(name: str, typed: str | list[str], read: object) -> None:
    assert windows.read(name, typed) == read


def test_a_field_that_cannot_be_read_is_left_out_and_the_rest_stays() -> None:
    options, unread = windows.filled(Options("x", CHEAP, seed=5), {"seed": "seven", "audio": ["off"]})
    assert (options.seed, options.audio) == (5, False)
    assert unread == ["Seed has to be a whole number, so “seven” was left out."]


def test_options_of_the_provider_are_filled_in_and_shown(guide: ModelGuide) -> None:
    draft = a_draft(Options("A boat", "google/veo-3.1", provider_options={"negativePrompt": "blur"}))
    fields = guide.option_fields(draft.options)
    given = {"provider:negativePrompt": "fog", "provider:personGeneration": ["allow_adult"], "audio": ["on"]}
    options, unread = windows.filled(draft.options, given, fields)
    assert unread == []
    assert options.provider_options == {"negativePrompt": "fog", "personGeneration": "allow_adult"}
    assert "Negative prompt: fog" in shown(panel(guide, outlook(guide, replace(draft, options=options))))

    options, unread = windows.filled(
        options, {"provider:negativePrompt": "", "provider:personGeneration": ["x"]}, fields
    )
    assert options.provider_options == {"personGeneration": "allow_adult"}
    assert unread == ["People isn't one of its values."]
