"""Messages stay within Discord's bounds, whatever words are in them: a layout over them is refused whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from discord import ui

from cogs.budget import views as money
from cogs.interactions import questions
from cogs.interactions.questions import Choice, Question
from cogs.jobs import views as jobs
from cogs.jobs.list_view import PageRequest, list_view
from cogs.models import views as models
from cogs.status.view import status_view
from dailies.catalog.guide import ModelFilter
from dailies.catalog.options import VideoRequest
from dailies.catalog.references import ReferenceModels
from dailies.job import Job, Place, State
from dailies.openrouter.models import Catalog, VideoModel
from dailies.openrouter.pricing import Quote
from dailies.store.library import PAGE, Page
from tests.support.reasons import worded
from tests.unit.kit import a_job, a_reference, guide

WORDS = {
    "markup": "*_`" * 3000,
    "wide": "動" * 9000,
    "emoji": "👩‍👩‍👧" * 3000,
    "links": "https://a.example/x_y?z " * 400,
}
MOST = 10_170
"""Bytes of text that Discord can store of one message, 12 for each part among them (its issue 8554, measured there)."""


def everything(components: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for component in components:
        yield component
        yield from everything(component.get("components", []))


def check(view: ui.LayoutView) -> None:
    parts = list(everything(view.to_components()))
    shown = [part["content"] for part in parts if part["type"] == 10]
    assert len(parts) <= 40
    assert sum(map(len, shown)) <= 4000
    assert all(shown)
    assert sum(len(text.encode()) + 12 for text in shown) <= MOST
    assert all(part["items"] for part in parts if part["type"] == 12)
    assert all(1 <= len(part["custom_id"]) <= 100 for part in parts if "custom_id" in part)
    assert all(len(part.get("label") or "") <= 80 for part in parts)


def long_job(worst: str, state: State = State.UNDELIVERED) -> Job:
    """Make a job in which everything is as long as it can be."""
    return a_job(
        place=Place(2**63, 2**63, 2**63, 2**63),
        request=VideoRequest(
            worst[:6000], worst[:90], worst, duration=600, resolution=worst, aspect_ratio=worst, audio=False, seed=2**31
        ),
        references=tuple(a_reference(number, name=worst) for number in range(30)),
        state=state,
        reason=worded(worst),
        trouble=worded(worst),
        openrouter_id=worst,
        remote_status=worst,
        delivery_note=worded(worst),
        quote=Quote(Decimal(10**9), False, Decimal(10**9) + 1, worded(worst)),
    )


@pytest.mark.parametrize("worst", WORDS.values(), ids=WORDS)
def test_a_job_that_is_shown(worst: str) -> None:
    check(jobs.job_view(long_job(worst), "0123456789abcdef.txt"))


@pytest.mark.parametrize("worst", WORDS.values(), ids=WORDS)
def test_a_list_of_jobs(worst: str) -> None:
    check(list_view(Page((long_job(worst),) * PAGE, newer=PAGE, total=10**6), PageRequest(guild=True)))


@pytest.mark.parametrize("worst", WORDS.values(), ids=WORDS)
def test_a_question_about_a_cost(worst: str) -> None:
    text = money.settle_question(long_job(worst), Decimal("999999.99"), Decimal("999999.99"))
    check(questions._view("9" * 20, Question(text, (Choice("Settle", None), Choice("No", None)))))  # pyright: ignore[reportPrivateUsage]


@pytest.mark.parametrize("worst", WORDS.values(), ids=WORDS)
def test_a_page_of_models(worst: str) -> None:
    one = VideoModel("a/b", worst, tuple(range(1, 60)), ("720p", *(f"{n}{worst}"[:20] for n in range(40))), ("16:9",))
    catalog = Catalog(replace(one, id=f"{number}/{worst}"[:300]) for number in range(30))
    known = ReferenceModels()
    found = guide(catalog, references=known).offers(ModelFilter())
    remarks = {model.id: worst for model in catalog}
    check(
        models.models_view(
            found, models.ModelsPage(ModelFilter(), 1), [f"{n}p" for n in range(100, 140)], known, remarks
        )
    )


def test_a_refused_job_whose_thumbnails_were_shown_before_has_no_empty_gallery() -> None:
    """Its turn came, and the disk was full: references of a refused job are not shown."""
    check(status_view(long_job("x", State.REFUSED), ["https://cdn.example/reference-1.jpg"]))
