"""The answer to Continue, as people read it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import discord

from cogs.video.ways_view import opening, ways_view
from dailies.catalog.options import Options
from dailies.continuing.ways import Way
from dailies.job import How, Origin
from dailies.openrouter.pricing import Quote
from dailies.reason import Reason, ReasonCode
from tests.support.reasons import worded
from tests.unit.kit import a_job

JOB = a_job()
QUOTE = Quote(Decimal("0.4536"), True, None, worded(""))
SAME = Options("the fox looks up", JOB.request.model)


def a_way(how: How = How.LAST_FRAME, hops: int = 1, **changes: object) -> Way:
    way = Way(SAME, Origin(JOB.id, how, hops), JOB.request.model_name, quote=QUOTE)
    return replace(way, **changes)  # pyright: ignore[reportArgumentType]


def shown(*ways: Way) -> tuple[str, list[str]]:
    """Return the texts, escapes taken out, and the labels of the buttons."""
    parts = list(ways_view(JOB, 1, ways).walk_children())
    texts = [one.content for one in parts if isinstance(one, discord.ui.TextDisplay)]
    labels = [one.label or "" for one in parts if isinstance(one, discord.ui.Button)]
    return "\n".join(texts).replace("\\", ""), labels


def test_each_way_says_its_price_and_what_it_keeps() -> None:
    text, labels = shown(a_way(How.CONTINUATION), a_way(), a_way(How.NEXT_SHOT))
    assert labels == ["The model continues it · $0.45", "From the last frame · $0.45", "Next shot · $0.45"]
    assert "**From the last frame · $0.45**\nStarts with this video's last frame, from the original file." in text
    assert "A new shot with the same reference images and settings." in text
    assert text.endswith("No charge yet.")


def test_a_price_that_nobody_knows_is_said() -> None:
    _, labels = shown(a_way(quote=None))
    assert labels == ["From the last frame · price not known"]


def test_a_way_that_is_not_possible_has_a_reason_instead_of_a_button() -> None:
    text, labels = shown(a_way(problem=Reason(ReasonCode.VIDEO_NOT_KEPT)), a_way(How.NEXT_SHOT))
    assert "**From the last frame** isn't possible: the video is no longer kept here." in text
    assert labels == ["Next shot · $0.45"]


def test_without_any_way_there_are_no_buttons() -> None:
    _, labels = shown(a_way(problem=Reason(ReasonCode.VIDEO_NOT_KEPT)))
    assert labels == []


def test_another_model_and_what_it_changes_are_said_before_and_in_the_composer() -> None:
    changed = Reason(ReasonCode.SETTING_CHANGED, option="duration", before=5, after=6)
    way = a_way(options=replace(SAME, model="c/d"), model_name="C: D", changes=(changed,))
    line = "-# C: D instead of A: B, which can't do this · 5 s → 6 s"
    assert line in shown(way)[0]
    assert opening(JOB, way).replace("\\", "") == line


def test_the_third_last_frame_in_a_row_is_warned_about() -> None:
    assert "softens" not in shown(a_way(hops=2))[0]
    warning = "2 last frames in a row already led here"
    assert warning in shown(a_way(hops=3))[0]
    assert warning in opening(JOB, a_way(hops=3))


def test_words_of_people_are_inert() -> None:
    job = replace(JOB, request=replace(JOB.request, prompt="@everyone **now**", model_name="[A](https://x.example)"))
    way = a_way(options=replace(SAME, model="c/d"))
    texts = [one.content for one in ways_view(job, 1, [way]).walk_children() if isinstance(one, discord.ui.TextDisplay)]
    assert "@everyone" not in "\n".join(texts).replace("\\@", "")
    assert "of [A]" not in "\n".join(texts)
