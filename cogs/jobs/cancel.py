"""The Cancel button of a job that waits."""

from __future__ import annotations

from discord import Interaction

from cogs.interactions.permissions import may_handle
from cogs.interactions.responses import defer, finish, refuse
from cogs.interactions.rights import check_origin
from cogs.status.buttons import CANCEL
from dailies.errors import RefusedError
from dailies.explain import sentence
from dailies.jobs.cancel import cancel
from dailies.jobs.context import JobContext
from dailies.jobs.runner import Runner
from dailies.reason import ReasonCode


class CancelButton:
    """Cancels a job, or what waits of a set, for its requester and for moderators; everybody sees the button."""

    def __init__(self, context: JobContext, runner: Runner) -> None:
        self._context = context
        self._runner = runner

    @CANCEL.handles
    async def press(self, interaction: Interaction, job_id: str) -> None:
        """Cancel the job, or say why that cannot be done any more."""
        try:
            job = await self._context.store.get(job_id)
        except KeyError:
            await refuse(interaction, RefusedError(ReasonCode.JOB_UNKNOWN))
            return
        try:
            check_origin(interaction, job.place)
        except RefusedError as error:
            await refuse(interaction, error)
            return
        if not may_handle(interaction, job.place):
            await refuse(interaction, RefusedError(ReasonCode.NOT_YOURS))
            return
        await defer(interaction)
        own = job.place.requester_id == interaction.user.id
        takes = await self._context.store.takes(job.take_set.id) if job.take_set else (job,)
        done = [await cancel(one, self._context, self._runner, own=own) for one in takes]
        # Of a set, those that wait are cancelled, and the others go on, as their rows show.
        cancelled = next((one for one in done if one.code is ReasonCode.CANCEL_DONE), done[0])
        await finish(interaction, sentence(cancelled))
