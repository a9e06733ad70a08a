"""A web page instead of an image: the picture that the page declares, however the page is written."""

from __future__ import annotations

import asyncio
import resource
from contextlib import suppress
from pathlib import Path

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st
from yarl import URL

from dailies.references import page_worker as head
from dailies.references.fetch import AT_ONCE_EACH
from dailies.references.page import choose, declared, picture_of
from dailies.references.reference import Source
from tests.support.children import children
from tests.support.servers import serving
from tests.unit.fetching import fetching
from tests.unit.kit import answering

BUSY = b"<a" * (256 * 1024)
"""Keeps the parser busy until it is stopped."""
PAGE = URL("https://a.example/deep/page.html?x=1")


def meta(name: str, content: str, key: str = "property") -> str:
    return f'<meta {key}="{name}" content="{content}">'


DECLARED = [
    (meta("og:image", "https://b.example/p.png"), "https://b.example/p.png"),
    (meta("twitter:image", "/p.png", "name"), "https://a.example/p.png"),
    (
        meta("twitter:image", "https://b.example/t.png") + meta("og:image", "//b.example/p.png"),
        "https://b.example/p.png",
    ),
    (meta("og:image", "p.png"), "https://a.example/deep/p.png"),
    (meta("og:image", "p.png?a=1&amp;b=2&#38;c"), "https://a.example/deep/p.png?a=1&b=2&c"),
    ('<base href="https://c.example/x/">' + meta("og:image", "p.png"), "https://c.example/x/p.png"),
    ("<META PROPERTY='OG:Image' CONTENT=https://b.example/p.png>", "https://b.example/p.png"),
    (meta("og:image", "") + meta("og:image:secure_url", "https://b.example/s.png"), "https://b.example/s.png"),
    (
        meta("og:image", "https://b.example/1.png") + meta("og:image", "https://b.example/2.png"),
        "https://b.example/1.png",
    ),
    (meta("og:image", "http://b.example/p.png"), "https://b.example/p.png"),
    (meta("og:image", "http://b.example:8080/p.png"), "http://b.example:8080/p.png"),
    (meta("og:image", "javascript:alert(1)"), None),
    (meta("og:image", "data:image/png;base64,AAAA"), None),
    (meta("og:image", "file:///etc/passwd"), None),
    (meta("og:image", "https://[::1"), None),
    (meta("og:image", "//[::g]/p.png"), None),
    ('<base href="//[::g]/">' + meta("og:image", "p.png"), "https://a.example/deep/p.png"),
    ("<!-- " + meta("og:image", "https://b.example/p.png") + " -->", None),
    ("<script>var x = '" + meta("og:image", "https://b.example/p.png") + "'</script>", None),
    ("<title>a page</title>", None),
    ("", None),
]


def found(page: bytes, charset: str | None = None) -> list[str]:
    """Return what page_worker.py finds, in this process."""
    pictures = head.read(page, charset).pictures
    return [pictures[name] for name in head.PREFERRED if name in pictures]


@pytest.mark.parametrize(("page", "address"), DECLARED)
def test_the_picture_that_a_page_declares(page: str, address: str | None) -> None:
    said = {"base": head.read(page.encode(), None).base, "pictures": found(page.encode())}
    assert choose(said, PAGE) == (URL(address) if address else None)


async def test_the_page_is_read_in_a_process_of_its_own() -> None:
    page, address = DECLARED[5]
    assert await declared(page.encode(), None, PAGE) == URL(address or "")


@pytest.mark.parametrize(
    ("page", "charset"),
    [
        (meta("og:image", "https://b.example/é.png").encode("latin-1"), "latin-1"),
        (('<meta charset="latin-1">' + meta("og:image", "https://b.example/é.png")).encode("latin-1"), None),
        (meta("og:image", "https://b.example/é.png").encode("utf-8-sig"), "latin-1"),
        (meta("og:image", "https://b.example/é.png").encode(), "no-such-charset"),
        (meta("og:image", "https://b.example/é.png").encode(), "base64"),
    ],
)
def test_the_charset_is_the_server_s_word_or_the_page_s_own(page: bytes, charset: str | None) -> None:
    assert found(page, charset) == ["https://b.example/é.png"]


async def test_a_page_that_keeps_the_parser_busy_is_given_up() -> None:
    began = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    assert await declared(BUSY, None, PAGE) is None
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - began < head.WORK_SECONDS + 1


@pytest.mark.slow
async def test_one_person_s_pages_are_read_a_few_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    running: list[int] = []
    start, others = asyncio.create_subprocess_exec, children()

    async def counted(*arguments: str, **options: object) -> object:
        process = await start(*arguments, **options)  # type: ignore[arg-type]
        running.append(len(await asyncio.to_thread(children, others)))
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", counted)
    busy = answering(web.Response(body=BUSY))
    async with serving(busy) as server, fetching(server.origin, tmp_path, seconds=60) as fetcher:
        pages = [Source(f"{server.origin}/{number}", "page", attached=False) for number in range(2 * AT_ONCE_EACH)]
        found = await asyncio.gather(*(picture_of(fetcher, page, requester=1) for page in pages))
    assert found == [None] * len(pages)
    assert len(running) == len(pages)
    assert max(running) <= AT_ONCE_EACH


async def test_a_page_that_breaks_the_parser_declares_nothing() -> None:
    assert await declared(b"<![" * 10, None, PAGE) is None


@given(st.binary(max_size=300) | st.text(alphabet="<>!-[]/= \"'&#;metaog:image", max_size=200).map(str.encode))
@settings(max_examples=200)
def test_no_page_raises_anything_but_the_parser_s_own_error(page: bytes) -> None:
    # html.parser raises it for some broken declarations; the process ends, and the page declares nothing.
    with suppress(AssertionError):
        found(page)
