"""The one place where a reason becomes a sentence.

The tables of this package hold a template for each code: whole sentences with the reason's values by name. They may
hold words of others (OpenRouter's, a file's name): who shows a sentence makes them inert.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast

from dailies.errors import DailiesError
from dailies.explain import answers, delivery, failures, job_ends, options, pictures, prices, references
from dailies.explain.phrases import Template, listed
from dailies.formatting import megabytes, price, spell, usd
from dailies.reason import Reason, ReasonCode

SENTENCES: dict[ReasonCode, Template] = {
    ReasonCode.TEXT: "{text}",
    **answers.SENTENCES,
    **delivery.SENTENCES,
    **failures.SENTENCES,
    **job_ends.SENTENCES,
    **options.SENTENCES,
    **pictures.SENTENCES,
    **prices.SENTENCES,
    **references.SENTENCES,
}


def sentence(reason: Reason) -> str:
    """A reason in words: one or more sentences, or a few words where it stands beside others."""
    return _filled(SENTENCES[reason.code], reason)


def explain(error: DailiesError) -> str:
    """One or two sentences about an error."""
    return sentence(error.reason)


def short(reason: Reason) -> str:
    """A few words about a try that failed while the job goes on."""
    return _filled(failures.SHORT.get(reason.code, SENTENCES[reason.code]), reason)


def sentences(reasons: Sequence[Reason], between: str = " ") -> str:
    """Several reasons, one after the other."""
    return between.join(map(sentence, reasons))


def _filled(template: Template, reason: Reason) -> str:
    text = template if isinstance(template, str) else template(reason.values)
    return _FILLER.vformat(text, (), reason.values)


def _words(value: object) -> str:
    if isinstance(value, Reason):
        return sentence(value)
    return listed(cast("tuple[object, ...]", value)) if isinstance(value, tuple) else str(value)


def _date(at: float) -> str:
    when = datetime.fromtimestamp(at, UTC)
    return f"{when.day} {when:%B %Y, %H:%M}"


_SPECS: Mapping[str, Callable[[Any], str]] = {
    "": _words,
    "or": lambda values: listed(values, "or"),
    "comma": lambda values: ", ".join(map(_words, values)),
    "end": lambda value: _words(value).rstrip("."),  # before the sentence's own full stop
    "short": lambda reason: short(reason).rstrip("."),
    "usd": lambda amount: usd(Decimal(amount)),
    "price": lambda amount: price(Decimal(amount)),
    "mb": megabytes,
    "whole_mb": lambda size: megabytes(size) if size < 10_000_000 else f"{size / 1_000_000:.0f} MB",
    "limit_mb": lambda size: f"{size / 1_000_000:g} MB",
    "number": lambda amount: f"{Decimal(amount).normalize():,f}",
    "spell": spell,
    "date": _date,
}
"""How a value is shown, as named behind the colon of a placeholder; others are Python's own."""


class _Filler(string.Formatter):
    """Fills templates. Values are data, so placeholders in them stay what they are."""

    def format_field(self, value: object, format_spec: str) -> str:
        show = _SPECS.get(format_spec)
        return show(value) if show else format(value, format_spec)


_FILLER = _Filler()
