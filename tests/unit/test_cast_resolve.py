"""Names in a prompt bring their pictures along: each once, in the order of attachment and then of first mention."""

# ruff: noqa: RUF001 (the characters that look like others are the test)

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dailies.cast.entry import CastEntry, CastPicture, Consent
from dailies.cast.resolve import Cast, as_words
from dailies.catalog.options import Options, sent_prompt
from dailies.catalog.prompt_names import mentions
from dailies.errors import OptionRefused, RefusedError
from dailies.openrouter.payload import Role
from dailies.reason import ReasonCode
from dailies.references.reference import Source
from dailies.references.roles import counted

NOW = 1_000.0
DATA = Path("data")


def entry(name: str, *pictures: str, consent: Consent | None = None) -> CastEntry:
    shown = tuple(CastPicture(one, f"{one}.png") for one in pictures)
    return CastEntry(f"id-{name}", 1, None, name, shown, added_by=7, added_at=1.0, changed_at=1.0, consent=consent)


def attached(name: str) -> Source:
    return Source(f"https://cdn.example/{name}.png", f"{name}.png", attached=True)


HERO, WINTER, VILLAIN = entry("Hero", "h1", "h2"), entry("Hero/winter", "w1"), entry("villain", "v1", "v2", "v3")
CAST = Cast([HERO, WINTER, VILLAIN], DATA, now=NOW)


def names(sources: tuple[Source, ...]) -> list[str]:
    return [one.name for one in sources]


def test_pictures_come_after_the_attached_ones_in_the_order_of_first_mention() -> None:
    found = CAST.resolve(Options("@villain meets @hero, then @villain"), [attached("a")])
    assert names(found.sources) == ["a.png", "v1.png", "v2.png", "v3.png", "h1.png", "h2.png"]


def test_a_chosen_name_comes_after_those_that_are_mentioned() -> None:
    found = CAST.resolve(Options("@villain"), [], chosen=["Hero", "villain"])
    assert names(found.sources) == ["v1.png", "v2.png", "v3.png", "h1.png", "h2.png"]


def test_a_picture_of_two_names_is_sent_once_and_both_mean_it() -> None:
    cast = Cast([entry("ann", "same"), entry("bob", "same", "own")], DATA, now=NOW)
    options = Options("@ann and @bob")
    found = cast.resolve(options, [])
    assert names(found.sources) == ["same.png", "own.png"]
    assert sent_prompt(counted(found.options, found.sources), "[{n}]") == "[1] and [1] and [2]"


def test_resolving_twice_changes_nothing() -> None:
    once = CAST.resolve(Options("@hero and @villain"), [attached("a")])
    assert CAST.resolve(once.options, once.sources) == once


def test_what_only_the_earlier_prompt_mentions_is_left_out() -> None:
    before = "@hero and @villain"
    sources = CAST.resolve(Options(before), [attached("a")]).sources
    found = CAST.resolve(Options("@villain alone"), sources, before=before)
    assert names(found.sources) == ["a.png", "v1.png", "v2.png", "v3.png"]


def test_a_chosen_name_stays_when_the_prompt_changes() -> None:
    sources = CAST.resolve(Options("a fox"), [], chosen=["hero"]).sources
    assert names(CAST.resolve(Options("a wolf"), sources, before="a fox").sources) == ["h1.png", "h2.png"]


def test_a_name_close_to_a_known_one_is_asked_about() -> None:
    with pytest.raises(OptionRefused) as refused:
        CAST.resolve(Options("@her0 runs"), [])
    assert refused.value.problem.code is ReasonCode.NEAR_IN_CAST
    assert refused.value.offers == ("@Hero",)


def test_a_name_close_to_none_is_said_to_be_text() -> None:
    found = CAST.resolve(Options("@nasa style, @nasa"), [])
    assert found.unknown == ("@nasa",)
    assert found.sources == ()


def test_a_chosen_name_that_there_is_not_is_refused() -> None:
    with pytest.raises(OptionRefused) as refused:
        CAST.resolve(Options("a fox"), [], chosen=["@nobody"])
    assert refused.value.problem.code is ReasonCode.NOT_IN_CAST


def test_pictures_of_an_entry_that_is_gone_are_refused() -> None:
    sources = CAST.resolve(Options("@hero"), []).sources
    with pytest.raises(RefusedError) as refused:
        Cast([VILLAIN], DATA, now=NOW).resolve(Options("a fox"), sources)
    assert refused.value.reason.code is ReasonCode.CAST_GONE


@pytest.mark.parametrize("until", [None, NOW + 1])
def test_a_consent_that_holds_lets_the_name_be_used(until: float | None) -> None:
    cast = Cast([entry("ann", "a", consent=Consent("Ann Lee", until, 7, 1.0))], DATA, now=NOW)
    assert cast.resolve(Options("@ann"), []).people == ("@ann",)


def test_a_consent_that_has_ended_refuses_the_name() -> None:
    cast = Cast([entry("ann", "a", consent=Consent("Ann Lee", NOW, 7, 1.0))], DATA, now=NOW)
    with pytest.raises(RefusedError) as refused:
        cast.resolve(Options("@ann"), [])
    assert refused.value.reason.code is ReasonCode.CONSENT_ENDED


def test_with_a_first_frame_names_are_words() -> None:
    frame = replace(attached("a"), role=Role.FIRST)
    found = CAST.resolve(Options("@hero/winter turns"), [frame])
    assert found.sources == (frame,)
    assert sent_prompt(counted(found.options, found.sources), "[{n}]") == "hero turns"


def test_a_name_that_is_sent_as_a_word_is_told() -> None:
    frame = replace(attached("a"), role=Role.FIRST)
    found = CAST.resolve(Options("@hero turns to @villain"), [frame, attached("b")])
    (told,) = as_words(counted(found.options, found.sources))
    assert told.code is ReasonCode.NAMES_AS_WORDS
    assert told.values["names"] == ("@hero", "@villain")
    with_pictures = CAST.resolve(Options("@hero turns"), [])
    assert as_words(counted(with_pictures.options, with_pictures.sources)) == ()


def test_a_name_that_was_chosen_brings_its_pictures_beside_a_frame_and_is_not_left_out_in_silence() -> None:
    frame = replace(attached("a"), role=Role.FIRST)
    found = CAST.resolve(Options("a fox and @villain"), [frame], chosen=["hero"])
    assert names(found.sources) == ["a.png", "h1.png", "h2.png"]


def test_in_a_continuation_names_are_words() -> None:
    found = CAST.resolve(Options("@hero turns", continues="gen-1"), [])
    assert found.sources == ()
    assert sent_prompt(counted(found.options, found.sources), "[{n}]") == "hero turns"


PIECES = st.one_of(
    st.sampled_from(
        ["@hero", "@HERO/winter", "@villain", "@Hero", "@nasa", "@@hero", "{1}", "@2", "{{1}}", "<@1>", "@1080p"]
    ),
    st.sampled_from(["👩‍👩‍👧", "שלום", "مرحبا", "\u202e", "走る", "e\u0301", "||x||", "ann@example.com"]),
    st.text(alphabet=st.characters(exclude_characters="@＠{}｛｝"), max_size=6),
)


@pytest.mark.slow
@given(
    st.lists(PIECES, max_size=10),
    st.lists(st.sampled_from(["a", "b", "c"]), max_size=3, unique=True),
    st.lists(st.sampled_from(["hero", "villain"]), max_size=2),
)
def test_every_picture_is_sent_once_and_no_name_is_left_in_silence(
    pieces: list[str], files: list[str], chosen: list[str]
) -> None:
    prompt = " ".join(pieces)
    found = CAST.resolve(Options(prompt), [*map(attached, files)], chosen=chosen)
    order = [one.key for one in mentions(prompt, CAST.by_key) if one.key]
    expected = [f"{one}.png" for one in files]
    for key in dict.fromkeys([*order, *chosen]):
        expected += [one.name for one in CAST.by_key[key].pictures]
    assert names(found.sources) == expected
    options = counted(found.options, found.sources)
    assert {*options.cast} >= {*order}
    assert all(options.cast[key] for key in order)
    assert {f"@{one.name}" for one in mentions(prompt, CAST.by_key) if one.key is None} == {*found.unknown}
