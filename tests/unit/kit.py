"""Shared helpers for unit tests: a client on a test's own server, time that does not pass, a chat in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from dailies import explain
from dailies.catalog.guide import ModelGuide
from dailies.catalog.options import Defaults, VideoRequest
from dailies.catalog.references import ReferenceModels
from dailies.comparison import Comparison
from dailies.delivery.chat import Chat, Posted, Upload
from dailies.delivery.limits import ClaimedLimits
from dailies.errors import DeliveryError
from dailies.job import Job, Place, State, output_name
from dailies.openrouter.client import ClientLimits, OpenRouter, new_session
from dailies.openrouter.models import Catalog
from dailies.openrouter.protocol import Poll, read_models
from dailies.references.reference import Reference
from tests.support.servers import Answer

KEY = "sk-or-v1-unit"
CATALOG_FILE = Path(__file__).parents[2] / "sandbox" / "openrouter" / "catalog.json"


def catalog() -> Catalog:
    """Return the thirty models that the sandbox serves."""
    return read_models(200, {}, CATALOG_FILE.read_bytes())


class Sleeps:
    """A sleep that takes no time and remembers its durations."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        await asyncio.sleep(0)


async def at_once() -> None:
    """Send the paid request at once."""


class Now:
    """A clock that stands still until a test moves it."""

    def __init__(self, time: float = 1_790_000_000.0) -> None:
        self.time = time

    def __call__(self) -> float:
        return self.time


@asynccontextmanager
async def client(
    base: str,
    *,
    limits: ClientLimits | None = None,
    sleep: Callable[[float], Awaitable[None]] | None = None,
    session: aiohttp.ClientSession | None = None,
) -> AsyncGenerator[OpenRouter]:
    """The bot's client with its own session (or the given one), whose retries do not wait."""
    async with session or new_session() as opened:
        yield OpenRouter(opened, base=base, key=KEY, limits=limits, sleep=sleep or Sleeps())


async def fetched(openrouter: OpenRouter, poll: Poll, target: Path) -> int:
    """Download the job j1 from the first of its addresses; return the bytes."""
    return await openrouter.download(openrouter.sources("j1", poll)[0], target)


def answering(*answers: web.Response | Callable[[web.Request], web.Response]) -> Answer:
    """Answer in the order given; the last answer for ever. Functions get the request."""
    left = list(answers)

    async def answer(request: web.Request) -> web.StreamResponse:
        now = left.pop(0) if len(left) > 1 else left[0]
        if callable(now):
            return now(request)
        return web.Response(status=now.status, body=now.body, headers=now.headers)

    return answer


def said(body: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """Make a JSON answer."""
    return web.json_response(body, status=status, headers=headers)


def failed(status: int, message: str = "no", headers: Mapping[str, str] | None = None) -> web.Response:
    """Make an error in OpenRouter's shape."""
    return said({"error": {"code": status, "message": message}}, status, headers)


DEFAULTS = Defaults("bytedance/seedance-2.0-fast", 5, "720p", "16:9")


def guide(models: Catalog, defaults: Defaults = DEFAULTS, references: ReferenceModels | None = None) -> ModelGuide:
    """A guide that has loaded this list."""

    async def fetch() -> Catalog:
        return models

    loaded = ModelGuide(fetch, defaults, references, every=3600)
    loaded._catalog = models  # pyright: ignore[reportPrivateUsage]
    return loaded


REQUEST = VideoRequest(prompt="a red kite over the sea", model="a/b", model_name="A: B", duration=5)


def a_job(**changes: Any) -> Job:
    """Make a job as the bot does, with changes."""
    given: dict[str, Any] = {
        "id": "0123456789abcdef",
        "key": "77",
        "place": Place(guild_id=1, channel_id=2, requester_id=3, status_message_id=4),
        "request": REQUEST,
        "sources": (),
        "created_at": 1_790_000_000.0,
    }
    return Job(**(given | changes))


def a_reference(number: int = 1, *, name: str = "fox.png", link: str | None = "https://a.example/fox.png") -> Reference:
    """Make a reference that was fetched; its files are not there."""
    path = Path(f"/nowhere/{number}")
    return Reference(name, f"{number:064x}", path, path, "image/png", 400, 300, link)


@dataclass
class FakeChat(Chat):
    """A chat platform in memory. troubles: errors of the next posts, in order; taken: what a post does besides."""

    troubles: list[DeliveryError] = field(default_factory=list[DeliveryError])
    shown: list[Job] = field(default_factory=list[Job])
    posted: list[str] = field(default_factory=list[str])
    searched: list[bool] = field(default_factory=list[bool])
    uploads: list[Upload] = field(default_factory=list[Upload])
    sizes: list[int] = field(default_factory=list[int])
    said: ClaimedLimits = field(default_factory=lambda: ClaimedLimits(10_000_000, 10_000_000))
    found: Posted | None = None
    together: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])
    """Ids of the jobs whose videos were posted in one message, of each such message."""
    paths: list[Path] = field(default_factory=list[Path])
    """Files of the newest of those messages."""
    results: list[Comparison] = field(default_factory=list[Comparison])
    takes_results: bool = True
    follow_up_troubles: list[DeliveryError] = field(default_factory=list[DeliveryError])
    followed_up: list[Upload] = field(default_factory=list[Upload])
    """Uploads that were sent with the command's token, whatever came of it."""
    meanwhile: Callable[[], Awaitable[None]] = at_once
    """Runs when a follow-up is on its way."""

    async def show(self, job: Job) -> bool:
        """Record the status, as Chat.show does."""
        self.shown.append(job)
        await asyncio.sleep(0)
        return True

    async def drain(self, seconds: float) -> None:
        """Return at once: everything was told."""

    def claims(self, job: Job) -> ClaimedLimits:
        """Return the claims that the test set."""
        return self.said

    async def post(self, job: Job, upload: Upload, *, again: bool) -> Posted:
        """Record a post, or raise the next trouble."""
        self.searched.append(again)
        self.uploads.append(upload)
        if upload.file:
            self.sizes.append((await asyncio.to_thread(upload.file.stat)).st_size)
        await asyncio.sleep(0)
        if self.troubles:
            raise self.troubles.pop(0)
        self.posted.append(output_name(job.id, upload.number))
        return Posted(900 + len(self.posted), 77 if upload.direct else None)

    async def post_together(self, takes: Sequence[Job], paths: Sequence[Path], nonce: str, *, again: bool) -> Posted:
        """Record a post of several videos, or raise the next trouble."""
        self.searched.append(again)
        await asyncio.sleep(0)
        if self.troubles:
            raise self.troubles.pop(0)
        self.together.append(tuple(job.id for job in takes))
        self.paths = list(paths)
        return Posted(900 + len(self.together))

    async def find_together(self, job: Job) -> Posted | None:
        """Return the earlier message that the test set."""
        return self.found

    async def show_result(self, comparison: Comparison, takes: Sequence[Job]) -> bool:
        """Record how a vote ended."""
        self.results.append(comparison)
        return self.takes_results

    async def follow_up(self, job: Job, upload: Upload, begun: Callable[[], Awaitable[None]]) -> Posted:
        """Record a follow-up, or raise the next trouble."""
        await begun()
        self.followed_up.append(upload)
        await self.meanwhile()
        if self.follow_up_troubles:
            raise self.follow_up_troubles.pop(0)
        return Posted(800 + len(self.followed_up))

    async def find(self, job: Job, *, direct: bool, channel_id: int | None = None, number: int = 1) -> Posted | None:
        """Return the earlier message that the test set."""
        return self.found

    @property
    def states(self) -> list[State]:
        """States as they were shown, without immediate repetitions."""
        states = [job.state for job in self.shown]
        return [state for before, state in zip([None, *states], states, strict=False) if state is not before]

    @property
    def troubles_said(self) -> list[str]:
        """Sentences about failed tries that were shown."""
        return [explain.short(job.trouble) for job in self.shown if job.trouble]
