"""Names of the cast in a prompt: what is one, what is none, and what becomes of each."""

# ruff: noqa: RUF001 (the characters that look like others are the test)

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dailies.catalog.prompt_names import closest, escaped, is_name, key_of, mentions, renamed, with_pictures
from dailies.openrouter.payload import Role

KNOWN = ("hero", "hero/winter", "villain", "café", "ヒーロー", "مريم", "анна", "สมชาย", "राम")
CAST = {"hero": (1, 2), "hero/winter": (3,), "villain": (4, 5, 6), "café": (), "ヒーロー": (7,), "мир": (8,)}


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("@hero walks", "@Image1 and @Image2 walks"),
        ("@hero's hat", "@Image1 and @Image2's hat"),
        ("(@hero)", "(@Image1 and @Image2)"),
        ("@HERO, @Hero.", "@Image1 and @Image2, @Image1 and @Image2."),
        ("@hero/winter runs", "@Image3 runs"),
        ("@Hero/Winter!", "@Image3!"),
        ("@villain", "@Image4, @Image5 and @Image6"),
        ("@hero-like", "@Image1 and @Image2-like"),
        ("@hero/@villain", "@Image1 and @Image2/@Image4, @Image5 and @Image6"),
        ("@hero@villain", "@Image1 and @Image2@Image4, @Image5 and @Image6"),
        ("@ヒーローが走る", "@Image7が走る"),
        ("走る@ヒーロー", "走る@Image7"),
        ("＠hero", "@Image1 and @Image2"),
        ("the @café", "the café"),
        ("cafe\u0301: @cafe\u0301", "cafe\u0301: cafe\u0301"),
    ],
)
def test_a_known_name_becomes_the_models_own_words(typed: str, sent: str) -> None:
    assert with_pictures(typed, CAST, "@Image{n}") == sent


@pytest.mark.parametrize(
    "typed",
    [
        "ann@hero.com",
        "<@123>, <@&456> and <@!789>",
        "@1080p @2x @16:9",
        "https://social.example/@hero",
        "social.example/@hero",
        "@heroes",
        "@hero/summer",
        "@_hero",
        "name+@hero",
        "hero",
        "@ hero",
    ],
)
def test_what_is_no_known_name_stays_as_it_is(typed: str) -> None:
    assert with_pictures(typed, CAST, "@Image{n}") == typed


def test_a_doubled_sign_means_the_name_literally() -> None:
    assert with_pictures("@@hero and @hero", {"hero": (1,)}, "[{n}]") == "@hero and [1]"


def test_a_name_whose_picture_fixes_a_frame_becomes_that_frame() -> None:
    assert with_pictures("@hero turns", {"hero": (Role.FIRST,)}, "[{n}]") == "the first frame turns"


def test_a_name_without_pictures_becomes_a_word() -> None:
    assert with_pictures("@hero/winter turns", {"hero/winter": ()}, "[{n}]") == "hero turns"


@pytest.mark.parametrize(
    "name", ["hero", "hero/winter", "Ann_2", "ヒーロー", "مريم", "राम", "สมชาย", "o-neil", "é" * 32]
)
def test_a_name_may_be_of_any_language(name: str) -> None:
    assert is_name(name)
    assert [one.key for one in mentions(f"({'@' + name})", {key_of(name)})] == [key_of(name)]


@pytest.mark.parametrize(
    "name",
    [
        "",
        "1080p",
        "1",
        "two words",
        "@hero",
        "<@1>",
        "a/b/c",
        "a/",
        "/a",
        "everyone",
        "Here",
        "hero-",
        "é" * 33,
        "a.b",
        "👋",
    ],
)
def test_what_could_not_be_told_from_other_text_is_no_name(name: str) -> None:
    assert not is_name(name)


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("her0", "hero"),
        ("heroes", "hero"),
        ("hero/wintr", "hero/winter"),
        ("hero/summer", "hero"),
        ("vilain", "villain"),
    ],
)
def test_a_slip_is_close_to_the_name_that_was_meant(typed: str, near: str) -> None:
    assert closest(typed, KNOWN) == near


def test_another_name_is_close_to_none() -> None:
    assert closest("nasa", KNOWN) is None


def test_a_slip_can_be_mended_or_kept_as_text() -> None:
    [slip] = mentions("with @her0 there", {"hero"})
    assert renamed("with @her0 there", slip, "hero") == "with @hero there"
    assert with_pictures(escaped("with @her0 there", slip), {}, "") == "with @her0 there"


PIECES = st.one_of(
    st.sampled_from([f"@{name}" for name in KNOWN]),
    st.sampled_from(["{1}", "@2", "{{1}}", "<@123>", "<#5>", "<:a:6>", "@1080p", "ann@example.com", "@@hero", "@nasa"]),
    st.sampled_from(["👩‍👩‍👧", "שלום", "مرحبا \u202e", "走る", "——", "e\u0301", "\u200d", "||x||", "`y`", "\n"]),
    st.text(max_size=8),
)


@given(
    st.lists(PIECES, max_size=12), st.sampled_from(["@Image{n}", "<IMAGE_{n}>", "reference image {n}", "[Image {n}]"])
)
def test_no_known_name_is_left_in_what_is_sent(pieces: list[str], naming: str) -> None:
    prompt = " ".join(pieces)
    cast = {name: (number,) for number, name in enumerate(KNOWN, 1)}
    sent = with_pictures(prompt, cast, "\ufffc{n}\ufffc")
    for one in mentions(prompt, KNOWN):
        assert one.key is None or f"\ufffc{KNOWN.index(one.key) + 1}\ufffc" in sent
    left = with_pictures(prompt.replace("@@", ""), cast, "\ufffc{n}\ufffc")
    assert [one for one in mentions(left, KNOWN) if one.key is not None] == []
    assert with_pictures(prompt, cast, naming).count("\ufffc") == prompt.count("\ufffc")


@given(st.text())
def test_text_without_a_sign_is_sent_as_it_is(text: str) -> None:
    text = text.replace("@", "").replace("＠", "")
    assert mentions(text, KNOWN) == []
    assert with_pictures(text, CAST, "@Image{n}") == text
