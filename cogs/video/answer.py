"""The answer to a request that becomes a job: its status, which the whole channel sees.

A command is answered by the status itself. A click in a message that only one person sees is not: the status would hang
below a message that is gone for everybody else, so it stands by itself, and that message becomes a link to it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

import discord
from discord import Interaction

from cogs.interactions.discord_errors import BROKEN, missing
from cogs.interactions.permissions import token_only
from cogs.interactions.responses import REFUSAL_SHOWN
from cogs.interactions.text import NOBODY, inert_reason, words_view
from cogs.status.message import layout, own_nonce
from dailies.errors import RefusedError
from dailies.job import Job, State
from dailies.language import gettext, gettext_noop
from dailies.reason import Reason, ReasonCode
from dailies.retry import retry

log = logging.getLogger(__name__)

POST_SECONDS = 30.0
"""Limit of one try to post a status that stands by itself, with the waits for Discord's rate limits."""
POST_TRIES = 3
"""Tries to post it. They have the same nonce: where an earlier one has reached Discord after all, that one counts."""
STARTING = gettext_noop("Starting your video. No charge yet.")
STARTED_BEFORE = gettext_noop("This video has already started. You weren't charged again.")


class Answer(Protocol):
    """An interaction's answer, in two steps: `begin` may come before the job is recorded, `show` comes after it.

    by_token: the status is edited with the interaction's token as long as that lives.
    """

    by_token: bool

    async def begin(self, job: Job) -> Job:
        """Answer within Discord's three seconds; returns the job, with its message if that is there by now."""
        ...

    async def show(self, job: Job) -> Job:
        """Return a recorded job with its status message; without one, or refused, if Discord did not take it.

        A run tells of the refusal as well, should the status be there after all.
        """
        ...

    async def withdraw(self, job: Job, refused: RefusedError | None) -> None:
        """Say instead that the job is not made; None: it was made before, by the same request."""
        ...


def answer_to(interaction: Interaction, others: Sequence[Job] = ()) -> Answer:
    """Return the kind of answer that belongs to an interaction. others: the further takes of the job's set."""
    clicked = interaction.message
    kind = OwnStatus if clicked and clicked.flags.ephemeral else StatusAsAnswer
    return kind(interaction, others)


class StatusAsAnswer:
    """Answers a command, a window, or a click in a message that everybody sees, with the status."""

    by_token = True

    def __init__(self, interaction: Interaction, others: Sequence[Job]) -> None:
        self._interaction = interaction
        self._others = others

    async def begin(self, job: Job) -> Job:
        try:
            view = layout([job, *self._others], [])
            answer = await self._interaction.response.send_message(view=view, allowed_mentions=NOBODY)
        except (*BROKEN, discord.HTTPException):
            # The requester cannot be told and would see no status: the only place where a request ends unanswered.
            log.exception("job %s: Discord did not take the answer to the command; nothing was sent", job.id)
            return job
        return _placed(job, answer.message_id)

    async def show(self, job: Job) -> Job:
        return job

    async def withdraw(self, job: Job, refused: RefusedError | None) -> None:
        if job.place.status_message_id is None:
            return
        try:
            if refused is None:
                await self._interaction.delete_original_response()
            else:
                view = layout([_refused(one, refused.reason) for one in (job, *self._others)], [])
                await self._interaction.edit_original_response(view=view, allowed_mentions=NOBODY)
        except (*BROKEN, discord.HTTPException) as error:
            log.warning("job %s: its status could not be changed to say that it is not made: %r", job.id, error)


class OwnStatus:
    """Answers a click in an ephemeral message: that becomes one line, and the status is a message of its own.

    It is posted with the bot's token, and where the bot is not a member as a public follow-up of the click.
    """

    def __init__(self, interaction: Interaction, others: Sequence[Job]) -> None:
        self._interaction = interaction
        self._others = others
        self._taken = False
        self.by_token = token_only(interaction)

    async def begin(self, job: Job) -> Job:
        view = words_view(gettext(STARTING))
        try:
            await self._interaction.response.edit_message(view=view, attachments=[], allowed_mentions=NOBODY)
        except (*BROKEN, discord.HTTPException):
            # The buttons stay as they were, and none of what they promise has happened.
            log.exception("job %s: Discord did not take the answer to the click; nothing was sent", job.id)
        else:
            self._taken = True
        return job

    async def show(self, job: Job) -> Job:
        if not self._taken:
            # The button still stands, and no status was posted that would have to say so.
            return replace(_refused(job, Reason(ReasonCode.LEFT_UNSENT, cause="restart")), told=True)
        try:
            message_id = await self._posted(job)
        except BROKEN as error:
            log.warning("job %s: its status could not be posted, so nothing is sent: %r", job.id, error)
            return _refused(job, Reason(ReasonCode.STATUS_NOT_POSTED, why=None))
        except discord.HTTPException as error:
            log.warning("job %s: Discord refused its status, so nothing is sent: %s", job.id, error)
            why = missing(self._interaction.client, job, error)
            return _refused(job, Reason(ReasonCode.STATUS_NOT_POSTED, why=why))
        here = self._interaction.guild_id or "@me"
        link = f"https://discord.com/channels/{here}/{self._interaction.channel_id}/{message_id}"
        said = gettext("Your video has started: {link}", link=link)
        if self._others:
            said = gettext("Your videos have started: {link}", link=link)
        await self._say(job, said)
        return _placed(job, message_id)

    async def withdraw(self, job: Job, refused: RefusedError | None) -> None:
        if self._taken:
            await self._say(job, inert_reason(refused.reason, REFUSAL_SHOWN) if refused else gettext(STARTED_BEFORE))

    async def _posted(self, job: Job) -> int:
        """Post the status, however often it takes, and return its id. Raises discord.HTTPException and BROKEN."""

        async def post(_: int) -> int:
            async with asyncio.timeout(POST_SECONDS):
                return await self.post(job)

        # A follow-up has no nonce, and would come twice.
        tries = 1 if self.by_token else POST_TRIES
        return await retry(post, BROKEN, what=f"job {job.id}: posting its status", tries=tries)

    async def post(self, job: Job) -> int:
        """Post the status and return its id. Raises discord.HTTPException and BROKEN."""
        shown: dict[str, Any] = {"view": layout([job, *self._others], []), "allowed_mentions": NOBODY}
        if self.by_token:
            return (await self._interaction.followup.send(**shown, wait=True)).id
        channel = self._interaction.client.get_partial_messageable(job.place.channel_id, guild_id=job.place.guild_id)
        return (await channel.send(**shown, nonce=own_nonce(job))).id

    async def _say(self, job: Job, text: str) -> None:
        """Turn the message with the button into one line."""
        try:
            await self._interaction.edit_original_response(view=words_view(text), allowed_mentions=NOBODY)
        except (*BROKEN, discord.HTTPException) as error:
            log.warning("job %s: the message with its button could not be changed: %r", job.id, error)


def _placed(job: Job, message_id: int | None) -> Job:
    return replace(job, place=replace(job.place, status_message_id=message_id))


def _refused(job: Job, reason: Reason) -> Job:
    # Nothing was paid, so its key becomes free again, as in dailies/jobs/transitions.py.
    return replace(job, state=State.REFUSED, key=job.id, reason=reason, ended_at=time.time())
