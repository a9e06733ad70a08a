"""The status message shows the job's state, within Discord's bounds, whatever words are in it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cogs.status.gallery import THUMBNAILS
from cogs.status.view import status_view
from cogs.status.waiting import ADVICE
from dailies.catalog.options import VideoRequest
from dailies.job import ENDED, Job, Output, Place, State
from dailies.openrouter.pricing import Quote
from dailies.references.reference import Source
from tests.support.reasons import worded
from tests.unit.kit import REQUEST, a_job, a_reference

START = 1_790_000_000.0
QUOTE = Quote(Decimal("0.36288"), True, Decimal("0.36288"), worded("86,400 tokens × $0.0000042"))


def parts(job: Job, thumbnails: list[str] | None = None) -> list[dict[str, Any]]:
    """Return the content of the message's container, as it is sent."""
    (container,) = status_view(job, thumbnails or []).to_components()
    return container["components"]


def text(job: Job, thumbnails: list[str] | None = None) -> str:
    return "\n".join(part["content"] for part in parts(job, thumbnails) if part["type"] == 10)


def everything(components: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for component in components:
        yield component
        yield from everything(component.get("components", []))


@pytest.mark.parametrize("state", list(State))
def test_every_state_has_a_title_and_the_jobs_id(state: State) -> None:
    shown = text(a_job(state=state))
    assert shown.startswith("### ")
    assert "Job 0123456789abcdef" in shown


def test_the_request_is_shown() -> None:
    request = replace(REQUEST, resolution="720p", aspect_ratio="16:9", audio=True, seed=7)
    assert "Requested by <@3> · A: B · 5 s · 720p · 16:9 · with sound · seed 7" in text(a_job(request=request))


def test_options_of_the_provider_are_shown_in_words_and_ping_nobody() -> None:
    options = {"negativePrompt": "@everyone fog", "personGeneration": "dont_allow", "watermark": True}
    shown = text(a_job(request=replace(REQUEST, provider_options=options)))
    assert "negative prompt: \\@everyone fog · people: no people · watermark: on" in shown


def test_what_the_model_decides_is_said() -> None:
    request = VideoRequest("a kite", "a/b", "A: B", audio=False)
    assert "the model's own length · the model's own size · without sound" in text(a_job(request=request))


@pytest.mark.parametrize("state", [State.CHECKING, State.RESERVED, State.SUBMITTED])
def test_until_there_is_a_bill_the_price_is_said_to_the_cent(state: State) -> None:
    assert "\nAbout $0.36\n" in text(a_job(state=state, quote=QUOTE))


UNKNOWN = "not known: no published price fits 4K; at most $1.00"


def test_an_unknown_price_is_said() -> None:
    quote = Quote(
        None, exact=False, at_most=Decimal(1), basis=worded("not known: no published price fits 4K; at most $1.00")
    )
    assert "\nPrice not known: no published price fits 4K; at most $1.00.\n" in text(a_job(quote=quote))


@pytest.mark.parametrize("state", [State.UNKNOWN, State.TIMED_OUT])
def test_what_may_have_been_paid_is_said(state: State) -> None:
    shown = text(a_job(state=state, quote=QUOTE))
    assert "\nIf it was charged: about $0.36\n" in shown


def test_a_bill_takes_the_place_of_what_may_have_been_paid() -> None:
    assert "If it was charged" not in text(a_job(state=State.UNKNOWN, quote=QUOTE, cost=Decimal(0)))


def test_a_refused_job_shows_no_price() -> None:
    assert "About $" not in text(a_job(state=State.REFUSED, reason=worded("No."), quote=QUOTE))


def test_the_receipt_shows_the_quote_next_to_the_bill() -> None:
    job = a_job(state=State.DELIVERED, cost=Decimal("0.2125"), quote=replace(QUOTE, usd=Decimal("0.25")))
    assert "$0.21 (quoted $0.25)" in text(job)


def test_the_receipt_keeps_a_quote_to_itself_that_came_true() -> None:
    job = a_job(state=State.DELIVERED, cost=Decimal("0.3630"), quote=QUOTE)
    assert text(job).endswith(" · $0.36")


def test_a_delivered_job_leads_to_its_video_and_shows_no_thumbnails() -> None:
    job = a_job(state=State.DELIVERED, video_message_id=99, references=(a_reference(),))
    assert text(job).startswith(
        "### Done\n-# Job 0123456789abcdef · [to the video](https://discord.com/channels/1/2/99) · requested by <@3> · "
    )
    assert [part["type"] for part in parts(job, ["attachment://a.jpg"])] == [10, 10]


def test_of_several_videos_it_leads_to_the_first() -> None:
    outputs = (Output(came=True, message_id=99), Output(came=True, message_id=100))
    assert " · [to the first of 2 videos](" in text(a_job(state=State.DELIVERED, video_message_id=99, outputs=outputs))


def test_a_video_in_a_direct_message_is_named_and_not_linked() -> None:
    job = a_job(state=State.DELIVERED, video_message_id=99, video_channel_id=77)
    assert "](" not in text(job)
    assert "sent as a direct message, because it couldn't be posted in <#2>." in text(job)


def test_where_the_server_is_not_known_nothing_is_linked() -> None:
    place = Place(None, 2, 3, 4, token_only=True)
    assert text(a_job(state=State.DELIVERED, video_message_id=99, place=place)).startswith("### Done\n")


@pytest.mark.parametrize("state", sorted(ENDED))
def test_under_every_end_but_a_video_stands_edit(state: State) -> None:
    view = status_view(a_job(state=state, reason=worded("It broke.")), [])
    labels = [part.get("label") for part in everything(view.to_components())]
    assert ("Edit" in labels) == (state is not State.DELIVERED)


def test_while_references_are_looked_at_nothing_is_paid() -> None:
    sources = (Source("https://a.example/1", "1", attached=False),) * 2
    assert "Looking at 2 images. No charge yet." in text(a_job(sources=sources))


def test_without_references_none_are_looked_at() -> None:
    shown = text(a_job())
    assert "No charge yet." in shown
    assert "Looking at" not in shown


def test_a_new_job_was_not_checked_yet() -> None:
    job = a_job(state=State.SUBMITTED, submitted_at=START, remote_status="pending")
    assert f"Started <t:{START:.0f}:R> · in the model's queue · not checked yet" in text(job)


def test_a_checked_job_says_when() -> None:
    job = a_job(state=State.SUBMITTED, submitted_at=START, remote_status="in_progress", polls=3, checked_at=START + 90)
    assert f"Started <t:{START:.0f}:R> · checked <t:{START + 90:.0f}:R>" in text(job)


def test_an_unknown_status_is_quoted() -> None:
    job = a_job(state=State.SUBMITTED, remote_status="dreaming @everyone")
    assert "OpenRouter says “dreaming \\@everyone”" in text(job)


@pytest.mark.parametrize("state", [State.SUBMITTED, State.COMPLETED])
def test_a_try_that_failed_is_said(state: State) -> None:
    assert "Last try: HTTP 500. Trying again." in text(a_job(state=state, trouble=worded("HTTP 500")))


def test_a_prompt_that_does_not_speak_of_its_references_gets_advice() -> None:
    job = a_job(state=State.SUBMITTED, references=(a_reference(),))
    assert ADVICE in text(job)


@pytest.mark.parametrize("prompt", ["keep the logo", "the fox from the photo runs", "<IMAGE_1> dances", "@image1 runs"])
def test_a_prompt_that_speaks_of_its_references_gets_none(prompt: str) -> None:
    request = replace(REQUEST, prompt=prompt)
    assert ADVICE not in text(a_job(state=State.SUBMITTED, request=request, references=(a_reference(),)))


def test_without_references_there_is_no_advice() -> None:
    assert ADVICE not in text(a_job(state=State.SUBMITTED))


def test_a_delivered_job_is_a_receipt() -> None:
    job = a_job(state=State.DELIVERED, submitted_at=START, ended_at=START + 102, cost=Decimal("0.2125"))
    assert text(job) == "### Done\n-# Job 0123456789abcdef · requested by <@3> · A: B · 5 s · 1 min 42 s · $0.21"


def test_a_receipt_says_when_there_is_no_cost() -> None:
    assert "cost not reported" in text(a_job(state=State.DELIVERED, ended_at=START + 1))


def test_a_receipt_says_when_the_provider_is_paid_by_an_own_key() -> None:
    job = a_job(state=State.DELIVERED, ended_at=START + 1, cost=Decimal("0.1"), is_byok=True)
    assert "$0.10, billed to your own provider key" in text(job)


@pytest.mark.parametrize("state", sorted(ENDED - {State.DELIVERED}))
def test_another_end_has_its_reason(state: State) -> None:
    assert "It broke. Try again." in text(a_job(state=state, reason=worded("It broke. Try again.")))


def test_who_looks_a_job_up_at_openrouter_finds_its_id_and_cost() -> None:
    job = a_job(state=State.UNDELIVERED, reason=worded("Too large."), openrouter_id="remote-1", cost=Decimal("0.25"))
    assert "· OpenRouter id remote-1 · charged $0.25" in text(job)


def test_notes_of_how_options_were_taken_are_shown() -> None:
    request = replace(REQUEST, notes=(worded("seed was left out: a/b does not publish it"),))
    assert "-# seed was left out: a/b does not publish it." in text(a_job(request=request))


def test_thumbnails_carry_the_names_of_their_references() -> None:
    job = a_job(state=State.SUBMITTED, references=(a_reference(1, name="fox.png"), a_reference(2, name="hat.png")))
    (gallery,) = (part for part in parts(job, ["attachment://a.jpg", "attachment://b.jpg"]) if part["type"] == 12)
    assert [(item["media"]["url"], item["description"]) for item in gallery["items"]] == [
        ("attachment://a.jpg", "Reference image 1: fox.png"),
        ("attachment://b.jpg", "Reference image 2: hat.png"),
    ]


def test_a_name_cannot_turn_the_text_of_a_thumbnail() -> None:
    job = a_job(references=(a_reference(name="\u202egnp.xof\n" + "x" * 2000),))
    (gallery,) = (part for part in parts(job, ["attachment://a.jpg"]) if part["type"] == 12)
    description = gallery["items"][0]["description"]
    assert description.startswith("Reference image 1: gnp.xof x")
    assert len(description) == 1024


words = st.text(max_size=700) | st.text(alphabet="*_<@[`|~\\ #", max_size=1000) | st.text("x" * 3, max_size=1000)
money = st.none() | st.decimals(-(10**12), 10**12, allow_nan=False)
requests = st.builds(
    VideoRequest,
    prompt=words,
    model=words,
    model_name=words,
    duration=st.none() | st.integers(1, 600),
    resolution=st.none() | words,
    aspect_ratio=st.none() | words,
    audio=st.none() | st.booleans(),
    seed=st.none() | st.integers(0, 2**31),
    notes=st.lists(words.map(worded), max_size=6).map(tuple),
)
jobs = st.builds(
    Job,
    id=st.just("0123456789abcdef"),
    key=st.just("1"),
    place=st.just(Place(2**63, 2**63, 2**63, 2**63)),
    request=requests,
    sources=st.just((Source("https://a.example/1", "1", attached=False),) * 30),
    created_at=st.just(START),
    state=st.sampled_from(State),
    references=st.lists(st.builds(a_reference, st.integers(1, 9), name=words), max_size=12).map(tuple),
    openrouter_id=st.none() | words,
    submitted_at=st.none() | st.just(START),
    remote_status=st.none() | words,
    polls=st.integers(0, 10_000),
    checked_at=st.none() | st.just(START),
    trouble=st.none() | words.map(worded),
    cost=money,
    is_byok=st.booleans(),
    ended_at=st.none() | st.floats(START, START + 10**7),
    reason=st.none() | words.map(worded),
)


@pytest.mark.slow
@settings(max_examples=150)
@given(jobs)
def test_any_job_stays_within_discords_bounds(job: Job) -> None:
    thumbnails = [f"attachment://reference-{number}.jpg" for number in range(1, len(job.references) + 1)]
    view = status_view(job, thumbnails[:THUMBNAILS])
    shown = [part["content"] for part in everything(view.to_components()) if part["type"] == 10]
    assert sum(len(content) for content in shown) <= 4000
    assert all(shown)
    assert len(list(everything(view.to_components()))) <= 40
    assert all(unicodedata.category(character) != "Cc" or character == "\n" for one in shown for character in one)


def test_the_longest_of_everything_fits() -> None:
    worst = "*" * 9000
    settings: Any = {"duration": 600, "resolution": worst, "aspect_ratio": worst, "audio": False, "seed": 2**31}
    request = VideoRequest(worst, worst, worst, **settings, notes=(worded(worst),) * 6)
    for state in State:
        job = a_job(
            place=Place(2**63, 2**63, 2**63, 2**63),
            request=request,
            state=state,
            references=tuple(a_reference(number, name=worst) for number in range(30)),
            reason=worded(worst),
            trouble=worded(worst),
            openrouter_id=worst,
            remote_status=worst,
            quote=Quote(Decimal(10**12) - Decimal("0.01"), False, None, worded(worst)),
            cost=Decimal(10**12) - Decimal("0.01") if state in ENDED else None,
            submitted_at=START,
            checked_at=START,
            ended_at=START + 10**9,
            polls=10_000,
        )
        assert len(text(job)) <= 4000, state
