"""The links option is split into links, each once, in order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from dailies.catalog.options import LINKS_LIMIT
from dailies.errors import OptionRefused
from dailies.references.reference import link_name, read_links
from tests.support.reasons import raises

A, B = "https://a.example/1.png", "https://b.example/2.png"


def urls(text: str) -> list[str]:
    return [source.url for source in read_links(text)]


@pytest.mark.parametrize("between", [" ", "\n", ",", ", ", " ,", "\t", ",,", " \n, ", "\u00a0"])
def test_spaces_commas_and_line_breaks_separate(between: str) -> None:
    assert urls(f"{A}{between}{B}") == [A, B]


def test_a_comma_inside_a_link_stays() -> None:
    link = "https://a.example/w_300,h_200/1.png"
    assert urls(f"{link},{B}") == [link, B]


def test_a_comma_separates_before_a_scheme_in_capitals() -> None:
    assert urls(f"{A},HTTPS://b.example/2.png") == [A, B]


def test_angle_brackets_that_hide_a_preview_are_cut() -> None:
    assert urls(f"<{A}> <{B}>") == [A, B]


def test_the_same_link_twice_counts_once_at_its_first_place() -> None:
    assert urls(f"{A} {B} {A}#top") == [A, B]


@pytest.mark.parametrize("text", ["", " ", ",", " , \n"])
def test_nothing_gives_no_links(text: str) -> None:
    assert read_links(text) == []


@pytest.mark.parametrize(
    "text", ["a.example/1.png", "ftp://a.example/1", "https://", "fox", "https://[::1", "file:///x"]
)
def test_what_is_no_link_is_refused(text: str) -> None:
    with pytest.raises(OptionRefused) as caught:
        read_links(f"{A} {text}")
    assert caught.value.reason.values["option"] == "links"


def test_a_refusal_does_not_repeat_a_query() -> None:
    with pytest.raises(OptionRefused) as caught:
        read_links("a.example/1.png?sig=s3cret")
    assert "s3cret" not in str(caught.value)


def test_a_user_name_in_a_link_is_refused_without_its_password() -> None:
    with pytest.raises(OptionRefused) as caught:
        read_links("https://ann:s3cret@a.example/1.png")
    assert "s3cret" not in str(caught.value)


def test_as_many_links_as_fit_are_taken() -> None:
    assert len(read_links(" ".join(f"{A}?{n}" for n in range(LINKS_LIMIT)))) == LINKS_LIMIT


def test_more_links_than_fit_are_refused() -> None:
    with raises(OptionRefused, match="at most 30"):
        read_links(" ".join(f"{A}?{n}" for n in range(LINKS_LIMIT + 1)))


def test_a_links_name_is_host_and_path_without_its_query() -> None:
    assert link_name(URL(f"{A}?sig=s3cret")) == "a.example/1.png"


def test_a_long_name_is_cut() -> None:
    name = link_name(URL(f"https://a.example/{'x' * 200}"))
    assert len(name) == 80
    assert name.endswith("…")


def test_what_cannot_be_printed_does_not_get_into_a_name() -> None:
    """A name goes into logs, terminals and messages: no escape code, no new line, no turned direction of writing."""
    assert (
        link_name(URL("https://a.example/%1b[2J%0a%c2%9b%e2%80%aegnp%20fox"))
        == "a.example/\ufffd[2J\ufffd\ufffd\ufffdgnp fox"
    )


def test_a_link_is_not_attached() -> None:
    assert not read_links(A)[0].attached


pieces = st.sampled_from(
    ["https://", "HTTP://", "a.example", "/1.png", ",", " ", "\n", "<", ">", "?x=1", "#y", "@", ":", ":99999", "[", "]"]
)


@given(st.text(max_size=200) | st.lists(pieces, max_size=12).map("".join))
def test_any_text_gives_links_or_a_refusal(text: str) -> None:
    try:
        sources = read_links(text)
    except OptionRefused:
        return
    for source in sources:
        assert URL(source.url).scheme in ("http", "https")
        assert len(source.name) <= 80
    assert len({source.url for source in sources}) == len(sources)
