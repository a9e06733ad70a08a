"""The links option is split into links, each once, in order."""

# ruff: noqa: RUF001 (the characters that look like others are the test)

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from dailies.catalog.option_checks import LINKS_LIMIT
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
    "text",
    ["a.example/1.png", "ftp://a.example/1", "https://", "https://[::1", "file:///x", "www.a.example", "HTTP://",
     "https:/a.example",
     "hxxps://a.example/1.png", "data:image/png;base64,AAAA", "(a.example/1.png)", "[fox](a.example/1.png)",
     "localhost://x"],
)  # fmt: skip
def test_what_is_no_link_is_refused(text: str) -> None:
    with pytest.raises(OptionRefused) as caught:
        read_links(f"{A} {text}")
    assert caught.value.reason.values["option"] == "links"


@pytest.mark.parametrize("text", ["fox", "fox.png", "1", "||fox||", "[fox]()", "-", "@1"])
def test_a_text_without_any_link_is_refused(text: str) -> None:
    with raises(OptionRefused, match="isn't a link; give https links to images") as caught:
        read_links(f" {text} ")
    assert (caught.value.reason.values["option"], caught.value.reason.values["value"]) == ("links", text)


@pytest.mark.parametrize(
    "text",
    ["[fox]({})", "[a fox](<{}>)", '[fox]({} "a fox")', "[fox.example/1]({})", "[[fox]]({})", "<{}>", "||{}||",
     "|| {} ||", "({})",
     "[{}]", "{{{}}}", "**{}**", "*{}*", "_{}_", "__{}__", "~~{}~~", "`{}`", "```\n{}\n```", "> {}", "- {}", "# {}",
     '"{}"', "'{}'",
     "“{}”", "「{}」", "{}.", "{},", "{};", "{}:", "{}!", "{}?", "{}...", "({}).", "**({})**,", "见{}。", "（{}）",
     "||**{}**||",
     "\u200b{}\u200b", "\u2068{}\u2069", "look: {} (the fox)", "https: {}", "<@1234> {} <:fox:99>", "<{}> fox",
     "\ufeff{}"],
)  # fmt: skip
def test_a_link_is_found_in_whatever_it_is_pasted_in(text: str) -> None:
    for link in (A, "https://a.example/w_300,h_200/fox_(1).png?ex=1&hm=a_b&"):
        assert urls(text.format(link)) == [link]


def test_a_masked_link_whose_label_is_its_address_counts_once() -> None:
    assert urls(f"[{A}]({A})") == [A]


@pytest.mark.parametrize(
    "text",
    ["{} and {}", "[one]({})[two]({})", "[one]({}),[two]({})", "[one]({}) [two]({})", "||{}||{}||", "||{}||||{}||",
     "<{}><{}>",
     "<{}>,<{}>", "({})({})", "({},{})", "{};{}", "{}|{}", "{}、{}", "{}，{}", "{}, see also {}.", "1. {}\n2. {}",
     "**{}**, **{}**",
     "{},,,,,,,,,,,,,,{}", "{}\u200b{}", "[{}]({})"],
)  # fmt: skip
def test_several_links_are_found_in_the_order_given(text: str) -> None:
    assert urls(text.format(A, B)) == [A, B]


@pytest.mark.parametrize(
    "link",
    ["https://a.example/fox_(1)", "https://a.example/a(b(c)d)", "https://a.example/[1].png",
     "https://a.example/a|b.png",
     "https://web.example/2020/https://a.example/1.png", "https://a.example/?url=https://b.example/2.png",
     "https://a.example/x_",
     "https://a.example/?q=", "https://a.example/1.png?hm=ff&", "https://a.example/a.b,c;d:e!f'g*h~i",
     "http://a.example/1.png"],
)  # fmt: skip
def test_what_belongs_to_a_link_stays_in_it(link: str) -> None:
    assert [str(URL(found)) for found in urls(f"see {link}, fox")] == [str(URL(link))]


def test_a_scheme_in_capitals_is_a_scheme() -> None:
    assert urls("(HTTPS://a.example/1.png)") == [A]


@pytest.mark.parametrize(
    "hostile",
    ["https://" + ")" * 200_000, A + "," * 200_000, "(" * 200_000, "[" * 200_000 + A, f"{A}](" * 6_000, "a.a" * 100_000,
     f"{A}," * 20_000 + B, "https://a.example/" + "|" * 200_000, "[](" * 60_000,
     "a." * 100_000 + A, "www" * 60_000, ":/" * 60_000],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_long_hostile_texts_take_no_time(hostile: str) -> None:
    started = time.process_time()
    with suppress(OptionRefused):
        read_links(hostile)
    assert time.process_time() - started < 5


SIGNED = "/attachments/1/2/fox.png?ex=6812&is=6811&hm=0a1b"


@pytest.mark.parametrize("folder", ["attachments", "ephemeral-attachments"])
@pytest.mark.parametrize("more", ["&", "&=&format=webp&width=400&height=225", "&quality=lossless&format=png"])
def test_discords_preview_of_an_attachment_means_the_original(folder: str, more: str) -> None:
    path = SIGNED.replace("attachments", folder)
    source = read_links(f"https://media.discordapp.net{path}{more}")[0]
    assert source.url == f"https://cdn.discordapp.com{path}"
    assert source.name == f"cdn.discordapp.com{path.split('?')[0]}"


def test_a_preview_and_its_original_count_once() -> None:
    assert urls(f"https://media.discordapp.net{SIGNED}&width=40 https://cdn.discordapp.com{SIGNED}") == [
        f"https://cdn.discordapp.com{SIGNED}"
    ]


def test_the_parameters_of_a_preview_do_not_have_to_be_in_order() -> None:
    link = "https://MEDIA.discordapp.net/attachments/1/2/f%20ox.png?width=9&hm=0a&format=webp&is=2&ex=1"
    assert urls(link) == ["https://cdn.discordapp.com/attachments/1/2/f%20ox.png?hm=0a&is=2&ex=1"]


@pytest.mark.parametrize("host", ["images-ext-1.discordapp.net", "images-ext-2.discordapp.net", "media.discordapp.net"])
def test_discords_proxy_of_another_site_is_asked_for_the_whole_picture(host: str) -> None:
    link = f"https://{host}/external/s1g/%3Fv/https/a.example/1.png"
    assert urls(f"{link}?format=webp&width=400&height=225") == [link]


@pytest.mark.parametrize(
    "link",
    [f"https://cdn.discordapp.com{SIGNED}&width=400", "https://media.discordapp.net/stickers/1.gif?size=160",
     f"https://media.discordapp.net.a.example{SIGNED}&width=4", "https://a.example/attachments/1/2/f.png?width=4",
     "https://a.example/external/x/https/b.example/1.png?width=4"],
)  # fmt: skip
def test_other_links_keep_their_parameters(link: str) -> None:
    assert urls(link) == [link]


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
