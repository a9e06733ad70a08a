"""Reviews, put together: what answers their buttons, and what goes on with them in the background."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import discord

from cogs.delivery.reviewed import ReviewMessages
from cogs.interactions.pause import Pause
from cogs.review.handlers import ReviewHandlers
from cogs.review.rights import ReviewRights
from dailies.delivery.shares import Shares
from dailies.jobs.approved import ApprovedVideos
from dailies.jobs.context import JobContext
from dailies.jobs.reviews import Reviews
from dailies.settings import Settings
from dailies.store.stores import Stores


class Reviewing:
    """Parts of the bot that are about reviews. tell: tells the operators."""

    def __init__(
        self,
        client: discord.Client,
        settings: Settings,
        stores: Stores,
        context: JobContext,
        rights: ReviewRights,
        *,
        pause: Pause,
        shares: Shares | None,
        tell: Callable[[str], Awaitable[None]],
    ) -> None:
        status, upload = settings.status_timeout_seconds, settings.upload_timeout_seconds
        messages = ReviewMessages(client, seconds=status, upload_seconds=upload, pause=pause)
        self.reviews = Reviews(stores.reviews, context, messages)
        self.approved = ApprovedVideos(stores.reviews, context, messages, shares, tell)
        self.handlers = ReviewHandlers(
            stores.library, self.reviews, self.approved, rights, messages, look_seconds=settings.look_seconds
        )
        self.work = (self.reviews.watch, self.approved.watch)
        """Work in the background, each until cancelled."""
