"""Times of daily screenings: restarts, days, and changes of the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from dailies.errors import RefusedError
from dailies.screening_times import (
    EVERY_DAY,
    WORKDAYS,
    Schedule,
    clock,
    due,
    moment,
    next_moment,
    read_time,
    read_weekdays,
    weekday_words,
)

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> float:
    """Return a time in UTC as Unix seconds."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def daily(time: str, *, weekdays: int = EVERY_DAY, since: str = "2026-01-01T00:00") -> Schedule:
    return Schedule(5, 1, read_time(time), weekdays, at(since))


def test_a_moment_is_due_from_its_minute_until_the_end_of_its_day() -> None:
    five = daily("17:00")
    assert due(five, at("2026-12-01T15:59"), BERLIN) is None
    assert due(five, at("2026-12-01T16:00"), BERLIN) == "2026-12-01T17:00"
    assert due(five, at("2026-12-01T22:59"), BERLIN) == "2026-12-01T17:00"
    assert due(five, at("2026-12-01T23:00"), BERLIN) is None


def test_a_moment_before_the_schedule_was_set_is_not_due() -> None:
    five = daily("17:00", since="2026-12-01T16:00:30")
    assert due(five, at("2026-12-01T20:00"), BERLIN) is None
    assert due(five, at("2026-12-02T16:00"), BERLIN) == "2026-12-02T17:00"


def test_only_its_days_of_the_week_are_due() -> None:
    workdays = daily("17:00", weekdays=WORKDAYS)
    assert due(workdays, at("2026-12-04T18:00"), BERLIN) == "2026-12-04T17:00"
    assert due(workdays, at("2026-12-05T18:00"), BERLIN) is None
    assert next_moment(workdays, at("2026-12-04T18:00"), BERLIN) == at("2026-12-07T16:00")


def test_a_minute_that_the_clock_skips_becomes_the_next_one_that_there_is() -> None:
    half_past_two = daily("2:30")
    assert moment(date(2026, 3, 29), 150, BERLIN) == at("2026-03-29T01:00")  # 03:00 in summer
    assert due(half_past_two, at("2026-03-29T00:59"), BERLIN) is None
    assert due(half_past_two, at("2026-03-29T01:00"), BERLIN) == "2026-03-29T02:30"


def test_a_minute_that_the_clock_shows_twice_is_due_once() -> None:
    half_past_two = daily("2:30")
    first, second = at("2026-10-25T00:30"), at("2026-10-25T01:30")
    assert due(half_past_two, first, BERLIN) == due(half_past_two, second, BERLIN) == "2026-10-25T02:30"
    assert moment(date(2026, 10, 25), 150, BERLIN) == first


def test_a_day_that_a_zone_left_out_does_not_hold_up_the_next_one() -> None:
    apia = ZoneInfo("Pacific/Apia")
    assert moment(date(2011, 12, 30), 60, apia) == at("2011-12-30T10:00")  # 31 December, 00:00 there


@pytest.mark.parametrize(
    ("typed", "minute"),
    [("17:00", 1020), ("9.30", 570), ("5 pm", 1020), ("12am", 0), ("12:05 PM", 725), ("00:00", 0), ("23h59", 1439)],
)
def test_times_are_read_as_people_write_them(typed: str, minute: int) -> None:
    assert read_time(typed) == minute
    assert read_time(clock(minute)) == minute


@pytest.mark.parametrize("typed", ["", "17", "24:00", "12:60", "13 pm", "noon"])
def test_other_times_are_refused(typed: str) -> None:
    with pytest.raises(RefusedError):
        read_time(typed)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "every day"),
        ("Mon-Fri", "Monday to Friday"),
        ("mon, wed and fri", "Monday, Wednesday and Friday"),
        ("Sat – Mon", "Monday, Saturday and Sunday"),
        ("Tuesday to Thursday", "Tuesday to Thursday"),
        ("weekdays", "Monday to Friday"),
        ("su", "Sunday"),
    ],
)
def test_days_are_read_as_people_write_them(typed: str, words: str) -> None:
    assert weekday_words(read_weekdays(typed)) == words


@pytest.mark.parametrize("typed", ["someday", "m", "Mon-Xyz", ","])
def test_other_days_are_refused(typed: str) -> None:
    with pytest.raises(RefusedError):
        read_weekdays(typed)
