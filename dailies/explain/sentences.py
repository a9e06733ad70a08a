"""Sentences of english.toml, which explains its form, filled with the values of reasons."""

from __future__ import annotations

import string
import tomllib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from importlib.resources import files
from typing import Any, Literal, TypeAlias, cast

from babel.dates import format_date

from dailies.errors import DailiesError
from dailies.formatting import decimal, joined, megabytes, price, spell, usd
from dailies.formatting import listed as in_a_row
from dailies.language import gettext, locale, npgettext, pgettext
from dailies.reason import Reason, ReasonCode

Template: TypeAlias = "str | Mapping[str, Template]"
"""Text with placeholders, or texts of which a value chooses one."""

_CATALOG = tomllib.loads((files("dailies.explain") / "english.toml").read_text("utf-8"))
PHRASES: Mapping[str, Template] = _CATALOG["phrases"]
SENTENCES: Mapping[str, Template] = _CATALOG["sentences"]
SHORT: Mapping[str, Template] = _CATALOG["short"]
NOTHING_PAID = str(PHRASES["unpaid"])


def sentence(reason: Reason) -> str:
    """A reason in words: one or more sentences, or a few words where it stands beside others."""
    return _filled(SENTENCES[reason.code], reason.values, reason.code)


def explain(error: DailiesError) -> str:
    """One or two sentences about an error."""
    return sentence(error.reason)


def short(reason: Reason) -> str:
    """A few words about a try that failed while the job goes on."""
    if reason.code in SHORT:
        return _filled(SHORT[reason.code], reason.values, f"{reason.code}, short")
    return sentence(reason)


def sentences(reasons: Sequence[Reason], between: str = " ") -> str:
    """Several reasons, one after the other."""
    return between.join(map(sentence, reasons))


def reference_support(takes: bool | None, most: int | None) -> str:
    """A few words on whether a model takes references, and how many at most, as far as is known."""
    return sentence(Reason(ReasonCode.REFERENCE_SUPPORT, takes=takes, most=most))


def _filled(template: Template, values: Mapping[str, Any], context: str) -> str:
    """Fill the text that the values choose. context: the text's place in the catalogue, which tells translators it."""
    while not isinstance(template, str):
        kind, name = cast("tuple[str, str]", next(iter(template.items())))
        value = _looked_up(name, values)
        case = CHOICES[kind](value, template)
        if kind == "plural" and (case != "none" or case not in template) and (forms := plural_forms(template)):
            # Other languages have other rules than one and many.
            return _FILLER.vformat(npgettext(context, *forms, _number(value) or 0), (), values)
        if case == kind or case not in template:
            case = "other"
        template, context = template[case], f"{context} {case}"
    return _FILLER.vformat(pgettext(context, template), (), values) if template else ""


def plural_forms(template: Mapping[str, Template]) -> tuple[str, str] | None:
    """The two texts of a choice by number; None where a further choice stands in the place of one."""
    one, other = template.get("one", template["other"]), template["other"]
    return (one, other) if isinstance(one, str) and isinstance(other, str) else None


def _looked_up(name: str, values: Mapping[str, Any]) -> object:
    """The value of that name, else a computed one, else the phrase. Behind a dot: a value of the value, a reason."""
    first, _, rest = name.partition(".")
    if rest:
        return _looked_up(rest, values[first].values)
    if name in values:
        return values[name]
    if name in PHRASES:
        return _filled(PHRASES[name], values, f"phrase {name}")
    # Rows of older versions lack values that have come since.
    return COMPUTED[name](values) if name in COMPUTED else None


COMPUTED: Mapping[str, Callable[[Mapping[str, Any]], object]] = {
    "scaled_down": lambda values: abs(values["lines_before"] - values["lines_after"]) > 1,  # by more than rounding
}
"""Values of values that templates name."""


def _by(value: object, _: object) -> str:
    if value is None or value in ("", ()):
        return "none"
    if isinstance(value, Reason):
        return value.code
    # Words that people or OpenRouter chose are none of the catalogue's.
    return "other" if value in ("none", "true", "false") else str(value).lower()


def _number(value: Any) -> Any:  # noqa: ANN401 (a number, or what is counted)
    return len(cast("tuple[object, ...]", value)) if isinstance(value, tuple) else value


def _plural(value: object, _: object) -> str:
    number = _number(value)
    return "one" if number == 1 else "other" if number else "none"


CHOICES: Mapping[str, Callable[[Any, Mapping[str, Template]], str]] = {
    "by": _by,
    "plural": _plural,
    "positive": lambda amount, _: "true" if Decimal(amount or 0) > 0 else "other",
    "holds": lambda text, cases: next((case for case in list(cases)[1:] if case in (text or "")), "other"),
}
"""Ways to choose a text by a value: the key of the text."""


def _words(value: object) -> str:
    if isinstance(value, Reason):
        return sentence(value)
    return listed(cast("tuple[object, ...]", value)) if isinstance(value, tuple) else str(value)


def listed(values: tuple[object, ...], last: Literal["and", "or"] = "and") -> str:
    """Values in words; whole numbers in a row become a range. last: the word before the last value."""
    numbers = sorted(value for value in values if isinstance(value, int))
    if len(numbers) == len(values) > 3 and numbers == list(range(numbers[0], numbers[-1] + 1)):
        return _filled(PHRASES["range"], {"least": numbers[0], "most": numbers[-1]}, "phrase range")
    return in_a_row([str(value) for value in values], last)


def _date(at: float) -> str:
    when = datetime.fromtimestamp(at, UTC)
    return gettext("{date}, {time}", date=format_date(when, "long", locale()), time=f"{when:%H:%M}")


def _number_words(amount: Decimal) -> str:
    return decimal(amount, max(0, -int(amount.normalize().as_tuple().exponent)))


def _wait(seconds: float) -> str:
    if seconds < 100:
        return gettext("{seconds} s", seconds=f"{seconds:.0f}")
    return gettext("{minutes} min", minutes=f"{seconds / 60:.0f}")


def _images(images: Sequence[tuple[int, str]]) -> str:
    return "".join(sentence(Reason(ReasonCode.PRICED_IMAGES, count=count, each=each)) for count, each in images)


def _each(value: object) -> tuple[object, ...]:
    return cast("tuple[object, ...]", value) if isinstance(value, tuple) else (value,)


_ENDS = (".", "!", "?", "…", "。", "！", "？")  # noqa: RUF001 (full-width marks are meant)

SPECS: Mapping[str, Callable[[Any], str]] = {
    "": _words,
    "or": lambda values: listed(values, "or"),
    "comma": lambda values: joined([_words(value) for value in values]),
    "end": lambda value: _words(value).rstrip(".。"),  # before the sentence's own full stop
    "whole": lambda value: (text := _words(value)) + ("" if text.endswith(_ENDS) else "."),
    "behind": lambda words: words and f",{words}",
    "frame": lambda role: in_a_row([str(_looked_up(f"name_of_{one}", {})) for one in _each(role)], "or"),
    "short": lambda reason: short(reason).rstrip(".。"),
    "usd": lambda amount: usd(Decimal(amount)),
    "price": lambda amount: price(Decimal(amount)),
    "priced_images": _images,
    "mb": megabytes,
    "whole_mb": lambda size: megabytes(size) if size < 10_000_000 else megabytes(size, 0),
    "limit_mb": lambda size: f"{_number_words(Decimal(size) / 1_000_000)} MB",
    "number": lambda amount: _number_words(Decimal(amount)),
    "spell": spell,
    "time": lambda at: f"<t:{int(at)}:f>",  # Discord shows it in each reader's own time zone
    "capital": lambda text: text[:1].upper() + text[1:],
    "wait": _wait,
    "date": _date,
    "upper": lambda text: text.upper(),
}
"""Ways to show a value, as named behind the colon of a placeholder; others are Python's own."""

OURS = frozenset({"label", "problem.label", "names"})
"""Values that are texts of ours, kept in English: labels of options, and permissions as Discord's clients name them.
Of the names of people's there are only those of the cast, with an @, which are no texts."""


def _translated(value: object) -> object:
    found = tuple(gettext(str(one)) for one in _each(value))
    return found if isinstance(value, tuple) else found[0]


class _Filler(string.Formatter):
    """Fills templates. Values are data, so placeholders in them stay what they are."""

    def get_field(self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[Any, str]:
        value = _looked_up(field_name, kwargs)
        return (_translated(value) if field_name in OURS else value), field_name

    def format_field(self, value: object, format_spec: str) -> str:
        show = SPECS.get(format_spec)
        if show:
            return show(value)
        text = format(value, format_spec)
        if isinstance(value, float | Decimal) and (point := text.partition(".")[2]).isdecimal():
            return decimal(value, len(point))
        return text


_FILLER = _Filler()
