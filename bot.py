"""The composition root: settings, API client, bot. Runs until SIGTERM or Ctrl-C, then stops cleanly.

python bot.py            run the bot
python bot.py check      test the token, the key, the default model and ffmpeg, and say what was found
python bot.py backup F   copy the SQLite database to the new file F, also while the bot runs
python bot.py health     exit 0 when the bot in this DATA_DIR is connected (for containers)
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any

import discord
import yarl
from aiohttp import ClientError, ClientSession
from discord import app_commands
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from dotenv import dotenv_values

from cogs.chat import DiscordChat
from cogs.desk import Desk, refuse
from cogs.jobs import Jobs
from cogs.registering import register
from cogs.rerun import RunAgain
from cogs.shelf import Shelf
from cogs.ui.jobs import ForgetButton, TurnButton
from cogs.video import Video
from dailies import backup, database, health
from dailies.checkup import check_folder, checkup
from dailies.delivery import media
from dailies.disk import Disk
from dailies.errors import DailiesError, SettingsError
from dailies.jobs.library import Library
from dailies.jobs.life import Crew, Rules
from dailies.jobs.owner import Shards, owned
from dailies.jobs.runner import Runner
from dailies.jobs.sql_store import SqlStore
from dailies.jobs.store import JobStore
from dailies.keeping import Keeper
from dailies.logs import set_up_logging
from dailies.openrouter.catalog import CatalogKeeper
from dailies.openrouter.client import Limits, OpenRouter, new_session
from dailies.openrouter.options import Defaults
from dailies.references.collect import Collector
from dailies.references.fetch import Fetcher
from dailies.settings import DISCORD_API, Settings
from dailies.synced import CommandRecord
from dailies.web import Web, callback_url

log = logging.getLogger("dailies.bot")

SAFETY_NET = 4
"""With webhooks, a job is looked at so many times less often: only in case that a report gets lost."""

# discord.py warns at every start that voice libraries are missing; this bot has no use for voice.
discord.VoiceClient.warn_nacl = False
discord.VoiceClient.warn_dave = False


class Tree(app_commands.CommandTree["Dailies"]):
    """Commands whose failures are told to the requester and logged once."""

    async def on_error(self, interaction: discord.Interaction[Dailies], error: app_commands.AppCommandError, /) -> None:
        """A bug, or Discord did not take an answer: nothing was sent to OpenRouter by the command itself."""
        log.error("command %s failed", interaction.command and interaction.command.name, exc_info=error)
        if interaction.response.is_done() or interaction.type is discord.InteractionType.autocomplete:
            return
        with contextlib.suppress(discord.HTTPException):
            await refuse(interaction, DailiesError("Something in the bot broke; its log says what. Nothing was paid."))


def _rules(settings: Settings) -> Rules:
    return Rules(
        poll_interval=settings.poll_interval_seconds * (SAFETY_NET if settings.public_url else 1),
        poll_limit=settings.poll_limit,
        download_tries=settings.download_tries,
        delivery_tries=settings.delivery_tries,
        media_seconds=settings.media_timeout_seconds,
    )


def _defaults(settings: Settings) -> Defaults:
    return Defaults(
        model=settings.default_model,
        duration=settings.default_duration_seconds,
        resolution=settings.default_resolution,
        aspect_ratio=settings.default_aspect_ratio,
    )


class Dailies(commands.AutoShardedBot):
    """The Discord client. Everything it uses is opened outside and handed in."""

    def __init__(
        self,
        settings: Settings,
        store: JobStore,
        library: Library,
        openrouter: OpenRouter,
        fetcher: Fetcher,
        ffmpeg: str,
    ) -> None:
        # Without a count, Discord says at the start how many shards this one process should use.
        sharding: dict[str, Any] = {"shard_count": settings.shard_count}
        if settings.shard_ids:
            sharding["shard_ids"] = list(settings.shard_ids)
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            tree_cls=Tree,
            **sharding,
        )
        self.settings = settings
        chat = DiscordChat(
            self,
            status_seconds=settings.status_timeout_seconds,
            upload_seconds=settings.upload_timeout_seconds,
        )
        crew = Crew(
            store=store,
            openrouter=openrouter,
            chat=chat,
            rules=_rules(settings),
            videos=settings.data_dir / "videos",
            ffmpeg=ffmpeg,
            callback_url=lambda job_id: callback_url(settings.public_url, job_id) if settings.public_url else None,
        )
        self._web = contextlib.AsyncExitStack()
        self.runner = Runner(crew)
        self.keeper = CatalogKeeper(openrouter.models, every=settings.catalog_refresh_seconds)
        self.desk = Desk(
            keeper=self.keeper,
            collector=Collector(fetcher, megapixels=settings.reference_max_megapixels),
            store=store,
            runner=self.runner,
            defaults=_defaults(settings),
            disk=Disk(settings.data_dir, least=settings.min_free_mb),
        )
        self._files = Keeper(library, settings.data_dir, days=settings.keep_days)
        self.shelf = Shelf(library=library, keeper=self._files, runner=self.runner, chat=chat)
        self._background: set[asyncio.Task[None]] = set()

    async def setup_hook(self) -> None:
        """Once, after the login and before the gateway."""
        if self.settings.discord_api_base != DISCORD_API:
            # Whoever stands in for Discord's API says where the gateway is (GET /gateway).
            gateway = await self.http.request(Route("GET", "/gateway"))
            DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway["url"])
        await self.add_cog(Video(self.desk))
        await self.add_cog(Jobs(self.shelf))
        self.add_dynamic_items(RunAgain, TurnButton, ForgetButton)
        record = CommandRecord(self.settings.data_dir / "commands.json")
        where = f"{self.settings.discord_api_base} {self.application_id}"
        await register(self.tree, record, where=where, guild_id=self.settings.dev_guild_id)
        # Before the gateway, so that the first command finds the list; but a slow OpenRouter does not hold up the bot.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.settings.request_timeout_seconds):
                await self.keeper.refresh()
        resumed = await self.runner.resume()
        log.info("resumed %d unfinished jobs", resumed)
        if self.settings.openrouter_webhook_secret:
            server = Web(secret=self.settings.openrouter_webhook_secret, on_delivery=self.runner.told)
            await self._web.enter_async_context(server.listening(self.settings.web_host, self.settings.web_port))
        for work in (self.keeper.run(), self._files.run(), self._report_health()):
            task = asyncio.create_task(work)
            self._background.add(task)
            task.add_done_callback(_report_end)

    async def on_ready(self) -> None:
        """Connected; may come again after a reconnect."""
        log.info("ready as %s in %d servers", self.user, len(self.guilds))

    async def stop(self) -> None:
        """Take no new command, let a paid request get its answer, and leave Discord."""
        log.info("stopping")
        await self._web.aclose()
        await self.runner.stop(self.settings.shutdown_seconds)
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        await self.close()

    async def _report_health(self) -> None:
        while True:
            if self.is_ready() and not self.is_closed():
                await asyncio.to_thread(health.beat, self.settings.data_dir)
            await asyncio.sleep(health.BEAT_SECONDS)


def _report_end(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.error("background work ended by a bug", exc_info=error)


@contextlib.asynccontextmanager
async def opened(settings: Settings) -> AsyncGenerator[Dailies]:
    """The bot with everything it uses, closed again at the end. Must run in the loop that runs the bot."""
    ffmpeg = await asyncio.to_thread(media.find_ffmpeg, settings.ffmpeg)
    await asyncio.to_thread(check_folder, settings.data_dir)
    Route.BASE = settings.discord_api_base
    fetcher = Fetcher(
        settings.data_dir / "references",
        trusted=settings.reference_trusted_origins,
        size=int(settings.reference_max_mb * 1_000_000),
        seconds=settings.reference_timeout_seconds,
    )
    url = settings.database_url or database.sqlite_url(settings.data_dir / "dailies.sqlite")
    shards = Shards(settings.shard_ids or (0,), settings.shard_count or 1)
    async with (
        database.opened(url) as engine,
        owned(engine, settings.data_dir, shards),
        new_session() as session,
        fetcher,
    ):
        store = SqlStore(engine, settings.data_dir, shards=shards)
        library = Library(engine, store, shards)
        yield Dailies(settings, store, library, connect(session, settings), fetcher, ffmpeg)


def connect(session: ClientSession, settings: Settings) -> OpenRouter:
    """The API client as the settings say."""
    return OpenRouter(
        session,
        base=settings.openrouter_api_base,
        key=settings.openrouter_api_key,
        limits=Limits(
            request_seconds=settings.request_timeout_seconds,
            submit_seconds=settings.submit_timeout_seconds,
            download_seconds=settings.download_timeout_seconds,
            download_bytes=int(settings.max_video_mb * 1_000_000),
        ),
    )


async def run(settings: Settings) -> int:
    """Run until a signal or a failure; returns the exit code."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with opened(settings) as bot, bot:
        running = asyncio.create_task(bot.start(settings.discord_token))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not running.done():
            await bot.stop()
        try:
            await running
        except discord.LoginFailure:
            log.error("Discord did not accept DISCORD_TOKEN; copy it again from the Bot page of the developer portal")  # noqa: TRY400
            return 1
        except (discord.HTTPException, discord.GatewayNotFound, ClientError, OSError) as error:
            log.error("Discord could not be reached or refused the bot: %s", error)  # noqa: TRY400
            return 1
    return 0


def main(arguments: Sequence[str]) -> int:
    """See the module's docstring; returns the exit code."""
    command = arguments[0] if arguments else "run"
    expected = {"run": (0, 1), "check": (1,), "health": (1,), "backup": (2,)}
    if len(arguments) not in expected.get(command, ()):
        print(__doc__, file=sys.stderr)
        return 2
    environment = {**{k: v or "" for k, v in dotenv_values(Path(".env")).items()}, **os.environ}
    if command == "health":
        return health.main(Path(environment.get("DATA_DIR") or "data"))
    if command == "backup":
        return backup.main(environment, Path(arguments[1]))
    try:
        settings = Settings.from_env(environment)
    except SettingsError as error:
        print("The settings are not complete (.env or environment):", file=sys.stderr)
        print(*(f"- {problem}" for problem in error.problems), sep="\n", file=sys.stderr)
        return 2
    set_up_logging(settings)
    try:
        return asyncio.run(checkup(settings, connect) if command == "check" else run(settings))
    except DailiesError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
