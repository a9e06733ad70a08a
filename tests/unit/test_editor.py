"""The status editor, with real discord.py against Discord's stand-in: content, order and route of each edit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import discord
import pytest

from cogs.interactions.tokens import Tokens
from cogs.status import editor as editing
from cogs.status.editor import StatusEditor
from cogs.status.rate_limits import rate_limit_trace
from cogs.status.view import status_view
from dailies.job import Job, Place, State
from dailies.jobs.runner import Runner
from dailies.jobs.signals import Gate
from sandbox.discord import DiscordServer, Limits
from sandbox.discord.limits import Window
from tests.support.discordbot import Bot, connected, until
from tests.support.reasons import worded
from tests.unit.job_context import ScriptedAPI, harness
from tests.unit.kit import FakeChat, Now, a_job

IN_CHANNEL, BY_TOKEN = r"^/channels/\d+/messages/\d+$", r"^/webhooks/\d+/[^/]+/messages/\d+$"


@dataclass
class EditorHarness:
    """A bot in a channel whose command `make` answers with the status of a new job."""

    server: DiscordServer
    client: discord.Client
    tokens: Tokens
    editor: StatusEditor
    now: Now
    answered: dict[str, discord.Interaction]
    moved: dict[str, int]
    stored: dict[str, tuple[Job, ...]]
    began: int = 0

    async def job(self, name: str = "a", *, token: bool = False, **changes: Any) -> Job:
        """Make a submitted job whose status was posted as the answer to a command. token: whether it is still known."""
        channel = self.server.world.channel_named("dailies")
        job = a_job(id=name, key=name, state=State.SUBMITTED, **changes)
        await (await self.server.person().command(channel.id, "make", {"name": name})).wait()
        await until(lambda: name in self.answered)
        interaction = self.answered[name]
        message_id = (await interaction.original_response()).id
        place = Place(int(self.server.world.guild.id), int(channel.id), int(self.server.person().id), message_id)
        if token:
            self.tokens.hold(name, interaction)
        self.began = len(self.server.requests)
        return replace(job, place=place)

    @property
    def edits(self) -> list[tuple[str, int, str]]:
        """Return each edit since the last answer: its route, its answer, and the job that it showed."""
        return [
            ("token" if request.path.startswith("/webhooks/") else "bot", request.status, _words(request.payload))
            for request in self.server.requests[self.began :]
            if request.method == "PATCH"
        ]

    async def edited(self, number: int) -> list[tuple[str, int, str]]:
        """Return the edits, once there are so many."""
        await until(lambda: len(self.edits) >= number)
        return self.edits


def _words(payload: Any) -> str:
    """Return job and state that a layout shows: `a 3` for job a, checked at second 3, or `a Failed` for its end."""
    text = "\n".join(part["content"] for part in payload["components"][0]["components"] if part["type"] == 10)
    job, ended = text.rpartition("Job ")[2].split()[0], "Failed" in text
    return f"{job} Failed" if ended else f"{job} {text.partition('checked <t:')[2].partition(':')[0]}"


@asynccontextmanager
async def editor_harness(limits: Limits | None = None, *, seconds: float = 5.0) -> AsyncGenerator[EditorHarness]:
    """Build a connected bot, and an editor whose clock stands at the time the jobs were made."""
    answered: dict[str, discord.Interaction] = {}

    def prepare(bot: Bot) -> None:
        bot.http.http_trace = rate_limit_trace()

        @bot.tree.command(description="Test")
        async def make(interaction: discord.Interaction, name: str) -> None:
            await interaction.response.send_message(view=status_view(a_job(id=name, state=State.SUBMITTED), []))
            answered[name] = interaction

    async with connected(prepare, limits=limits) as (server, bot):
        tokens, now = Tokens(), Now()
        moved: dict[str, int] = {}

        async def keep(job_id: str, message_id: int) -> None:
            moved[job_id] = message_id

        stored: dict[str, tuple[Job, ...]] = {}

        async def takes(set_id: str) -> tuple[Job, ...]:
            return stored[set_id]

        editor = StatusEditor(bot, tokens, seconds=seconds, usual=lambda _: None, moved=keep, takes=takes, now=now)
        try:
            yield EditorHarness(server, bot, tokens, editor, now, answered, moved, stored)
        finally:
            await editor.close()


def checked(job: Job, polls: int) -> Job:
    """Something new to say: the remote status changes with each check."""
    return replace(job, polls=polls, checked_at=polls, remote_status="pending" if polls % 2 else "in_progress")


def failed(job: Job) -> Job:
    return replace(job, state=State.FAILED, reason=worded("no"), ended_at=1_790_000_100.0)


@pytest.mark.parametrize("token", [False, True])
async def test_states_that_were_overtaken_while_an_edit_was_on_its_way_are_never_sent(token: bool) -> None:
    async with editor_harness() as on:
        job = await on.job(token=token)
        on.server.faults.add(method="PATCH", status=0, delay_s=0.1)
        for polls in (1, 2, 3, 4):
            await on.editor.show(checked(job, polls))
            await asyncio.sleep(0.01)
        route = "token" if token else "bot"
        assert await on.edited(2) == [(route, 200, "a 1"), (route, 200, "a 4")]
        await asyncio.sleep(0.1)
        assert len(on.edits) == 2


async def test_states_that_wait_for_room_are_replaced_by_newer_ones() -> None:
    async with editor_harness(Limits(message_edit=Window(1, 0.3))) as on:
        job, other = await on.job("a"), await on.job("b")
        await on.editor.show(checked(other, 1))
        await on.edited(1)
        for polls in (1, 2, 3):
            await on.editor.show(checked(job, polls))
        assert await on.edited(2) == [("bot", 200, "b 1"), ("bot", 200, "a 3")]


async def test_what_a_message_says_already_is_not_sent_again() -> None:
    async with editor_harness() as on:
        job = await on.job()
        await on.editor.show(checked(job, 1))
        await on.edited(1)
        await on.editor.show(replace(checked(job, 1), polls=3, checked_at=3.0))
        await asyncio.sleep(0.1)
        assert len(on.edits) == 1


async def test_when_a_job_was_last_checked_is_said_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(editing, "CHECKED_SECONDS", 0.1)
    async with editor_harness() as on:
        job = await on.job()
        await on.editor.show(checked(job, 1))
        await on.edited(1)
        await asyncio.sleep(0.15)
        await on.editor.show(replace(checked(job, 1), polls=3, checked_at=3.0))
        assert await on.edited(2) == [("bot", 200, "a 1"), ("bot", 200, "a 3")]


async def test_an_old_message_is_edited_for_news_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(editing, "CHECKED_SECONDS", 0.1)
    async with editor_harness() as on:
        job = await on.job()
        on.now.time = job.created_at + editing.OLD_SECONDS + 1
        await on.editor.show(checked(job, 1))
        await on.edited(1)
        await asyncio.sleep(0.15)
        await on.editor.show(replace(checked(job, 1), polls=3, checked_at=3.0))
        await asyncio.sleep(0.1)
        assert len(on.edits) == 1
        await on.editor.show(checked(job, 4))
        assert (await on.edited(2))[1] == ("bot", 200, "a 4")


async def test_an_end_goes_before_everything_that_waits_in_its_channel() -> None:
    async with editor_harness(Limits(message_edit=Window(1, 0.1))) as on:
        jobs = [await on.job(name) for name in "abcd"]
        for job in jobs:
            await on.editor.show(checked(job, 1))
        await on.edited(1)
        assert await on.editor.show(failed(jobs[-1]))
        assert [words for _, _, words in await on.edited(4)] == ["a 1", "d Failed", "b 1", "c 1"]


async def test_in_a_full_channel_changes_and_ends_go_before_when_jobs_were_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(editing, "CHECKED_SECONDS", 0.0)
    async with editor_harness(Limits(message_edit=Window(1, 0.1))) as on:
        jobs = [await on.job(name) for name in "abcdef"]
        for job in jobs:
            await on.editor.show(checked(job, 1))
        await on.edited(6)
        for job in jobs:  # nothing new but the time
            await on.editor.show(replace(checked(job, 1), polls=3, checked_at=3.0))
        await on.editor.show(checked(jobs[4], 4))
        assert await on.editor.show(failed(jobs[5]))
        words = [words for _, _, words in await on.edited(12)][6:]
        urgent = words.index("f Failed"), words.index("e 4")
        assert urgent in ((0, 1), (1, 2))  # one check may have been on its way
        assert sorted(words) == ["a 3", "b 3", "c 3", "d 3", "e 4", "f Failed"]


async def test_the_token_is_used_while_it_lives_and_the_bot_s_own_after_discord_refuses_it() -> None:
    async with editor_harness(Limits(token_seconds=0.3)) as on:
        job = await on.job(token=True)
        await on.editor.show(checked(job, 1))
        await on.edited(1)
        await asyncio.sleep(0.35)
        await on.editor.show(checked(job, 2))
        assert await on.edited(3) == [("token", 200, "a 1"), ("token", 401, "a 2"), ("bot", 200, "a 2")]
        assert on.tokens.get("a") is None


async def test_an_end_that_the_token_cannot_tell_is_told_by_the_bot() -> None:
    async with editor_harness() as on:
        job = await on.job(token=True)
        gone = {"message": "Unknown Webhook", "code": 10015}
        on.server.faults.add(method="PATCH", path="^/webhooks/", status=404, body=gone)
        assert await on.editor.show(failed(job))
        assert [(route, status) for route, status, _ in on.edits] == [("token", 404), ("bot", 200)]


@pytest.mark.parametrize(("token", "path"), [(False, IN_CHANNEL), (True, BY_TOKEN)])
async def test_what_met_a_429_is_not_sent_again_when_there_is_something_newer(token: bool, path: str) -> None:
    async with editor_harness() as on:
        job = await on.job(token=token)
        limited = on.server.faults.add(method="PATCH", path=path, status=429, body={"retry_after": 0.3})
        await on.editor.show(checked(job, 1))
        await until(lambda: limited.struck)
        for polls in (2, 3):
            await on.editor.show(checked(job, polls))
        route = "token" if token else "bot"
        assert await on.edited(2) == [(route, 429, "a 1"), (route, 200, "a 3")]
        await asyncio.sleep(0.4)
        assert len(on.edits) == 2


async def test_an_end_that_meets_a_429_is_told_after_it() -> None:
    async with editor_harness() as on:
        job = await on.job()
        on.server.faults.add(method="PATCH", status=429, body={"retry_after": 0.1})
        assert await on.editor.show(failed(job))
        assert on.edits == [("bot", 429, "a Failed"), ("bot", 200, "a Failed")]


async def test_a_stop_waits_until_an_end_was_told() -> None:
    async with editor_harness() as on:
        job = await on.job()
        on.server.faults.add(method="PATCH", status=0, delay_s=0.2)
        telling = asyncio.create_task(on.editor.show(failed(job)))
        await asyncio.sleep(0)
        await on.editor.drain(5)
        assert on.edits == [("bot", 200, "a Failed")]
        assert await telling


async def test_a_stop_waits_no_longer_than_it_may() -> None:
    async with editor_harness() as on:
        job = await on.job()
        on.server.faults.add(method="PATCH", status=0, delay_s=30)
        telling = asyncio.create_task(on.editor.show(failed(job)))
        await asyncio.sleep(0)
        async with asyncio.timeout(1):
            await on.editor.drain(0.1)
        assert not telling.done()
        telling.cancel()


async def test_a_stop_gives_ends_five_seconds_or_what_it_has_itself(api: ScriptedAPI, tmp_path: Path) -> None:
    class SlowChat(FakeChat):
        async def drain(self, seconds: float) -> None:
            given.append(seconds)

    given: list[float] = []
    async with harness(api, tmp_path, chat=SlowChat()) as on:
        await Runner(on.context).stop(60)
        await Runner(replace(on.context, gate=Gate())).stop(2)
    assert given == [5.0, pytest.approx(2, abs=0.5)]


async def test_a_stop_does_not_wait_for_states_that_are_not_ends() -> None:
    async with editor_harness() as on:
        job = await on.job()
        on.server.faults.add(method="PATCH", status=0, delay_s=30)
        await on.editor.show(checked(job, 1))
        async with asyncio.timeout(1):
            await on.editor.drain(5)


async def test_a_status_that_is_deleted_again_is_neither_posted_again_nor_edited_to_say_when_its_job_was_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(editing, "CHECKED_SECONDS", 0.0)
    async with editor_harness() as on:
        job = await on.job()
        job = replace(job, place=replace(job.place, new_status_id=job.place.status_message_id))
        on.server.world.channel_named("dailies").messages.clear()
        await on.editor.show(checked(job, 1))
        assert await on.edited(1) == [("bot", 404, "a 1")]
        for polls in (3, 5):
            await on.editor.show(replace(checked(job, 1), polls=polls, checked_at=polls))
            await asyncio.sleep(0.05)
        assert len(on.edits) == 1


@pytest.mark.parametrize("token", [False, True])
async def test_a_deleted_status_is_posted_anew_and_edited_with_the_bot_s_token_from_then_on(token: bool) -> None:
    async with editor_harness() as on:
        job, messages = await on.job(token=token), on.server.world.channel_named("dailies").messages
        messages.clear()
        await on.editor.show(checked(job, 1))
        await until(lambda: on.moved)
        assert await on.editor.show(failed(job))
        (message,) = messages.values()
        assert on.moved == {"a": int(message.id)}
        assert on.edits == [("token" if token else "bot", 404, "a 1"), ("bot", 200, "a Failed")]
