"""Compares an expectation with what has come: nothing to say, or what there is instead."""

from __future__ import annotations

from decimal import Decimal

from sandbox.play.expectations import Actions, Charged, Count, Expectation, NobodySees, Says
from sandbox.play.observer import Observer
from sandbox.play.texts import fields_of, listed
from sandbox.stack import Stack


def check(expectation: Expectation, stack: Stack, observer: Observer, who: str | None) -> str | None:
    """Return what is there instead of what is expected; None when it is there. who: whose panel is meant."""
    if isinstance(expectation, Count):
        return _count(expectation, stack, observer)
    if isinstance(expectation, Actions):
        taken = Actions(observer.actions_since())
        return None if expectation == taken else f"it took {taken}"
    if isinstance(expectation, Charged):
        charged = sum(charges(stack), Decimal(0))
        return None if expectation.holds(charged) else f"{charged.normalize():f} USD were charged"
    if isinstance(expectation, Says):
        return _says(expectation, observer, who)
    return _nobody_sees(expectation, observer)


def charges(stack: Stack) -> list[Decimal]:
    """Return what each completed job cost, in USD, in the order in which the jobs were accepted."""
    return [job.usage_cost for job in stack.openrouter.jobs.values() if job.usage_cost is not None]


def there(what: str, stack: Stack, observer: Observer) -> int:
    """Return how many there are by now. what: as of Count."""
    return {
        "video": len(observer.videos()),
        "submit": len(stack.openrouter.submits),
        "charge": len(charges(stack)),
    }[what]


def _count(expected: Count, stack: Stack, observer: Observer) -> str | None:
    number = there(expected.what, stack, observer)
    return None if number == expected.number else f"there are {Count(expected.what, number)}"


def _says(expected: Says, observer: Observer, who: str | None) -> str | None:
    private = expected.place.kind in ("panel", "last")
    seen = observer.find(expected.place, who if private else None)
    if seen is None:
        return f"there is no {expected.place}; {listed(observer.places(who if private else None))}"
    return None if seen.says(expected.words) else f"{expected.place} says:\n{seen.reading}"


def _nobody_sees(expected: NobodySees, observer: Observer) -> str | None:
    words = expected.words.casefold()
    for seen in observer.messages.values():
        for text in [*seen.texts, *seen.buttons]:
            if words in text.casefold():
                to = seen.to if seen.private else f"everybody in #{seen.channel}"
                return f"{to} sees:\n{text}"
    for window in observer.windows:
        for label, field in fields_of(window.data):
            if words in f"{label}\n{field.get('value') or ''}".casefold():
                return f'{window.to} sees the field "{label}": {field.get("value") or ""}'
    return None
