"""Numbers in a prompt become the model's own names of its references, and nothing else in the prompt changes."""

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
    ],
)
def test_numbers_are_named_as_the_model_expects(typed: str, sent: str) -> None:
    assert named(typed, 2, SEEDANCE) == sent


@pytest.mark.parametrize(
    "typed",
    ["{{1}}", "{name}", "@1080p", "{1080}", "ann@1.example", "@Image1", "<IMAGE_1>", "@10:30", "@1.5 x", "{ 1 }", "{}",
     "<@1>", "@ 1", "@2x", "@@1", "@1/2", "{1", "1}", "@100"],
)  # fmt: skip
def test_ordinary_text_stays_as_it_is(typed: str) -> None:
    assert named(typed, 0, SEEDANCE) == typed
    assert numbers(typed) == ()


@pytest.mark.parametrize("typed", ["{3}", "@3", "{0}", "{99}"])
def test_a_number_beyond_the_references_is_refused(typed: str) -> None:
    with raises(OptionRefused, match="the command has only 2") as caught:
        named(f"a kite {typed}", 2, SEEDANCE)
    assert caught.value.reason.values["value"] == typed


def test_a_number_without_references_is_refused() -> None:
    with raises(OptionRefused, match="the command has none"):
        named("the fox of {1}", 0, SEEDANCE)


PIECE = st.text(st.characters(exclude_characters="@{}", exclude_categories=["Cs"]), max_size=8)


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
