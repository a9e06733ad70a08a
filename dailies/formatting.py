"""Sizes, times and money in words, the same everywhere."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from babel.dates import format_skeleton
from babel.numbers import format_currency, format_decimal

from dailies.language import ENGLISH, gettext, locale, ngettext, spoken


def megabytes(size: float, digits: int = 1) -> str:
    """A size in bytes as MB with one decimal, or as many as given."""
    return f"{decimal(size / 1_000_000, digits)} MB"


def decimal(number: Decimal | float, digits: int) -> str:
    """A number with so many decimals, and with the separators of the language."""
    if spoken() == ENGLISH:
        return f"{number:,.{digits}f}"
    places = "0" * digits
    return format_decimal(number, f"#,##0.{places}" if digits else "#,##0", locale())


def figure(number: float) -> str:
    """A number with the decimals that it has, six digits at most: 30, 2.5."""
    if spoken() == ENGLISH:
        return f"{number:g}"
    return format_decimal(Decimal(f"{number:g}"), "#,##0.######", locale())


def day_of_year(day: date) -> str:
    """A day without its year: 05 June."""
    return f"{day:%d %B}" if spoken() == ENGLISH else format_skeleton("MMMMd", day, locale=locale())


def spell(seconds: float) -> str:
    """A length of time: 42 s, 1 min 42 s, 1 h 5 min."""
    whole = max(0, round(seconds))
    if whole < 60:
        return gettext("{seconds} s", seconds=whole)
    if whole < 3600:
        minutes, left = divmod(whole, 60)
        if left:
            return gettext("{minutes} min {seconds} s", minutes=minutes, seconds=left)
        return gettext("{minutes} min", minutes=minutes)
    hours, minutes = whole // 3600, whole % 3600 // 60
    if minutes:
        return gettext("{hours} h {minutes} min", hours=hours, minutes=minutes)
    return gettext("{hours} h", hours=hours)


def in_seconds(number: float) -> str:
    """A length of time in seconds, with the decimals that it has: 5 s, 3.5 s, 90 s."""
    return gettext("{seconds} s", seconds=figure(number))


def span(low: float, high: float) -> str:
    """Two lengths of time, roughly, the second rounded up: 40–55 s, 1–2 min."""
    unit, step = (1, 5) if high <= 90 else (60, 1)
    first = max(step, step * round(low / unit / step))
    last = max(first, step * math.ceil(high / unit / step))
    between = f"{first}" if first == last else f"{first}–{last}"
    return gettext("{seconds} s", seconds=between) if unit == 1 else gettext("{minutes} min", minutes=between)


def ago(seconds: float) -> str:
    """A time that lies so far back, roughly: just now, 5 min ago, 3 h ago, 2 days ago."""
    whole = max(0, int(seconds))
    if whole < 60:
        return gettext("just now")
    if whole < 3600:
        return gettext("{minutes} min ago", minutes=whole // 60)
    if whole < 86_400:
        return gettext("{hours} h ago", hours=whole // 3600)
    return ngettext("{n} day ago", "{n} days ago", whole // 86_400)


def usd(amount: Decimal) -> str:
    """Money in USD: two decimals, four below a dollar where cents are not enough."""
    digits = 4 if amount < 1 and amount != amount.quantize(Decimal("0.01")) else 2
    return _dollars(amount.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def cents(amount: Decimal) -> str:
    """Money in USD as people say it, to the cent; the smallest amounts as under $0.01."""
    rounded = amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
    if amount and not rounded:
        return gettext("under {amount}", amount=_dollars(Decimal("0.01")))
    return _dollars(rounded)


def price(amount: Decimal) -> str:
    """A price in USD with every digit that it has, at least two decimals: $0.10, $0.0000042."""
    digits = f"{amount.normalize():f}"
    whole, _, part = digits.partition(".")
    return _dollars(Decimal(f"{whole}.{part:0<2}"))


def _dollars(amount: Decimal) -> str:
    """Write an amount with all of its digits."""
    if spoken() == ENGLISH:
        return f"${amount:f}"
    places = "0" * -int(amount.as_tuple().exponent)
    money = locale().currency_formats["standard"]
    pattern = money.pattern.split(";")[0].replace("0.00", f"0.{places}")
    return format_currency(amount, "USD", pattern, locale(), currency_digits=False)


def inside(label: str) -> str:
    """A label as it stands among other words: English begins it with a small letter, other languages leave it."""
    return label.lower() if spoken() == ENGLISH else label


def joined(words: Sequence[str]) -> str:
    """Words one after the other: a, b, c."""
    start = "".join(words[:1])
    for word in words[1:]:
        start = gettext("{before}, {next}", before=start, next=word)
    return start


def listed(words: Sequence[str], last: Literal["and", "or"] = "and") -> str:
    """Words one after the other as the language lists them: a, b and c."""
    if len(words) < 2:
        return "".join(words)
    start = joined(words[:-1])
    if last == "or":
        return gettext("{before} or {last}", before=start, last=words[-1])
    return gettext("{before} and {last}", before=start, last=words[-1])


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th, 21st."""
    match number % 10 if number % 100 not in (11, 12, 13) else 0:
        case 1:
            return gettext("{n}st", n=number)
        case 2:
            return gettext("{n}nd", n=number)
        case 3:
            return gettext("{n}rd", n=number)
        case _:
            return gettext("{n}th", n=number)
