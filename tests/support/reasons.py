"""Reasons of tests, in words and from words."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import TypeVar

import pytest

from dailies import explain
from dailies.errors import DailiesError, ReferenceRefused
from dailies.reason import Reason, ReasonCode

E = TypeVar("E", bound=DailiesError)


def worded(sentence: str) -> Reason:
    """A reason that is its own sentence."""
    return Reason(ReasonCode.TEXT, text=sentence)


def in_words(reason: Reason | None) -> str:
    """Return a reason as a person reads it; nothing where there is none."""
    return explain.sentence(reason) if reason else ""


def problem_of(error: ReferenceRefused) -> str:
    """Return what is wrong with a reference, as it stands after its name."""
    return explain.sentence(error.problem)


@contextmanager
def raises(kind: type[E], *, match: str) -> Generator[pytest.ExceptionInfo[E]]:
    """As pytest.raises, for an error whose words are made of its reason."""
    with pytest.raises(kind) as caught:
        yield caught
    reason = caught.value.reason
    assert re.search(match, f"{explain.sentence(reason)}\n{explain.short(reason)}")


def each_in_words(reasons: Iterable[Reason | None]) -> tuple[str, ...]:
    """Several of them."""
    return tuple(map(in_words, reasons))
