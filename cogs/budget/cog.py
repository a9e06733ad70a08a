"""/budget: what a server's jobs may cost, and how many may run."""

from __future__ import annotations

from typing import Any, Literal

import discord
from discord import Interaction, app_commands
from discord.app_commands import Choice
from discord.ext import commands

from cogs.budget.handlers import BudgetHandlers, Subject
from cogs.budget.settle import SettleHandlers
from dailies.money.budget import Period

Jobs = app_commands.Range[int, 1, 1000]
JobId = app_commands.Range[str, 1, 100]
Periods = Literal["day", "month"]


class _WithVideos(app_commands.Transformer):
    """A channel in which, or in whose threads, /video can be used: not a category."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        """Channel types that can have a budget: without media, which ForumChannel adds and Discord's OpenAPI lacks."""
        kinds = discord.ChannelType
        return [kinds.text, kinds.news, kinds.voice, kinds.forum]

    async def transform(self, _: Interaction, value: Any, /) -> Any:  # noqa: ANN401 (as the class above has it)
        """Return the channel unchanged."""
        return value


Channel = app_commands.Transform[app_commands.AppCommandChannel, _WithVideos]


@app_commands.guild_only()
@app_commands.allowed_installs(guilds=True, users=False)
class BudgetCommands(
    commands.GroupCog, name="budget", group_name="budget", group_description="What videos may cost here: set, show"
):
    """The group /budget; BudgetHandlers and SettleHandlers answer its commands."""

    def __init__(self, budget_handlers: BudgetHandlers, settle_handlers: SettleHandlers) -> None:
        self._budget_handlers = budget_handlers
        self._settle_handlers = settle_handlers

    @app_commands.command(name="set", description="Limit what videos may cost in a day or a month")
    @app_commands.describe(
        usd="USD, as in 5 or 12.50",
        period="For how long; then it starts over",
        user="For one person; leave all four out for the whole server",
        role="For all people with a role together",
        channel="For a channel with its threads",
        each="For each person by themselves",
    )
    async def set_budget(
        self,
        interaction: Interaction,
        usd: str,
        period: Periods,
        user: discord.User | None = None,
        role: discord.Role | None = None,
        channel: Channel | None = None,
        each: bool = False,
    ) -> None:
        await self._budget_handlers.set(interaction, Subject(user, role, channel, each), Period(period), usd)

    @app_commands.command(description="Remove a budget; the operator's default applies again, if there is one")
    @app_commands.describe(
        period="The budget's period",
        user="The budget of one person",
        role="The budget of a role",
        channel="The budget of a channel",
        each="The budget that each person has",
        server="The budget of the whole server",
    )
    async def remove(
        self,
        interaction: Interaction,
        period: Periods,
        user: discord.User | None = None,
        role: discord.Role | None = None,
        channel: Channel | None = None,
        each: bool = False,
        server: bool = False,
    ) -> None:
        await self._budget_handlers.remove(interaction, Subject(user, role, channel, each), Period(period), server)

    @app_commands.command(description="How many videos can be made at the same time: show the limits, or change them")
    @app_commands.describe(
        user="For each person; what you leave out stays as it is",
        server="For the whole server; what you leave out stays as it is",
        remove="Remove a limit; the operator's default applies again, if there is one",
    )
    @app_commands.choices(
        remove=[
            Choice(name="For each person", value="user"),
            Choice(name="For the whole server", value="server"),
            Choice(name="Both", value="both"),
        ]
    )
    async def jobs(
        self,
        interaction: Interaction,
        user: Jobs | None = None,
        server: Jobs | None = None,
        remove: str | None = None,
    ) -> None:
        await self._budget_handlers.jobs(interaction, user, server, remove)

    @app_commands.command(description="Your budgets here; people who manage the server see all of them")
    async def show(self, interaction: Interaction) -> None:
        await self._budget_handlers.show(interaction)

    @app_commands.command(description="Say what a video cost that may have been charged, if OpenRouter never said")
    @app_commands.describe(
        job="Type the job's id or part of its prompt",
        usd="USD that openrouter.ai/activity shows for it; 0: it was not charged",
    )
    async def settle(self, interaction: Interaction, job: JobId, usd: str) -> None:
        await self._settle_handlers.ask(interaction, job, usd)

    @settle.autocomplete("job")
    async def complete_job(self, interaction: Interaction, current: str) -> list[Choice[str]]:
        """Suggest jobs that can be settled."""
        return await self._settle_handlers.complete(interaction, current)
