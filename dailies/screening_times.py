"""The time of the day at which a channel has its screening, in a time zone with its changes of the clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from babel.dates import get_day_names

from dailies.errors import RefusedError
from dailies.formatting import listed
from dailies.language import gettext, locale
from dailies.reason import ReasonCode

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
EVERY_DAY = 0b111_1111
WORKDAYS, WEEKEND = 0b001_1111, 0b110_0000
_NAMED = {"": EVERY_DAY, "every day": EVERY_DAY, "daily": EVERY_DAY, "weekdays": WORKDAYS, "weekends": WEEKEND}
_GAP_MINUTES = 48 * 60
"""Longest gap of a clock that is looked beyond: whole days were left out when the date line moved."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A channel's time for its screening, as stored. minute: of the day. weekdays: a bit for each, Monday the lowest.

    since: Unix seconds: earlier moments are not due. set_by: None: was forgotten.
    """

    channel_id: int
    guild_id: int
    minute: int
    weekdays: int
    since: float
    set_by: int | None = None


def due(schedule: Schedule, now: float, zone: tzinfo) -> str | None:
    """Return the name of the moment of today that has come, as in 2026-12-01T17:00; None: there is none, or not yet.

    It stays due for the rest of that day. A moment is named by the time that was set, so one that the clock skips, or
    shows twice, comes once.
    """
    today = datetime.fromtimestamp(now, zone).date()
    if not schedule.weekdays >> today.weekday() & 1:
        return None
    at = moment(today, schedule.minute, zone)
    if not schedule.since <= at <= now:
        return None
    return f"{today.isoformat()}T{clock(schedule.minute)}"


def moment(day: date, minute: int, zone: tzinfo) -> float:
    """Return when the clock shows a minute of a day, in Unix seconds: the first time, where it shows it twice; the next
    minute that there is, where it skips it.
    """
    shown = datetime.combine(day, time(minute // 60, minute % 60))
    for _ in range(_GAP_MINUTES):
        at = shown.replace(tzinfo=zone).timestamp()
        if datetime.fromtimestamp(at, zone).replace(tzinfo=None, fold=0) == shown:
            return at
        shown += timedelta(minutes=1)
    raise ValueError(f"{zone} has no minute after {day} {clock(minute)}")


def next_moment(schedule: Schedule, now: float, zone: tzinfo) -> float:
    """Return when the next screening is, in Unix seconds. Raises ValueError for a schedule without a day."""
    today = datetime.fromtimestamp(now, zone).date()
    for day in (today + timedelta(days=ahead) for ahead in range(len(DAYS) + 1)):
        if schedule.weekdays >> day.weekday() & 1 and (at := moment(day, schedule.minute, zone)) > now:
            return at
    raise ValueError("a schedule without a day")


def clock(minute: int) -> str:
    """Return a minute of the day as a clock shows it: 17:00."""
    return f"{minute // 60:02}:{minute % 60:02}"


def read_time(typed: str) -> int:
    """Return the minute of the day that was typed, as in 17:00, 9.30 or 5 pm. Raises RefusedError."""
    found = re.fullmatch(r"(\d{1,2})(?:[:.h](\d{2}))?\s*([ap]m)?", typed.strip().lower(), re.ASCII)
    if found and (found[2] or found[3]):
        hour, minute = int(found[1]), int(found[2] or 0)
        if found[3] and 1 <= hour <= 12:
            hour = hour % 12 + 12 * (found[3] == "pm")
        elif found[3]:
            hour = 24
        if hour < 24 and minute < 60:
            return 60 * hour + minute
    raise RefusedError(ReasonCode.SCREENING_TIME_WRONG)


def read_weekdays(typed: str) -> int:
    """Return the days that were typed, as in Mon, Wed-Fri; every day for nothing. Raises RefusedError."""
    text = " ".join(typed.lower().split())
    if text in _NAMED:
        return _NAMED[text]
    found = 0
    for word in re.sub(r"\s*(?:-|–|\bto\b)\s*", "-", text).replace(",", " ").split():
        if word == "and":
            continue
        first, _, last = word.partition("-")
        begin = _weekday(first)
        days = (_weekday(last or first) - begin) % len(DAYS)
        for number in range(begin, begin + days + 1):
            found |= 1 << number % len(DAYS)
    if not found:
        raise RefusedError(ReasonCode.SCREENING_DAYS_WRONG)
    return found


def weekday_words(weekdays: int) -> str:
    """Return days in words: every day, Monday to Friday, Monday and Thursday."""
    if weekdays == EVERY_DAY:
        return gettext("every day")
    names = get_day_names("wide", locale=locale())
    numbers = [number for number in range(len(DAYS)) if weekdays >> number & 1]
    if len(numbers) > 2 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return gettext("{first} to {last}", first=names[numbers[0]], last=names[numbers[-1]])
    return listed([names[number] for number in numbers])


def _weekday(name: str) -> int:
    for number, day in enumerate(DAYS):
        if len(name) >= 2 and day.lower().startswith(name.rstrip(".")):
            return number
    raise RefusedError(ReasonCode.SCREENING_DAYS_WRONG)
