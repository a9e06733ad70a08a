"""A new job out of a checked request and the interaction that asked for it, with its quote."""

from __future__ import annotations

import time
from collections.abc import Sequence

from discord import Interaction

from cogs.interactions.permissions import token_only
from dailies.catalog.offers import quote_request
from dailies.catalog.options import VideoRequest
from dailies.errors import CatalogMissing
from dailies.job import Job, Place, new_job_id
from dailies.openrouter.models import CatalogCache
from dailies.openrouter.pricing import Quote
from dailies.references.reference import Source


def new_job(
    interaction: Interaction,
    catalog_cache: CatalogCache,
    key: str,
    request: VideoRequest,
    sources: Sequence[Source],
    references: int,
) -> Job:
    """See Job. references: how many the price is for."""
    now = time.time()
    away = token_only(interaction)
    return Job(
        id=new_job_id(now),
        key=key,
        place=Place(
            # A server without the bot is nobody's here: each would come with budgets of its own.
            guild_id=None if away else interaction.guild_id,
            channel_id=interaction.channel_id or 0,
            requester_id=interaction.user.id,
            token_only=away,
        ),
        request=request,
        sources=tuple(sources),
        created_at=now,
        locale=str(interaction.locale),
        upload_limit=interaction.filesize_limit,
        quote=quoted(catalog_cache, request, references),
    )


def quoted(catalog_cache: CatalogCache, request: VideoRequest, references: int) -> Quote | None:
    """By today's prices; None when the model is not in the list any more."""
    try:
        model = catalog_cache.catalog.get(request.model)
    except CatalogMissing:
        return None
    return model and quote_request(model, request, references=references).kept()
