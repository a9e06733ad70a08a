"""Whatever stands in a message, Discord takes it, and what something cost is never cut."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any

import pytest
from discord import ui
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cogs.interactions.text import CONTENT, Words, content, fitted, inert, words_view
from cogs.jobs.list_view import PageRequest, list_view
from cogs.jobs.views import job_view
from cogs.status.view import status_view
from dailies.job import State
from dailies.openrouter.pricing import Quote
from dailies.store.library import Page
from tests.support.reasons import worded
from tests.unit.kit import REQUEST, a_job, a_reference

CHARACTERS, BYTES = 4000, 10_170
EMOJI, FAMILY, WORD = "🦊", "👩\u200d👩\u200d👧\u200d👦", "狐"
hostile = st.sampled_from([EMOJI, FAMILY, WORD, "*", "\\", "x", "é", "||", "\U0001d509", "<@1> "]).flatmap(
    lambda one: st.integers(0, 4000).map(lambda number: one * number)
) | st.text(max_size=900)


def texts_of(view: ui.LayoutView) -> list[str]:
    return [one.content for one in view.walk_children() if isinstance(one, ui.TextDisplay)]


def assert_taken(view: ui.LayoutView) -> None:
    texts = texts_of(view)
    assert all(texts)
    assert sum(len(one.encode("utf-16-le")) // 2 for one in texts) <= CHARACTERS
    assert sum(len(one.encode()) + 12 for one in texts) <= BYTES


def worst(text: str, state: State) -> Any:
    """Return a job in which everything that people, models and providers name is this text."""
    options: Any = {"duration": 600, "resolution": text, "aspect_ratio": text, "audio": False, "seed": 2**31}
    request = dataclasses.replace(
        REQUEST, prompt=text, model=text, model_name=text, notes=(worded(text),) * 6, **options
    )
    noted = dataclasses.replace(a_reference(1, name=text), notes=(worded(text),) * 4)
    return a_job(
        request=request,
        state=state,
        references=tuple(dataclasses.replace(noted, sha256=f"{number:064x}") for number in range(12)),
        reason=worded(text),
        trouble=worded(text),
        openrouter_id=text,
        remote_status=text,
        quote=Quote(Decimal("0.36"), False, Decimal(1), worded(text)),
        cost=Decimal("0.2125") if state is State.DELIVERED else None,
        delivery_note=worded(text),
        submitted_at=1_790_000_000.0,
        checked_at=1_790_000_000.0,
        ended_at=1_790_000_900.0,
        forgotten_at=None,
    )


@pytest.mark.slow
@settings(max_examples=70)
@given(hostile, st.sampled_from(State))
@example(EMOJI * 4000, State.SUBMITTED)
@example(WORD * 4000, State.FAILED)
@example(FAMILY * 600, State.DELIVERED)
def test_no_status_is_larger_than_discord_takes(text: str, state: State) -> None:
    job = worst(text, state)
    assert_taken(status_view(job, [f"attachment://reference-{number}.jpg" for number in range(1, 11)]))
    assert_taken(job_view(job, "record.txt"))
    assert_taken(list_view(Page((job,) * 10, 0, 10), PageRequest(guild=True, words=text[:40]), {job.id}))


@pytest.mark.parametrize("text", [EMOJI * 4000, WORD * 4000, "*" * 4000, "|" * 4000])
def test_what_it_costs_is_never_cut(text: str) -> None:
    assert any(one.startswith("About $0.36") for one in texts_of(status_view(worst(text, State.SUBMITTED), [])))
    receipt = "\n".join(texts_of(status_view(worst(text, State.DELIVERED), [])))
    assert "$0.21 (quoted $0.36)" in receipt
    assert "Job 0123456789abcdef" in receipt
    assert "Cost $0.2125" in "\n".join(texts_of(job_view(worst(text, State.DELIVERED), "record.txt")))


def test_the_prompt_is_cut_first_and_keeps_its_beginning() -> None:
    prompt = f"> {EMOJI * 300}"
    title, price, _ = (
        Words(f"### Making\n{prompt}", cut=1),
        Words(f"About $1.00 {WORD * 2990}"),
        Words("-# Job 1"),
    )
    view = ui.LayoutView()
    view.add_item(title).add_item(price)
    first, second = texts_of(fitted(view))
    assert first.startswith(f"### Making\n> {EMOJI * 50}")
    assert first.endswith("…")
    assert second == f"About $1.00 {WORD * 2990}"


@pytest.mark.slow
@settings(max_examples=100)
@given(st.lists(hostile.map(lambda text: text or "-"), min_size=1, max_size=8), st.lists(st.integers(1, 5), min_size=8))
def test_any_texts_fit_together(texts: list[str], order: list[int]) -> None:
    view = words_view(*(Words(text, cut=cut) for text, cut in zip(texts, order, strict=False)))
    assert_taken(view)
    for text, shown in zip(texts, texts_of(view), strict=False):
        assert shown == text or shown.endswith("…")


@given(hostile)
def test_a_question_and_an_answer_are_taken(text: str) -> None:
    view = words_view(Words(text or "-", cut=1), "-# Your answer: Yes")
    assert_taken(view)
    assert texts_of(view)[-1] == "-# Your answer: Yes"


@given(hostile)
def test_plain_messages_hold_two_thousand_characters(text: str) -> None:
    for whole in (text, inert(text, 1800)):
        cut = content(whole)
        assert len(cut.encode("utf-16-le")) // 2 <= CONTENT
        assert cut == whole or cut.endswith("…")


def test_nothing_is_cut_between_a_backslash_and_what_it_escapes() -> None:
    shown = content("a" + "\\*" * 1500)
    assert shown == "a" + "\\*" * 999 + "…"


def test_an_emoji_is_not_left_open() -> None:
    assert not content("x" + FAMILY * 400).endswith("\u200d…")
