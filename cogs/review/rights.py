"""Rights to say something about a video, and the places where people do."""

from __future__ import annotations

import logging
from collections.abc import Collection

import discord
from discord import Interaction

from cogs.interactions.permissions import age_restricted
from cogs.interactions.rights import check_posting, check_shown, member_of
from cogs.status.review import Review
from dailies.database import BROKEN, is_away
from dailies.errors import RefusedError
from dailies.job import Job, Place, State
from dailies.reason import ReasonCode
from dailies.store.reviews import ReviewStore
from dailies.store.server_settings import ServerSettingStore

log = logging.getLogger(__name__)


class ReviewRights:
    """roles: those of the operator; a server's own stand in their place. Both empty: everyone there may review."""

    def __init__(
        self, client: discord.Client, reviews: ReviewStore, servers: ServerSettingStore, *, roles: Collection[int]
    ) -> None:
        self._client = client
        self._reviews = reviews
        self._servers = servers
        self._roles = frozenset(roles)

    async def check(self, interaction: Interaction, job: Job, number: int) -> None:
        """Check that the person may say something now about a video that they see here. Raises RefusedError."""
        check_shown(interaction, job.place)
        if job.forgotten_at is not None:
            raise RefusedError(ReasonCode.VIDEO_FORGOTTEN)
        own = job.place.requester_id == interaction.user.id
        if job.age_restricted and not own and not age_restricted(interaction.channel):
            raise RefusedError(ReasonCode.SHOWN_AGE_RESTRICTED)
        if job.blind:
            raise RefusedError(ReasonCode.STILL_BLIND)
        if job.state is not State.DELIVERED or number > max(1, len(job.outputs)):
            raise RefusedError(ReasonCode.REVIEW_NOT_READY)
        await check_posting(interaction, job.place)
        await self._check_role(interaction, job.place)

    async def channel_for_approved(self, job: Job) -> int | None:
        """Return the channel to which a job's videos go once they are approved; None: there is none."""
        return (await self._servers.of(job.place.guild_id)).approved_channel

    async def review(self, job: Job, number: int) -> Review:
        """Return what was said about a video, and whether that is done where it is. Says nothing while the database is
        away, which must not hold up the video.
        """
        try:
            decision = (await self._reviews.newest([job.id])).get((job.id, number))
            return Review(await self._reviewed(job), decision)
        except BROKEN as error:
            if not is_away(error):
                raise
            log.warning("job %s: it cannot be looked up whether it is reviewed", job.id)
            return Review()

    async def _reviewed(self, job: Job) -> bool:
        if job.shot is not None or await self.channel_for_approved(job) is not None:
            return True
        channel = self._client.get_channel(job.place.channel_id)
        parent = channel.parent_id if isinstance(channel, discord.Thread) else job.place.channel_id
        return await self._reviews.reviewed_in({job.place.channel_id, parent})

    async def _check_role(self, interaction: Interaction, place: Place) -> None:
        """Check the person's roles in the server of the job, wherever they press. Raises RefusedError."""
        if place.guild_id is None:
            return
        own = (await self._servers.of(place.guild_id)).review_roles
        roles = self._roles if own is None else own
        if not roles:
            return
        guild = self._client.get_guild(place.guild_id)
        if guild is None:
            raise RefusedError(ReasonCode.REVIEW_NOT_YOURS)
        member = await member_of(interaction, guild)
        if not (member.guild_permissions.manage_guild or any(role.id in roles for role in member.roles)):
            raise RefusedError(ReasonCode.REVIEW_NOT_YOURS)
