"""The benchmarks know a job by the words of its status, which are those that the bot says today."""

from __future__ import annotations

import pytest

from benchmarks import points, verdict
from cogs.status import comparison_view, view
from dailies.explain import sentence
from dailies.job import State, TakeSet
from dailies.reason import Reason, ReasonCode
from tests.e2e.scene import ENDINGS
from tests.unit.kit import a_job

TITLES = {f"### {title}" for title, _ in view._TITLES.values()}  # pyright: ignore[reportPrivateUsage]


def test_the_titles_that_benchmarks_look_for_are_those_of_statuses() -> None:
    assert {verdict.UNKNOWN, verdict.NOT_TAKEN, points._SENDING, points._DONE} <= TITLES  # pyright: ignore[reportPrivateUsage]


def test_every_ending_that_is_waited_for_is_a_title() -> None:
    assert {f"### {ending}" for ending in ENDINGS} - TITLES == {"### Finished, but not a video"}


@pytest.mark.parametrize(
    ("state", "title"),
    [(State.SUBMITTED, points._SENDING), (State.DELIVERED, points._DONE)],  # pyright: ignore[reportPrivateUsage]
    ids=["runs", "ended"],
)
@pytest.mark.parametrize("number", [2, 3])
def test_a_comparison_says_in_these_words_that_it_runs_and_has_ended(state: State, title: str, number: int) -> None:
    takes = [a_job(state=state, take_set=TakeSet("first", n, number, compared=True)) for n in range(1, number + 1)]
    said, _ = comparison_view._title(takes)  # pyright: ignore[reportPrivateUsage]

    assert points._IN_ROWS[title] in said  # pyright: ignore[reportPrivateUsage]


@pytest.mark.parametrize(
    "reason",
    [
        Reason(ReasonCode.ANSWER_LOST),
        Reason(ReasonCode.SERVER_FAULT, status=502),
        Reason(ReasonCode.LEFT_UNANSWERED, cause="restart"),
        Reason(ReasonCode.LEFT_UNANSWERED, cause="stop"),
    ],
    ids=str,
)
def test_an_unknown_job_says_in_these_words_that_it_may_have_been_charged(reason: Reason) -> None:
    assert verdict.MAY_BE_PAID in sentence(reason)
