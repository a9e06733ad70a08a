"""Screenings and cuts, put together: what answers their commands and buttons, and what makes them in the background."""

from __future__ import annotations

import time
from collections.abc import Callable

import discord

from cogs.interactions.languages import ServerLanguages
from cogs.interactions.pause import Pause
from cogs.screening.chat import DiscordScreenings
from cogs.screening.cog import CutCommand, ScreeningCommands
from cogs.screening.cut import CutHandlers
from cogs.screening.handlers import OpenTake, ScreeningHandlers
from cogs.video.shots import Shots
from dailies.catalog.guide import ModelGuide
from dailies.delivery.courier import DeliveryTools
from dailies.delivery.film_courier import FilmCourier
from dailies.disk import Disk
from dailies.jobs.film_makers import FilmMaker
from dailies.jobs.screening_takes import TakeFinder
from dailies.jobs.screenings import Screenings, ScreeningTools
from dailies.media.reel import Reels
from dailies.money.usage import Usage
from dailies.settings import Settings
from dailies.store.stores import Stores


class ScreeningRoom:
    """Parts of the bot that are about screenings. compose: opens the composer for a retake."""

    def __init__(
        self,
        client: discord.Client,
        settings: Settings,
        stores: Stores,
        shots: Shots,
        tools: DeliveryTools,
        guide: ModelGuide,
        usage: Usage,
        disk: Disk,
        *,
        pause: Pause,
        compose: OpenTake,
        now: Callable[[], float] = time.time,
    ) -> None:
        status, upload = settings.status_timeout_seconds, settings.upload_timeout_seconds
        label = settings.ai_label
        languages = ServerLanguages(client, stores.servers)
        chat = DiscordScreenings(client, pause, languages, status_seconds=status, upload_seconds=upload, ai_label=label)
        videos, keep_seconds = settings.data_dir / "videos", 86_400 * settings.keep_days
        reels = Reels(tools.ffmpeg, tools.encoder)
        self.screenings = Screenings(
            ScreeningTools(
                store=stores.screenings,
                shots=stores.shots,
                finder=TakeFinder(stores.screenings, stores.shots, stores.reviews, chat, keep_seconds=keep_seconds),
                usage=usage,
                maker=FilmMaker(reels, chat, videos, tools.ffmpeg, probe_seconds=tools.media_seconds),
                courier=FilmCourier(tools),
                shares=tools.shares,
                chat=chat,
                disk=disk,
                zone=settings.budget_timezone,
                keep_seconds=keep_seconds,
                now=now,
            )
        )
        screening_handlers = ScreeningHandlers(
            self.screenings,
            stores,
            shots,
            guide,
            settings.budget_timezone,
            review_roles=settings.review_role_ids,
            compose=compose,
            look_seconds=settings.look_seconds,
        )
        cut_handlers = CutHandlers(self.screenings, stores.screenings, shots)
        self.handlers = (screening_handlers, cut_handlers)
        """Owners of what answers buttons, menus and windows."""
        self.cogs = (ScreeningCommands(screening_handlers), CutCommand(cut_handlers))
