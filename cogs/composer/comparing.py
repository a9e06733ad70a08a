"""The models that a draft compares, in its panel: a row for each, the window that chooses them, the way out."""

from __future__ import annotations

from typing import Any

from discord import SelectOption, ui

from cogs import autocomplete
from cogs.composer import ids
from cogs.composer.outlook import Outlook
from cogs.interactions.text import inert, plain, shorten
from dailies.catalog.contenders import Contender
from dailies.catalog.guide import ModelGuide
from dailies.draft import TAKES_MOST
from dailies.errors import CatalogMissing
from dailies.explain import sentence, short
from dailies.formatting import cents
from dailies.language import gettext, ngettext

COMPARE = "compare"
"""Name of the window, and of its menu."""
MOST, LABEL = 25, 100
"""Maximum entries of a menu, and characters of one."""
NOTE_SHOWN = 100


def rows(seen: Outlook) -> str:
    """Return a line for each model: its price, and what it makes otherwise or cannot make. Empty: none is compared."""
    return "\n".join(map(_row, seen.contenders))


def _row(one: Contender) -> str:
    name = inert(one.model.name if one.model else one.model_id, 60)
    if one.refused is not None:
        why = inert(short(_why(one)), NOTE_SHOWN)
        return " · ".join([f"**{name}**", gettext("can't make this: {why}", why=why)])
    price = cents(one.quote.usd) if one.quote and one.quote.usd is not None else gettext("price not known")
    return " · ".join([f"**{name}**", price, *(inert(sentence(change), NOTE_SHOWN) for change in one.changes)])


def _why(one: Contender) -> Any:  # noqa: ANN401 (a reason, or its problem, which is one)
    assert one.refused is not None
    problem = one.refused.values.get("problem")
    return problem if problem is not None and "models" not in one.refused.values else one.refused


def window(guide: ModelGuide, seen: Outlook) -> ui.Modal | None:
    """Return the window that chooses the models, with what just these settings cost with each; None while there is no
    list of them.
    """
    draft = seen.draft
    try:
        found = guide.compare(draft.counted)
    except CatalogMissing:
        return None
    now = draft.models or ((seen.model.id,) if seen.model else ())
    usable = [one for one in found if len(one.model.id) <= LABEL]
    shown = sorted(usable, key=lambda one: (one.model.id not in now, one.refused is not None))[:MOST]
    options: list[SelectOption] = []
    for one in shown:
        price = autocomplete.price_words(one)
        options.append(
            SelectOption(
                label=f"{shorten(plain(one.model.name), LABEL - len(price) - 3)} · {price}",
                value=one.model.id,
                description=shorten(" · ".join(autocomplete.difference_words(one)), LABEL) or None,
                default=one.model.id in now,
            )
        )
    most = min(TAKES_MOST, len(options))
    if most < 2:
        return None
    menu: ui.Select[Any] = ui.Select(custom_id=COMPARE, options=options, min_values=2, max_values=most)
    label = ui.Label[Any](
        text=gettext("Models to compare"),
        description=gettext("Two to four, each makes one video and is charged"),
        component=menu,
    )
    return ids.SENT.window(gettext("Compare models"), label, what=COMPARE, **ids.of(draft))


def button(seen: Outlook) -> ui.Button[Any]:
    """Return the button that opens the window."""
    number = len(seen.draft.models)
    label = ngettext("Compare: {n} model", "Compare: {n} models", number) if number else gettext("Compare models")
    return ids.OPEN.button(label, what=COMPARE, **ids.of(seen.draft))


def way_out(seen: Outlook) -> ui.Select[Any]:
    """Return the menu that leaves the comparison with one of its models."""
    options = [
        SelectOption(label=shorten(plain(one.model.name if one.model else one.model_id), LABEL), value=one.model_id)
        for one in seen.contenders
    ]
    menu = ids.CHOOSE.select(options, what="model", **ids.of(seen.draft))
    menu.placeholder = gettext("Use only one of them")
    return menu
