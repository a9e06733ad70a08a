"""A chart of spending, as PNG."""

# pyright: reportUnknownMemberType=false
# (matplotlib's annotations leave keyword arguments untyped)

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from babel.dates import format_skeleton

from dailies.formatting import day_of_year, usd
from dailies.language import ENGLISH, gettext, locale, spoken
from dailies.media.fonts import comes_along


def draw(days: Sequence[tuple[date, Decimal]], title: str) -> bytes:
    """Draw bars of USD by day. Blocks for up to a second, the first time longer: matplotlib is loaded only here."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3.2), dpi=120, layout="constrained")
    axes = figure.add_subplot()
    axes.bar([_short(day) for day, _ in days], [float(amount) for _, amount in days], color="#5865f2")
    axes.set_title(title if comes_along(title) else "")  # which the message has, too
    axes.set_ylabel("USD")
    # By default, an axis of nothing goes to 5 cents.
    axes.set_ylim(0, None if any(amount for _, amount in days) else 1)
    axes.set_xticks(range(len(days) - 1, -1, -5))  # the last one is today
    axes.spines[["top", "right"]].set_visible(False)
    out = io.BytesIO()
    FigureCanvasAgg(figure).print_png(out)
    return out.getvalue()


def described(days: Sequence[tuple[date, Decimal]]) -> str:
    """Describe the chart in words, for people who do not see it; at most 1,024 characters, Discord's limit."""
    spent = [(day, amount) for day, amount in days if amount]
    first, last = days[0][0], days[-1][0]
    if not spent:
        return gettext(
            "Bar chart by day from {first} to {last}: nothing was spent.",
            first=day_of_year(first),
            last=day_of_year(last),
        )
    most_day, most = max(spent, key=lambda each: each[1])
    total = sum((amount for _, amount in spent), Decimal(0))
    return gettext(
        "Bar chart of USD by day from {first} to {last}: {total} in all on {number} of {days} days; "
        "the most on {day}, {amount}.",
        first=day_of_year(first),
        last=day_of_year(last),
        total=usd(total),
        number=len(spent),
        days=len(days),
        day=day_of_year(most_day),
        amount=usd(most),
    )


def _short(day: date) -> str:
    """Return a day as below a bar: in figures where its month's name cannot be drawn."""
    if spoken() == ENGLISH:
        return f"{day:%d %b}"
    named = format_skeleton("MMMd", day, locale=locale())
    return named if comes_along(named) else format_skeleton("Md", day, locale=locale())
