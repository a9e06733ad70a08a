"""/usage: spending."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Sequence
from datetime import date, tzinfo
from decimal import Decimal

import discord
from discord import Interaction, app_commands
from discord.ext import commands

from cogs.interactions.permissions import moderates
from cogs.interactions.responses import refuse
from cogs.interactions.text import NOBODY, content, inert
from dailies.errors import RefusedError
from dailies.formatting import plural, usd
from dailies.money import chart, usage
from dailies.money.usage import Spent, Usage
from dailies.reason import ReasonCode

SHOWN = 8
"""Rows shown of each list; the table has all of them."""


class UsageCommand(commands.Cog):
    """The command /usage; only the person sees the answer. zone: decides when days begin."""

    def __init__(self, spending: Usage, zone: tzinfo) -> None:
        self._spending = spending
        self._zone = zone

    @app_commands.command(
        name="usage", description="What your videos cost in the last 30 days, as list, picture and table"
    )
    @app_commands.describe(guild="Everybody's in this server; for those who manage the server or its messages")
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
        whose = "This server's videos" if guild else "Your videos"
        days = usage.by_day(items, now, self._zone)
        picture = await asyncio.to_thread(chart.draw, days, f"{whose}, the last {usage.DAYS} days")
        files = [
            discord.File(io.BytesIO(picture), "usage.png", description=chart.described(days)),
            discord.File(io.BytesIO(usage.to_csv(items).encode()), "usage.csv"),
        ]
        await interaction.edit_original_response(
            content=content(_words(items, days, whose, guild=guild)),
            attachments=files,
            allowed_mentions=NOBODY,
        )


def _words(items: Sequence[Spent], days: Sequence[tuple[date, Decimal]], whose: str, *, guild: bool) -> str:
    held = sum((one.held for one in items), Decimal(0))
    byok = sum(one.is_byok for one in items)
    lines = [
        f"### {whose}, the last {usage.DAYS} days",
        f"{_jobs(len(items))}, {usd(usage.total(items))}",
    ]
    if held:
        lines.append(f"{usd(held)} more is held for jobs whose cost is not known yet.")
    if byok:
        lines.append(f"{byok} of them ran with a provider key of the account's own; its bill is not in here.")
    models = usage.grouped(items, lambda one: one.model)
    lines += _list("By model", [(inert(name, 80), number, amount) for name, number, amount in models])
    if guild:
        people = usage.grouped(items, lambda one: one.user_id)
        lines += _list("By person", [(f"<@{name}>", number, amount) for name, number, amount in people])
    spent = [(day, amount) for day, amount in reversed(days) if amount]
    lines += ["**By day**"] if spent else []
    lines += [f"- {day:%d %B}: {usd(amount)}" for day, amount in spent[:SHOWN]]
    lines += _more(len(spent) - SHOWN)
    return "\n".join(lines)


def _list(title: str, rows: Sequence[tuple[str, int, Decimal]]) -> list[str]:
    lines = [
        f"- {name}: {usd(amount)}, {plural(number, '{n} job', '{n} jobs')}" for name, number, amount in rows[:SHOWN]
    ]
    more = [f"- and {len(rows) - SHOWN} more, in the table"] if len(rows) > SHOWN else []
    return [f"**{title}**", *lines, *more] if rows else []


def _jobs(number: int) -> str:
    return plural(number, "{n} job", "{n} jobs")


def _more(days: int) -> list[str]:
    words = plural(days, "- and {n} day more, in the picture", "- and {n} days more, in the picture")
    return [words] if days > 0 else []
