"""Nothing is stuck: whenever Discord refuses a finished video, it reaches the requester another way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from sandbox.discord import Interaction, Permission
from sandbox.discord.model import Channel, Message
from tests.e2e.scene import Scene, text_of
from tests.support.videos import short_video

pytestmark = pytest.mark.asyncio(loop_scope="module")
SECONDS = 90


@dataclass
class Target:
    """A channel of its own for one test."""

    scene: Scene
    channel: Channel

    @property
    def world(self) -> Any:
        """Return Discord's state."""
        return self.scene.stack.discord.world

    async def ask(self, meanwhile: Callable[[], None]) -> Interaction:
        """Type /video; once it is submitted, something happens to the channel."""
        before = len(self.scene.stack.openrouter.submits)
        options = {"prompt": "A paper boat sails", "resolution": "480p", "duration": 4}
        interaction = await self.scene.stack.discord.person().command(self.channel.id, "video", options)
        await until(lambda: len(self.scene.stack.openrouter.submits) > before)
        meanwhile()
        return interaction

    def videos(self, channel: Channel | None = None) -> list[Message]:
        """Return messages with a video, here or in another channel."""
        messages: list[Message] = list((channel or self.channel).messages.values())
        return [one for one in messages if any(file.filename.endswith(".mp4") for file in one.files.values())]

    @property
    def direct(self) -> Channel:
        """Return Ann's direct messages with the bot."""
        return self.world.direct_channel(self.world.user_named("Ann").id)

    @property
    def statuses(self) -> list[Message]:
        """Return messages that are a status."""
        shown = [(one, str(one.data["components"])) for one in self.channel.messages.values()]
        return [one for one, parts in shown if "'type': 17" in parts]

    @property
    def status(self) -> str:
        """Return the status as it is now."""
        return text_of(self.scene.stack.discord.message_json(self.statuses[0].id)).strip()

    async def delete_status(self) -> None:
        """Delete it, as somebody would."""
        (status,) = self.statuses
        await self.scene.stack.discord.person().delete(status.id)


async def until(done: Callable[[], Any]) -> None:
    """Wait, up to a limit."""
    for _ in range(int(SECONDS / 0.05)):
        if done():
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"it did not come to that within {SECONDS} s")


@pytest_asyncio.fixture(loop_scope="module")
async def target(scene: Scene) -> AsyncGenerator[Target]:
    """Make a new channel, and a direct channel without messages."""
    channel = scene.stack.discord.world.add_channel(f"target{len(scene.stack.discord.world.channels)}")
    made = Target(scene, channel)
    made.direct.messages.clear()
    await asyncio.sleep(0.1)  # the bot hears of the channel
    yield made


async def test_a_video_over_the_server_s_limit_is_made_to_fit(target: Target) -> None:
    limit = short_video().stat().st_size * 6 // 10
    # A server of its own: the bot remembers the limit, and would make every later video fit.
    guild = target.world.add_guild("Small", "small", bot=False)
    guild.upload_bytes = limit
    target.scene.stack.discord.add_bot(guild)
    await asyncio.sleep(0.1)  # the bot hears of it
    inside = Target(target.scene, target.world.channel_named("small"))
    await inside.ask(lambda: None)
    await until(inside.videos)

    (video,) = inside.videos()
    (file,) = video.files.values()
    assert file.size <= limit
    assert "Made to fit: " in str(video.data["content"])
    await until(lambda: inside.status.startswith("### Done"))
    assert f"/{video.id})" in inside.status


REFUSALS: list[tuple[str, Callable[[Target], None], str]] = [
    ("channel deleted", lambda target: target.world.delete_channel(target.channel.id), "the channel is gone"),
    (
        "no permission",
        lambda target: target.world.deny(target.channel.id, Permission.ATTACH_FILES),
        "the bot is missing Attach Files there",
    ),
    (
        "not visible",
        lambda target: target.world.deny(target.channel.id, Permission.VIEW_CHANNEL),
        "the bot is missing View Channel there",
    ),
]


@pytest.mark.parametrize(("name", "happens", "why"), REFUSALS, ids=[one[0] for one in REFUSALS])
async def test_where_the_channel_refuses_the_requester_is_written_to(
    target: Target, name: str, happens: Callable[[Target], None], why: str
) -> None:
    await target.ask(lambda: happens(target))
    await until(lambda: target.videos(target.direct))

    (video,) = target.videos(target.direct)
    assert f"It couldn't be posted in <#{target.channel.id}>: {why}" in str(video.data["content"])


async def test_an_archived_thread_is_opened_again_by_the_video(target: Target) -> None:
    thread = target.world.add_thread("shot", target.channel.id)
    inside = Target(target.scene, thread)
    await inside.ask(lambda: target.world.archive(thread.id))
    await until(inside.videos)

    assert not thread.archived
    assert target.videos(target.direct) == []


async def test_in_a_locked_thread_the_requester_is_written_to(target: Target) -> None:
    thread = target.world.add_thread("shot", target.channel.id)
    inside = Target(target.scene, thread)
    await inside.ask(lambda: target.world.archive(thread.id, locked=True))
    await until(lambda: target.videos(target.direct))

    assert "the thread is locked" in str(target.videos(target.direct)[0].data["content"])


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 503},
        {"drop": True},
        {"drop": True, "when": "after"},
        {"status": 400, "body": {"code": 20016, "message": "Slowmode"}},
    ],
    ids=["503", "reset", "answer lost", "slow mode"],
)
async def test_what_passes_is_tried_again_with_the_same_nonce_and_posted_once(
    target: Target, fault: dict[str, Any]
) -> None:
    target.scene.stack.discord.faults.add(method="POST", path=f"/channels/{target.channel.id}/messages", **fault)
    await target.ask(lambda: None)
    await until(lambda: target.channel.messages and target.status.startswith("### Done"))

    assert len(target.videos()) == 1
    sent = target.scene.requests("POST", f"/channels/{target.channel.id}/messages")
    payloads: list[Any] = [one.payload for one in sent]
    nonces = {payload["nonce"] for payload in payloads}
    assert len(nonces) == 1


async def test_a_direct_message_whose_answer_is_lost_is_sent_once(target: Target) -> None:
    path = f"/channels/{target.direct.id}/messages"
    target.scene.stack.discord.faults.add(method="POST", path=path, drop=True, when="after")
    await target.ask(lambda: target.world.delete_channel(target.channel.id))
    await until(lambda: len(target.scene.requests("POST", path)) > 0 and target.videos(target.direct))
    await asyncio.sleep(1)

    assert len(target.videos(target.direct)) == 1


async def test_who_takes_no_messages_delivers_again_once_the_channel_is_open(target: Target) -> None:
    ann = target.world.user_named("Ann")
    ann.takes_direct = False
    try:
        await target.ask(lambda: target.world.deny(target.channel.id, Permission.ATTACH_FILES))
        await until(lambda: target.channel.messages and target.status.startswith("### Finished, but not delivered"))
    finally:
        ann.takes_direct = True
    assert (
        "the bot is missing Attach Files there. A direct message was refused too: the person doesn't accept"
        in target.status
    )

    target.world.allow(target.channel.id, Permission.ATTACH_FILES)
    await asyncio.sleep(0.1)
    status = next(iter(target.channel.messages.values()))
    (button,) = [
        part
        for one in status.data["components"]
        for row in one["components"]
        for part in row.get("components", [])
        if part.get("label") == "Deliver again"
    ]
    await target.scene.stack.discord.person().click(status.id, button["custom_id"])
    await until(target.videos)
    await until(lambda: target.status.startswith("### Done"))


OFF = [(404, 10004, "the bot is no longer in the server"), (403, 50001, "the bot can't see the channel")]


@pytest.mark.parametrize(("http", "code", "why"), OFF, ids=["10004", "50001"])
async def test_where_the_bot_was_removed_the_requester_is_written_to(
    target: Target, http: int, code: int, why: str
) -> None:
    refuse(target, target.channel, http, code)
    await target.ask(lambda: None)
    await until(lambda: target.videos(target.direct))

    assert f"It couldn't be posted in <#{target.channel.id}>: {why}" in str(
        target.videos(target.direct)[0].data["content"]
    )
    assert target.videos() == []


async def test_a_bot_that_is_removed_from_the_server_meanwhile_sends_video_and_receipt_to_the_requester(
    target: Target,
) -> None:
    discord = target.scene.stack.discord
    guild = target.world.add_guild("Left", "left", bot=False)
    discord.add_bot(guild)
    await asyncio.sleep(0.1)  # the bot hears of it
    inside = Target(target.scene, target.world.channel_named("left"))
    interaction = await inside.ask(lambda: discord.remove_bot(guild))
    interaction.created -= 15 * 60  # with its token, the bot could still edit the status
    where = f"couldn't be posted in <#{inside.channel.id}>"

    def told() -> list[str]:
        return [
            words for one in target.direct.messages if where in (words := text_of(discord.message_json(one)).strip())
        ]

    await until(lambda: len(told()) == 2)

    video, receipt = told()
    assert f"{where}: the bot is no longer in the server" in video
    assert len(target.videos(target.direct)) == 1
    assert receipt.startswith("### Done\n")


GONE = [
    (404, 10013, "the person is no longer on Discord"),
    (403, 50007, "the person doesn't accept direct messages from the bot"),
    (403, 50278, "the person shares no server with the bot"),
]


@pytest.mark.parametrize(("http", "code", "why"), GONE, ids=["10013", "50007", "50278"])
async def test_where_the_requester_is_gone_too_the_end_is_said_and_it_can_be_delivered_again(
    target: Target, http: int, code: int, why: str
) -> None:
    refuse(target, target.channel, 403, 50001)
    refuse(target, target.direct, http, code)
    await target.ask(lambda: None)
    await until(lambda: target.status.startswith("### Finished, but not delivered"))

    assert f"the bot can't see the channel. A direct message was refused too: {why}" in target.status
    assert "Deliver again" in str(target.statuses[0].data["components"])
    assert target.videos() == target.videos(target.direct) == []


def refuse(target: Target, channel: Channel, status: int, code: int) -> None:
    """Make Discord refuse the next message there."""
    body = {"code": code, "message": "Refused"}
    faults = target.scene.stack.discord.faults
    faults.add(method="POST", path=f"/channels/{channel.id}/messages", status=status, body=body)


@pytest_asyncio.fixture(loop_scope="module")
async def slowly(target: Target) -> Target:
    """A target whose next job takes three real seconds, and where Ann may delete messages."""
    target.world.allow(target.channel.id, Permission.MANAGE_MESSAGES, target.world.user_named("Ann").id)
    target.scene.stack.openrouter.faults.job(work_seconds=90)
    return target


async def test_a_status_that_was_deleted_is_posted_anew_and_the_video_replies_to_it(slowly: Target) -> None:
    await slowly.ask(lambda: None)
    await slowly.delete_status()
    await until(lambda: slowly.statuses)
    (status,) = slowly.statuses
    await until(lambda: slowly.status.startswith("### Done"))

    (video,) = slowly.videos()
    assert video.data["message_reference"]["message_id"] == status.id
    assert [one.id for one in slowly.statuses] == [status.id]


async def test_who_deletes_the_new_status_too_is_left_in_peace(slowly: Target) -> None:
    await slowly.ask(lambda: None)
    await slowly.delete_status()
    await until(lambda: slowly.statuses)
    await slowly.delete_status()
    await until(slowly.videos)
    await asyncio.sleep(0.5)

    assert slowly.statuses == []
    assert len(slowly.videos()) == 1
