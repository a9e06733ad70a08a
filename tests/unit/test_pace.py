"""Status edits stay below Discord's limits."""

from __future__ import annotations

from cogs.pace import CHANNELS_KEPT, Pace


class Clock:
    """Seconds that a test moves on."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_channel_gets_a_few_edits_at_once_and_then_less_than_one_a_second() -> None:
    clock = Clock()
    pace = Pace(clock)
    assert [pace.room(1) for _ in range(6)] == [True] * 5 + [False]
    made = 0
    for _ in range(1000):
        clock.now += 0.1
        made += pace.room(1)
    assert 75 <= made <= 81


def test_a_full_channel_does_not_keep_the_others_waiting() -> None:
    pace = Pace(Clock())
    while pace.room(1):
        pass
    assert pace.room(2)


def test_all_channels_together_get_half_of_what_a_bot_may_do() -> None:
    clock = Clock()
    pace = Pace(clock)
    made = 0
    for second in range(100):
        made += sum(pace.room(second * 100 + channel) for channel in range(100))
        clock.now += 1
    assert made == 2500


def test_channels_do_not_pile_up() -> None:
    clock = Clock()
    pace = Pace(clock)
    for channel in range(3 * CHANNELS_KEPT):
        clock.now += 1
        assert pace.room(channel)
    assert len(pace._channels) <= CHANNELS_KEPT + 1  # pyright: ignore[reportPrivateUsage]
