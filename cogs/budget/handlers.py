"""Handlers of /budget, which check who may set what. Every answer is ephemeral."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

import discord
from discord import Interaction

from cogs.budget.views import budget_lines
from cogs.interactions.permissions import accounts, manages
from cogs.interactions.responses import defer, finish, refuse
from cogs.interactions.text import NOBODY, words_view
from dailies import values
from dailies.catalog.options import VideoRequest
from dailies.errors import RefusedError
from dailies.explain import sentence
from dailies.formatting import usd as dollars
from dailies.job import Job, Place
from dailies.language import gettext, gettext_noop, ngettext
from dailies.money.budget import Budget, Period, Scope
from dailies.reason import Reason, ReasonCode
from dailies.store.budgets import PER_GUILD, PER_USER, BudgetStore, ServerLimits

log = logging.getLogger(__name__)

HELD = gettext_noop(
    "Until its charge is known, a video counts with the most it should cost. One that may have been charged without "
    "any word of it counts until the budget renews."
)
SHOWN = 30
"""Maximum budgets that one message lists."""


@dataclass(frozen=True)
class Subject:
    """Options that name the subject of a budget; none of them means the server."""

    user: discord.User | discord.Member | None
    role: discord.Role | None
    channel: discord.abc.Snowflake | None
    each: bool

    def scope(self) -> tuple[Scope, int]:
        """Return scope and subject id. Raises RefusedError when more than one is given."""
        given = self._given()
        if len(given) > 1:
            raise RefusedError(ReasonCode.ONE_OF_FOUR)
        return given[0] if given else (Scope.GUILD, 0)

    def named(self, *, server: bool) -> tuple[Scope, int]:
        """Return scope and subject id of the only one given, or of the server. Raises RefusedError otherwise."""
        given = [*self._given(), *([(Scope.GUILD, 0)] if server else [])]
        if len(given) != 1:
            raise RefusedError(ReasonCode.BUDGET_UNNAMED)
        return given[0]

    def _given(self) -> list[tuple[Scope, int]]:
        given = [
            (scope, one.id)
            for scope, one in ((Scope.USER, self.user), (Scope.ROLE, self.role), (Scope.CHANNEL, self.channel))
            if one is not None
        ]
        return given + ([(Scope.EACH, 0)] if self.each else [])


class BudgetHandlers:
    """roles: ids of roles that may set budgets, besides people who manage the server.

    operators: id of the operators' channel, where jobs without a server can be settled too.
    """

    def __init__(self, budget_store: BudgetStore, *, roles: Iterable[int] = (), operators: int | None = None) -> None:
        self.budget_store = budget_store
        self.operators = operators
        self._roles = frozenset(roles)

    def manages(self, interaction: Interaction) -> bool:
        """Tell if the person may set budgets here."""
        member = interaction.user
        with_role = isinstance(member, discord.Member) and any(role.id in self._roles for role in member.roles)
        return manages(interaction) or with_role

    async def set(self, interaction: Interaction, subject: Subject, period: Period, typed: str) -> None:
        """Set a budget."""
        try:
            guild_id = self.guild(interaction)
            scope, subject_id = subject.scope()
            amount = amount_of(typed)
        except RefusedError as error:
            await refuse(interaction, error)
            return
        budget = Budget(scope, period, amount, subject_id)
        await defer(interaction)
        await self.budget_store.set_budget(guild_id, budget, interaction.user.id)
        log.info("user %s set in guild %s: %s", interaction.user.id, guild_id, budget)
        ceiling = self._ceiling(budget)
        if period is Period.DAY:
            said = gettext("Set: {budget}. What was spent today already counts.", budget=_described(budget))
        else:
            said = gettext("Set: {budget}. What was spent this month already counts.", budget=_described(budget))
        await finish(interaction, f"{said} {ceiling}" if ceiling else said)

    async def remove(self, interaction: Interaction, subject: Subject, period: Period, server: bool) -> None:
        """Remove a budget. server: the whole server's, which has to be said: nothing that was left out removes it."""
        try:
            guild_id = self.guild(interaction)
            scope, subject_id = subject.named(server=server)
        except RefusedError as error:
            await refuse(interaction, error)
            return
        await defer(interaction)
        if not await self.budget_store.remove_budget(guild_id, scope, subject_id, period):
            await finish(interaction, gettext("There's no such budget here. /budget show lists the ones that are set."))
            return
        log.info("user %s removed in guild %s: %s %s %s", interaction.user.id, guild_id, scope, subject_id, period)
        name = _name(scope, subject_id)
        if period is Period.DAY:
            await finish(interaction, gettext("Removed: {budget}, per day.", budget=name))
        else:
            await finish(interaction, gettext("Removed: {budget}, per month.", budget=name))

    async def jobs(self, interaction: Interaction, user: int | None, server: int | None, remove: str | None) -> None:
        """Set or remove limits of running jobs; what is left out stays. Without any option, show them to anybody."""
        typed = {PER_USER: user, PER_GUILD: server}
        removed = {"user": (PER_USER,), "server": (PER_GUILD,), "both": (PER_USER, PER_GUILD)}.get(remove or "", ())
        changes = {name: value for name, value in typed.items() if value is not None or name in removed}
        try:
            guild_id = self.guild(interaction) if changes else _here(interaction)
            if any(changes[name] is not None for name in removed):
                raise RefusedError(ReasonCode.JOBS_BOTH)  # noqa: TRY301
        except RefusedError as error:
            await refuse(interaction, error)
            return
        await defer(interaction)
        if changes:
            await self.budget_store.set_jobs(guild_id, changes, interaction.user.id)
            log.info("user %s set in guild %s: running jobs %s", interaction.user.id, guild_id, changes)
        limits = await self.budget_store.limits(guild_id)
        said = [gettext("Set.")] if changes else []
        await finish(interaction, " ".join([*said, self._jobs(limits), *self._job_ceilings(limits)]))

    def _job_ceilings(self, limits: ServerLimits) -> list[str]:
        """Return a sentence for each limit of the server's own over the operator's."""
        own = (limits.per_user, limits.per_guild)
        holding = zip(own, self.budget_store.ledger.policy.jobs(*own), ("person", "server"), strict=True)
        return [
            sentence(Reason(ReasonCode.JOBS_CEILING, most=most, scope=scope))
            for typed, most, scope in holding
            if typed and most and typed > most
        ]

    async def show(self, interaction: Interaction) -> None:
        """Show what is left for the person here, and to people who manage the server everything that is set."""
        try:
            guild_id = _here(interaction)
        except RefusedError as error:
            await refuse(interaction, error)
            return
        budgets_left = await self.budget_store.budgets_left(_nothing(interaction), accounts(interaction))
        lines = budget_lines(budgets_left) or [gettext("No budget limits you here.")]
        limits = await self.budget_store.limits(guild_id)
        if self.manages(interaction):
            number, held = await self.budget_store.without_bill(self.places(interaction))
            if number:
                lines.append(_open(number, held))
            lines += self._set_here(limits)
        lines += ["-# " + gettext(HELD)] if budgets_left else []
        heading = "### " + gettext("Your budgets here")
        await _say(interaction, "\n".join([heading, *lines, self._jobs(limits)]))

    def _set_here(self, limits: ServerLimits) -> list[str]:
        ordered = sorted(limits.budgets, key=lambda one: (one.scope, one.subject_id, one.period))
        lines = ["### " + gettext("Set in this server"), *(self._listed(one) for one in ordered[:SHOWN])]
        if (more := len(ordered) - SHOWN) > 0:
            lines.append("- " + ngettext("and {n} more", "and {n} more", more))
        return lines if ordered else [*lines, gettext("No server budgets. Defaults apply.")]

    def guild(self, interaction: Interaction) -> int:
        """Return the id of the server in which the person may set budgets. Raises RefusedError."""
        if interaction.guild_id is None or not self.manages(interaction):
            raise RefusedError(ReasonCode.MANAGERS_ONLY)
        return interaction.guild_id

    def places(self, interaction: Interaction) -> set[int | None]:
        """Return ids of the servers whose jobs may be settled here. None among them: jobs without a server."""
        here: set[int | None] = {interaction.guild_id}
        return here | {None} if interaction.channel_id == self.operators else here

    def _ceiling(self, budget: Budget) -> str | None:
        """Return the sentence about a budget over the operator's ceiling; None for one that holds as it is."""
        policy = self.budget_store.ledger.policy
        holds = policy.capped(budget).usd
        if holds == budget.usd:
            return None
        return sentence(Reason(ReasonCode.BUDGET_CEILING, usd=holds, period=budget.period))

    def _listed(self, budget: Budget) -> str:
        ceiling = self._ceiling(budget)
        return f"- {_described(budget)}. {ceiling}" if ceiling else f"- {_described(budget)}"

    def _jobs(self, limits: ServerLimits) -> str:
        user, guild = self.budget_store.ledger.policy.jobs(limits.per_user, limits.per_guild)
        if user and guild:
            return gettext(
                "Videos at the same time: {user} per person, {server} in this server.", user=user, server=guild
            )
        if user:
            return gettext("Videos at the same time: {user} per person, no server limit.", user=user)
        if guild:
            return gettext("Videos at the same time: no limit per person, {server} in this server.", server=guild)
        return gettext("Videos at the same time: no limit per person, no server limit.")


def _here(interaction: Interaction) -> int:
    """Return the id of the server. Raises RefusedError where there is none."""
    if interaction.guild_id is None:
        raise RefusedError(ReasonCode.SERVER_ONLY)
    return interaction.guild_id


def amount_of(typed: str) -> Decimal:
    """Parse an amount of USD. Raises RefusedError."""
    try:
        return values.usd(typed.strip().removeprefix("$"))
    except ValueError:
        raise RefusedError(ReasonCode.NOT_USD, most=values.USD_MOST) from None


def _nothing(interaction: Interaction) -> Job:
    """Return an empty job, only to look up the budgets on which a job here would count."""
    place = Place(interaction.guild_id, interaction.channel_id or 0, interaction.user.id)
    return Job("", "", place, VideoRequest("", "", ""), (), time.time())


def _name(scope: Scope, subject_id: int) -> str:
    match scope:
        case Scope.USER:
            return gettext("{person}'s budget", person=f"<@{subject_id}>")
        case Scope.ROLE:
            return gettext("{role}'s shared budget", role=f"<@&{subject_id}>")
        case Scope.CHANNEL:
            return gettext("{channel}'s budget (with threads)", channel=f"<#{subject_id}>")
        case Scope.EACH:
            return gettext("each person's budget")
        case Scope.GUILD:
            return gettext("this server's budget")


def _described(budget: Budget) -> str:
    name, amount = _name(budget.scope, budget.subject_id), dollars(budget.usd)
    if budget.period is Period.DAY:
        return gettext("{budget} is {amount} a day", budget=name, amount=amount)
    return gettext("{budget} is {amount} a month", budget=name, amount=amount)


def _open(number: int, held: Decimal) -> str:
    """Return the line about videos whose charge is not known yet."""
    line = ngettext(
        "{n} video with an open charge, {amount} held: /budget settle",
        "{n} videos with an open charge, {amount} held: /budget settle",
        number,
        amount=dollars(held),
    )
    return f"- {line}"


async def _say(interaction: Interaction, text: str) -> None:
    await interaction.response.send_message(view=words_view(text), ephemeral=True, allowed_mentions=NOBODY)
