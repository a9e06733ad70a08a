"""The Discord client: its commands, its background tasks, and its shutdown."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from functools import partial

from discord.ext import commands

from cogs import assembly
from cogs.about import About
from cogs.budget.cog import BudgetCommands
from cogs.budget.handlers import BudgetHandlers
from cogs.budget.settle import SettleHandlers
from cogs.cast.answers import CastAnswers
from cogs.cast.cog import Cast
from cogs.cast.editing import CastEditing
from cogs.cast.handlers import CastHandlers
from cogs.command_sync import Tree, register
from cogs.composer.cog import Compose
from cogs.composer.fix import FixButton
from cogs.composer.handlers import ComposerHandlers
from cogs.composer.shot_window import ShotWindow
from cogs.gateway_events import GuardedEvents
from cogs.interactions.buttons import handlers
from cogs.interactions.languages import ServerLanguages
from cogs.interactions.pause import LONGEST_WAIT, Pause
from cogs.interactions.questions import Questions
from cogs.interactions.windows import WindowAnswers
from cogs.jobs.cancel import CancelButton
from cogs.jobs.cog import Jobs
from cogs.jobs.handlers import JobHandlers
from cogs.jobs.listing import JobList
from cogs.jobs.more import MoreButton
from cogs.models.cog import Models
from cogs.operators import Operators
from cogs.review.reviewing import Reviewing
from cogs.review.rights import ReviewRights
from cogs.screening.screening_room import ScreeningRoom
from cogs.settings.cog import SettingsCommand
from cogs.settings.handlers import SettingHandlers
from cogs.shots.approved import ApprovedChannels
from cogs.shots.cog import ShotCommands
from cogs.shots.forum import ShotForums
from cogs.shots.wall import WallHandlers
from cogs.usage import UsageCommand
from cogs.video.again import NextTake
from cogs.video.animate import Animate
from cogs.video.cast_names import CastNames
from cogs.video.cog import Compare, Video
from cogs.video.continue_video import ContinueButton
from cogs.video.intake import VideoIntake
from cogs.video.message_links import MessageLinks
from cogs.video.price_check import PriceCheck
from cogs.video.shots import Shots
from cogs.video.votes import VoteButtons
from dailies import health
from dailies.background import Background
from dailies.catalog.changes import CatalogWatch
from dailies.command_record import CommandRecord
from dailies.delivery.courier import Courier, DeliveryTools
from dailies.disk import Disk
from dailies.jobs.durations import Estimates
from dailies.jobs.redeliver import Repeats
from dailies.jobs.reports import Reports
from dailies.jobs.runner import Runner
from dailies.jobs.votes import Votes
from dailies.media.stills import Stills
from dailies.metrics.port import UNCOUNTED, Metrics
from dailies.money.credits import Credits
from dailies.money.usage import Usage
from dailies.openrouter.client import OpenRouter
from dailies.references.collect import collector
from dailies.references.fetch import Fetcher
from dailies.settings import Settings
from dailies.store.again import newest_again
from dailies.store.shards import Shards
from dailies.store.stores import Stores
from dailies.store.wall import Wall

log = logging.getLogger(__name__)


class Dailies(commands.AutoShardedBot):
    """The Discord client. The caller opens everything it uses and passes it in."""

    def __init__(
        self,
        settings: Settings,
        stores: Stores,
        openrouter: OpenRouter,
        fetcher: Fetcher,
        ffmpeg: str,
        tools: DeliveryTools,
        metrics: Metrics = UNCOUNTED,
    ) -> None:
        self._pause = pause = Pause()
        options = assembly.client_options(settings, pause, metrics)
        super().__init__(command_prefix=commands.when_mentioned, tree_cls=Tree, **options)
        # Nothing public ends it (cogs/interactions/pause.py).
        pause.released = lambda: self.http._global_over.set()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        # discord.py reads each event through this table, and its parsers expect every field to be there.
        self._events = GuardedEvents(self.http)
        self._connection.parsers = self._events.guarded(self._connection.parsers)
        self.settings, self._stores, self._tools = settings, stores, tools
        self._estimates, self._background = Estimates(), Background()
        self._rights = ReviewRights(self, stores.reviews, stores.servers, roles=settings.review_role_ids)
        chat = partial(assembly.discord_chat, self, settings, stores.library, pause, self._estimates)
        self._chat = chat(lambda: self.guide, self._rights.review)
        self._courier = Courier(self._chat, tools)
        self._disk = Disk(settings.data_dir, least=settings.min_free_mb)
        self.operators = Operators(self, settings.operator_channel_id)
        shards = Shards.of(settings.shard_ids, settings.shard_count)
        # All processes see the same catalogue and credits; only the one with the direct messages reports on them.
        self._speaks = shards.owns(None)
        watch = CatalogWatch(settings.data_dir / "models.json", self.operators.tell if self._speaks else None)
        self.guide = assembly.model_guide(settings, openrouter, stores, metrics, watch.look)
        self._web, self.questions = contextlib.AsyncExitStack(), Questions()
        self._usage = Usage(stores.budgets.engine)
        self._retention = assembly.retention(settings, stores)
        self._set_up_jobs(openrouter, shards, ffmpeg)
        confirm = settings.confirm_above_usd
        self._price_check = PriceCheck(stores.budgets, stores.servers, self.guide, self._credits, confirm_above=confirm)
        self.setting_handlers = SettingHandlers(settings, stores.servers, self.guide)
        self._cast = CastNames(stores.cast, settings.data_dir, seconds=settings.look_seconds / 3)
        self._shots = Shots(stores.shots, seconds=settings.look_seconds)
        self._set_up_requests(fetcher, ffmpeg)
        self._set_up_handlers(shards)

    def _set_up_jobs(self, openrouter: OpenRouter, shards: Shards, ffmpeg: str) -> None:
        """Make what carries jobs from their turn to their end."""
        settings = self.settings
        context = assembly.job_context(
            settings,
            stores=self._stores,
            openrouter=openrouter,
            chat=self._chat,
            forum=self._chat.forum,
            courier=self._courier,
            guide=self.guide,
            disk=self._disk,
            estimates=self._estimates,
            ffmpeg=ffmpeg,
        )
        self.runner = Runner(context)
        self.cancel_button = CancelButton(context, self.runner)
        self._votes = Votes(context, seconds=3600 * settings.vote_hours)
        reviewing = partial(Reviewing, self, settings, self._stores, context, self._rights, pause=self._pause)
        self.reviewing = reviewing(shares=self._tools.shares, tell=self.operators.tell)
        low, mark = settings.low_credits_usd if self._speaks else None, settings.data_dir / "low-credits"
        self._credits = Credits(context.credit_gate, openrouter.key, self.operators.tell, low=low, mark=mark)
        self._reports = Reports(context, self.runner, shards, wait=settings.report_wait_seconds)

    def _set_up_requests(self, fetcher: Fetcher, ffmpeg: str) -> None:
        """Make what turns requests into jobs."""
        settings, stores = self.settings, self._stores
        self._last_frames = assembly.last_frames(settings, ffmpeg)
        self._stills = Stills(ffmpeg, seconds=settings.media_timeout_seconds)
        self._links = MessageLinks(self, stores.jobs, self._last_frames, seconds=0.8 * settings.look_seconds)
        self._collector = collector(fetcher, settings)
        self.composer = assembly.composer(
            settings, stores, self.guide, self._links, self._price_check, self._collector, self._cast, self._shots
        )
        self.intake = VideoIntake(
            guide=self.guide,
            collector=self._collector,
            store=stores.jobs,
            runner=self.runner,
            disk=self._disk,
            composer=self.composer,
            cast=self._cast,
            shots=self._shots,
            links=self._links,
            tokens=self._chat.tokens,
            price_check=self._price_check,
            languages=ServerLanguages(self, stores.servers),
            look_seconds=settings.look_seconds,
        )

    def _set_up_handlers(self, shards: Shards) -> None:
        """Make what answers commands and buttons."""
        settings, stores = self.settings, self._stores
        store, library, budget_store = stores.jobs, stores.library, stores.budgets
        roles, operators = settings.budget_role_ids, settings.operator_channel_id
        self.budget_handlers = BudgetHandlers(budget_store, roles=roles, operators=operators)
        self.settle_handlers = SettleHandlers(self.budget_handlers, library, store, self.runner, self.questions, shards)
        repeats = Repeats(settings.repeats_per_hour)
        self.job_handlers = JobHandlers(
            library=library,
            reviews=stores.reviews,
            retention=self._retention,
            runner=self.runner,
            chat=self._chat,
            go_on=self._reports.go_on,
            courier=self._courier,
            shares=self._tools.shares,
            repeats=repeats,
            upload_seconds=settings.upload_timeout_seconds,
        )
        self.more_button = MoreButton(library, stores.reviews, self.guide, self._tools.shares, repeats)
        cast = CastAnswers(stores.cast, look_seconds=settings.look_seconds)
        self.cast_handlers = CastHandlers(cast, self._retention.release)
        pictures = assembly.cast_pictures(settings, self._collector, self._links, self._last_frames, store)
        self.cast_editing = CastEditing(cast, pictures, self._retention.release)
        wall = Wall(budget_store.engine, store, stores.reviews)
        places = self._shots, self._cast
        self.wall_handlers = WallHandlers(wall, *places, self._stills, look_seconds=settings.look_seconds)
        self.shot_forums = ShotForums(stores.forums, self._shots, look_seconds=settings.look_seconds)
        self.approved_channels = ApprovedChannels(stores.servers, look_seconds=settings.look_seconds)
        self.vote_buttons = VoteButtons(store, self._votes)
        self.composer_handlers = ComposerHandlers(self.composer, self.intake)
        self.shot_window = ShotWindow(self.composer, self.composer_handlers)
        self.fix_button = FixButton(self.composer, self._price_check)
        again = partial(newest_again, budget_store.engine)
        frames, seconds = self._last_frames, settings.look_seconds
        self.next_take = NextTake(self.intake, self.guide, store, self.composer, again, look_seconds=seconds)
        self.continue_button = ContinueButton(store, self.guide, self.composer, frames, look_seconds=seconds)
        kept = stores, self._shots, self._tools, self.guide, self._usage, self._disk
        self.screening_room = ScreeningRoom(self, settings, *kept, pause=self._pause, compose=self.next_take.edit)

    async def setup_hook(self) -> None:
        """Set up commands and background tasks: once, after the login and before the gateway connects."""
        await self._retention.clear_leftovers()
        await assembly.use_gateway(self, self.settings)
        await self.add_cog(Video(self.intake, self.guide, self._cast, self._shots))
        await self.add_cog(Compare(self.intake, self.guide, self._cast, self._shots))
        await self.add_cog(Compose(self.composer, self.guide))
        await self.add_cog(Cast(self.cast_editing, self.cast_handlers))
        await self.add_cog(Animate(self, self.intake, self.guide, self._links))
        listed = JobList(self._stores.library, self._stills, look_seconds=self.settings.look_seconds)
        await self.add_cog(Jobs(self.job_handlers, listed))
        await self.add_cog(ShotCommands(self.wall_handlers, self.shot_forums, self.approved_channels))
        await self.add_cog(Models(self.guide, self._usage.remarks, self._votes.wins))
        await self.add_cog(BudgetCommands(self.budget_handlers, self.settle_handlers))
        await self.add_cog(About(self, self.guide, self.settings.keep_days))
        await self.add_cog(SettingsCommand(self.setting_handlers))
        for cog in (UsageCommand(self._usage, self.settings.budget_timezone), *self.screening_room.cogs):
            await self.add_cog(cog)
        owners = (self.questions, self.intake, self.job_handlers, self.cancel_button, self.composer_handlers)
        owners = (*owners, self.fix_button, self.next_take, self.more_button, self.continue_button, self.shot_forums)
        owners = (*owners, self.vote_buttons, self.setting_handlers, self.cast_handlers, self.cast_editing)
        owners = (*owners, self.wall_handlers, self.shot_window, self.reviewing.handlers, *self.screening_room.handlers)
        owners = (*owners, self.approved_channels)
        self.add_dynamic_items(*handlers(*owners, *self.cogs.values()))
        self.add_listener(WindowAnswers(*owners).on_interaction)
        record = CommandRecord(self.settings.data_dir / "commands.json")
        where = f"{self.settings.discord_api_base} {self.application_id}"
        await register(self.tree, record, where=where, guild_id=self.settings.dev_guild_id)
        # Not before: a start waits for its commands however long that takes.
        self.http.max_ratelimit_timeout = LONGEST_WAIT
        # Before the gateway, so that the first command finds the list; a slow OpenRouter must not hold up the bot.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.settings.request_timeout_seconds):
                await self.guide.refresh()
        self._estimates.read(await self._stores.library.taken())
        log.info("resumed %d unfinished jobs", await self.runner.resume())
        if self.settings.public_url:
            server = assembly.web_server(self.settings, self._reports.told, self._tools.shares)
            await self._web.enter_async_context(server.listening(self.settings.web_host, self.settings.web_port))
        jobs = (self.runner.keep_counts, self.runner.sweep, self._reports.watch, self._votes.watch)
        jobs = (*jobs, self.screening_room.screenings.watch, *self.reviewing.work)
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
        await self._last_frames.close()
        await self._stills.close()
        await self.composer.close()
        await self.runner.stop(self.settings.shutdown_seconds)
        await self._chat.close()
        await self._background.stop()
        await self.close()

    async def abandon(self) -> None:
        """Stop at once and start nothing more: the jobs now belong to another process."""
        self.runner.abandon()
        self.questions.close()
        await self._background.stop()
        await self._last_frames.close()
        await self._stills.close()
        await self.composer.close()
        await self._web.aclose()
        await self._chat.close()
        await self.close()

    async def _report_health(self) -> None:
        while True:
            if self.is_ready() and not self.is_closed():
                await asyncio.to_thread(health.beat, self.settings.data_dir)
            await asyncio.sleep(health.BEAT_SECONDS)
