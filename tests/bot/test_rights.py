"""Rights are asked at each command and click, for the channel in which it acts; a button's id alone gives none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import discord
import pytest
from discord import ui

from cogs.interactions.buttons import CustomId
from cogs.status.buttons import CANCEL, DELIVER, FILE, ORIGINAL, RUN_AGAIN, SILENT, USE
from dailies.job import Job, Place, State
from tests.bot.composing import flat
from tests.bot.conftest import Archive

EVERYTHING: tuple[tuple[CustomId, dict[str, str]], ...] = (
    (RUN_AGAIN, {}),
    (SILENT, {}),
    (USE, {}),
    (CANCEL, {}),
    (FILE, {"what": DELIVER}),
    (FILE, {"what": ORIGINAL}),
)


@dataclass
class Servers:
    """Zoe is in the server of the archive, as `here`, and in another one, as `there`. channel: of the other one."""

    archive: Archive
    zoe: Any
    here: Any
    there: Any
    channel: Any

    async def button(self, channel: Any, one: CustomId, job: Job, **values: Any) -> discord.Message:
        """Post a message of the bot with a button of a job."""
        view: ui.LayoutView = ui.LayoutView()
        row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
        view.add_item(row.add_item(one.button("Press", job_id=job.id, **values)))
        known = self.archive.app.bot.get_channel(channel.id) or await self.archive.app.bot.fetch_channel(channel.id)
        assert isinstance(known, discord.abc.Messageable)
        return await known.send(view=view)

    async def video(self, **changes: Any) -> Job:
        """Keep a finished job of Zoe's, with its video on the disk."""
        return await self.archive.keep(self.zoe, on_disk=True, **changes)

    @property
    def paid(self) -> int:
        return len(self.archive.app.openrouter.submits)


@pytest.fixture
def servers(archive: Archive) -> Servers:
    env = archive.app.env
    zoe, other = env.create_user("zoe"), env.create_guild()
    here = archive.app.channel.guild.add_member(zoe)
    return Servers(archive, zoe, here, other.add_member(zoe), other.create_text_channel("elsewhere"))


def said(result: Any) -> str:
    assert result.ephemeral
    parts = [part for one in result.response.components for part in (one, *one.get("components", []))]
    return "\n".join([result.response.content or "", *(part.get("content", "") for part in parts)]).replace("\\", "")


def closed(servers: Servers, **denied: bool) -> Any:
    """Make a channel where nobody but the bot has these permissions."""
    guild, bot = servers.archive.app.channel.guild, servers.archive.app.bot
    allowed = discord.PermissionOverwrite(view_channel=True, send_messages=True)
    overwrites = {guild.default_role: discord.PermissionOverwrite(**denied), bot.user: allowed}
    return guild.create_text_channel("closed", overwrites=overwrites)


@pytest.mark.parametrize(("one", "values"), EVERYTHING)
async def test_a_button_of_another_server_s_job_does_nothing_even_for_who_asked_for_the_job(
    servers: Servers, one: CustomId, values: dict[str, str]
) -> None:
    job = await servers.video(state=State.UNKNOWN)
    message = await servers.button(servers.channel, one, job, **values)
    before = servers.archive.app.channel.last_message

    answer = said(await servers.there.click(message, label="Press"))
    assert answer == "This button belongs to a video of another server or channel, so it does nothing here. " + (
        "You weren't charged."
    )
    assert servers.paid == 0
    assert servers.archive.app.channel.last_message == before


@pytest.mark.parametrize("one", [RUN_AGAIN, CANCEL])
async def test_a_moderator_of_another_server_is_no_moderator_of_this_one_s_jobs(
    servers: Servers, one: CustomId
) -> None:
    job = await servers.video(state=State.UNKNOWN)
    guild = servers.channel.guild
    role = guild.create_role("moderator", permissions=discord.Permissions(manage_messages=True))
    mod = guild.add_member(servers.archive.app.env.create_user("mod"), roles=[role])
    message = await servers.button(servers.channel, one, job)

    assert "of another server or channel" in said(await mod.click(message, label="Press"))
    assert servers.paid == 0


async def test_a_button_of_a_direct_message_s_job_does_nothing_in_a_server(servers: Servers) -> None:
    job = await servers.video(state=State.UNKNOWN, place=Place(None, servers.zoe.dm_channel.id, servers.zoe.id, None))
    message = await servers.button(servers.channel, RUN_AGAIN, job)

    assert "of another server or channel" in said(await servers.there.click(message, label="Press"))
    assert servers.paid == 0


async def test_a_button_of_a_direct_message_s_job_works_there(servers: Servers) -> None:
    job = await servers.video(state=State.UNKNOWN, place=Place(None, servers.zoe.dm_channel.id, servers.zoe.id, None))
    message = await servers.button(servers.zoe.dm_channel, FILE, job, what=ORIGINAL)

    result = await servers.zoe.click(message, label="Press")
    assert result.response.attachments[0].filename == "paper-boat-0-take-1.mp4"


async def test_who_has_left_the_server_posts_nothing_there_from_a_direct_message(servers: Servers) -> None:
    job = await servers.video()
    servers.archive.app.channel.guild.remove_member(servers.zoe)

    answer = said(await servers.zoe.slash("jobs resend", job=job.id))
    assert answer.startswith("You're no longer in the server where this video was made, so it wasn't posted there")
    assert "/jobs original gives you the file privately" in answer
    assert servers.archive.app.channel.last_message is None


async def test_who_has_left_the_server_posts_nothing_there_from_another_one(servers: Servers) -> None:
    job = await servers.video()
    servers.archive.app.channel.guild.remove_member(servers.zoe)

    result = await servers.there.slash(servers.channel, "jobs resend", job=job.id)
    assert "You're no longer in the server where this video was made" in said(result)
    assert servers.archive.app.channel.last_message is None


async def test_a_member_posts_again_from_a_direct_message(servers: Servers) -> None:
    job = await servers.video()

    assert "Posted again" in said(await servers.zoe.slash("jobs resend", job=job.id))
    assert servers.archive.app.channel.last_message.attachments[0].filename == "paper-boat-0-take-1.mp4"


@pytest.mark.parametrize(
    ("denied", "name"),
    [
        ("view_channel", "View Channel"),
        ("send_messages", "Send Messages"),
        ("use_application_commands", "Use Application Commands"),
    ],
)
async def test_who_may_no_longer_post_in_the_channel_posts_nothing_there_from_elsewhere(
    servers: Servers, denied: str, name: str
) -> None:
    channel = closed(servers, **{denied: False})
    job = await servers.video(place=Place(channel.guild.id, channel.id, servers.zoe.id, None))

    for result in (
        await servers.zoe.slash("jobs resend", job=job.id),
        await servers.here.slash(servers.archive.app.channel, "jobs resend", job=job.id),
    ):
        assert f"you can't post in its channel: you're missing {name}. /jobs original gives" in said(result)
    assert channel.last_message is None


@pytest.mark.parametrize("denied", ["send_messages", "use_application_commands"])
async def test_a_click_makes_no_video_where_the_person_may_not_post(servers: Servers, denied: str) -> None:
    channel = closed(servers, **{denied: False})
    place = Place(channel.guild.id, channel.id, servers.zoe.id, None)
    message = await servers.button(channel, RUN_AGAIN, await servers.video(state=State.UNKNOWN, place=place))

    answer = said(await servers.here.click(message, label="Press"))
    assert answer.startswith("You can't make videos in this channel: you're missing ")
    assert answer.endswith("You weren't charged.")
    assert servers.paid == 0


async def test_a_click_posts_no_video_again_where_the_person_may_not_post(servers: Servers) -> None:
    channel = closed(servers, send_messages=False)
    job = await servers.video(place=Place(channel.guild.id, channel.id, servers.zoe.id, None))
    message = await servers.button(channel, FILE, job, what=DELIVER)

    answer = said(await servers.here.click(message, label="Press"))
    assert "you can't post in its channel: you're missing Send Messages" in answer
    assert channel.last_message.id == message.id


async def test_a_price_is_not_agreed_to_in_another_channel(servers: Servers) -> None:
    question = await servers.here.slash(
        servers.archive.app.channel, "video", prompt="A boat", duration=10, resolution="720p"
    )
    parts = flat(question.response.components)
    (custom_id,) = [one["custom_id"] for one in parts if one.get("label", "").startswith("Generate")]
    forged = ui.Button[Any](label="Press", custom_id=custom_id)
    view: ui.LayoutView = ui.LayoutView()
    actions: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    view.add_item(actions.add_item(forged))
    known: Any = servers.archive.app.bot.get_channel(servers.channel.id)
    message = await known.send(view=view)

    assert "in the channel where it was begun" in said(await servers.there.click(message, label="Press"))
    assert servers.paid == 0


async def threaded(servers: Servers, kind: discord.ChannelType) -> tuple[discord.Thread, Job]:
    """Make a thread of the bot's, and keep a job of Zoe's there."""
    known: Any = servers.archive.app.bot.get_channel(servers.archive.app.channel.id)
    thread = await known.create_thread(name="shot 7", type=kind)
    return thread, await servers.video(place=Place(known.guild.id, thread.id, servers.zoe.id, None))


async def test_a_thread_s_video_is_posted_again_there_from_elsewhere(servers: Servers) -> None:
    _, job = await threaded(servers, discord.ChannelType.public_thread)

    assert "Posted again" in said(await servers.zoe.slash("jobs resend", job=job.id))


async def test_a_private_thread_s_video_is_posted_again_for_its_members_alone(servers: Servers) -> None:
    thread, job = await threaded(servers, discord.ChannelType.private_thread)

    assert "you're missing View Channel" in said(await servers.zoe.slash("jobs resend", job=job.id))
    await thread.add_user(discord.Object(servers.zoe.id))
    assert "Posted again" in said(await servers.zoe.slash("jobs resend", job=job.id))


async def test_who_is_timed_out_makes_and_posts_nothing(servers: Servers) -> None:
    guild: Any = servers.archive.app.bot.get_guild(servers.archive.app.channel.guild.id)
    job = await servers.video(state=State.UNKNOWN)
    again = await servers.button(servers.archive.app.channel, RUN_AGAIN, job)
    await (await guild.fetch_member(servers.zoe.id)).timeout(timedelta(hours=1))

    assert "You can't make videos in this channel: you're missing Send Messages" in said(
        await servers.here.click(again, label="Press")
    )
    assert "you can't post in its channel: you're missing Send Messages" in said(
        await servers.zoe.slash("jobs resend", job=job.id)
    )
    assert servers.paid == 0


@pytest.mark.slow
async def test_a_server_that_another_process_serves_is_asked_for(servers: Servers) -> None:
    job, bot = await servers.video(), servers.archive.app.bot
    guild: Any = bot.get_guild(servers.archive.app.channel.guild.id)
    bot._connection._remove_guild(guild)  # pyright: ignore[reportPrivateUsage]

    assert "Posted again" in said(await servers.zoe.slash("jobs resend", job=job.id))
    servers.archive.app.channel.guild.remove_member(servers.zoe)
    assert "You're no longer in the server" in said(await servers.zoe.slash("jobs resend", job=job.id))


async def test_while_discord_does_not_say_what_a_person_may_nothing_is_posted(servers: Servers) -> None:
    job, guild = await servers.video(), servers.archive.app.channel.guild
    path = f"/guilds/{guild.id}/members/{servers.zoe.id}"
    servers.archive.app.env.inject_error("GET", path, status=503, code=0, message="Unavailable")

    answer = said(await servers.zoe.slash("jobs resend", job=job.id))
    assert answer == (
        "Discord didn't say whether you can post in the video's channel, so nothing was posted. Try again in a minute."
    )
    assert servers.archive.app.channel.last_message is None
