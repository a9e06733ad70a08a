"""A chart of spending, as PNG."""

# pyright: reportUnknownMemberType=false
# (matplotlib's annotations leave keyword arguments untyped)

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from dailies.formatting import usd


def draw(days: Sequence[tuple[date, Decimal]], title: str) -> bytes:
    """Draw bars of USD by day. Blocks for up to a second, the first time longer: matplotlib is loaded only here."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3.2), dpi=120, layout="constrained")
    axes = figure.add_subplot()
    axes.bar([f"{day:%d %b}" for day, _ in days], [float(amount) for _, amount in days], color="#5865f2")
    axes.set_title(title)
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
        return f"Bar chart by day from {first:%d %B} to {last:%d %B}: nothing was spent."
    most_day, most = max(spent, key=lambda each: each[1])
    total = sum((amount for _, amount in spent), Decimal(0))
    return (
        f"Bar chart of USD by day from {first:%d %B} to {last:%d %B}: {usd(total)} in all on {len(spent)} of "
        f"{len(days)} days; the most on {most_day:%d %B}, {usd(most)}."
    )
