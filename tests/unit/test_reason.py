"""Reasons are data, and their sentences are made in one place."""

from __future__ import annotations

import ast
import dataclasses
import string
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from dailies import errors, explain
from dailies.catalog.options import VideoRequest
from dailies.errors import OpenRouterError
from dailies.explain.sentences import CHOICES, COMPUTED, PHRASES, SENTENCES, SHORT, SPECS, Template, listed
from dailies.job import Job
from dailies.openrouter.pricing import Quote
from dailies.reason import Reason, ReasonCode
from dailies.references.reference import Reference
from tests.support.reasons import in_words, worded

ROOT = Path(__file__).parents[2]
ROOMS = ("jobs", "store", "money", "delivery", "media", "references", "openrouter", "catalog")
SAID = {"RefusedError", "OptionRefused", "ReferenceRefused", "PageGiven", "MediaError", "BadAnswer", "NotAllowed"}
SEARCHES = ("startswith", "endswith", "find", "index", "partition", "split", "removeprefix", "removesuffix")
FIELDS = {"reason", "trouble", "notes", "basis", "delivery_note", "activity", "problem", "source", "words"}
"""Names of what a person reads."""


COMPUTED_FROM = {"scaled_down": {"lines_before", "lines_after"}}
NEVER_SHOWN = {
    ReasonCode.CHAT_UNAVAILABLE: {"cause"},  # for the log
    ReasonCode.DOWNLOAD_DELAYED: {"at"},  # a time, which Discord's clients keep counting down
    ReasonCode.NOT_OFFERED_NEAR: {"nearest"},  # the sentence around it does
    ReasonCode.NUMBER_WITHOUT_IMAGE: {"references"},  # likewise
    ReasonCode.PARAMETER_NOT_OFFERED: {"label"},  # so does this one's
}
"""Values that their own sentence does not name."""
GIVEN_LATER = (
    ("errors.py", ReasonCode.OVER_BUDGET, {"fits", "takes", "takes_fit"}),
    ("picture.py", ReasonCode.CONVERTED, {"form"}),
    ("picture.py", ReasonCode.SCALED, {"width", "height"}),
)
"""Values that are known after the reason was made the first time."""


def texts_of(template: Template) -> Iterator[str]:
    """Every text of a template's variants."""
    if isinstance(template, str):
        yield template
    else:
        for case in list(template)[1:]:
            yield from texts_of(template[case])


def named_by(template: Template) -> set[str]:
    """Names that a template's placeholders and its choices use, those of its phrases' included."""
    names: set[str] = set()
    if isinstance(template, str):
        names = {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}
    else:
        kind = next(iter(template))
        names = {str(template[kind])}.union(*(named_by(template[case]) for case in list(template)[1:]))
    found: set[str] = set()
    for name in (one.partition(".")[0] for one in names):
        found |= named_by(PHRASES[name]) if name in PHRASES else COMPUTED_FROM.get(name, {name})
    return found


def given_in(tree: ast.AST) -> Iterator[tuple[ReasonCode, set[str]]]:
    """Codes, and the names of the values that a reason or an error with this code is made with."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id != "str" and node.args:
            code = node.args[0]
            for one in (code.body, code.orelse) if isinstance(code, ast.IfExp) else (code,):
                if isinstance(one, ast.Attribute) and ast.unparse(one.value) == "ReasonCode":
                    yield ReasonCode[one.attr], {str(keyword.arg) for keyword in node.keywords}
        if isinstance(node, ast.ClassDef):
            codes = [k.value.attr for k in node.keywords if k.arg == "code" and isinstance(k.value, ast.Attribute)]
            for call in ast.walk(node):
                named = isinstance(call, ast.Call) and ast.unparse(call.func) == "super().__init__" and call.keywords
                if codes and named:
                    yield ReasonCode[codes[0]], {keyword.arg for keyword in named if keyword.arg}


@cache
def all_given() -> list[tuple[str, ReasonCode, set[str]]]:
    return [
        (path.name, code, names)
        for folder in ("dailies", "cogs")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "migrations" not in path.parts
        for code, names in given_in(ast.parse(path.read_text()))
    ]


def test_every_code_has_a_sentence_and_every_sentence_a_code() -> None:
    assert set(SENTENCES) == {str(code) for code in ReasonCode}
    assert set(SHORT) <= set(SENTENCES)


@pytest.mark.slow
def test_a_reason_is_made_with_the_values_that_its_sentence_names() -> None:
    given = all_given()
    assert len({code for _, code, _ in given}) > 180
    wrong = [
        (name, str(code), values ^ expected)
        for name, code, values in given
        if (expected := named_by(SENTENCES[code]) | NEVER_SHOWN.get(code, set())) != values
        and (name, code, expected - values) not in GIVEN_LATER
    ]
    assert wrong == []


def test_a_value_too_many_or_too_few_is_found() -> None:
    """So that the test above can fail."""
    made = dict(given_in(ast.parse("Reason(ReasonCode.TOO_SMALL, width=1, height=2)")))
    assert named_by(SENTENCES["too_small"]) - made[ReasonCode.TOO_SMALL] == {"least"}


def test_what_openrouter_answered_has_every_value_that_its_sentences_name() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, OpenRouterError)]
    for kind in kinds:
        values = set(kind("no").reason.values)
        assert named_by(SENTENCES[kind.code]) | named_by(SHORT[kind.code]) <= values, kind
    assert len(kinds) > 10


def every_template() -> list[tuple[str, Template]]:
    return [(name, one) for table in (PHRASES, SENTENCES, SHORT) for name, one in table.items()]


def test_the_catalogue_is_well_formed() -> None:
    for name, template in every_template():
        for text in texts_of(template):
            for _, placeholder, spec, conversion in string.Formatter().parse(text):
                if placeholder is not None:
                    assert all(part.isidentifier() for part in placeholder.split(".")), (name, placeholder)
                    assert conversion is None
                    assert spec in SPECS or spec in (".2f", ".0f", "g", ".0%"), (name, spec)


def test_a_choice_names_its_kind_first_and_has_a_text_for_the_rest() -> None:
    def check(template: Template, depth: int) -> None:
        if isinstance(template, Mapping):
            assert next(iter(template)) in CHOICES, template
            assert "other" in template, template
            assert depth < 2, template
            for case in list(template)[1:]:
                check(template[case], depth + 1)

    for _, template in every_template():
        check(template, 0)


def test_no_phrase_has_the_name_of_a_value() -> None:
    values = set[str]().union(*(names for _, _, names in all_given()), *map(named_by, SENTENCES.values()))
    assert not values & (set(PHRASES) | set(COMPUTED))
    assert set(COMPUTED) == set(COMPUTED_FROM)


@pytest.mark.parametrize("words", ["none", "true", "false", "other", "by", "{unpaid}"])
def test_words_of_others_choose_no_text(words: str) -> None:
    refused = errors.BadRequest(words)
    assert f"OpenRouter says: {words}. Fix" in explain.explain(refused)
    assert in_words(Reason(ReasonCode.JOB_FAILED, said=words)).startswith(
        f"The model couldn't make this video. It says: {words}. Try again"
    )


def test_a_reason_is_kept_as_its_code_and_values_and_comes_back_the_same() -> None:
    failed = Reason(ReasonCode.NO_ANSWER, seconds=1.5)
    reason = Reason(ReasonCode.DOWNLOAD_FAILED, download=2, error=failed, usd=Decimal("0.10"), names=["a", "b"])
    kept = reason.to_json()
    assert kept == {
        "code": "download_failed",
        "download": 2,
        "error": {"code": "no_answer", "seconds": 1.5},
        "usd": "0.10",
        "names": ["a", "b"],
    }
    assert Reason.from_json(kept) == reason


def test_a_code_of_a_newer_version_is_shown_and_nothing_breaks() -> None:
    assert in_words(Reason.from_json({"code": "from_tomorrow", "usd": "1"})) == "from_tomorrow"


@pytest.mark.parametrize("hostile", ["{0}", "{text}", "{name.__class__}", "{", "}}", "%s"])
def test_placeholders_in_a_value_stay_what_they_are(hostile: str) -> None:
    assert in_words(worded(hostile)) == hostile
    refused = Reason(ReasonCode.REFERENCE_REFUSED, name=hostile, problem=Reason(ReasonCode.NOT_HTTPS))
    assert in_words(refused).startswith(f"{hostile} isn't an https link")


def test_a_list_of_nothing_else_is_shown_as_it_is() -> None:
    assert listed(("a",)) == "a"


def test_what_a_person_reads_of_a_job_is_no_text() -> None:
    kept = [*dataclasses.fields(Job), *dataclasses.fields(VideoRequest), *dataclasses.fields(Quote)]
    kept += dataclasses.fields(Reference)
    said = {one.name: str(one.type) for one in kept if one.name in FIELDS}
    assert said == {
        "reason": "Reason | None",
        "trouble": "Reason | None",
        "delivery_note": "Reason | None",
        "activity": "Reason | None",
        "notes": "tuple[Reason, ...]",
        "basis": "Reason",
    }


def said_in(tree: ast.AST) -> Iterator[str]:
    """Texts of several words that reach a person: in a reason, in an error with a reason, or in such a field."""
    for node in ast.walk(tree):
        given: list[ast.expr] = []
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else ""
            of_reason = name in SAID | {"Reason"}
            given = [
                *(node.args if of_reason else ()),
                *(k.value for k in node.keywords if of_reason or k.arg in FIELDS),
            ]
        elif isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id in FIELDS for t in node.targets):
            given = [node.value]
        for text in given:
            parts = [part.value for part in ast.walk(text) if isinstance(part, ast.Constant)]
            words = " ".join(part for part in parts if isinstance(part, str)).split()
            if len(words) > (1 if isinstance(text, ast.JoinedStr) else 2):
                yield " ".join(words)


@pytest.mark.parametrize("chat", ROOMS)
def test_nothing_that_a_person_reads_is_worded_outside_of_explain(chat: str) -> None:
    paths = [path for path in (ROOT / "dailies" / chat).rglob("*.py") if path.name != "cli.py"]  # it prints by itself
    assert paths
    assert [(path.name, said) for path in paths for said in said_in(ast.parse(path.read_text()))] == []


def test_a_sentence_in_a_reason_is_found() -> None:
    """So that the test above can fail."""
    wrong = "raise OptionRefused('seed', 1, Reason(ReasonCode.TEXT, text=f'is not offered by {model}; leave it out'))"
    assert list(said_in(ast.parse(wrong)))
    assert list(said_in(ast.parse("job = replace(job, trouble=f'download {n} failed')")))


@pytest.mark.slow
@pytest.mark.parametrize("folder", ["dailies", "cogs"])
def test_no_logic_reads_a_sentence(folder: str) -> None:
    """A sentence that was made is shown, and neither compared nor searched."""
    makers = {"sentence", "sentences", "short", "explain"}
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            parts: list[ast.expr] = []
            if isinstance(node, ast.Compare):
                parts = [node.left, *node.comparators]
            elif isinstance(node, ast.Attribute) and node.attr in (
                "startswith",
                "endswith",
                "find",
                "partition",
                "split",
            ):
                parts = [node.value]
            called = {one.func.id for one in parts if isinstance(one, ast.Call) and isinstance(one.func, ast.Name)}
            assert not called & makers, (path, ast.unparse(node))


def test_several_reasons_stand_one_after_the_other() -> None:
    said = Reason(ReasonCode.NOT_CONVERTED, error=worded("It broke."))
    made = (said, Reason(ReasonCode.POSTED_SMALLER, change=worded("31 MB → 9.6 MB")))
    assert explain.sentences(made) == f"{explain.sentence(said)} Made to fit: 31 MB → 9.6 MB."
