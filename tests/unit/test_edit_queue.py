"""The order of edits: fair, the urgent first, one at a time in a channel, and never more than Discord allows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import pytest_asyncio

from cogs.status.edit_queue import EditQueue, Key, Urgency
from cogs.status.rate_limits import ALL_AT_ONCE, ALL_PER_SECOND, CHECKS_PER_SECOND, SPARE_EDITS, RateLimitHeaders


@dataclass
class Sender:
    """Notes what is sent; every `per` requests in a channel, Discord wants a pause of `reset` seconds."""

    per: int = 5
    reset: float = 0.05
    seconds: float = 0.0
    sent: list[str] = field(default_factory=list[str])
    at: list[float] = field(default_factory=list[float])
    used: dict[Key, int] = field(default_factory=dict[Key, int])
    under_way: set[Key] = field(default_factory=set[Key])
    error: Exception | None = None

    async def __call__(self, key: Key, name: str) -> RateLimitHeaders | None:
        """Send one message's newest state, as EditQueue asks."""
        assert key not in self.under_way
        self.under_way.add(key)
        await asyncio.sleep(self.seconds)
        self.under_way.discard(key)
        self.sent.append(name)
        self.at.append(asyncio.get_running_loop().time())
        if self.error:
            raise self.error
        self.used[key] = self.used.get(key, 0) + 1
        return RateLimitHeaders(
            status=200, at=self.at[-1], remaining=-self.used[key] % self.per, reset_after=self.reset
        )

    async def until(self, number: int) -> list[str]:
        """Return the messages sent, once there are this many."""
        async with asyncio.timeout(30):
            while len(self.sent) < number:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
        return self.sent


@pytest_asyncio.fixture
async def sender() -> Sender:
    return Sender()


@pytest_asyncio.fixture
async def edit_queue(sender: Sender) -> AsyncGenerator[EditQueue]:
    made = EditQueue(sender)
    yield made
    await made.close()


async def test_what_became_due_first_is_sent_first(edit_queue: EditQueue, sender: Sender) -> None:
    for name in "abcb":
        edit_queue.offer(1, name, Urgency.CHANGE)
    assert await sender.until(3) == ["a", "b", "c"]


async def test_ends_go_before_changes_and_changes_before_checks(edit_queue: EditQueue, sender: Sender) -> None:
    sender.seconds = 0.01
    edit_queue.offer(1, "first", Urgency.CHECK)
    await asyncio.sleep(0)
    for name, urgency in (("check", Urgency.CHECK), ("change", Urgency.CHANGE), ("end", Urgency.END)):
        edit_queue.offer(1, name, urgency)
    assert await sender.until(4) == ["first", "end", "change", "check"]


async def test_a_check_that_becomes_a_change_is_sent_once(edit_queue: EditQueue, sender: Sender) -> None:
    sender.seconds = 0.01
    edit_queue.offer(1, "first", Urgency.CHECK)
    edit_queue.offer(1, "a", Urgency.CHECK)
    edit_queue.offer(1, "b", Urgency.CHECK)
    edit_queue.offer(1, "b", Urgency.CHANGE)
    edit_queue.offer(1, "b", Urgency.CHECK)
    assert await sender.until(3) == ["first", "b", "a"]
    await asyncio.sleep(0.1)
    assert len(sender.sent) == 3


async def test_a_channel_waits_for_the_reset_that_discord_names(edit_queue: EditQueue, sender: Sender) -> None:
    sender.reset = 0.2
    for number in range(12):
        edit_queue.offer(1, str(number), Urgency.CHANGE)
    await sender.until(12)
    assert sender.at[5] - sender.at[4] >= 0.2
    assert sender.at[10] - sender.at[9] >= 0.2
    assert sender.at[4] - sender.at[0] < 0.15


async def test_a_full_channel_does_not_keep_the_others_waiting(edit_queue: EditQueue, sender: Sender) -> None:
    sender.reset = 30
    for number in range(6):
        edit_queue.offer(1, f"one {number}", Urgency.CHANGE)
    edit_queue.offer(2, "two", Urgency.CHANGE)
    assert "two" in await sender.until(6)


async def test_what_an_answer_said_of_a_channel_is_not_forgotten_while_it_counts(
    edit_queue: EditQueue, sender: Sender
) -> None:
    sender.per, sender.reset = 1, 0.2
    edit_queue.offer(1, "a", Urgency.CHANGE)
    await sender.until(1)
    await asyncio.sleep(0.02)
    edit_queue.offer(1, "b", Urgency.END)
    await sender.until(2)
    assert sender.at[1] - sender.at[0] >= 0.2


async def test_in_all_no_more_is_sent_than_a_bot_may(edit_queue: EditQueue, sender: Sender) -> None:
    began = asyncio.get_running_loop().time()
    for channel in range(60):
        edit_queue.offer(channel, str(channel), Urgency.CHANGE)
    await sender.until(25)
    assert sender.at[24] - began >= (24 - ALL_AT_ONCE) / ALL_PER_SECOND


async def test_tokens_do_not_count_for_the_limit_in_all(edit_queue: EditQueue, sender: Sender) -> None:
    began = asyncio.get_running_loop().time()
    for number in range(200):
        edit_queue.offer(f"job {number}", str(number), Urgency.CHANGE)
    await sender.until(200)
    assert sender.at[199] - began < (199 - ALL_AT_ONCE) / ALL_PER_SECOND


async def test_checks_alone_are_sent_more_slowly(edit_queue: EditQueue, sender: Sender) -> None:
    began = asyncio.get_running_loop().time()
    for channel in range(60):
        edit_queue.offer(channel, str(channel), Urgency.CHECK)
    await sender.until(10)
    assert sender.at[9] - began >= (9 - 5) / CHECKS_PER_SECOND


async def test_checks_leave_room_for_a_change_and_an_end_in_their_channel(
    edit_queue: EditQueue, sender: Sender
) -> None:
    sender.reset = 30
    for number in range(200):
        edit_queue.offer(1, f"check {number}", Urgency.CHECK)
    await sender.until(5 - SPARE_EDITS)
    await asyncio.sleep(0.05)
    assert sender.sent == [f"check {number}" for number in range(5 - SPARE_EDITS)]
    edit_queue.offer(1, "change", Urgency.CHANGE)
    edit_queue.offer(1, "end", Urgency.END)
    assert set((await sender.until(5))[-2:]) == {"change", "end"}
    await asyncio.sleep(0.05)
    assert len(sender.sent) == 5


async def test_what_checks_used_of_a_channel_is_not_forgotten_when_none_waits(
    edit_queue: EditQueue, sender: Sender
) -> None:
    sender.reset = 30
    for number in range(10):
        edit_queue.offer(1, f"check {number}", Urgency.CHECK)
        await asyncio.sleep(0.01)
    assert len(sender.sent) == 5 - SPARE_EDITS
    edit_queue.offer(1, "change", Urgency.CHANGE)
    assert (await sender.until(6 - SPARE_EDITS))[-1] == "change"


async def test_a_full_channel_sends_ends_and_changes_before_checks(edit_queue: EditQueue, sender: Sender) -> None:
    for number in range(200):
        edit_queue.offer(1, f"job {number}", Urgency.CHECK)
    await sender.until(1)
    ends, changes = ["job 150", "job 160"], [f"job {number}" for number in range(170, 190)]
    for name in changes:
        edit_queue.offer(1, name, Urgency.CHANGE)
    for name in ends:
        edit_queue.offer(1, name, Urgency.END)
    before = len(sender.sent)
    sent = (await sender.until(before + 23))[before : before + 23]
    assert [name for name in sent if name in [*ends, *changes]] in (
        [*ends, *changes],
        [changes[0], *ends, *changes[1:]],  # it was on its way when the ends came
    )


async def test_checks_are_sent_where_discord_takes_one_edit_at_a_time(edit_queue: EditQueue, sender: Sender) -> None:
    sender.per, sender.reset = 1, 0.02
    for name in "abc":
        edit_queue.offer(1, name, Urgency.CHECK)
    assert await sender.until(3) == ["a", "b", "c"]


async def test_a_bug_in_one_message_does_not_stop_the_channel(edit_queue: EditQueue, sender: Sender) -> None:
    sender.error = RuntimeError("a bug")
    edit_queue.offer(1, "a", Urgency.CHANGE)
    edit_queue.offer(1, "b", Urgency.CHANGE)
    assert await sender.until(2) == ["a", "b"]


async def test_a_quiet_channel_leaves_nothing_behind(edit_queue: EditQueue, sender: Sender) -> None:
    edit_queue.offer(1, "a", Urgency.CHANGE)
    await sender.until(1)
    await asyncio.sleep(0.2)
    assert not edit_queue._queue  # pyright: ignore[reportPrivateUsage]
