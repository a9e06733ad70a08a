"""Messages of one language work in all others: no logic reads the words."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from cogs.status import view
from cogs.status.review import state_line, with_state
from dailies import language
from dailies.delivery.page import SharedVideo, page
from dailies.job import State
from dailies.language import ENGLISH, NATIVE_NAMES, speaking
from dailies.media import placeholder
from dailies.review import Decision, Verdict
from scripts.languages import of_python
from tests.unit.kit import a_job

LINES = "<@3>, your video is ready\n> a **bold** prompt\nA: B · 5 s"
COMPARED = "<@3>, the vote has ended\n**A** · **winner** · 2 votes\n**B** · 1 vote"


def decision(verdict: Verdict, **changes: object) -> Decision:
    return replace(Decision("job", 1, 1, verdict, 5, 0.0, note="slower"), **changes)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("spoken", NATIVE_NAMES)
def test_a_word_takes_the_place_of_one_in_another_language(spoken: str, verdict: Verdict) -> None:
    approved = decision(Verdict.APPROVED)
    with speaking(spoken):
        said = with_state(LINES, decision(verdict, at_seconds=1.5))
        labelled = with_state(with_state(COMPARED, decision(verdict), "A"), decision(verdict), "B")
    assert with_state(said, approved) == f"{LINES}\n{state_line(approved)}"
    both = with_state(with_state(labelled, approved, "A"), approved, "B")
    assert both == "\n".join((COMPARED, state_line(approved, "A"), state_line(approved, "B")))


class Shouting(language.standard.NullTranslations):
    """A catalogue whose texts are those of English in other letters."""

    def gettext(self, message: str) -> str:
        return f"«{message}»"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"«{msgid1 if n == 1 else msgid2}»"


def shouting(_: str) -> Shouting:
    return Shouting()


def unheard_of(_: str) -> str:
    """Stand for gettext with a text that no font has a letter of."""
    return "\U0010fffe"


def test_titles_and_labels_are_looked_up_when_they_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    job = a_job(state=State.QUEUED)
    assert view.title(job) == "Waiting in line"
    monkeypatch.setattr(language, "_catalog", shouting)
    shown = str(view.status_view(job, []).to_components())
    for text in ("«Waiting in line»", "«Requested by <@3>»", "««In line». Starts automatically.", "«Cancel»"):
        assert text in shown
    assert "«5 s»" in view.choices_line(job)
    ended = str(view.status_view(replace(job, state=State.DELIVERED, cost=Decimal(1)), []).to_components())
    assert f"-# Job {job.id} · " in ended  # by which the message is found


def test_the_page_of_a_link_says_its_language() -> None:
    shared = SharedVideo(a_job().file, "https://a.example", "A boat")  # pyright: ignore[reportArgumentType]
    for spoken in NATIVE_NAMES:
        with speaking(spoken):
            assert f'<html lang="{spoken}">' in page(shared, "a.html", "a.mp4", None, 1)


def test_words_in_a_picture_are_english_where_no_font_has_their_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    english = placeholder.placeholder("no video")
    monkeypatch.setattr(placeholder, "gettext", unheard_of)
    assert placeholder.placeholder("no video") == english


def test_texts_within_f_strings_are_found() -> None:
    source = """f"{gettext('won')} {ngettext('{n} vote', '{n} votes', n)} {pgettext('button', 'Open')} {gettext(x)}" """
    assert list(of_python(source)) == [("won", None), (("{n} vote", "{n} votes"), None), ("Open", "button")]


def test_english_is_what_the_code_says() -> None:
    with speaking(ENGLISH):
        assert state_line(decision(Verdict.RETAKE, at_seconds=3.5), "B") == "**B retake** by <@5>, at 3.5 s: slower"
        assert state_line(decision(Verdict.WITHDRAWN, by_id=None, note=None)) == (
            "**Approval withdrawn** by someone who was forgotten"
        )
