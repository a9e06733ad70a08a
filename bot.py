"""Dailies. Settings come from the environment or .env.

python bot.py            run the bot until SIGTERM or Ctrl-C, which stop it cleanly
python bot.py check      test the token, the key, the default model, ffmpeg, folder and database; costs nothing
python bot.py backup F   copy the SQLite database to the new file F, also while the bot runs
python bot.py migrate    copy the SQLite database of a stopped bot to the PostgreSQL in DATABASE_URL (docs/growing.md)
python bot.py version    print the version
python bot.py health     exit 0 when the bot in this DATA_DIR is connected (for containers)
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import signal
import sys
from collections.abc import AsyncGenerator, Sequence
from functools import partial
from pathlib import Path

import discord
from aiohttp import ClientError, ClientSession
from discord.http import Route
from dotenv import dotenv_values
from sqlalchemy.ext.asyncio import AsyncEngine

from cogs.client import Dailies
from cogs.interactions.answers_counted import KNOWN_CODES
from dailies import backup, database, health, to_postgresql
from dailies.checkup import check_folder, checkup
from dailies.confinement.budget import MB, MEMORY
from dailies.confinement.confined import gaps
from dailies.confinement.kernel import hide_memory
from dailies.delivery.courier import DeliveryTools
from dailies.delivery.limits import UploadLimitStore
from dailies.delivery.shares import Shares
from dailies.errors import DailiesError, DatabaseError, SettingsError
from dailies.explain import sentence
from dailies.logs import log_start, set_up_logging
from dailies.media import probe as media
from dailies.media.encode import Encoder
from dailies.metrics.port import UNCOUNTED, Metrics
from dailies.money.budget import Budget, Period, Policy, Scope
from dailies.money.ledger import Ledger
from dailies.openrouter.client import ClientLimits, OpenRouter, new_session
from dailies.references.fetch import Fetcher
from dailies.settings import Settings, misspelt
from dailies.store.budgets import BudgetStore
from dailies.store.cast import CastStore
from dailies.store.drafts import DraftStore
from dailies.store.figures import read_figures
from dailies.store.job_events import JobEvents
from dailies.store.library import Library
from dailies.store.reviews import ReviewStore
from dailies.store.screenings import ScreeningStore
from dailies.store.server_settings import ServerSettingStore
from dailies.store.shards import Lost, Shards, owned
from dailies.store.shot_forums import ShotForumStore
from dailies.store.shots import ShotStore
from dailies.store.sql import SqlStore
from dailies.store.stores import Stores
from dailies.version import VERSION
from dailies.web.accepting import raise_file_limit

log = logging.getLogger("dailies.bot")

ENDED_BY_DISCORD = (discord.LoginFailure, discord.HTTPException, discord.GatewayNotFound, discord.ConnectionClosed)


@contextlib.asynccontextmanager
async def opened(settings: Settings, lost: Lost = log.error) -> AsyncGenerator[Dailies]:
    """Open everything the bot uses, and close it again at the end. Must run in the loop that runs the bot.

    lost: called once, when another process has taken over this one's shards.
    """
    ffmpeg = await asyncio.to_thread(media.find_ffmpeg, settings.ffmpeg)
    await asyncio.to_thread(check_folder, settings.data_dir)
    Route.BASE = settings.discord_api_base
    url = settings.database_url or database.sqlite_url(settings.data_dir / "dailies.sqlite")
    shards = Shards.of(settings.shard_ids, settings.shard_count)
    async with (
        database.exclusive(url, settings.data_dir),
        database.opened(url) as engine,
        owned(engine, shards, lost),
        new_session() as session,
        Fetcher.of(settings, settings.data_dir / "references") as fetcher,
        _measured(settings, engine) as metrics,
    ):
        ledger, events = Ledger(policy(settings)), JobEvents(metrics)
        store = SqlStore(engine, settings.data_dir, shards=shards, ledger=ledger, events=events)
        stores = Stores(
            jobs=store,
            library=Library(engine, store, shards),
            budgets=BudgetStore(engine, store),
            drafts=DraftStore(engine, store, settings.data_dir),
            cast=CastStore(engine, store, settings.data_dir, most=settings.cast_most),
            servers=ServerSettingStore(engine, store),
            shots=ShotStore(engine, store.patiently),
            forums=ShotForumStore(engine, store.patiently),
            reviews=ReviewStore(engine, store.patiently, shards),
            screenings=ScreeningStore(engine, store, shards),
        )
        openrouter = connect(session, settings, metrics)
        tools = equip(engine, settings, ffmpeg, metrics)
        yield Dailies(settings, stores, openrouter, fetcher, ffmpeg, tools, metrics)


@contextlib.asynccontextmanager
async def _measured(settings: Settings, engine: AsyncEngine) -> AsyncGenerator[Metrics]:
    """Count inside the block, and serve the metrics, if a port is set for them. Raises SettingsError."""
    if settings.metrics_port is None:
        yield UNCOUNTED
        return
    # Most bots do without, and start sooner so.
    from dailies.metrics.prometheus import PrometheusMetrics
    from dailies.web.metrics import MetricsServer

    metrics = PrometheusMetrics(KNOWN_CODES)
    server = MetricsServer(metrics, partial(read_figures, engine), seconds=settings.metrics_read_seconds)
    async with server.listening(settings.metrics_host, settings.metrics_port):
        yield metrics


def policy(settings: Settings) -> Policy:
    """Return the operator's budgets and limits, which a server can only lower."""
    amounts = {
        (Scope.EACH, Period.DAY): settings.budget_user_day_usd,
        (Scope.EACH, Period.MONTH): settings.budget_user_month_usd,
        (Scope.GUILD, Period.DAY): settings.budget_guild_day_usd,
        (Scope.GUILD, Period.MONTH): settings.budget_guild_month_usd,
    }
    return Policy(
        zone=settings.budget_timezone,
        budgets=tuple(Budget(scope, period, usd) for (scope, period), usd in amounts.items() if usd is not None),
        unknown_usd=settings.budget_unknown_usd,
        user_jobs=settings.jobs_per_user,
        guild_jobs=settings.jobs_per_guild,
    )


def equip(engine: AsyncEngine, settings: Settings, ffmpeg: str, metrics: Metrics) -> DeliveryTools:
    """Return the tools that deliver videos, configured from the settings."""
    videos, seconds = settings.data_dir / "videos", settings.transcode_timeout_seconds
    shares = None
    if settings.public_url:
        shares = Shares(
            engine,
            videos,
            public_url=settings.public_url,
            days=settings.keep_days,
            approved_days=settings.keep_approved_days,
            ffmpeg=ffmpeg,
        )
    return DeliveryTools(
        upload_limits=UploadLimitStore(engine),
        encoder=Encoder(ffmpeg, jobs=settings.transcode_jobs, seconds=seconds, metrics=metrics),
        shares=shares,
        ffmpeg=ffmpeg,
        media_seconds=settings.media_timeout_seconds,
        tries=settings.delivery_tries,
    )


def connect(session: ClientSession, settings: Settings, metrics: Metrics = UNCOUNTED) -> OpenRouter:
    """Return the API client, configured from the settings."""
    return OpenRouter(
        session,
        base=settings.openrouter_api_base,
        key=settings.openrouter_api_key,
        app_url=settings.public_url,
        metrics=metrics,
        limits=ClientLimits(
            request_seconds=settings.request_timeout_seconds,
            submit_seconds=settings.submit_timeout_seconds,
            download_seconds=settings.download_timeout_seconds,
            download_bytes=int(settings.max_video_mb * 1_000_000),
        ),
    )


async def run(settings: Settings) -> int:
    """Run until a signal or a failure; returns the exit code."""
    raise_file_limit()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    lost: asyncio.Future[DatabaseError] = loop.create_future()
    async with opened(settings, lost.set_result) as bot, bot:
        running = asyncio.create_task(bot.start(settings.discord_token))
        stopping = asyncio.create_task(stop.wait())
        freezing = asyncio.create_task(_freeze_memory(bot))
        await asyncio.wait({running, stopping, lost}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        freezing.cancel()
        stopped = not (lost.done() or running.done())
        if lost.done():
            log.error("%s This process has lost it, and ends.", lost.result())
            await bot.abandon()
        else:
            # Even when Discord ended it: a paid request may be in flight.
            await bot.stop()
        try:
            await running
        except (*ENDED_BY_DISCORD, ClientError, OSError) as error:
            if stopped:  # requests that were in flight break off
                return 0
            log.error(_refusal(error))  # noqa: TRY400
            return 1
    return 1 if lost.done() else 0


def _refusal(error: Exception) -> str:
    """Explain why Discord ended the bot. Gateway close code 4004: the token is not, or no longer, accepted."""
    if isinstance(error, discord.LoginFailure) or (isinstance(error, discord.ConnectionClosed) and error.code == 4004):
        return "Discord did not accept DISCORD_TOKEN; copy it again from the Bot page of the developer portal"
    return f"Discord could not be reached or refused the bot: {error}"


async def _freeze_memory(bot: Dailies) -> None:
    """Exempt what the started bot holds from garbage collection.

    With thousands of resumed jobs, each full collection blocked the event loop for up to 0.7 s.
    """
    await bot.wait_until_ready()
    gc.collect()
    gc.freeze()


def main(arguments: Sequence[str]) -> int:
    """Run the command that the arguments name; return the exit code."""
    if {"-h", "--help"} & set(arguments):
        print(__doc__)
        return 0
    if list(arguments) == ["version"]:
        print(VERSION)
        return 0
    hide_memory()  # before it holds any secret but those of its environment
    command = arguments[0] if arguments else "run"
    expected = {"run": (0, 1), "check": (1,), "health": (1,), "backup": (2,), "migrate": (1, 2)}
    if len(arguments) not in expected.get(command, ()):
        print(f"This is not how bot.py is used: {' '.join(arguments)}\n\n{__doc__}", file=sys.stderr)
        return 2
    try:
        environment = {**{k: v or "" for k, v in dotenv_values(Path(".env")).items()}, **os.environ}
    except (OSError, UnicodeError) as error:
        print(f".env cannot be read; save it as UTF-8, readable for the bot ({error})", file=sys.stderr)
        return 2
    if command == "health":
        return health.main(Path(environment.get("DATA_DIR") or "data"))
    if command == "backup":
        return backup.main(environment, Path(arguments[1]))
    if command == "migrate":
        return to_postgresql.main(environment, Path(arguments[1]) if arguments[1:] else None)
    try:
        settings = Settings.from_env(environment)
    except SettingsError as error:
        print("These settings are missing or wrong (.env or environment):", file=sys.stderr)
        print(*(f"- {problem}" for problem in error.problems), sep="\n", file=sys.stderr)
        if not Path(".env").exists():
            print("There is no .env here. To begin one: cp .env.example .env", file=sys.stderr)
        return 2
    set_up_logging(settings)
    if command == "run":
        log_start(settings, environment)
    for problem in (*misspelt(environment), *(map(sentence, gaps()) if command == "run" else ())):
        log.warning(problem)
    MEMORY.total = int(settings.decode_memory_mb * MB)
    try:
        return asyncio.run(checkup(settings, connect) if command == "check" else run(settings))
    except DailiesError as error:
        log.error("%s", error)  # noqa: TRY400 (it says what to do)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
