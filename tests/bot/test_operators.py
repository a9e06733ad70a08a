"""What the operators are told in their channel."""

from __future__ import annotations

from cogs.operators import HOUR, MOST, Operators
from tests.bot.conftest import Room


async def test_operators_are_told_in_their_channel_without_pings(room: Room) -> None:
    operators = Operators(room.bot, room.channel.id)
    await operators.tell("A model of @everyone **vanished**")

    assert room.channel.last_message.content == r"A model of \@everyone \*\*vanished\*\*"


async def test_without_a_channel_the_log_is_told(room: Room) -> None:
    await Operators(room.bot, None).tell("Low credits")

    assert room.channel.last_message is None


async def test_a_channel_that_refuses_does_not_stop_the_bot(room: Room) -> None:
    room.env.inject_error("POST", f"/channels/{room.channel.id}/messages", status=403, code=50013, message="no")

    await Operators(room.bot, room.channel.id).tell("Low credits")


async def test_a_fault_that_repeats_itself_does_not_flood_the_channel(room: Room) -> None:
    time = 0.0
    operators = Operators(room.bot, room.channel.id, now=lambda: time)
    for number in range(MOST + 5):
        await operators.tell(f"message {number}")
    assert room.channel.last_message.content == f"message {MOST - 1}"
    time = HOUR + 1
    await operators.tell("later")
    assert room.channel.last_message.content == "later"
