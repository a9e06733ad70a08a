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
class Room:
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
        return [one for one in self.channel.messages.values() if one.data["components"]]

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
async def room(scene: Scene) -> AsyncGenerator[Room]:
    """Make a new channel, and a direct channel without messages."""
    channel = scene.stack.discord.world.add_channel(f"room{len(scene.stack.discord.world.channels)}")
    made = Room(scene, channel)
    made.direct.messages.clear()
    await asyncio.sleep(0.1)  # the bot hears of the channel
    yield made


async def test_a_video_over_the_server_s_limit_is_made_to_fit(room: Room) -> None:
    limit = short_video().stat().st_size * 6 // 10
    room.world.guild.upload_bytes = limit
    try:
        await room.ask(lambda: None)
        await until(room.videos)
    finally:
        room.world.guild.upload_bytes = None

    (video,) = room.videos()
    (file,) = video.files.values()
    assert file.size <= limit
    assert "Made to fit: " in str(video.data["content"])
    await until(lambda: "Delivered: " in room.status)
    assert "Original file" in str(next(iter(room.channel.messages.values())).data["components"])


REFUSALS: list[tuple[str, Callable[[Room], None], str]] = [
    ("channel deleted", lambda room: room.world.delete_channel(room.channel.id), "the channel is gone"),
    (
        "no permission",
        lambda room: room.world.deny(room.channel.id, Permission.ATTACH_FILES),
        "the bot lacks Attach Files there",
    ),
    (
        "not visible",
        lambda room: room.world.deny(room.channel.id, Permission.VIEW_CHANNEL),
        "the bot lacks View Channel there",
    ),
]


@pytest.mark.parametrize(("name", "happens", "why"), REFUSALS, ids=[one[0] for one in REFUSALS])
async def test_where_the_channel_refuses_the_requester_is_written_to(
    room: Room, name: str, happens: Callable[[Room], None], why: str
) -> None:
    await room.ask(lambda: happens(room))
    await until(lambda: room.videos(room.direct))

    (video,) = room.videos(room.direct)
    assert f"It could not be posted in <#{room.channel.id}>: {why}" in str(video.data["content"])


async def test_an_archived_thread_is_opened_again_by_the_video(room: Room) -> None:
    thread = room.world.add_thread("shot", room.channel.id)
    inside = Room(room.scene, thread)
    await inside.ask(lambda: room.world.archive(thread.id))
    await until(inside.videos)

    assert not thread.archived
    assert room.videos(room.direct) == []


async def test_in_a_locked_thread_the_requester_is_written_to(room: Room) -> None:
    thread = room.world.add_thread("shot", room.channel.id)
    inside = Room(room.scene, thread)
    await inside.ask(lambda: room.world.archive(thread.id, locked=True))
    await until(lambda: room.videos(room.direct))

    assert "the thread is locked" in str(room.videos(room.direct)[0].data["content"])


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
    room: Room, fault: dict[str, Any]
) -> None:
    room.scene.stack.discord.faults.add(method="POST", path=f"/channels/{room.channel.id}/messages", **fault)
    await room.ask(lambda: None)
    await until(lambda: room.channel.messages and room.status.startswith("### Done"))

    assert len(room.videos()) == 1
    sent = room.scene.requests("POST", f"/channels/{room.channel.id}/messages")
    payloads: list[Any] = [one.payload for one in sent]
    nonces = {payload["nonce"] for payload in payloads}
    assert len(nonces) == 1


async def test_a_direct_message_whose_answer_is_lost_is_sent_once(room: Room) -> None:
    path = f"/channels/{room.direct.id}/messages"
    room.scene.stack.discord.faults.add(method="POST", path=path, drop=True, when="after")
    await room.ask(lambda: room.world.delete_channel(room.channel.id))
    await until(lambda: len(room.scene.requests("POST", path)) > 0 and room.videos(room.direct))
    await asyncio.sleep(1)

    assert len(room.videos(room.direct)) == 1


async def test_who_takes_no_messages_delivers_again_once_the_channel_is_open(room: Room) -> None:
    ann = room.world.user_named("Ann")
    ann.takes_direct = False
    try:
        await room.ask(lambda: room.world.deny(room.channel.id, Permission.ATTACH_FILES))
        await until(lambda: room.channel.messages and room.status.startswith("### Finished, but not delivered"))
    finally:
        ann.takes_direct = True
    assert "the bot lacks Attach Files there; and a direct message was refused: the person takes no" in room.status

    room.world.allow(room.channel.id, Permission.ATTACH_FILES)
    await asyncio.sleep(0.1)
    status = next(iter(room.channel.messages.values()))
    buttons = [
        part for one in status.data["components"] for row in one["components"] for part in row.get("components", [])
    ]
    await room.scene.stack.discord.person().click(status.id, buttons[-1]["custom_id"])
    await until(room.videos)
    await until(lambda: room.status.startswith("### Done"))


OFF = [(404, 10004, "the bot is not in the server any more"), (403, 50001, "the bot cannot see the channel")]


@pytest.mark.parametrize(("http", "code", "why"), OFF, ids=["10004", "50001"])
async def test_where_the_bot_was_removed_the_requester_is_written_to(
    room: Room, http: int, code: int, why: str
) -> None:
    refuse(room, room.channel, http, code)
    await room.ask(lambda: None)
    await until(lambda: room.videos(room.direct))

    assert f"It could not be posted in <#{room.channel.id}>: {why}" in str(room.videos(room.direct)[0].data["content"])
    assert room.videos() == []


async def test_a_bot_that_is_removed_from_the_server_meanwhile_sends_video_and_receipt_to_the_requester(
    room: Room,
) -> None:
    discord = room.scene.stack.discord
    guild = room.world.add_guild("Left", "left", bot=False)
    discord.add_bot(guild)
    await asyncio.sleep(0.1)  # the bot hears of it
    inside = Room(room.scene, room.world.channel_named("left"))
    interaction = await inside.ask(lambda: discord.remove_bot(guild))
    interaction.created -= 15 * 60  # with its token, the bot could still edit the status
    where = f"could not be posted in <#{inside.channel.id}>"

    def told() -> list[str]:
        return [words for one in room.direct.messages if where in (words := text_of(discord.message_json(one)).strip())]

    await until(lambda: len(told()) == 2)

    video, receipt = told()
    assert f"{where}: the bot is not in the server any more" in video
    assert len(room.videos(room.direct)) == 1
    assert receipt.startswith("### Done\n")


GONE = [
    (404, 10013, "the person is not on Discord any more"),
    (403, 50007, "the person takes no direct messages from the bot"),
    (403, 50278, "the person shares no server with the bot"),
]


@pytest.mark.parametrize(("http", "code", "why"), GONE, ids=["10013", "50007", "50278"])
async def test_where_the_requester_is_gone_too_the_end_is_said_and_it_can_be_delivered_again(
    room: Room, http: int, code: int, why: str
) -> None:
    refuse(room, room.channel, 403, 50001)
    refuse(room, room.direct, http, code)
    await room.ask(lambda: None)
    await until(lambda: room.status.startswith("### Finished, but not delivered"))

    assert f"the bot cannot see the channel; and a direct message was refused: {why}" in room.status
    assert "Deliver again" in str(room.statuses[0].data["components"])
    assert room.videos() == room.videos(room.direct) == []


def refuse(room: Room, channel: Channel, status: int, code: int) -> None:
    """Make Discord refuse the next message there."""
    body = {"code": code, "message": "Refused"}
    faults = room.scene.stack.discord.faults
    faults.add(method="POST", path=f"/channels/{channel.id}/messages", status=status, body=body)


@pytest_asyncio.fixture(loop_scope="module")
async def slowly(room: Room) -> Room:
    """A room whose next job takes three real seconds, and where Ann may delete messages."""
    room.world.allow(room.channel.id, Permission.MANAGE_MESSAGES, room.world.user_named("Ann").id)
    room.scene.stack.openrouter.faults.job(work_seconds=90)
    return room


async def test_a_status_that_was_deleted_is_posted_anew_and_the_video_replies_to_it(slowly: Room) -> None:
    await slowly.ask(lambda: None)
    await slowly.delete_status()
    await until(lambda: slowly.statuses)
    (status,) = slowly.statuses
    await until(lambda: slowly.status.startswith("### Done"))

    (video,) = slowly.videos()
    assert video.data["message_reference"]["message_id"] == status.id
    assert [one.id for one in slowly.statuses] == [status.id]


async def test_who_deletes_the_new_status_too_is_left_in_peace(slowly: Room) -> None:
    await slowly.ask(lambda: None)
    await slowly.delete_status()
    await until(lambda: slowly.statuses)
    await slowly.delete_status()
    await until(slowly.videos)
    await asyncio.sleep(0.5)

    assert slowly.statuses == []
    assert len(slowly.videos()) == 1
