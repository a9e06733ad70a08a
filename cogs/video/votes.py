"""Votes on comparisons: a person's choice, the end of the vote, and the winner as a final."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from discord import Interaction

from cogs.interactions.permissions import age_restricted, may_handle
from cogs.interactions.responses import defer, finish
from cogs.interactions.rights import check_shown
from cogs.interactions.text import inert
from cogs.status.buttons import END_VOTE, VOTE
from dailies.comparison import chosen
from dailies.errors import RefusedError
from dailies.explain import sentence
from dailies.job import Job, State
from dailies.jobs.votes import Votes
from dailies.language import gettext, ngettext
from dailies.reason import Reason, ReasonCode
from dailies.store.port import JobStore
from dailies.takes import letter


class VoteButtons:
    """Handles the buttons below the videos of a comparison. now: Unix seconds."""

    def __init__(self, store: JobStore, votes: Votes, *, now: Callable[[], float] = time.time) -> None:
        self._store = store
        self._votes = votes
        self._now = now

    @VOTE.handles
    async def vote(self, interaction: Interaction, set_id: str, place: str) -> None:
        """Take a person's vote, in place of an earlier one. Everybody who sees the videos has one."""
        await defer(interaction)
        try:
            takes = await self._takes(interaction, set_id)
            job = next((one for one in takes if one.take_set and one.take_set.place == int(place)), None)
            if job is None or job.state is not State.DELIVERED:
                raise RefusedError(ReasonCode.VOTE_NOT_HERE)  # noqa: TRY301
            votes = await self._store.comparisons.vote(set_id, job.id, interaction.user.id, self._now())
            if votes is None:
                raise RefusedError(ReasonCode.VOTE_OVER)  # noqa: TRY301
        except RefusedError as error:
            await finish(interaction, sentence(error.reason))
            return
        await finish(interaction, sentence(Reason(ReasonCode.VOTE_TAKEN, letter=letter(job), votes=votes)))

    @END_VOTE.handles
    async def end(self, interaction: Interaction, set_id: str) -> None:
        """End the vote, for the person who asked for the comparison and for moderators; then the models are told."""
        await defer(interaction)
        try:
            takes = await self._takes(interaction, set_id)
            if not may_handle(interaction, takes[0].place):
                raise RefusedError(ReasonCode.VOTE_NOT_YOURS)  # noqa: TRY301
        except RefusedError as error:
            await finish(interaction, sentence(error.reason))
            return
        await self._votes.end(set_id)
        await finish(interaction, _ended(await self._store.takes(set_id)))

    async def _takes(self, interaction: Interaction, set_id: str) -> Sequence[Job]:
        """Return the jobs of a comparison that the person sees here. Raises RefusedError."""
        takes = await self._store.takes(set_id)
        if not takes or not all(one.take_set and one.take_set.compared for one in takes):
            raise RefusedError(ReasonCode.JOB_UNKNOWN)
        check_shown(interaction, takes[0].place)
        if takes[0].age_restricted and not age_restricted(interaction.channel):
            raise RefusedError(ReasonCode.SHOWN_AGE_RESTRICTED)
        return takes


def _ended(takes: Sequence[Job]) -> str:
    first = chosen(takes)
    votes = sum(one.take_set.votes or 0 for one in takes if one.take_set)
    said = ngettext("{n} person voted.", "{n} people voted.", votes) if votes else gettext("Nobody voted.")
    if first is None:
        return gettext("The vote has ended. {votes}", votes=said)
    return gettext(
        "The vote has ended. {letter} wins, made with {model}. {votes}",
        letter=letter(first),
        model=inert(first.request.model_name, 80),
        votes=said,
    )
