"""Parts of the bot that are made of the settings: what discord.py is told, and the domain's objects."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from cogs.cast.pictures import CastPictures
from cogs.composer.composer import DraftComposer
from cogs.composer.fetching import DraftPictures
from cogs.delivery.chat import DiscordChat
from cogs.interactions.answers_counted import count_answers
from cogs.interactions.pause import Pause
from cogs.status.rate_limits import rate_limit_trace
from cogs.status.review import ReviewOf
from cogs.video.cast_names import CastNames
from cogs.video.message_links import MessageLinks
from cogs.video.price_check import PriceCheck
from cogs.video.shots import Shots
from dailies.catalog.guide import FinalTarget, ModelGuide
from dailies.catalog.options import Defaults
from dailies.catalog.references import ReferenceModels
from dailies.continuing.last_frames import LastFrames
from dailies.delivery.chat import Chat
from dailies.delivery.courier import Courier
from dailies.delivery.forum import Forum
from dailies.delivery.shares import Shares
from dailies.disk import Disk
from dailies.jobs.context import JobContext, JobLimits
from dailies.jobs.durations import Estimates
from dailies.jobs.shot_posts import ShotPosts
from dailies.metrics.port import UNCOUNTED, Metrics
from dailies.money.affordable import at_most, longest_offered
from dailies.openrouter.client import OpenRouter
from dailies.openrouter.pseudonym import pseudonym
from dailies.openrouter.webhook import WebhookDelivery
from dailies.references.collect import Collector
from dailies.retention import Retention
from dailies.settings import DISCORD_API, Settings
from dailies.store.library import Library
from dailies.store.port import JobStore
from dailies.store.stores import Stores
from dailies.web.server import Web, callback_url

# discord.py warns at every start that voice libraries are missing; this bot has no use for voice.
discord.VoiceClient.warn_nacl = False
discord.VoiceClient.warn_dave = False


def client_options(settings: Settings, pause: Pause, metrics: Metrics) -> dict[str, Any]:
    """Return discord.py's settings. Without a shard count, Discord decides how many this one process should use."""
    trace = rate_limit_trace(pause)
    if metrics is not UNCOUNTED:
        count_answers(trace, metrics)
    given: dict[str, Any] = {
        "help_command": None,
        "allowed_mentions": discord.AllowedMentions.none(),
        "intents": discord.Intents(guilds=True),
        "http_trace": trace,
        "heartbeat_timeout": settings.gateway_timeout_seconds,
        "shard_count": settings.shard_count,
    }
    if settings.shard_ids:
        given["shard_ids"] = list(settings.shard_ids)
    return given


def discord_chat(
    client: discord.Client,
    settings: Settings,
    library: Library,
    pause: Pause,
    estimates: Estimates,
    guide: Callable[[], ModelGuide],
    review: ReviewOf,
) -> DiscordChat:
    """Return the way to Discord's channels. guide: returns the guide, which is made later. review: of a video."""
    return DiscordChat(
        client,
        usual=estimates.usual,
        moved=library.moved,
        takes=library.takes,
        pause=pause,
        price=lambda job: guide().quote(job.request, *job.images),
        review=review,
        status_seconds=settings.status_timeout_seconds,
        upload_seconds=settings.upload_timeout_seconds,
        vote_seconds=3600 * settings.vote_hours,
        ai_label=settings.ai_label,
    )


def model_guide(
    settings: Settings,
    openrouter: OpenRouter,
    stores: Stores,
    metrics: Metrics,
    loaded: Callable[[ModelGuide], Awaitable[None]],
) -> ModelGuide:
    """Return the guide to the models. loaded: called after each good list."""

    async def taken_over(guide: ModelGuide) -> None:
        metrics.models([model.id for model in guide.catalog])
        await loaded(guide)

    return ModelGuide(
        openrouter.catalog,
        Defaults(
            model=settings.default_model,
            duration=settings.default_duration_seconds,
            resolution=settings.default_resolution,
            aspect_ratio=settings.default_aspect_ratio,
        ),
        ReferenceModels(settings.reference_models, look=stores.library.references_seen),
        every=settings.catalog_refresh_seconds,
        loaded=taken_over,
        read_own=stores.servers.defaults,
        final=FinalTarget(settings.final_model, settings.final_resolution),
    )


def job_context(
    settings: Settings,
    *,
    stores: Stores,
    openrouter: OpenRouter,
    chat: Chat,
    forum: Forum,
    courier: Courier,
    guide: ModelGuide,
    disk: Disk,
    estimates: Estimates,
    ffmpeg: str,
) -> JobContext:
    """Return what the life of a job needs."""
    return JobContext(
        store=stores.jobs,
        openrouter=openrouter,
        chat=chat,
        courier=courier,
        limits=_job_limits(settings),
        videos=settings.data_dir / "videos",
        ffmpeg=ffmpeg,
        callback_url=lambda job_id: callback_url(url, job_id) if (url := settings.webhooks_url) else None,
        check_disk=disk.check,
        check_consent=stores.cast.check_consent,
        quote=guide.quote,
        longest=lambda job, left: longest_offered(job, guide, left, at_most),
        provider=guide.provider,
        advise=guide.advise,
        naming=guide.references.naming,
        pseudonym=partial(pseudonym, settings.discord_token),
        posts=ShotPosts(forum, stores.forums, stores.reviews),
        estimates=estimates,
    )


def _job_limits(settings: Settings) -> JobLimits:
    return JobLimits(
        poll_interval=settings.poll_interval_seconds,
        check_seconds=3600 * settings.check_hours,
        download_seconds=3600 * settings.download_hours,
        media_seconds=settings.media_timeout_seconds,
        webhooks=settings.webhooks_url is not None,
        busy_seconds=settings.busy_seconds,
        deliver_seconds=86_400 * settings.keep_days,
        compare_seconds=60 * settings.compare_wait_minutes,
    )


def last_frames(settings: Settings, ffmpeg: str) -> LastFrames:
    """Return what takes the last frames of the bot's own videos."""
    return LastFrames(
        ffmpeg,
        settings.data_dir / "references",
        most=int(settings.reference_max_mb * 1_000_000),
        seconds=settings.media_timeout_seconds,
    )


def retention(settings: Settings, stores: Stores) -> Retention:
    """Return what keeps the data folder tidy."""
    kept = stores.library, stores.drafts, stores.cast, stores.servers, stores.shots, stores.reviews
    days, approved_days = settings.keep_days, settings.keep_approved_days
    return Retention(*kept, stores.screenings, settings.data_dir, days=days, approved_days=approved_days)


def cast_pictures(
    settings: Settings, collector: Collector, links: MessageLinks, frames: LastFrames, store: JobStore
) -> CastPictures:
    """Return what gathers the pictures of the cast."""
    return CastPictures(collector, links, frames, store, seconds=0.8 * settings.look_seconds)


def composer(
    settings: Settings,
    stores: Stores,
    guide: ModelGuide,
    links: MessageLinks,
    price_check: PriceCheck,
    collector: Collector,
    cast: CastNames,
    shots: Shots,
) -> DraftComposer:
    """Return the composer."""
    return DraftComposer(
        guide=guide,
        drafts=stores.drafts,
        store=stores.jobs,
        links=links,
        price_check=price_check,
        pictures=DraftPictures(collector, stores.drafts),
        cast=cast,
        shots=shots,
        reviews=stores.reviews,
        look_seconds=settings.look_seconds,
    )


async def use_gateway(client: discord.Client, settings: Settings) -> None:
    """Use the gateway that a stand-in for Discord's API names (GET /gateway); Discord's own is known."""
    if settings.discord_api_base != DISCORD_API:
        gateway = await client.http.request(Route("GET", "/gateway"))
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway["url"])


def web_server(
    settings: Settings, on_delivery: Callable[[str, WebhookDelivery], Awaitable[None]], shares: Shares | None
) -> Web:
    """Return the web server for webhooks and shared videos."""
    return Web(
        secret=settings.openrouter_webhook_secret,
        on_delivery=on_delivery,
        find_video=shares.find if shares else None,
        connections=settings.web_connections,
        trusted=settings.trusted_proxies,
    )
