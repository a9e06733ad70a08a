"""Numbers in a prompt become the model's own names of its references, and nothing else in the prompt changes."""

# ruff: noqa: RUF001 (the characters that look like others are the test)

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dailies.catalog.facts import OWN
from dailies.catalog.options import Defaults, Options, check_options
from dailies.catalog.prompt_numbers import named, numbers
from dailies.errors import OptionRefused
from tests.support.reasons import raises
from tests.unit import kit

SEEDANCE = "@Image{n}"


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("{1} wears the hat of {2}", "@Image1 wears the hat of @Image2"),
        ("@1 meets @2.", "@Image1 meets @Image2."),
        ("@1, @2", "@Image1, @Image2"),
        ("(@1)", "(@Image1)"),
        ("{1}{2}", "@Image1@Image2"),
        ("{02}", "@Image2"),
        ("{2} {2}", "@Image2 @Image2"),
        ("@1", "@Image1"),
        ("@1\n@2", "@Image1\n@Image2"),
        ("@1. @2: @1; @2! @1? @2…", "@Image1. @Image2: @Image1; @Image2! @Image1? @Image2…"),
        ("(@1) [@2] \"@1\" *@2* ||@1||", "(@Image1) [@Image2] \"@Image1\" *@Image2* ||@Image1||"),
        ("@1's hat, @2’s scarf", "@Image1's hat, @Image2’s scarf"),
        ("@1+@2", "@Image1+@Image2"),
        ("@1-@2, @1/@2, @1&@2", "@Image1-@Image2, @Image1/@Image2, @Image1&@Image2"),
        ("@1,@2, @1.@2", "@Image1,@Image2, @Image1.@Image2"),
        ("@1×@2", "@Image1×@Image2"),
        ("@1@2", "@Image1@Image2"),
        ("@1の狐", "@Image1の狐"),
        ("让@1站在@2旁边", "让@Image1站在@Image2旁边"),
        ("@1，@2。「@1」", "@Image1，@Image2。「@Image1」"),
        ("＠１と＠２", "@Image1と@Image2"),
        ("｛１｝と｛2｝", "@Image1と@Image2"),
        ("여우@1이 @2를", "여우@Image1이 @Image2를"),
        ("ให้@1ยืน", "ให้@Image1ยืน"),
        ("лиса@1 и @2й", "лиса@Image1 и @Image2й"),
        ("@१ और @२का", "@Image1 और @Image2का"),
        ("@١ و@٢", "@Image1 و@Image2"),
        ("\u200f@1\u200f ו@2", "\u200f@Image1\u200f ו@Image2"),
        ("🦊@1🦊 and @2\u200d", "🦊@Image1🦊 and @Image2\u200d"),
        ("@1\ufe0f\u20e3 @2\u20e3", "@Image1 @Image2"),
    ],
)  # fmt: skip
def test_numbers_are_named_as_the_model_expects(typed: str, sent: str) -> None:
    assert named(typed, 2, SEEDANCE) == sent


@pytest.mark.parametrize(
    "typed",
    ["{{1}}", "{name}", "@1080p", "{1080}", "ann@1.example", "@Image1", "<IMAGE_1>", "@10:30", "@1.5 x", "{ 1 }", "{}",
     "<@1>", "@ 1", "@2x", "@@1", "@1/2", "{1", "1}", "@100",
     "user@1.example", "user@12.example.org", "用户@1.example", "a.b+c@1.example", "josé@1", "@1st", "@2é",
     "１０８０@1", "@१०८०", "@1٫5", "@1.٥", "＠＠1", "<@1234>", "<@!1>", "｛｛1｝｝", "@_1", "@1_"],
)  # fmt: skip
def test_ordinary_text_stays_as_it_is(typed: str) -> None:
    assert named(typed, 0, SEEDANCE) == typed
    assert numbers(typed) == ()


@pytest.mark.parametrize("typed", ["{3}", "@3", "{0}", "{99}"])
def test_a_number_beyond_the_references_is_refused(typed: str) -> None:
    with raises(OptionRefused, match="you attached 2 images") as caught:
        named(f"a kite {typed}", 2, SEEDANCE)
    assert caught.value.reason.values["value"] == typed


def test_a_number_without_references_is_refused() -> None:
    with raises(OptionRefused, match="you attached no images"):
        named("the fox of {1}", 0, SEEDANCE)


def test_a_number_of_two_digits_is_one_number() -> None:
    assert named("@12の@1 {12}", 12, SEEDANCE) == "@Image12の@Image1 @Image12"


def test_a_number_in_another_script_that_no_reference_has_is_refused_as_typed() -> None:
    with raises(OptionRefused, match="you attached 2 images") as caught:
        named("让@३站", 2, SEEDANCE)
    assert caught.value.reason.values["value"] == "@३"


PIECE = st.text(st.characters(exclude_characters="@{}＠｛｝", exclude_categories=["Cs"]), max_size=8)
DIGITS = st.sampled_from(["0123456789", "０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९", "๐๑๒๓๔๕๖๗๘๙"])
LETTERS = st.text("狐の站가ไงлщαקءक🦊「」。、—() \n", max_size=6)


@given(st.lists(st.tuples(LETTERS, st.sampled_from("@＠"), st.integers(1, 12), DIGITS), max_size=6), LETTERS)
def test_every_mention_between_letters_of_any_script_is_replaced_once_and_nothing_else(
    parts: list[tuple[str, str, int, str]], end: str
) -> None:
    typed = "".join(f"{text}{sign}{''.join(digits[int(one)] for one in str(n))}" for text, sign, n, digits in parts)
    sent = "".join(f"{text}<I_{n}>" for text, _, n, _ in parts)
    assert named(typed + end, 12, "<I_{n}>") == sent + end
    assert numbers(typed + end) == tuple(n for _, _, n, _ in parts)


@given(
    st.lists(st.tuples(PIECE, st.integers(1, 9)), max_size=6), PIECE, st.sampled_from(["{n}", "<I_{n}>", "@Image{n}"])
)
def test_what_stands_between_the_numbers_is_kept(parts: list[tuple[str, int]], end: str, naming: str) -> None:
    typed = "".join(f"{text}{{{number}}}" for text, number in parts) + end
    sent = "".join(text + naming.replace("{n}", str(number)) for text, number in parts) + end
    assert named(typed, 9, naming) == sent
    assert numbers(typed) == tuple(number for _, number in parts)


@given(st.text(alphabet="@{}0123456789a .\n", max_size=40), st.integers(0, 5))
def test_any_prompt_is_named_or_refused(typed: str, references: int) -> None:
    try:
        sent = named(typed, references, "\x00{n}\x01")
    except OptionRefused:
        assert any(not 1 <= number <= references for number in numbers(typed))
    else:
        assert re.sub("\x00(\\d+)\x01", "", sent) == re.sub("\x00(\\d+)\x01", "", named(typed, 99, "\x00{n}\x01"))
        assert tuple(int(number) for number in re.findall("\x00(\\d+)\x01", sent)) == numbers(typed)


@pytest.mark.parametrize("model", [model for model, known in OWN.items() if known.takes])
def test_what_is_sent_and_what_was_typed_are_both_kept(model: str) -> None:
    defaults = Defaults("a/b", 5, "720p", "16:9")
    request = check_options(Options("{1} and @2", model, references=2), kit.catalog(), defaults)
    first, second = (OWN[model].naming.replace("{n}", number) for number in "12")
    assert request.prompt == "{1} and @2"
    assert request.body(["https://a.example/1.png"])["prompt"] == f"{first} and {second}"


def test_a_prompt_without_numbers_is_sent_as_it_is() -> None:
    request = check_options(Options("a kite"), kit.catalog(), Defaults("bytedance/seedance-2.0", 5, "720p", "16:9"))
    assert request.sent_prompt is None
    assert request.body([])["prompt"] == "a kite"
