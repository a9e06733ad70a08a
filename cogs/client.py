"""The Discord client: its commands, its background tasks, and its shutdown."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from functools import partial
from typing import Any

import discord
import yarl
from discord import app_commands
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from cogs.budget.cog import BudgetCommands
from cogs.budget.handlers import BudgetHandlers
from cogs.budget.settle import SettleHandlers
from cogs.command_sync import register
from cogs.delivery.chat import DiscordChat
from cogs.gateway_events import GuardedEvents
from cogs.interactions.buttons import handlers
from cogs.interactions.pause import LONGEST_WAIT, Pause
from cogs.interactions.questions import Questions
from cogs.interactions.responses import report_failure
from cogs.jobs.cancel import CancelButton
from cogs.jobs.cog import Jobs
from cogs.jobs.handlers import JobHandlers
from cogs.models.cog import Models
from cogs.operators import Operators
from cogs.status.rate_limits import rate_limit_trace
from cogs.usage import UsageCommand
from cogs.video.animate import Animate
from cogs.video.cog import Video
from cogs.video.intake import VideoIntake
from cogs.video.message_links import MessageLinks
from cogs.video.price_check import PriceCheck
from dailies import health
from dailies.background import Background
from dailies.catalog.changes import CatalogWatch
from dailies.catalog.guide import ModelGuide
from dailies.catalog.options import Defaults
from dailies.catalog.references import ReferenceModels
from dailies.command_record import CommandRecord
from dailies.delivery.courier import Courier, DeliveryTools
from dailies.disk import Disk
from dailies.jobs.context import JobContext, JobLimits
from dailies.jobs.durations import Estimates
from dailies.jobs.redeliver import Repeats
from dailies.jobs.reports import Reports
from dailies.jobs.runner import Runner
from dailies.money.affordable import at_most, longest_offered
from dailies.money.credits import Credits
from dailies.money.usage import Usage
from dailies.openrouter.client import OpenRouter
from dailies.openrouter.pseudonym import pseudonym
from dailies.references.collect import collector
from dailies.references.fetch import Fetcher
from dailies.retention import Retention
from dailies.settings import DISCORD_API, Settings
from dailies.store.budgets import BudgetStore
from dailies.store.library import Library
from dailies.store.port import JobStore
from dailies.store.shards import Shards
from dailies.web.server import Web, callback_url

log = logging.getLogger(__name__)

# discord.py warns at every start that voice libraries are missing; this bot has no use for voice.
discord.VoiceClient.warn_nacl = False
discord.VoiceClient.warn_dave = False


class Tree(app_commands.CommandTree["Dailies"]):
    """Commands whose failures are logged once and reported to the requester."""

    async def on_error(self, interaction: discord.Interaction[Dailies], error: app_commands.AppCommandError, /) -> None:
        """Report a bug, or an outage of the database or of Discord."""
        cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
        await report_failure(interaction, f"command {interaction.command and interaction.command.name}", cause)


def _job_limits(settings: Settings) -> JobLimits:
    return JobLimits(
        poll_interval=settings.poll_interval_seconds,
        check_seconds=3600 * settings.check_hours,
        download_seconds=3600 * settings.download_hours,
        media_seconds=settings.media_timeout_seconds,
        webhooks=settings.webhooks_url is not None,
        busy_seconds=settings.busy_seconds,
        deliver_seconds=86_400 * settings.keep_days,
    )


def _client_options(settings: Settings, pause: Pause) -> dict[str, Any]:
    """Return discord.py's settings. Without a shard count, Discord decides how many this one process should use."""
    given: dict[str, Any] = {
        "help_command": None,
        "allowed_mentions": discord.AllowedMentions.none(),
        "intents": discord.Intents(guilds=True),
        "http_trace": rate_limit_trace(pause),
        "heartbeat_timeout": settings.gateway_timeout_seconds,
        "shard_count": settings.shard_count,
    }
    if settings.shard_ids:
        given["shard_ids"] = list(settings.shard_ids)
    return given


class Dailies(commands.AutoShardedBot):
    """The Discord client. The caller opens everything it uses and passes it in."""

    def __init__(
        self,
        settings: Settings,
        store: JobStore,
        library: Library,
        budget_store: BudgetStore,
        openrouter: OpenRouter,
        fetcher: Fetcher,
        ffmpeg: str,
        tools: DeliveryTools,
    ) -> None:
        pause = Pause()
        super().__init__(command_prefix=commands.when_mentioned, tree_cls=Tree, **_client_options(settings, pause))
        # Nothing public ends it (cogs/interactions/pause.py).
        pause.released = lambda: self.http._global_over.set()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        # discord.py reads each event through this table, and its parsers expect every field to be there.
        self._events = GuardedEvents(self.http)
        self._connection.parsers = self._events.guarded(self._connection.parsers)
        self.settings, self._library, self._tools = settings, library, tools
        self._estimates, self._background = Estimates(), Background()
        self._chat = self._discord_chat(pause)
        self._courier = Courier(self._chat, tools)
        self._disk = Disk(settings.data_dir, least=settings.min_free_mb)
        self.operators = Operators(self, settings.operator_channel_id)
        shards = Shards.of(settings.shard_ids, settings.shard_count)
        # All processes see the same catalogue and credits; only the one with the direct messages reports on them.
        self._speaks = shards.owns(None)
        self.guide = self._guide(openrouter)
        context = self._context(store, openrouter, ffmpeg)
        self.runner = Runner(context)
        self.cancel_button = CancelButton(context, self.runner)
        low, mark = settings.low_credits_usd if self._speaks else None, settings.data_dir / "low-credits"
        self._credits = Credits(context.credit_gate, openrouter.key, self.operators.tell, low=low, mark=mark)
        self._reports = Reports(context, self.runner, shards, wait=settings.report_wait_seconds)
        self._web = contextlib.AsyncExitStack()
        self.questions = Questions()
        self._links = MessageLinks(self, store, seconds=0.8 * settings.look_seconds)
        self.intake = self._intake(store, budget_store, fetcher)
        self._usage = Usage(budget_store.engine)
        roles, operators = settings.budget_role_ids, settings.operator_channel_id
        self.budget_handlers = BudgetHandlers(budget_store, roles=roles, operators=operators)
        self.settle_handlers = SettleHandlers(self.budget_handlers, library, store, self.runner, self.questions, shards)
        self._retention = Retention(library, settings.data_dir, days=settings.keep_days)
        self.job_handlers = self._job_handlers()

    def _discord_chat(self, pause: Pause) -> DiscordChat:
        return DiscordChat(
            self,
            usual=self._estimates.usual,
            moved=self._library.moved,
            pause=pause,
            status_seconds=self.settings.status_timeout_seconds,
            upload_seconds=self.settings.upload_timeout_seconds,
        )

    def _guide(self, openrouter: OpenRouter) -> ModelGuide:
        settings = self.settings
        watch = CatalogWatch(settings.data_dir / "models.json", self.operators.tell if self._speaks else None)
        return ModelGuide(
            openrouter.catalog,
            Defaults(
                model=settings.default_model,
                duration=settings.default_duration_seconds,
                resolution=settings.default_resolution,
                aspect_ratio=settings.default_aspect_ratio,
            ),
            ReferenceModels(settings.reference_models, look=self._library.references_seen),
            every=settings.catalog_refresh_seconds,
            loaded=watch.look,
        )

    def _context(self, store: JobStore, openrouter: OpenRouter, ffmpeg: str) -> JobContext:
        settings = self.settings
        return JobContext(
            store=store,
            openrouter=openrouter,
            chat=self._chat,
            courier=self._courier,
            limits=_job_limits(settings),
            videos=settings.data_dir / "videos",
            ffmpeg=ffmpeg,
            callback_url=lambda job_id: callback_url(url, job_id) if (url := settings.webhooks_url) else None,
            check_disk=self._disk.check,
            quote=self.guide.quote,
            longest=lambda job, left: longest_offered(job, self.guide, left, at_most),
            advise=self.guide.advise,
            pseudonym=partial(pseudonym, settings.discord_token),
            estimates=self._estimates,
        )

    def _intake(self, store: JobStore, budget_store: BudgetStore, fetcher: Fetcher) -> VideoIntake:
        settings = self.settings
        return VideoIntake(
            guide=self.guide,
            collector=collector(fetcher, settings),
            store=store,
            runner=self.runner,
            disk=self._disk,
            questions=self.questions,
            links=self._links,
            tokens=self._chat.tokens,
            price_check=PriceCheck(budget_store, self.guide, self._credits, confirm_above=settings.confirm_above_usd),
            look_seconds=settings.look_seconds,
        )

    def _job_handlers(self) -> JobHandlers:
        return JobHandlers(
            library=self._library,
            retention=self._retention,
            runner=self.runner,
            chat=self._chat,
            go_on=self._reports.go_on,
            courier=self._courier,
            shares=self._tools.shares,
            repeats=Repeats(self.settings.repeats_per_hour),
            upload_seconds=self.settings.upload_timeout_seconds,
        )

    async def setup_hook(self) -> None:
        """Set up commands and background tasks: once, after the login and before the gateway connects."""
        await self._retention.clear_leftovers()
        if self.settings.discord_api_base != DISCORD_API:
            # A stand-in for Discord's API names its own gateway (GET /gateway).
            gateway = await self.http.request(Route("GET", "/gateway"))
            DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway["url"])
        await self.add_cog(Video(self.intake, self.guide))
        await self.add_cog(Animate(self, self.intake, self.guide, self._links))
        await self.add_cog(Jobs(self.job_handlers))
        await self.add_cog(Models(self.guide, self._usage.remarks))
        await self.add_cog(BudgetCommands(self.budget_handlers, self.settle_handlers))
        await self.add_cog(UsageCommand(self._usage, self.settings.budget_timezone))
        owners = (self.questions, self.intake, self.job_handlers, self.cancel_button, *self.cogs.values())
        self.add_dynamic_items(*handlers(*owners))
        record = CommandRecord(self.settings.data_dir / "commands.json")
        where = f"{self.settings.discord_api_base} {self.application_id}"
        await register(self.tree, record, where=where, guild_id=self.settings.dev_guild_id)
        # Not before: a start waits for its commands however long that takes.
        self.http.max_ratelimit_timeout = LONGEST_WAIT
        # Before the gateway, so that the first command finds the list; a slow OpenRouter must not hold up the bot.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.settings.request_timeout_seconds):
                await self.guide.refresh()
        self._estimates.read(await self._library.taken())
        resumed = await self.runner.resume()
        log.info("resumed %d unfinished jobs", resumed)
        if self.settings.public_url:
            server = Web(
                secret=self.settings.openrouter_webhook_secret,
                on_delivery=self._reports.told,
                find_file=self._tools.shares.find if self._tools.shares else None,
                connections=self.settings.web_connections,
                trusted=self.settings.trusted_proxies,
            )
            await self._web.enter_async_context(server.listening(self.settings.web_host, self.settings.web_port))
        jobs = (self.runner.keep_counts, self.runner.sweep, self._reports.watch)
        for work in (*jobs, self.guide.run, self._retention.run, self._report_health, self._credits.run):
            self._background.begin(work)

    async def on_ready(self) -> None:
        """Log the connection; called again after a reconnect."""
        log.info("ready as %s in %d servers", self.user, len(self.guilds))

    async def stop(self) -> None:
        """Accept no new commands, wait for the answers to paid requests, and leave Discord."""
        log.info("stopping")
        self.questions.close()
        await self._web.aclose()
        await self.runner.stop(self.settings.shutdown_seconds)
        await self._chat.close()
        await self._background.stop()
        await self.close()

    async def abandon(self) -> None:
        """Stop at once and start nothing more: the jobs now belong to another process."""
        self.runner.abandon()
        self.questions.close()
        await self._background.stop()
        await self._web.aclose()
        await self._chat.close()
        await self.close()

    async def _report_health(self) -> None:
        while True:
            if self.is_ready() and not self.is_closed():
                await asyncio.to_thread(health.beat, self.settings.data_dir)
            await asyncio.sleep(health.BEAT_SECONDS)
