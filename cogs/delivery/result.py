"""Shows how the vote on a comparison ended, in the messages with its videos."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

import discord

from cogs.delivery.compared import common_buttons, result_text
from cogs.delivery.message import PriceOf, message_buttons, message_text
from cogs.interactions.discord_errors import BROKEN, passing, reason
from cogs.interactions.languages import telling
from cogs.interactions.text import NOBODY
from cogs.status.review import ReviewOf, label_of, reviewed, unreviewed, with_state
from cogs.status.summary import sent_directly
from dailies.comparison import Comparison
from dailies.delivery.chat import Upload
from dailies.job import Job, State
from dailies.media.container import MP4
from dailies.reason import Reason, ReasonCode

log = logging.getLogger(__name__)


class Results:
    """Edits the messages. seconds: limit of one edit. price: for the buttons below videos. ai_label: the messages say
    that AI made the videos.
    """

    def __init__(
        self,
        client: discord.Client,
        *,
        seconds: float,
        price: PriceOf,
        ai_label: bool = True,
        review: ReviewOf = unreviewed,
    ) -> None:
        self._client = client
        self._seconds = seconds
        self._price = price
        self._ai_label = ai_label
        self._review = review

    async def show(self, comparison: Comparison, takes: Sequence[Job]) -> bool:
        """Show the result below every video that was posted. False if that has to be tried again later."""
        common = comparison.message_id
        shown = [job for job in takes if comparison.shows(job)] if common is not None else []
        done = True
        if common is not None and shown:
            text = result_text(takes, shown, ai_label=self._ai_label)
            for job in shown:
                text = with_state(text, (await self._review(job, 1)).decision, label_of(job))
            changed: dict[str, Any] = {"content": text, "view": common_buttons(takes, shown)}
            channel_id = comparison.channel_id or shown[0].place.channel_id
            done = await self._edit(takes[0], channel_id, common, changed)
        for job in takes:
            for message_id, number in _messages(job, comparison).items():
                loss = job.marks[number].loss if number in job.marks else None
                words = (Reason(ReasonCode.READY), *((loss,) if loss else ()))
                upload = Upload(words, job.id, extension=MP4, number=number)
                review = await self._review(job, number)
                with telling(job, direct=sent_directly(job)):
                    text = message_text(job, upload, ai_label=self._ai_label)
                    view = message_buttons(job, upload, self._price)
                    text, view = reviewed(text, view, job, number, review)
                changed = {"content": text, "view": view}
                channel_id = job.video_channel_id or job.place.channel_id
                done = await self._edit(job, channel_id, message_id, changed) and done
        return done

    async def _edit(self, job: Job, channel_id: int, message_id: int, changed: dict[str, Any]) -> bool:
        """Change a message. False if Discord does not take it just now; one that is gone stays gone."""
        channel = self._client.get_partial_messageable(channel_id, guild_id=job.place.guild_id)
        try:
            async with asyncio.timeout(self._seconds):
                await channel.get_partial_message(message_id).edit(**changed, allowed_mentions=NOBODY)
        except BROKEN as error:
            log.warning("job %s: the result of its vote could not be shown: %s", job.id, type(error).__name__)
            return False
        except discord.HTTPException as error:
            log.warning("job %s: Discord refused the result of its vote: %s", job.id, reason(error))
            return not passing(error)
        return True


def _messages(job: Job, comparison: Comparison) -> dict[int, int]:
    """Return the messages of its own that a job's videos have, with the number of the output that each shows."""
    if job.state is not State.DELIVERED:
        return {}
    own = {one.message_id: number for number, one in enumerate(job.outputs, 1) if one.message_id is not None}
    if job.video_message_id is not None:
        own.setdefault(job.video_message_id, 1)  # it was posted again
    return {message_id: number for message_id, number in own.items() if message_id != comparison.message_id}
