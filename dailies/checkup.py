"""`bot.py check`: tests the secrets, the default model, ffmpeg, the data folder and the database. Costs nothing."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast

import aiohttp

from dailies import database
from dailies.catalog.facts import OWN
from dailies.catalog.references import ReferenceModels
from dailies.confinement.confined import gaps
from dailies.disk import Disk
from dailies.errors import DailiesError, MediaError, SettingsError, Unauthorized
from dailies.explain import reference_support, sentence, short
from dailies.files import make_folder
from dailies.formatting import usd
from dailies.media import probe as media
from dailies.openrouter.client import OpenRouter, new_session
from dailies.reason import Reason, ReasonCode
from dailies.settings import Settings

INVITE = "https://discord.com/oauth2/authorize?client_id={}&scope=bot+applications.commands&permissions=274878008320"
"""Adds the bot to a server, with the permissions that it needs."""

Connect = Callable[[aiohttp.ClientSession, Settings], OpenRouter]


class Failed(DailiesError):
    """A check that found a problem; its text says what it is and what to do."""


class Warned(DailiesError):
    """A check that found what could be better, with which the bot works."""


async def checkup(settings: Settings, connect: Connect) -> int:
    """Run every check and print a line for each; returns 0 if all is well, 1 otherwise."""
    async with new_session() as session:
        openrouter = connect(session, settings)
        checks: dict[str, Callable[[], Awaitable[str]]] = {
            "Discord token": lambda: _token(session, settings),
            "OpenRouter key": lambda: _key(openrouter),
            "Default model": lambda: _model(openrouter, settings),
            "ffmpeg": lambda: _ffmpeg(settings),
            "Confinement": _confinement,
            "Data folder": lambda: _folder(settings),
            "Database": lambda: _database(settings),
            "Trusted origins": lambda: _origins(settings),
            "Reference models": lambda: _reference_models(settings),
        }
        failures = 0
        for name, check in checks.items():
            try:
                found, word = await check(), "ok"
            except Warned as error:
                found, word = short(error.reason), "WARNING"
            except DailiesError as error:
                found, word, failures = short(error.reason), "FAILED", failures + 1
            sys.stdout.write(f"{word:<7} {name}: {found}\n")
    return 1 if failures else 0


async def _token(session: aiohttp.ClientSession, settings: Settings) -> str:
    headers = {"Authorization": f"Bot {settings.discord_token}"}
    url = f"{settings.discord_api_base}/applications/@me"
    try:
        async with (
            asyncio.timeout(settings.request_timeout_seconds),
            session.get(url, headers=headers, allow_redirects=False) as response,
        ):
            if response.status == HTTPStatus.UNAUTHORIZED:
                raise Failed("not accepted; copy it again from the Bot page of the Discord developer portal")
            if response.status != HTTPStatus.OK:
                raise Failed(f"Discord answered HTTP {response.status}; try again later")
            application = json.loads(await response.read())
    except (aiohttp.ClientError, OSError) as error:
        raise Failed(
            f"{settings.discord_api_base} could not be reached ({type(error).__name__}); look at this machine's network"
        ) from error
    except ValueError:
        application = None
    if not isinstance(application, dict):
        raise Failed(f"{settings.discord_api_base} did not answer as Discord does")
    about = cast("dict[str, Any]", application)
    servers = about.get("approximate_guild_count")
    number = "1 server" if servers == 1 else f"{servers} servers"
    where = f"in about {number}" if servers else f"add it to a server: {INVITE}"
    return f"accepted, the bot is {about.get('name')}; {where.format(about.get('id'))}"


async def _key(openrouter: OpenRouter) -> str:
    try:
        info = await openrouter.key()
    except Unauthorized as error:
        raise Failed("not accepted; make one at openrouter.ai/keys") from error
    if info.management:
        raise Failed("accepted, but it only manages other keys; make an ordinary one at openrouter.ai/keys")
    if info.left is not None and info.left <= 0:
        raise Failed("accepted, but it has reached its limit; raise it at openrouter.ai/keys")
    unpaid = "; its account has never bought credits, see openrouter.ai/credits" if info.free else ""
    limit = "no limit" if info.left is None else f"{usd(info.left)} left of its limit"
    return f"accepted, {limit}{unpaid}"


async def _model(openrouter: OpenRouter, settings: Settings) -> str:
    try:
        catalog = await openrouter.catalog()
    except DailiesError as error:
        raise Failed(f"the list of models could not be loaded: {short(error.reason)}") from error
    model = catalog.get(settings.default_model)
    if model is None:
        similar = ", ".join(catalog.similar(settings.default_model)) or "see openrouter.ai/models"
        raise Failed(f"{settings.default_model} isn't a video model on OpenRouter; similar: {similar}")
    known = ReferenceModels(settings.reference_models)
    if needs := known.needs(model):
        raise Failed(f"{model.id} {sentence(Reason(ReasonCode.NEEDS_INPUT, input=needs))}")
    verdict = known.verdict(model)
    takes = f"{reference_support(verdict.takes, verdict.most)}: {sentence(verdict.source)}"
    return f"{model.id} is available ({takes}); {len(catalog)} models in all"


async def _ffmpeg(settings: Settings) -> str:
    path = await asyncio.to_thread(media.find_ffmpeg, settings.ffmpeg)
    try:
        version = await media.version(path)
    except MediaError as error:
        raise Failed(f"{short(error.reason)}; set FFMPEG to one that runs") from error
    return f"{version.split(' Copyright')[0]} ({path})"


async def _confinement() -> str:
    if missing := gaps():
        raise Warned(" ".join(map(sentence, missing)))
    return "images, videos and web pages are decoded without network, each with its own files only"


async def _folder(settings: Settings) -> str:
    await asyncio.to_thread(check_folder, settings.data_dir)
    free = await Disk(settings.data_dir, least=settings.min_free_mb).check()
    return f"{settings.data_dir.absolute()} is writable; {free / 1_000_000_000:.1f} GB free"


async def _database(settings: Settings) -> str:
    if settings.database_url is None:
        return f"SQLite in {settings.data_dir.absolute()}"
    return f"{await database.reach(settings.database_url)} works"


async def _origins(settings: Settings) -> str:
    ports = ", ".join(map(str, sorted(settings.reference_ports)))
    others = f"links are fetched from public https addresses only, port {ports}"
    if not settings.reference_trusted_origins:
        return f"none; {others}"
    return f"{', '.join(sorted(settings.reference_trusted_origins))} may be private or plain http; other {others}"


async def _reference_models(settings: Settings) -> str:
    file = settings.reference_models
    known = f"{len(OWN)} models are known"
    if file.path is None:
        return f"{known}; REFERENCE_MODELS can name a file that corrects them"
    changed = ", ".join(sorted(file.models)) or "nothing"
    return f"{known}; {file.path} overrides them for {changed}"


def check_folder(folder: Path) -> None:
    """Create DATA_DIR and write a file there. Blocks. Raises SettingsError if that does not work."""
    try:
        make_folder(folder)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"-")
    except OSError as error:
        raise SettingsError([f"DATA_DIR: {folder} cannot be written ({error.strerror})"]) from error
