"""/cut: which takes it joins, in an order that people can change, and its making."""

from __future__ import annotations

import re
from collections.abc import Sequence

import discord
from discord import Interaction, ui

from cogs.interactions.answers import show
from cogs.interactions.responses import REFUSAL_SHOWN, refuse
from cogs.interactions.text import Words, inert, inert_reason, words_view
from cogs.interactions.windows import Fields
from cogs.screening import ids
from cogs.screening.handlers import begun_words
from cogs.screening.message import NAME_SHOWN
from cogs.screening.places import scene
from cogs.video.shots import Shots
from dailies.errors import RefusedError
from dailies.formatting import in_seconds
from dailies.jobs.screening_takes import CutRow
from dailies.jobs.screenings import Screenings
from dailies.jobs.slates import seconds_of, take_name
from dailies.language import gettext, ngettext
from dailies.reason import ReasonCode
from dailies.store.screenings import ScreeningStore

ORDER = "order"
_ORDER_MOST = 4000


class CutHandlers:
    """Makes cuts of a channel's shots."""

    def __init__(self, screenings: Screenings, store: ScreeningStore, shots: Shots) -> None:
        self._screenings = screenings
        self._store = store
        self._shots = shots

    async def open(self, interaction: Interaction) -> None:
        """Answer with what the cut would be made of."""
        try:
            place = scene(interaction)
        except RefusedError as error:
            await refuse(interaction, error)
            return
        await interaction.response.defer(ephemeral=True, thinking=True)
        rows = await self._screenings.cut_rows(place, (await self._shots.home(interaction)).channel_id)
        await interaction.edit_original_response(view=cut_view(rows))

    @ids.CUT.handles
    async def press(self, interaction: Interaction, what: str) -> None:
        """Make the cut, or open the window with the order."""
        try:
            place = scene(interaction)
            at_home = (await self._shots.home(interaction)).channel_id
            if what == ORDER:
                rows = await self._screenings.cut_rows(place, at_home)
                await interaction.response.send_modal(order_window(len(rows)))
                return
            await interaction.response.defer()
            begun = await self._screenings.begin_cut(place, at_home, interaction.user.id)
        except RefusedError as error:
            await show(interaction, words_view(inert_reason(error.reason, REFUSAL_SHOWN)))
            return
        await show(interaction, words_view(begun_words(begun)))

    @ids.ORDER.handles
    async def sent(self, interaction: Interaction, count: str, fields: Fields) -> None:
        """Take the order that was filled in."""
        try:
            place = scene(interaction)
        except RefusedError as error:
            await refuse(interaction, error)
            return
        await interaction.response.defer()
        at_home = (await self._shots.home(interaction)).channel_id
        rows = await self._screenings.cut_rows(place, at_home)
        try:
            order = read_order(str(fields.get(ORDER) or ""), len(rows))
        except RefusedError as error:
            await show(interaction, cut_view(rows, inert_reason(error.reason, REFUSAL_SHOWN)))
            return
        if len(rows) == int(count):
            await self._store.arrange(at_home, [rows[number - 1].shot.id for number in order])
            rows = await self._screenings.cut_rows(place, at_home)
        await show(interaction, cut_view(rows))


def cut_view(rows: Sequence[CutRow], said: str = "") -> ui.LayoutView:
    """Return the shots in their order with the takes that the cut joins. said: a line above them, our own markup."""
    if not rows:
        return words_view(gettext("There are no shots here yet. Name one with the option shot of /video."))
    there = [row for row in rows if row.job is not None]
    seconds = sum(seconds_of(row.job, row.output) or 0 for row in there if row.job)
    shots = ngettext("{done} of {n} shot approved", "{done} of {n} shots approved", len(rows), done=len(there))
    head = f"### {gettext('Cut')} · {shots} · {in_seconds(seconds)}"
    lines = [_line(number, row) for number, row in enumerate(rows, 1)]
    view = words_view(*filter(None, (head, said)), Words("\n".join(lines), cut=1), f"-# {gettext('Cuts are free.')}")
    row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    if there:
        row.add_item(ids.CUT.button(gettext("Make the cut"), discord.ButtonStyle.primary, what="make"))
    if len(rows) > 1:
        row.add_item(ids.CUT.button(gettext("Order"), what=ORDER))
    return view.add_item(row) if row.children else view


def order_window(count: int) -> ui.Modal:
    """Return the window with one field: the numbers of the shots in their order."""
    now = ", ".join(str(number) for number in range(1, count + 1))
    field: ui.TextInput[ui.LayoutView] = ui.TextInput(
        custom_id=ORDER, default=now if len(now) <= _ORDER_MOST else None, max_length=_ORDER_MOST
    )
    label: ui.Label[ui.LayoutView] = ui.Label(
        text=gettext("Order"),
        description=gettext("The shots by their numbers. Those you leave out come last."),
        component=field,
    )
    return ids.ORDER.window(gettext("Order of the cut"), label, count=count)


def read_order(typed: str, count: int) -> list[int]:
    """Return the numbers that were typed, from 1. Raises RefusedError for another number, or one twice."""
    found = [int(number) for number in re.findall(r"\d{1,6}", typed)]
    wrong = not found or len(set(found)) < len(found) or not all(1 <= one <= count for one in found)
    if wrong or re.sub(r"[\d,;.\s]", "", typed):
        raise RefusedError(ReasonCode.CUT_ORDER_WRONG, most=count)
    return found


def _line(number: int, row: CutRow) -> str:
    if row.job is None:
        return f"{number}\\. {inert(row.shot.name, NAME_SHOWN)} · {gettext('no approved take yet')}"
    seconds = seconds_of(row.job, row.output)
    length = "" if seconds is None else f" · {in_seconds(seconds)}"
    return f"{number}\\. **{inert(take_name(row.job, row.output), NAME_SHOWN)}**{length}"
