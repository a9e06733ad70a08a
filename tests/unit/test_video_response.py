"""A video in the answer to /jobs resend, where the bot is no member: real discord.py against Discord's stand-in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import discord
import pytest

from cogs.delivery import response as response
from cogs.delivery.response import VideoResponse
from dailies import explain
from dailies.delivery.courier import Courier
from dailies.delivery.request import Delivered, DeliveryRequest
from dailies.errors import ChatUnavailable
from dailies.job import Job, Place, State
from dailies.reason import Reason
from sandbox.discord import DiscordServer, Limits
from sandbox.discord.model import Message
from tests.support.discordbot import Bot, connected, until
from tests.support.reasons import in_words, worded
from tests.unit.job_context import ScriptedAPI, harness
from tests.unit.kit import FakeChat, a_job

SMALLER = 0.8
"""Share of the video's size that makes it too large, and that it can be made to fit."""
TOO_LARGE = {"status": 413, "body": {"code": 40005, "message": "Request entity too large"}}


@dataclass
class DeferredAnswer:
    """A deferred command, and the parts that make its answer. chat: the channel for everything else."""

    server: DiscordServer
    answer: VideoResponse
    courier: Courier
    chat: FakeChat
    job: Job

    async def deliver(self) -> Delivered:
        """Answer as /jobs resend does."""
        return await self.courier.deliver(
            self.job,
            DeliveryRequest((worded("Once more."),), "77", more=True, response_poster=self.answer.response_poster),
            _nothing,
        )

    def fail(self, **fault: Any) -> None:
        """Script a failure of the answer."""
        self.server.faults.add(method="PATCH", path="^/webhooks/", **fault)

    @property
    def message(self) -> Message:
        """Return the only message there is: the answer."""
        (message,) = self.server.world.channel_named("dailies").messages.values()
        return message

    @property
    def sizes(self) -> list[int]:
        """Return the bytes of the answer's files."""
        return [file.size for file in self.message.files.values()]


@asynccontextmanager
async def deferred(
    api: ScriptedAPI, folder: Path, *, limit: int, chat: FakeChat | None = None
) -> AsyncGenerator[DeferredAnswer]:
    """Build it. limit: bytes that Discord takes in the answer, as it says."""
    interactions: list[discord.Interaction] = []

    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Test")
        async def again(interaction: discord.Interaction) -> None:
            await interaction.response.defer(thinking=True)
            interactions.append(interaction)

    path = folder / "video.mp4"
    await asyncio.to_thread(path.write_bytes, api.video)
    place = Place(guild_id=1, channel_id=2, requester_id=3, status_message_id=4, token_only=True)
    job = a_job(place=place, state=State.UNDELIVERED, file=path)
    async with (
        connected(prepare, limits=Limits(upload_bytes=limit)) as (server, _),
        harness(api, folder, chat=chat) as on,
    ):
        await server.person().command(server.world.channel_named("dailies").id, "again")
        await until(lambda: interactions)
        yield DeferredAnswer(server, VideoResponse(interactions[0], job, seconds=5), on.context.courier, on.chat, job)


async def _nothing(_: Reason | None) -> None:
    """Say nothing."""


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make no pause before a second try."""
    monkeypatch.setattr(response, "PAUSE_SECONDS", 0.0)


@pytest.mark.slow
async def test_over_the_limit_that_the_command_names_it_is_made_to_fit(api: ScriptedAPI, tmp_path: Path) -> None:
    limit = int(len(api.video) * SMALLER)
    async with deferred(api, tmp_path, limit=limit) as on:
        done = await on.deliver()

        assert on.answer.done
        assert len(on.sizes) == 1
        assert on.sizes[0] <= limit
        assert done.note is not None
        assert on.message.data["content"] == f"Once more. Made to fit: {in_words(done.note)}."


@pytest.mark.slow
async def test_refused_as_too_large_it_is_made_smaller(api: ScriptedAPI, tmp_path: Path) -> None:
    size = len(api.video)
    async with deferred(api, tmp_path, limit=size * 2) as on:
        on.fail(**TOO_LARGE)
        await on.deliver()

        assert on.answer.done
        assert on.sizes[0] < size
        assert on.chat.uploads == []


@pytest.mark.parametrize("when", ["before", "after"], ids=["reset", "answer lost"])
async def test_a_connection_that_breaks_is_tried_once_more_and_shows_one_video(
    api: ScriptedAPI, tmp_path: Path, when: str
) -> None:
    async with deferred(api, tmp_path, limit=len(api.video)) as on:
        on.fail(drop=True, when=when)
        await on.deliver()

        assert on.answer.done
        assert on.sizes == [len(api.video)]


async def test_a_connection_that_breaks_twice_posts_it_nowhere_else(api: ScriptedAPI, tmp_path: Path) -> None:
    async with deferred(api, tmp_path, limit=len(api.video)) as on:
        on.fail(drop=True, times=2)
        with pytest.raises(ChatUnavailable):
            await on.deliver()

        assert (on.answer.done, on.chat.uploads) == (False, [])


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ({"status": 403, "body": {"code": 50013, "message": "no"}}, "the bot is missing a permission there"),
        (
            {"status": 401, "body": {"code": 50027, "message": "no"}},
            "the bot isn't a member there and could",
        ),
    ],
    ids=["no files allowed", "an encoding outlasted the token"],
)
async def test_where_the_answer_may_not_have_it_the_requester_is_written_to(
    api: ScriptedAPI, tmp_path: Path, fault: dict[str, Any], why: str
) -> None:
    async with deferred(api, tmp_path, limit=len(api.video)) as on:
        on.fail(**fault)
        done = await on.deliver()

        assert not on.answer.done
        assert done.posted.channel_id == 77
        (upload,) = on.chat.uploads
        assert upload.direct
        assert f"It couldn't be posted in <#2>: {why}" in explain.sentences(upload.words)
