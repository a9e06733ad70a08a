"""The status of a set of takes: a row for each, whatever becomes of it, within Discord's bounds."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cogs.status.set_view import set_view, sheet_text
from dailies.job import UNSENT, Job, State
from dailies.jobs.durations import Usual
from dailies.reason import Reason, ReasonCode
from tests.support.reasons import worded
from tests.unit.kit import a_reference
from tests.unit.test_takes import a_set


def parts_of(takes: tuple[Job, ...], pictures: list[str] | None = None) -> list[dict[str, Any]]:
    components: Any = set_view(takes, pictures or [], Usual(30, 120)).to_components()
    return components[0]["components"]


def text_of(takes: tuple[Job, ...]) -> str:
    return "\n".join(part["content"] for part in parts_of(takes) if part["type"] == 10)


def buttons_of(takes: tuple[Job, ...]) -> list[str]:
    return [one["label"] for part in parts_of(takes) if part["type"] == 1 for one in part["components"]]


def with_states(*states: State) -> tuple[Job, ...]:
    return tuple(replace(job, state=state) for job, state in zip(a_set(len(states)), states, strict=True))


def delivered(job: Job, **changes: Any) -> Job:
    given: dict[str, Any] = {"state": State.DELIVERED, "cost": Decimal("0.25"), "video_message_id": 99, "told": True}
    return replace(job, **(given | {"file": Path(f"/nowhere/{job.id}.mp4")} | changes))


def test_each_take_has_a_row_with_its_number_state_cost_and_video() -> None:
    one, two, three = a_set(3, seed=7)
    takes = (
        delivered(one),
        replace(two, state=State.FAILED, reason=worded("The model gave up")),
        replace(three, state=State.SUBMITTED, submitted_at=1_790_000_060.0),
    )
    text = text_of(takes)
    assert "**1** · Done · $0.25 · [to the video](https://discord.com/channels/1/2/99) · seed 7" in text
    assert "**2** · Failed · The model gave up · seed 8" in text
    assert "**3** · Generating · started <t:1790000060:R> · seed 9" in text
    assert text.startswith("### Generating 3 takes, 1 done\n> a red kite over the sea")


def test_the_price_is_a_sum_that_names_its_parts_and_that_nothing_is_paid_yet() -> None:
    assert "About $0.90: 3 × $0.30. No charge yet." in text_of(a_set(3))


def test_in_the_end_it_says_what_all_of_them_cost() -> None:
    one, two = a_set(2)
    text = text_of((delivered(one), delivered(two, cost=Decimal("0.20"))))
    assert text.startswith("### Done\n")
    assert "$0.45 in all." in text


@pytest.mark.parametrize(
    ("states", "title"),
    [
        ((State.CHECKING, State.CHECKING), "Checking the request"),
        ((State.SUBMITTED, State.SUBMITTED), "Generating 2 takes"),
        ((State.SUBMITTED, State.QUEUED), "Generating 2 takes"),
        ((State.DELIVERED, State.FAILED), "1 of 2 takes done"),
        ((State.EXPIRED, State.FAILED), "None of the takes came through"),
        ((State.REFUSED, State.REFUSED), "Not started"),
    ],
)
def test_its_title_says_how_the_set_stands(states: tuple[State, ...], title: str) -> None:
    assert text_of(with_states(*states)).startswith(f"### {title}\n")


def test_it_names_all_of_its_jobs() -> None:
    takes = a_set(3)
    assert text_of(takes).endswith(f"-# Job {takes[0].id} · {takes[1].id} · {takes[2].id}")


def test_a_place_in_line_stands_in_the_row() -> None:
    one, two = with_states(State.SUBMITTED, State.QUEUED)
    assert "**2** · Waiting in line" in text_of((one, two))


def test_all_that_wait_are_cancelled_by_one_button() -> None:
    assert buttons_of(with_states(State.SUBMITTED, State.QUEUED, State.QUEUED)) == ["Cancel"]


def test_a_take_with_a_button_of_its_own_is_named_on_it() -> None:
    one, two = with_states(State.DELIVERED, State.UNDELIVERED)
    two = replace(two, file=Path("/nowhere/two.mp4"))
    assert [label for label in buttons_of((delivered(one), two)) if "again" in label] == ["Take 2: Deliver again"]


def test_takes_of_an_earlier_job_count_on_in_its_lineage() -> None:
    takes = tuple(replace(job, take=number) for number, job in enumerate(a_set(2), 4))
    assert "**4** · Checking" in text_of(takes)
    assert "**5** · Checking" in text_of(takes)


def test_without_any_video_it_offers_to_edit_them_once() -> None:
    assert buttons_of(with_states(State.FAILED, State.EXPIRED)) == ["Edit"]
    one, two = with_states(State.DELIVERED, State.FAILED)
    assert buttons_of((delivered(one), two)) == []
    assert buttons_of(with_states(State.FAILED, State.SUBMITTED)) == []


def test_a_cure_for_all_of_them_is_offered_once() -> None:
    pages = (replace(a_reference(), page="https://a.example"),)
    takes = tuple(replace(job, references=pages) for job in with_states(State.REFUSED, State.REFUSED))
    assert [label for label in buttons_of(takes) if "image" in label] == ["Use this image"]


def test_the_contact_sheet_takes_the_place_of_the_references() -> None:
    one, two, three = a_set(3)
    takes = (delivered(one), replace(two, state=State.FAILED), delivered(three))
    (gallery,) = [part for part in parts_of(takes, ["attachment://takes.jpg"]) if part["type"] == 12]
    (item,) = gallery["items"]
    assert item["description"] == sheet_text(takes) == "Contact sheet: a frame of takes 1 and 3"
    assert item["spoiler"] is False


def test_a_spoiler_stays_one_on_the_contact_sheet() -> None:
    hidden = (replace(a_reference(), spoiler=True),)
    takes = tuple(delivered(job, references=hidden) for job in a_set(2))
    (gallery,) = [part for part in parts_of(takes, ["attachment://takes.jpg"]) if part["type"] == 12]
    assert gallery["items"][0]["spoiler"] is True


@pytest.mark.parametrize("state", list(State))
def test_four_takes_with_long_words_fit_into_one_message(state: State) -> None:
    words = "🦊`*_[" * 1000
    long = Reason(ReasonCode.JOB_FAILED, said=words, provider=words, advice=None)
    changes: dict[str, Any] = {"reason": long, "trouble": long, "activity": worded(words)}
    takes = tuple(
        replace(job, state=state, request=replace(job.request, prompt=words, model_name=words), **changes)
        for job in a_set(4)
    )
    texts = [part["content"] for part in parts_of(takes) if part["type"] == 10]
    assert sum(len(text.encode("utf-16-le")) // 2 for text in texts) <= 4000
    assert sum(len(text.encode()) for text in texts) <= 10_000
    assert texts[-1].startswith(f"-# Job {takes[0].id}")


@pytest.mark.parametrize("state", sorted(UNSENT))
def test_nothing_is_charged_before_it_is_sent(state: State) -> None:
    assert "No charge yet." in text_of(with_states(state, state))
