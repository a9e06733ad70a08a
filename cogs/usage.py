"""/usage: spending."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Callable, Sequence
from datetime import date, tzinfo
from decimal import Decimal
from functools import partial

import discord
from discord import Interaction, app_commands
from discord.ext import commands

from cogs.interactions.permissions import moderates, sees
from cogs.interactions.responses import refuse
from cogs.interactions.text import NOBODY, content, inert
from dailies.errors import RefusedError
from dailies.formatting import day_of_year, figure, usd
from dailies.job import Place
from dailies.language import gettext, gettext_noop, ngettext
from dailies.money import chart, usage
from dailies.money.usage import Spent, Usage
from dailies.money.worth import Worth, each_second, worth
from dailies.reason import ReasonCode

SHOWN = 8
"""Rows shown of each list; the table has all of them."""
NO_SHOT, HIDDEN_SHOTS = gettext_noop("no shot"), gettext_noop("shots in channels that you do not see")

Named = Callable[[Spent], str]
"""Returns the name of a job's shot."""


class UsageCommand(commands.Cog):
    """The command /usage; only the person sees the answer. zone: decides when days begin."""

    def __init__(self, spending: Usage, zone: tzinfo) -> None:
        self._spending = spending
        self._zone = zone

    @app_commands.command(
        name="usage", description="What your videos cost in the last 30 days, with a chart and a table"
    )
    @app_commands.describe(guild="Everyone's in this server, if you manage the server or its messages")
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    async def usage(self, interaction: Interaction, guild: bool = False) -> None:
        """Defer, because drawing takes time, then answer."""
        if guild and not moderates(interaction):
            await refuse(interaction, RefusedError(ReasonCode.OTHERS_SPENDING_HIDDEN))
            return
        await interaction.response.defer(ephemeral=True, thinking=True)
        now = time.time()
        since = usage.since(now, self._zone)
        if guild and interaction.guild_id is not None:
            items = await self._spending.of_guild(interaction.guild_id, since)
        else:
            items = await self._spending.of_user(interaction.user.id, since)
        title = gettext("Your videos, the last {n} days", n=usage.DAYS)
        if guild:
            title = gettext("This server's videos, the last {n} days", n=usage.DAYS)
        days = usage.by_day(items, now, self._zone)
        picture = await asyncio.to_thread(chart.draw, days, title)
        files = [
            discord.File(io.BytesIO(picture), "usage.png", description=chart.described(days)),
            discord.File(io.BytesIO(usage.to_csv(items).encode()), "usage.csv"),
        ]
        await interaction.edit_original_response(
            content=content(_words(items, days, title, guild=guild, named=partial(_shot, interaction))),
            attachments=files,
            allowed_mentions=NOBODY,
        )


def _words(
    items: Sequence[Spent], days: Sequence[tuple[date, Decimal]], title: str, *, guild: bool, named: Named
) -> str:
    held = sum((one.held for one in items), Decimal(0))
    byok = sum(one.is_byok for one in items)
    lines = [
        f"### {title}",
        ngettext("{n} job, {amount}", "{n} jobs, {amount}", len(items), amount=usd(usage.total(items))),
    ]
    if held:
        lines.append(gettext("{amount} more is on hold for videos whose charge isn't known yet.", amount=usd(held)))
    if byok:
        lines.append(
            ngettext(
                "{n} of them used the account's own provider key. That provider's bill isn't included.",
                "{n} of them used the account's own provider key. That provider's bill isn't included.",
                byok,
            )
        )
    lines += _approved(worth(items))
    lines += _list(gettext("By model"), items, lambda one: inert(one.model, 80))
    if any(one.shot for one in items):
        lines += _list(gettext("By shot"), items, lambda one: inert(named(one), 60))
    if guild:
        lines += _list(gettext("By person"), items, lambda one: f"<@{one.user_id}>")
    spent = [(day, amount) for day, amount in reversed(days) if amount]
    by_day = gettext("By day")
    lines += [f"**{by_day}**"] if spent else []
    lines += [f"- {day_of_year(day)}: {usd(amount)}" for day, amount in spent[:SHOWN]]
    lines += _more(len(spent) - SHOWN)
    return "\n".join(lines)


def _approved(all_of_it: Worth) -> list[str]:
    """Return what an approved second cost, and what went into takes that nobody approved; nothing without any."""
    each = each_second(all_of_it)
    if each is None:
        return []
    approved = figure(all_of_it.approved)
    lines = [gettext("{seconds} s approved: {each} per approved second.", seconds=approved, each=each)]
    if all_of_it.wasted:
        wasted = ngettext(
            "{amount} went into {n} job without an approved video.",
            "{amount} went into {n} jobs without an approved video.",
            all_of_it.wasted,
            amount=usd(all_of_it.wasted_usd),
        )
        lines.append(wasted)
    return lines


def _list(title: str, items: Sequence[Spent], key: Callable[[Spent], str]) -> list[str]:
    rows = usage.grouped(items, key)
    lines = [
        _row(name, number, amount, each_second(worth(_of(items, key, name)))) for name, number, amount in rows[:SHOWN]
    ]
    if (more := len(rows) - SHOWN) > 0:
        lines.append(ngettext("and {n} more, in the table", "and {n} more, in the table", more))
    return [f"**{title}**", *(f"- {line}" for line in lines)] if rows else []


def _row(name: str, number: int, amount: Decimal, each: str | None) -> str:
    if each is None:
        return ngettext(
            "{name}: {amount}, {n} job", "{name}: {amount}, {n} jobs", number, name=name, amount=usd(amount)
        )
    return ngettext(
        "{name}: {amount}, {n} job, {each} per approved second",
        "{name}: {amount}, {n} jobs, {each} per approved second",
        number,
        name=name,
        amount=usd(amount),
        each=each,
    )


def _of(items: Sequence[Spent], key: Callable[[Spent], str], name: str) -> list[Spent]:
    return [one for one in items if key(one) == name]


def _shot(interaction: Interaction, one: Spent) -> str:
    """Return the name of a job's shot, as far as the person sees its channel."""
    if one.shot is None:
        return gettext(NO_SHOT)
    place = Place(one.guild_id, one.channel_id, one.user_id)
    return one.shot if one.user_id == interaction.user.id or sees(interaction, place) else gettext(HIDDEN_SHOTS)


def _more(days: int) -> list[str]:
    if days <= 0:
        return []
    return ["- " + ngettext("and {n} more day, in the chart", "and {n} more days, in the chart", days)]
