"""Reasons are data, and their sentences are made in one place."""

from __future__ import annotations

import ast
import dataclasses
import string
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from dailies.explain.phrases import listed

from dailies import explain
from dailies.catalog.options import VideoRequest
from dailies.explain.sentences import SENTENCES
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


def test_every_code_has_a_sentence() -> None:
    assert set(SENTENCES) == set(ReasonCode)


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
    assert in_words(refused).startswith(f"{hostile} is not an https link")


def test_templates_name_their_values() -> None:
    """As a catalogue of translations needs it: never {} and never {0}."""
    for template in SENTENCES.values():
        names = (
            [name for _, name, _, _ in string.Formatter().parse(template) if name] if isinstance(template, str) else []
        )
        assert all(name.isidentifier() for name in names)


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
    made = (Reason(ReasonCode.READY), Reason(ReasonCode.POSTED_SMALLER, change=worded("31 MB → 9.6 MB")))
    assert explain.sentences(made) == "Your video is ready. Made to fit: 31 MB → 9.6 MB."
