"""The bot without membership, and in direct messages: shown while allowed, then fetched; never twice."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from sandbox.discord import Interaction, Permission
from sandbox.discord.model import Channel, Message, User
from tests.e2e.conftest import quick_stack
from tests.e2e.scene import Scene, text_of

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]
SECONDS = 30
FOLLOW_UP = r"^/webhooks/\d+/[^/]+$"
SAID_AT_THE_START = "The bot isn't a member here, so Discord lets it post for only 15 minutes"


async def until(done: Callable[[], Any]) -> None:
    """Wait, up to a limit."""
    async with asyncio.timeout(SECONDS):
        while not done():  # noqa: ASYNC110 (what is waited for has no event)
            await asyncio.sleep(0.05)


@dataclass
class Away:
    """Ann, who installed the bot for herself, and a channel of one test."""

    scene: Scene
    channel: Channel
    ann: User

    @property
    def world(self) -> Any:
        """Return Discord's state."""
        return self.scene.stack.discord.world

    async def video(self) -> Interaction:
        """Type /video; returns once the job was checked."""
        before = self.scene.stack.openrouter.polls
        options = {"prompt": "A paper boat sails", "resolution": "480p", "duration": 4}
        interaction = await self.scene.stack.discord.person().command(self.channel.id, "video", options)
        await interaction.wait(25)
        await until(lambda: self.scene.stack.openrouter.polls > before)
        return interaction

    async def again(self) -> Interaction:
        """Type /jobs resend with the newest job."""
        person = self.scene.stack.discord.person()
        choices = await person.autocomplete(self.channel.id, "jobs resend", {"job": ""}, "job")
        return await person.command(self.channel.id, "jobs resend", {"job": choices[0]["value"]})

    def over(self) -> bool:
        """Return whether the newest job's run has ended; a log line or a message comes before that."""
        path = Path(self.scene.stack.bot_environment()["DATA_DIR"]) / "dailies.sqlite"
        with contextlib.closing(sqlite3.connect(path)) as database:
            return bool(database.execute("SELECT told FROM jobs ORDER BY id DESC LIMIT 1").fetchone()[0])

    async def restart(self) -> None:
        """Kill the bot, which forgets every token by that, and start it again."""
        await self.scene.stack.bot.kill()
        await self.scene.stack.start_bot()

    def videos(self, channel: Channel | None = None) -> list[Message]:
        """Return messages with a video, here or in another channel."""
        messages: list[Message] = list((channel or self.channel).messages.values())
        return [one for one in messages if any(file.filename.endswith(".mp4") for file in one.files.values())]

    @property
    def direct(self) -> Channel:
        """Return Ann's direct messages with the bot."""
        return self.world.direct_channel(self.ann.id)

    def status(self, interaction: Interaction) -> str:
        """Return the status's text now."""
        assert interaction.response_message is not None
        return self.words(interaction.response_message["id"])

    def words(self, message_id: str) -> str:
        """Return a message as a person reads it."""
        return text_of(self.scene.stack.discord.message_json(message_id)).strip()

    @property
    def told(self) -> list[str]:
        """Return the bot's direct messages to Ann."""
        return [self.words(one.id) for one in self.direct.messages.values()]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def running() -> AsyncGenerator[Scene]:
    """Run a sandbox whose jobs still run when they were checked."""
    async with quick_stack() as stack:
        yield Scene(stack)


@pytest_asyncio.fixture(loop_scope="module")
async def away(scene: Scene) -> AsyncGenerator[Away]:
    """Add a channel in a server without the bot."""
    world = scene.stack.discord.world
    ann = world.user_named("Ann")
    ann.installed, ann.takes_direct = True, True
    guild = world.add_guild(f"Elsewhere {len(world.guilds)}", f"away{len(world.guilds)}", bot=False)
    made = Away(scene, next(one for one in world.channels.values() if one.guild_id == guild.id), ann)
    made.direct.messages.clear()
    yield made
    ann.installed, ann.takes_direct = False, True


async def test_where_the_bot_is_no_member_a_composed_video_s_status_is_a_message_for_everybody(away: Away) -> None:
    person = away.scene.stack.discord.person()
    options = {"prompt": "A paper boat sails", "resolution": "480p", "duration": 4}
    panel = await person.command(away.channel.id, "compose", options)
    before = away.scene.stack.openrouter.polls
    await away.scene.generate(panel)
    await until(lambda: away.scene.stack.openrouter.polls > before)

    assert panel.response_message is not None
    status = next(one for one in away.channel.messages.values() if one.visible_to is None)
    assert SAID_AT_THE_START in away.words(status.id)
    assert away.words(panel.response_message["id"]).endswith(status.id)
    await until(away.videos)
    await until(lambda: away.words(status.id).startswith("### Done"))
    assert not away.scene.requests("POST", f"/channels/{away.channel.id}/messages")


async def test_where_the_bot_is_no_member_the_status_says_so_and_the_video_comes_in_time(away: Away) -> None:
    interaction = await away.video()
    assert SAID_AT_THE_START in away.status(interaction)
    assert "/jobs resend" in away.status(interaction)
    await until(lambda: away.status(interaction).startswith("### Done"))

    (video,) = away.videos()
    assert f"<@{away.ann.id}>, your video is ready" in str(video.data["content"])
    assert video.pinged.users == [away.ann.id]
    assert away.told == []
    assert not away.scene.requests("POST", f"/channels/{away.channel.id}/messages")
    assert len(away.scene.requests("POST", f"{interaction.token}")) == 1


async def test_in_a_group_of_people_it_is_the_same(away: Away) -> None:
    group = away.world.add_group("Friends", away.ann, away.world.user_named("Ben"))
    inside = Away(away.scene, group, away.ann)
    interaction = await inside.video()
    await until(lambda: inside.status(interaction).startswith("### Done"))

    assert len(inside.videos()) == 1


async def test_where_apps_of_people_may_not_be_seen_the_requester_alone_sees_status_and_video(away: Away) -> None:
    away.world.guilds[away.channel.guild_id].owner_id = away.world.user_named("Ben").id
    away.world.deny(away.channel.id, Permission.USE_EXTERNAL_APPS, away.ann.id)
    interaction = await away.video()
    await until(lambda: away.status(interaction).startswith("### Done"))

    assert [one.visible_to for one in away.channel.messages.values()] == [away.ann.id, away.ann.id]


async def test_without_permission_for_files_it_is_refused_before_anything_is_paid(away: Away) -> None:
    away.world.guilds[away.channel.guild_id].owner_id = away.world.user_named("Ben").id
    away.world.deny(away.channel.id, Permission.ATTACH_FILES, away.ann.id)
    person = away.scene.stack.discord.person()
    before = len(away.scene.stack.openrouter.submits)
    interaction = await person.command(away.channel.id, "video", {"prompt": "A boat"})
    await interaction.wait(25)

    assert "Files can't be posted here, and the video is one. You weren't charged." in away.status(interaction)
    assert len(away.scene.stack.openrouter.submits) == before


async def test_once_the_token_is_dead_video_and_receipt_come_directly_and_jobs_resend_shows_the_video_there(
    away: Away,
) -> None:
    away.scene.stack.openrouter.faults.job(queue_seconds=60)
    interaction = await away.video()
    interaction.created -= 15 * 60  # Discord no longer accepts its token
    await until(lambda: len(away.told) == 2)

    (video,) = away.videos(away.direct)
    why = "the bot isn't a member there and could post for only 15 minutes"
    assert f"It couldn't be posted in <#{away.channel.id}>: {why}" in str(video.data["content"])
    assert away.told[1].startswith("### Done\n")
    assert away.videos() == []
    # The last text there still says what to do.
    assert "/jobs resend shows it here anytime" in away.status(interaction)
    await away.again()
    await until(away.videos)


async def test_too_late_for_who_takes_no_messages_it_is_kept_and_jobs_resend_shows_it_there(away: Away) -> None:
    away.ann.takes_direct = False
    away.scene.stack.openrouter.faults.job(queue_seconds=60)
    await away.video()
    await away.restart()
    await until(lambda: "could not be delivered" in away.scene.stack.bot.log_tail(50))
    await until(away.over)
    assert away.videos() == []

    interaction = await away.again()
    await until(away.videos)

    (video,) = away.videos()
    assert interaction.response_message is not None
    assert video.id == interaction.response_message["id"]
    assert not interaction.ephemeral
    assert len(away.scene.requests("POST", "/videos")) == 0


async def test_a_crash_before_discord_s_answer_posts_nothing_twice_and_is_told(away: Away) -> None:
    faults = away.scene.stack.discord.faults
    late = faults.add(method="POST", path=FOLLOW_UP, when="after", drop=True, delay_s=1)
    await away.video()
    await until(lambda: late.struck)
    await away.restart()
    await until(lambda: away.told and away.videos())

    assert len(away.videos()) == 1
    assert away.told[0].startswith("### Finished, but not delivered\n")
    assert "The video may already be posted where you asked for it" in away.told[0]
    assert "/jobs resend" in away.told[0]
    assert away.videos(away.direct) == []


@pytest.mark.parametrize(
    "fault",
    [{"status": 502, "when": "after"}, {"drop": True, "when": "after"}, {"status": 500}],
    ids=["502", "no answer", "500"],
)
async def test_a_follow_up_without_an_answer_is_not_sent_again_and_the_status_says_so(
    away: Away, fault: dict[str, Any]
) -> None:
    away.scene.stack.discord.faults.add(method="POST", path=FOLLOW_UP, **fault)
    interaction = await away.video()
    await until(lambda: away.status(interaction).startswith("### Finished, but not delivered"))

    assert "The video may already be posted where you asked for it" in away.status(interaction)
    assert len(away.scene.requests("POST", f"{interaction.token}")) == 1
    assert away.told == []


async def test_a_rate_limit_is_waited_for_since_it_means_that_nothing_was_posted(away: Away) -> None:
    body = {"message": "You are being rate limited.", "retry_after": 1.0, "global": False}
    away.scene.stack.discord.faults.add(method="POST", path=FOLLOW_UP, status=429, body=body)
    interaction = await away.video()
    await until(lambda: away.status(interaction).startswith("### Done"))

    assert len(away.videos()) == 1


async def test_in_direct_messages_with_the_bot_it_posts_with_its_own_token(away: Away) -> None:
    inside = Away(away.scene, away.direct, away.ann)
    away.ann.installed = False
    interaction = await inside.video()
    assert SAID_AT_THE_START not in inside.status(interaction)
    await until(lambda: inside.status(interaction).startswith("### Done"))

    assert len(inside.videos()) == 1
    assert len(away.scene.requests("POST", f"/channels/{away.direct.id}/messages")) >= 1
    assert not away.scene.requests("POST", f"{interaction.token}")
