"""The retakes of a screening as one list with their prices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from discord import ui

from cogs.interactions.text import Words, inert, words_view
from cogs.screening import ids
from cogs.screening.message import NAME_SHOWN, take_options
from cogs.status.buttons import most_of
from dailies.formatting import cents, in_seconds
from dailies.job import Job
from dailies.jobs.slates import take_name
from dailies.language import gettext, gettext_noop, ngettext
from dailies.openrouter.pricing import Quote
from dailies.review import Decision
from dailies.screening import Entry

SHOWN = 25
"""Entries of a menu."""
NOTE_SHOWN = 200
NONE_WANTED = gettext_noop(
    "Nobody has asked for a retake of these takes, or all of them are made. You weren't charged."
)


@dataclass(frozen=True)
class Retake:
    """A take of which another one is wanted. word: who said so, and what to do otherwise. today: what its settings cost
    now; None: not known.
    """

    job: Job
    output: int
    word: Decision
    today: Quote | None


def retakes_view(screening_id: str, rows: Sequence[Retake]) -> ui.LayoutView:
    """Return the list with the sum of the prices, and a menu of which each entry opens the composer."""
    if not rows:
        return words_view(gettext(NONE_WANTED))
    shown = rows[:SHOWN]
    head = f"### {ngettext('{n} retake', '{n} retakes', len(rows))} · {_sum(rows)}"
    said = gettext("Each opens in the composer with its note. No charge until **Generate**.")
    lines = [f"**{inert(take_name(one.job, one.output), NAME_SHOWN)}** · {_price(one)}{_note(one)}" for one in shown]
    more = len(rows) - len(shown)
    if more:
        said_more = ngettext("and {n} more, below the other parts", "and {n} more, below the other parts", more)
        lines.append(f"-# {said_more}")
    view = words_view(f"{head}\n{said}", Words("\n".join(lines), cut=1))
    menu = ids.COMPOSE.select(
        take_options((one.job, Entry(one.job.id, one.output, 1)) for one in shown), screening_id=screening_id
    )
    menu.placeholder = gettext("Open a retake in the composer")
    row: ui.ActionRow[ui.LayoutView] = ui.ActionRow(menu)
    return view.add_item(row)


def _sum(rows: Sequence[Retake]) -> str:
    prices = [most_of(one.today) for one in rows]
    known = [price for price in prices if price is not None]
    if not known:
        return gettext("price not known")
    total = cents(sum(known, Decimal(0)))
    if len(rows) > 1:
        total = gettext("{price} in all", price=total)
    if unknown := len(rows) - len(known):
        return ngettext(
            "{price}, {n} without a known price", "{price}, {n} without a known price", unknown, price=total
        )
    return total


def _price(one: Retake) -> str:
    price = most_of(one.today)
    return gettext("price not known") if price is None else cents(price)


def _note(one: Retake) -> str:
    at = one.word.at_seconds
    where = "" if at is None else f" {gettext('(at {time})', time=in_seconds(at))}"
    return f"\n> {inert(one.word.note, NOTE_SHOWN)}{where}" if one.word.note else where
