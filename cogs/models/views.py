"""What /models shows: models with their prices, and the controls that narrow them down.

A control's custom id says all that it needs, so it works after a restart too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Protocol, cast

import discord
from discord import Interaction, ui
from discord.ext import commands

from cogs.interactions.responses import reports_errors
from cogs.interactions.text import LAYOUT, inert, plain, shorten
from dailies.catalog.browse import ModelFilter, Offer
from dailies.catalog.offers import least_per_second
from dailies.catalog.references import ReferenceModels
from dailies.formatting import count, usd

COG = "Models"
PAGE = 8
"""Models on a page: with their words and the controls well below Discord's 4,000 characters and 40 parts."""
LENGTHS = (3, 4, 5, 6, 8, 10, 12, 15, 20, 30)
"""Seconds to choose from; the command takes every other length too."""
PRICES = (10, 25, 50, 100, 200, 500)
"""US cents to choose from."""
_ANY = "any"
_SAFE = re.compile(r"[0-9A-Za-z]{1,12}")


@dataclass(frozen=True)
class ModelsPage:
    """What is looked for, and which page of it, from 0."""

    wish: ModelFilter
    page: int = 0

    def encode(self) -> str:
        """As a part of a custom id: 5.720p.r.50.0"""
        wish = self.wish
        cents = None if wish.at_most is None else int(wish.at_most * 100)
        parts = (wish.duration, wish.resolution, "r" if wish.references else None, cents)
        return ".".join([*("-" if part is None else str(part) for part in parts), str(self.page)])

    @classmethod
    def decode(cls, text: str) -> ModelsPage:
        """From a custom id that matched CODE."""
        duration, resolution, references, cents, page = text.split(".")
        wish = ModelFilter(
            None if duration == "-" else int(duration),
            None if resolution == "-" else resolution,
            references == "r",
            None if cents == "-" else Decimal(cents) / 100,
        )
        return cls(wish, int(page))


CODE = r"(?P<code>(?:[0-9]{1,4}|-)\.(?:[0-9A-Za-z]{1,12}|-)\.[r-]\.(?:[0-9]{1,8}|-)\.[0-9]{1,3})"


class Guide(Protocol):
    """Who acts when a control is used: the cog named COG."""

    async def turn(self, interaction: Interaction, look: ModelsPage) -> None:
        """Show something else in the same message."""
        ...


class LookButton(ui.DynamicItem[ui.Button[ui.LayoutView]], template=rf"models:(?P<what>older|newer|refs):{CODE}"):
    """Previous, Next, or whether only models that take references are shown; the id has where it leads."""

    def __init__(self, what: str, label: str, look: ModelsPage, *, disabled: bool = False) -> None:
        super().__init__(ui.Button(label=label, custom_id=f"models:{what}:{look.encode()}", disabled=disabled))
        self.look = look

    @classmethod
    async def from_custom_id(cls, interaction: Interaction, item: ui.Item[Any], match: re.Match[str], /) -> LookButton:
        """Read what an earlier process wrote."""
        return cls(match["what"], "…", ModelsPage.decode(match["code"]))

    @reports_errors
    async def callback(self, interaction: Interaction) -> None:
        """See Guide."""
        await _guide(interaction).turn(interaction, self.look)


class LookSelect(ui.DynamicItem[ui.Select[ui.LayoutView]], template=rf"models:(?P<what>length|size|price):{CODE}"):
    """A choice of length, resolution or highest price; the id has what is shown now."""

    def __init__(self, what: str, look: ModelsPage, options: Sequence[discord.SelectOption] = ()) -> None:
        super().__init__(ui.Select(custom_id=f"models:{what}:{look.encode()}", options=list(options)))
        self.what = what
        self.look = look

    @classmethod
    async def from_custom_id(cls, interaction: Interaction, item: ui.Item[Any], match: re.Match[str], /) -> LookSelect:
        """Read what an earlier process wrote."""
        return cls(match["what"], ModelsPage.decode(match["code"]))

    @reports_errors
    async def callback(self, interaction: Interaction) -> None:
        """See Guide."""
        value = None if self.item.values[0] == _ANY else self.item.values[0]
        wish = self.look.wish
        match self.what:
            case "length":
                wish = replace(wish, duration=int(value) if value else None)
            case "size":
                wish = replace(wish, resolution=value)
            case _:
                wish = replace(wish, at_most=Decimal(value) / 100 if value else None)
        await _guide(interaction).turn(interaction, ModelsPage(wish))


def _guide(interaction: Interaction) -> Guide:
    # A control that outlived its process knows nothing but the client.
    cog = cast("commands.Bot", interaction.client).get_cog(COG)
    if cog is None:
        raise RuntimeError(f"there is no cog {COG}")
    return cast("Guide", cog)


def models_view(
    offers: Sequence[Offer],
    look: ModelsPage,
    resolutions: Sequence[str],
    known: ReferenceModels,
    remarks: Mapping[str, str],
) -> ui.LayoutView:
    """A page of models. resolutions: to choose from. remarks: a few words about a model, by its id."""
    pages = max(1, -(-len(offers) // PAGE))
    look = replace(look, page=min(look.page, pages - 1))
    shown = offers[look.page * PAGE : (look.page + 1) * PAGE]
    view = ui.LayoutView(timeout=None)
    text = "\n".join([_head(offers, look, pages), *(_listed(one, known, remarks) for one in shown)])
    view.add_item(ui.TextDisplay(shorten(text, LAYOUT)))
    buttons: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    if pages > 1:
        back, on = max(look.page - 1, 0), min(look.page + 1, pages - 1)
        buttons.add_item(LookButton("newer", "Previous", replace(look, page=back), disabled=look.page == back))
        buttons.add_item(LookButton("older", "Next", replace(look, page=on), disabled=look.page == on))
    references = look.wish.references
    other = ModelsPage(replace(look.wish, references=not references))
    buttons.add_item(LookButton("refs", "Show all models" if references else "Only with references", other))
    view.add_item(buttons)
    for select in _selects(look, resolutions):
        row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
        view.add_item(row.add_item(select))
    return view


def _head(offers: Sequence[Offer], look: ModelsPage, pages: int) -> str:
    wish = look.wish
    wished = [f"{wish.duration} s"] if wish.duration else []
    wished += [inert(wish.resolution, 12)] if wish.resolution else []
    wished += ["with a reference image"] if wish.references else []
    wished += [f"at most {usd(wish.at_most)}"] if wish.at_most is not None else []
    where = f" Page {look.page + 1} of {pages}." if pages > 1 else ""
    head = f"### {count(len(offers), 'model', 'models')}{': ' if wished else ''}{', '.join(wished)}\n"
    if not offers:
        return f"{head}None is known to offer this. Choose something else below."
    unknown = sum(one.quote.usd is None for one in offers)
    last = f"; {unknown} of unknown price come last" if unknown else ""
    return f"{head}-# Cheapest first{last}. Prices are as published; the bill decides.{where}"


def _listed(offer: Offer, known: ReferenceModels, remarks: Mapping[str, str]) -> str:
    model, quote = offer.model, offer.quote
    cost = f"**about {usd(quote.usd)}**" if quote.usd is not None else f"**price not known**{_bound(offer)}"
    request = offer.request
    chosen = [f"{request.duration} s" if request.duration else "its own length"]
    chosen += [inert(one, 12) for one in (request.resolution, request.aspect_ratio) if one]
    chosen += [] if request.audio is None else ["with sound" if request.audio else "without sound"]
    least = least_per_second(model)
    facts = [inert(model.id, 80), known.verdict(model).words]
    facts += [f"from {usd(least)}/s"] if least is not None else []
    facts += [f"{min(model.durations)} to {max(model.durations)} s"] if model.durations else []
    facts += [inert(", ".join(model.resolutions), 60)] if model.resolutions else []
    facts += [inert(remarks[model.id], 80)] if model.id in remarks else []
    return f"{inert(model.name, 60)} · {cost} · {' · '.join(chosen)}\n-# {' · '.join(facts)}"


def _bound(offer: Offer) -> str:
    return "" if offer.quote.at_most is None else f", at most {usd(offer.quote.at_most)}"


def _selects(look: ModelsPage, resolutions: Sequence[str]) -> list[LookSelect]:
    wish = look.wish
    lengths = sorted({*LENGTHS, wish.duration or LENGTHS[0]})
    sizes = [one for one in resolutions if _SAFE.fullmatch(one)][:24]
    cents = None if wish.at_most is None else str(int(wish.at_most * 100))
    start = ModelsPage(wish)
    return [
        LookSelect("length", start, _choices("Any length", [(str(one), f"{one} s") for one in lengths], wish.duration)),
        LookSelect("size", start, _choices("Any resolution", [(one, one) for one in sizes], wish.resolution)),
        LookSelect(
            "price",
            start,
            _choices("Any price", [(str(one), f"At most {usd(Decimal(one) / 100)}") for one in PRICES], cents),
        ),
    ]


def _choices(nothing: str, values: Sequence[tuple[str, str]], chosen: object) -> list[discord.SelectOption]:
    now = _ANY if chosen is None else str(chosen).lower()
    pairs = [(_ANY, nothing), *values]
    return [
        discord.SelectOption(label=plain(label), value=value, default=value.lower() == now) for value, label in pairs
    ]
