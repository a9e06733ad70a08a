"""Views of /models: models with their prices, and the controls that filter them.

A control's custom id holds everything it needs, so it works after a restart too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import discord
from discord import ui

from cogs.interactions.buttons import CustomId
from cogs.interactions.text import LAYOUT, inert, plain, shorten
from dailies.catalog.guide import ModelFilter, Offer
from dailies.catalog.offers import least_per_second
from dailies.catalog.references import ReferenceModels
from dailies.explain import reference_support
from dailies.formatting import inside, joined, listed, usd
from dailies.language import gettext, ngettext
from dailies.openrouter.models import VideoModel
from dailies.store.comparisons import Wins

PAGE = 8
"""Models on a page: their text and the controls stay well below Discord's 4,000 characters and 40 components."""
LENGTHS = (3, 4, 5, 6, 8, 10, 12, 15, 20, 30)
"""Seconds to choose from; the command takes any other length too."""
PRICES = (10, 25, 50, 100, 200, 500)
"""US cents to choose from."""
_ANY = "any"
SAFE = re.compile(r"[0-9A-Za-z]{1,12}")
"""Resolutions that a button's id can hold; OpenRouter has had no other."""


@dataclass(frozen=True)
class ModelsPage:
    """A filter, and the page of the models that match it, from 0."""

    wish: ModelFilter
    page: int = 0

    def encode(self) -> str:
        """Return it as part of a custom id: 5.720p.r.50.0"""
        wish = self.wish
        cents = None if wish.at_most is None else int(wish.at_most * 100)
        parts = (wish.duration, wish.resolution, "r" if wish.references else None, cents)
        return ".".join([*("-" if part is None else str(part) for part in parts), str(self.page)])

    @classmethod
    def decode(cls, text: str) -> ModelsPage:
        """Read it from a custom id that matched CODE."""
        duration, resolution, references, cents, page = text.split(".")
        wish = ModelFilter(
            None if duration == "-" else int(duration),
            None if resolution == "-" else resolution,
            references == "r",
            None if cents == "-" else Decimal(cents) / 100,
        )
        return cls(wish, int(page))


CODE = r"(?:[0-9]{1,4}|-)\.(?:[0-9A-Za-z]{1,12}|-)\.[r-]\.(?:[0-9]{1,8}|-)\.[0-9]{1,4}"

LOOK = CustomId("models:{what}:{code}", what="older|newer|refs|length|size|price", code=CODE)
"""Shows another page or other models in the same message. The code of a button is the page that it leads to, the code
of a menu is the page that it stands on."""


def chosen(selection: ModelsPage, what: str, value: str) -> ModelsPage:
    """Return the page to show after a choice in one of the menus."""
    given = None if value == _ANY else value
    match what:
        case "length":
            wish = replace(selection.wish, duration=int(given) if given else None)
        case "size":
            wish = replace(selection.wish, resolution=given)
        case _:
            wish = replace(selection.wish, at_most=Decimal(given) / 100 if given else None)
    return ModelsPage(wish)


def models_view(
    offers: Sequence[Offer],
    selection: ModelsPage,
    resolutions: Sequence[str],
    reference_models: ReferenceModels,
    remarks: Mapping[str, str],
) -> ui.LayoutView:
    """Return a page of models. resolutions: to choose from. remarks: a few words about a model, by its id."""
    pages = max(1, -(-len(offers) // PAGE))
    selection = replace(selection, page=min(selection.page, pages - 1))
    shown = offers[selection.page * PAGE : (selection.page + 1) * PAGE]
    view = ui.LayoutView(timeout=None)
    text = "\n".join([_head(offers, selection, pages), *(_listed(one, reference_models, remarks) for one in shown)])
    view.add_item(ui.TextDisplay(shorten(text, LAYOUT)))
    buttons: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    if pages > 1:
        back, on = max(selection.page - 1, 0), min(selection.page + 1, pages - 1)
        buttons.add_item(
            LOOK.button(
                gettext("Previous"),
                disabled=selection.page == back,
                what="newer",
                code=replace(selection, page=back).encode(),
            )
        )
        buttons.add_item(
            LOOK.button(
                gettext("Next"), disabled=selection.page == on, what="older", code=replace(selection, page=on).encode()
            )
        )
    references = selection.wish.references
    other = ModelsPage(replace(selection.wish, references=not references))
    label = gettext("Show all models") if references else gettext("Only with references")
    buttons.add_item(LOOK.button(label, what="refs", code=other.encode()))
    view.add_item(buttons)
    for select in _selects(selection, resolutions):
        row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
        view.add_item(row.add_item(select))
    return view


def with_wins(remarks: Mapping[str, str], wins: Mapping[str, Wins]) -> dict[str, str]:
    """Return the remarks on models, with how often each was chosen in the comparisons of this server."""
    times = {
        one: ngettext("chosen here {won} of {n} time", "chosen here {won} of {n} times", its.of, won=its.won)
        for one, its in wins.items()
    }
    return {one: " · ".join(filter(None, (times.get(one), remarks.get(one)))) for one in {*remarks, *times}}


def _head(offers: Sequence[Offer], selection: ModelsPage, pages: int) -> str:
    number, wish = len(offers), selection.wish
    wished = [gettext("{seconds} s", seconds=wish.duration)] if wish.duration else []
    wished += [inert(wish.resolution, 12)] if wish.resolution else []
    wished += [gettext("with a reference image")] if wish.references else []
    wished += [gettext("at most {amount}", amount=usd(wish.at_most))] if wish.at_most is not None else []
    head = ngettext("{n} model", "{n} models", number)
    if wished:
        head = ngettext("{n} model: {wished}", "{n} models: {wished}", number, wished=joined(wished))
    if not offers:
        nothing = gettext("No model is known to offer this. Choose something else below.")
        return f"### {head}\n{nothing}"
    lines = [_order(sum(one.quote.usd is None for one in offers))]
    if pages > 1:
        lines.append(gettext("Page {page} of {pages}.", page=selection.page + 1, pages=pages))
    return f"### {head}\n-# {' '.join(lines)}"


def _order(unknown: int) -> str:
    """Say in which order the models stand. unknown: models without a price."""
    if not unknown:
        return gettext("Cheapest first. List prices; the final charge may differ.")
    return ngettext(
        "Cheapest first; {n} with unknown prices come last. List prices; the final charge may differ.",
        "Cheapest first; {n} with unknown prices come last. List prices; the final charge may differ.",
        unknown,
    )


def _listed(offer: Offer, reference_models: ReferenceModels, remarks: Mapping[str, str]) -> str:
    model, request = offer.model, offer.request
    chosen = [gettext("{seconds} s", seconds=request.duration) if request.duration else gettext("its own length")]
    chosen += [inert(one, 12) for one in (request.resolution, request.aspect_ratio) if one]
    if request.audio is not None:
        chosen.append(gettext("with sound") if request.audio else gettext("without sound"))
    facts = _facts(model, reference_models)
    facts += [inert(remarks[model.id], 120)] if model.id in remarks else []
    return f"{inert(model.name, 60)} · {_cost(offer)} · {' · '.join(chosen)}\n-# {' · '.join(facts)}"


def _facts(model: VideoModel, reference_models: ReferenceModels) -> list[str]:
    least, verdict = least_per_second(model), reference_models.verdict(model)
    facts = [inert(model.id, 80), reference_support(verdict.takes, verdict.most)]
    facts += [gettext("no photos of real people")] if reference_models.refuses_people(model.id) else []
    facts += [gettext("from {amount}/s", amount=usd(least))] if least is not None else []
    if lengths := model.durations:
        facts.append(gettext("{least} to {most} s", least=min(lengths), most=max(lengths)))
    facts += [inert(joined(model.resolutions), 60)] if model.resolutions else []
    facts += [inert(one, 60) for one in _length_rules(model, reference_models)]
    if options := reference_models.provider_options(model):
        named = joined([inside(gettext(one.label)) for one in options])
        facts.append(inert(gettext("options: {options}", options=named), 80))
    return facts


def _length_rules(model: VideoModel, reference_models: ReferenceModels) -> list[str]:
    """Return the lengths at resolutions that have fewer of them, as in "1080p and 4K: 8 s only"."""
    every = reference_models.durations(model, references=False)
    fewer: dict[tuple[int, ...], list[str]] = {}
    for one in model.resolutions or ():
        lengths = reference_models.durations(model, references=False, resolution=one)
        if lengths and lengths != every:
            fewer.setdefault(lengths, []).append(one)
    return [
        gettext("{resolutions}: {seconds} s only", resolutions=listed(names), seconds=joined([*map(str, lengths)]))
        for lengths, names in fewer.items()
    ]


def _cost(offer: Offer) -> str:
    quote = offer.quote
    if quote.usd is not None:
        return gettext("**about {amount}**", amount=usd(quote.usd))
    if quote.at_most is not None:
        return gettext("**price not known**, at most {amount}", amount=usd(quote.at_most))
    return gettext("**price not known**")


def _selects(selection: ModelsPage, resolutions: Sequence[str]) -> list[ui.Select[Any]]:
    wish = selection.wish
    lengths = sorted({*LENGTHS, wish.duration or LENGTHS[0]})
    sizes = resolutions[:24]
    cents = None if wish.at_most is None else str(int(wish.at_most * 100))
    menus = {
        "length": _choices(
            gettext("Any length"), [(str(one), gettext("{seconds} s", seconds=one)) for one in lengths], wish.duration
        ),
        "size": _choices(gettext("Any resolution"), [(one, one) for one in sizes], wish.resolution),
        "price": _choices(
            gettext("Any price"),
            [(str(one), gettext("At most {amount}", amount=usd(Decimal(one) / 100))) for one in PRICES],
            cents,
        ),
    }
    code = ModelsPage(wish).encode()
    return [LOOK.select(options, what=what, code=code) for what, options in menus.items()]


def _choices(nothing: str, values: Sequence[tuple[str, str]], chosen: object) -> list[discord.SelectOption]:
    now = _ANY if chosen is None else str(chosen).lower()
    pairs = [(_ANY, nothing), *values]
    return [
        discord.SelectOption(label=plain(label), value=value, default=value.lower() == now) for value, label in pairs
    ]
