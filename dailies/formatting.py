"""Sizes, times and money in words, the same everywhere."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal


def megabytes(size: int) -> str:
    """A size in bytes as MB with one decimal."""
    return f"{size / 1_000_000:.1f} MB"


def spell(seconds: float) -> str:
    """A length of time: 42 s, 1 min 42 s, 1 h 5 min."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    minutes = whole % 3600 // 60
    return f"{whole // 3600} h {minutes} min" if minutes else f"{whole // 3600} h"


def span(low: float, high: float) -> str:
    """Two lengths of time, roughly, the second rounded up: 40–55 s, 1–2 min."""
    unit, step, word = (1, 5, "s") if high <= 90 else (60, 1, "min")
    first = max(step, step * round(low / unit / step))
    last = max(first, step * math.ceil(high / unit / step))
    return f"{first} {word}" if first == last else f"{first}–{last} {word}"


def ago(seconds: float) -> str:
    """A time that lies so far back, roughly: just now, 5 min ago, 3 h ago, 2 days ago."""
    whole = max(0, int(seconds))
    if whole < 60:
        return "just now"
    if whole < 3600:
        return f"{whole // 60} min ago"
    return f"{whole // 3600} h ago" if whole < 86_400 else plural(whole // 86_400, "{n} day ago", "{n} days ago")


def usd(amount: Decimal) -> str:
    """Money in USD: two decimals, four below a dollar where cents are not enough."""
    if amount < 1 and amount != amount.quantize(Decimal("0.01")):
        return f"${amount.quantize(Decimal('0.0001'), ROUND_HALF_UP)}"
    return f"${amount.quantize(Decimal('0.01'), ROUND_HALF_UP)}"


def cents(amount: Decimal) -> str:
    """Money in USD as people say it, to the cent; the smallest amounts as under $0.01."""
    rounded = amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return "under $0.01" if amount and not rounded else f"${rounded}"


def price(amount: Decimal) -> str:
    """A price in USD with every digit that it has, at least two decimals: $0.10, $0.0000042."""
    digits = f"{amount.normalize():f}"
    whole, _, part = digits.partition(".")
    return f"${whole}.{part:0<2}"


def plural(number: int, one: str, many: str) -> str:
    """The phrase for so many, with the number in place of {n}: 1 reference, 2 references. Other placeholders stay."""
    return (one if number == 1 else many).replace("{n}", str(number))


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th, 21st."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th") if number % 100 not in (11, 12, 13) else "th"
    return f"{number}{ending}"
