"""The message with a video says what a colleague needs to know, and its buttons say which video it is."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from cogs.delivery.message import message_buttons, message_text
from cogs.status.buttons import AGAIN, CONTINUE, EDIT, MORE, again_label
from dailies.delivery.chat import Upload
from dailies.job import Job, TakeSet
from dailies.openrouter.pricing import Quote
from dailies.reason import Reason, ReasonCode
from tests.support.reasons import worded
from tests.unit.kit import REQUEST, a_job

READY = Upload((Reason(ReasonCode.READY),), "n")
START = 1_790_000_000.0


def quoted(usd: str | None, at_most: str | None = None) -> Quote:
    return Quote(Decimal(usd) if usd else None, True, Decimal(at_most) if at_most else None, worded("as published"))


def finished(**changes: Any) -> Job:
    request = replace(REQUEST, model_name="Seedance 2.0 Fast", resolution="720p")
    job = a_job(request=request, submitted_at=START, completed_at=START + 123, cost=Decimal("0.4536"))
    return replace(job, **changes)


def test_the_message_says_what_a_colleague_needs() -> None:
    assert message_text(finished(), READY, ai_label=False) == (
        "<@3>, your video is ready\n> a red kite over the sea\nSeedance 2.0 Fast · 5 s · 720p · 2 min 3 s · $0.45"
    )


@pytest.mark.parametrize("changes", [{"take": 3}, {"take": 1, "take_set": TakeSet("x", 1, 3)}])
def test_of_several_takes_it_names_the_number(changes: dict[str, Any]) -> None:
    job = finished(**changes)
    assert message_text(job, READY, ai_label=False).startswith(f"<@3>, your video is ready · take {job.take}\n")


def test_what_else_there_is_to_say_comes_last() -> None:
    words = (*READY.words, Reason(ReasonCode.POSTED_SMALLER, change=worded("31 MB → 9.6 MB")))
    assert message_text(finished(), replace(READY, words=words), ai_label=False).endswith(
        "$0.45\nMade to fit: 31 MB → 9.6 MB."
    )


def test_the_last_line_says_that_ai_made_it_unless_the_operator_turned_it_off() -> None:
    words = (*READY.words, Reason(ReasonCode.POSTED_SMALLER, change=worded("31 MB → 9.6 MB")))
    upload = replace(READY, words=words)
    without = message_text(finished(), upload, ai_label=False)
    assert message_text(finished(), upload, ai_label=True) == f"{without}\n-# Made with AI"
    assert "AI" not in without


@pytest.mark.parametrize("prompt", ["@everyone <@1> **x** [a](https://b)\n# big", "*" * 9000, "👩‍👩‍👧 " * 3000])
def test_a_prompt_neither_pings_nor_becomes_markup_nor_fills_the_message(prompt: str) -> None:
    text = message_text(finished(request=replace(finished().request, prompt=prompt)), READY, ai_label=False)
    (quote,) = re.findall(r"^> (.*)$", text, re.MULTILINE)
    assert not re.search(r"(?<!\\)[@*\[<]", quote)
    assert len(text) < 600
    assert text.splitlines()[-1].endswith("$0.45")


def test_the_buttons_name_job_and_output_and_the_most_that_is_charged() -> None:
    view = message_buttons(finished(), replace(READY, number=2), lambda _: quoted("0.4536"))
    (row,) = view.to_components()
    made = [(one["label"], one["custom_id"]) for one in row["components"]]
    of = {"job_id": "0123456789abcdef"}
    assert made == [
        ("Again · $0.45", AGAIN.of(**of, most=453600)),
        ("Edit", EDIT.of(**of)),
        ("Continue", CONTINUE.of(**of, number=2)),
        ("More", MORE.of(**of, number=2)),
    ]


def test_what_is_no_video_cannot_go_on() -> None:
    (row,) = message_buttons(finished(), replace(READY, extension="txt"), lambda _: None).to_components()
    assert [one["label"] for one in row["components"]] == ["Again", "Edit", "More"]


@pytest.mark.parametrize(
    ("quote", "label"),
    [
        (None, "Again"),
        (quoted(None), "Again"),
        (quoted("0.45"), "Again · $0.45"),
        (quoted("0.45", "0.45"), "Again · $0.45"),
        (quoted("0.45", "0.60"), "Again · up to $0.60"),
        (quoted(None, "1"), "Again · up to $1.00"),
        (quoted("0.0014"), "Again · under $0.01"),
    ],
)
def test_the_label_of_again_is_the_most_that_it_charges(quote: Quote | None, label: str) -> None:
    assert again_label(quote) == label
