"""Given sources become references: decoded, each picture once, in order, as a link or inline."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web
from PIL import Image

from dailies.catalog import facts
from dailies.errors import PageGiven, ReferenceRefused
from dailies.jobs.queue import QUEUE_SECONDS
from dailies.openrouter.payload import Inline
from dailies.references.collect import LASTING_SECONDS, Collector, Sending
from dailies.references.fetch import Fetched, Fetcher
from dailies.references.inspector import DecodeLimits
from dailies.references.reference import Source
from dailies.references.sniff import sniff
from tests.support.images import image
from tests.support.reasons import each_in_words, problem_of, raises
from tests.support.servers import Served, serving
from tests.unit.kit import Now

FILES = {"/red": image("red"), "/red-too": image("red"), "/blue": image("blue"), "/page": b"<html>"}


async def answer(request: web.Request) -> web.StreamResponse:
    if request.path == "/moved":
        return web.Response(status=302, headers={"Location": "/red"})
    if request.path == "/slow":
        await asyncio.sleep(30)
    body = FILES[request.path]
    return web.Response(body=body, content_type=request.query.get("as") or sniff(body) or "text/plain")


@asynccontextmanager
async def collecting(
    folder: Path, now: Now | None = None, sending: Sending | None = None
) -> AsyncGenerator[tuple[Collector, Served]]:
    async with serving(answer) as server:
        trusted = frozenset({server.origin})
        async with Fetcher(folder, trusted=trusted, size=1_000_000, seconds=5) as fetcher:
            yield Collector(fetcher, bounds=DecodeLimits(1), sending=sending, now=now or Now()), server


def linked(server: Served, *paths: str) -> list[Source]:
    return [Source(f"{server.origin}{path}", path, attached=False) for path in paths]


def attached(server: Served, *paths: str) -> list[Source]:
    return [Source(f"{server.origin}{path}", path, attached=True) for path in paths]


@pytest.mark.slow
async def test_references_come_in_the_order_given(tmp_path: Path) -> None:
    async with collecting(tmp_path) as (collector, server):
        references = await collector.start(linked(server, "/blue", "/red")).finish()
    assert [reference.name for reference in references] == ["/blue", "/red"]


async def test_a_reference_says_what_it_is(tmp_path: Path) -> None:
    async with collecting(tmp_path) as (collector, server):
        reference = await collector.one(linked(server, "/red")[0])
    assert (reference.width, reference.height, reference.media_type) == (400, 300, "image/png")
    assert reference.path.read_bytes() == FILES["/red"]
    assert reference.thumbnail.exists()


@pytest.mark.slow
async def test_the_same_bytes_under_two_links_are_one_reference_at_its_first_place(tmp_path: Path) -> None:
    async with collecting(tmp_path) as (collector, server):
        references = await collector.start(linked(server, "/red", "/blue", "/red-too")).finish()
    assert [reference.name for reference in references] == ["/red", "/blue"]


async def test_no_sources_are_no_references(tmp_path: Path) -> None:
    async with collecting(tmp_path) as (collector, _):
        assert await collector.start([]).finish() == ()


async def test_the_first_refusal_in_the_order_given_is_raised(tmp_path: Path) -> None:
    async with collecting(tmp_path) as (collector, server):
        with pytest.raises(ReferenceRefused) as caught:
            await collector.start(linked(server, "/red", "/page")).finish()
    assert caught.value.name == "/page"


async def test_a_refusal_stops_what_is_still_on_its_way(tmp_path: Path) -> None:
    async with collecting(tmp_path) as (collector, server):
        async with asyncio.timeout(2):
            with pytest.raises(ReferenceRefused):
                await collector.start(linked(server, "/page", "/slow")).finish()


async def test_a_picture_with_too_many_pixels_is_refused(tmp_path: Path) -> None:
    FILES["/huge"] = image("red", size=(1100, 1000))
    async with collecting(tmp_path) as (collector, server):
        with raises(ReferenceRefused, match="at most 1 million"):
            await collector.one(linked(server, "/huge")[0])


TAKES = facts.ModelImageLimits(least_side=300, most_side=500, ratio=(0.4, 2.5))


@pytest.mark.parametrize(
    ("size", "why"),
    [
        (
            (250, 400),
            "is too small for this model: it has 250 × 400 pixels, and as far as is known each side needs at least 300",
        ),
        (
            (900, 300),
            "is too wide for this model: width to height is 2.99, and as far as is known it takes 0.4 to 2.5; crop it",
        ),
        ((300, 480), None),
    ],
)
@pytest.mark.parametrize("sending", [Sending("auto"), Sending("inline")])
async def test_an_image_that_the_model_does_not_take_is_refused(
    tmp_path: Path, size: tuple[int, int], why: str | None, sending: Sending
) -> None:
    FILES["/sized"] = image("red", size=size)
    async with collecting(tmp_path, sending=sending) as (collector, server):
        gathering = collector.start(attached(server, "/sized"), takes=TAKES)
        refused = await gathering.refused_early(20)
        await gathering.cancel()
    if why is None:
        assert refused is None
    else:
        assert isinstance(refused, ReferenceRefused)
        assert why in problem_of(refused)


@pytest.mark.slow
async def test_an_image_larger_than_the_model_takes_is_scaled_down_and_says_so(tmp_path: Path) -> None:
    FILES["/large"] = image("red", size=(800, 600))
    async with collecting(tmp_path) as (collector, server):
        source = linked(server, "/large")
        for_another = await collector.start(source).finish()
        (fitting,) = await collector.start(source, takes=TAKES).finish()
        assert await collector.start(source).finish() == for_another
    assert (fitting.width, fitting.height) == (500, 375)
    assert each_in_words(fitting.notes)[0] == "scaled to 500 × 375"
    with Image.open(fitting.path) as picture:
        assert picture.size == (500, 375)
    assert [(one.width, one.converted) for one in for_another] == [(800, None)]


async def test_an_attachment_that_is_no_image_is_refused_early(tmp_path: Path) -> None:
    async with collecting(tmp_path) as (collector, server):
        gathering = collector.start(attached(server, "/red", "/page"))
        refused = await gathering.refused_early(5)
        await gathering.cancel()
    assert isinstance(refused, ReferenceRefused)
    assert refused.name == "/page"


async def test_good_attachments_are_not_refused_early(tmp_path: Path) -> None:
    async with collecting(tmp_path) as (collector, server):
        gathering = collector.start(attached(server, "/red"))
        assert await gathering.refused_early(5) is None
        assert len(await gathering.finish()) == 1


async def test_a_slow_attachment_is_not_waited_for(tmp_path: Path) -> None:
    async with collecting(tmp_path) as (collector, server):
        gathering = collector.start(attached(server, "/slow"))
        assert await gathering.refused_early(0.05) is None
        await gathering.cancel()


async def test_links_are_not_waited_for(tmp_path: Path) -> None:
    async with collecting(tmp_path) as (collector, server):
        gathering = collector.start(linked(server, "/slow"))
        async with asyncio.timeout(1):
            assert await gathering.refused_early(30) is None
        await gathering.cancel()


async def link_of(folder: Path, now: Now, sources: Callable[[Served], list[Source]]) -> tuple[str | None, Source]:
    async with collecting(folder, now) as (collector, server):
        (source,) = sources(server)
        return (await collector.one(source)).link, source


async def test_a_link_on_a_trusted_origin_goes_inline(tmp_path: Path) -> None:
    link, _ = await link_of(tmp_path, Now(), lambda server: linked(server, "/red"))
    assert link is None


async def test_a_link_that_redirects_goes_inline(tmp_path: Path) -> None:
    link, _ = await link_of(tmp_path, Now(), lambda server: attached(server, "/moved?ex=ffffffff"))
    assert link is None


@pytest.mark.parametrize(("more", "stays"), [(LASTING_SECONDS + 60, True), (LASTING_SECONDS - 60, False), (-60, False)])
async def test_an_attachment_is_sent_as_a_link_while_it_lasts(tmp_path: Path, more: int, stays: bool) -> None:
    now = Now()
    ends = f"/red?ex={int(now.time) + more:x}&hm=1"
    link, source = await link_of(tmp_path, now, lambda server: attached(server, ends))
    assert link == (source.url if stays else None)


@pytest.mark.parametrize("named", ["application/octet-stream", "binary/octet-stream", "text/html", "image/webp"])
async def test_a_link_whose_site_gives_the_image_another_type_goes_inline(tmp_path: Path, named: str) -> None:
    """A model's provider may rely on it."""
    now = Now()
    sending = f"ex={int(now.time) + 2 * LASTING_SECONDS:x}&as={named}"
    link, _ = await link_of(tmp_path, now, lambda server: attached(server, f"/red?{sending}"))
    assert link is None


async def test_links_only_sends_the_link_whatever_its_site_calls_it(tmp_path: Path) -> None:
    async with collecting(tmp_path, sending=Sending("url")) as (collector, server):
        source = linked(server, "/red?as=text/plain")[0]
        assert (await collector.one(source)).link == source.url


@pytest.mark.parametrize("query", ["", "?ex=", "?ex=soon"])
async def test_an_attachment_without_a_readable_end_goes_inline(tmp_path: Path, query: str) -> None:
    link, _ = await link_of(tmp_path, Now(), lambda server: attached(server, f"/red{query}"))
    assert link is None


def test_a_link_that_lasts_outlives_the_longest_wait_for_turn() -> None:
    assert LASTING_SECONDS >= QUEUE_SECONDS + 3600


class OnDisk(Fetcher):
    """Replaces the internet with a file, as if a public https link had been fetched."""

    def __init__(self, file: Path) -> None:
        super().__init__(file.parent, trusted=frozenset(), size=1, seconds=1)
        self._file = file

    async def fetch(self, source: Source, *, requester: int | None = None) -> Fetched:
        return Fetched(self._file, "0" * 64, "image/png", redirected=False)


async def links_sent(folder: Path, links: Sequence[str], sending: Sending) -> list[str]:
    """Return those of the links that are sent as links."""
    (folder / "file").write_bytes(FILES["/red"])
    async with OnDisk(folder / "file") as fetcher:
        collector = Collector(fetcher, bounds=DecodeLimits(1), sending=sending, now=Now())
        return [url for url in links if (await collector.one(Source(url, "red", attached=False))).to_send() == url]


async def test_a_public_direct_link_that_lasts_is_sent_as_it_is(tmp_path: Path) -> None:
    last = [
        "https://a.example/red.png?sig=1&ex=1",
        "https://cdn.discordapp.com/emojis/1.png",
        f"https://cdn.discordapp.com/attachments/1/2/red.png?ex={int(Now().time) + LASTING_SECONDS + 60:x}&hm=1",
    ]
    end = [
        f"https://cdn.discordapp.com/attachments/1/2/red.png?ex={int(Now().time) + LASTING_SECONDS - 60:x}&hm=1",
        "https://b.s3.amazonaws.com/red.png?X-Amz-Date=20260101T000000Z&X-Amz-Expires=3600&X-Amz-Signature=1",
        "https://storage.googleapis.com/b/red.png?X-Goog-Expires=60&X-Goog-Signature=1",
        "https://a.blob.core.windows.net/b/red.png?se=2026-01-01&sig=1",
        "https://scontent.cdninstagram.com/red.jpg?oh=1&oe=6AB10000",
        "https://a.cloudfront.net/red.png?Expires=1790000000&Signature=1",
        "https://a.cloudfront.net/red.png?Policy=eyJTdGF0ZW1lbnQiOltd&Signature=1&Key-Pair-Id=1",
        "https://a.tos-ap-southeast-1.volces.com/red.jpeg?X-Tos-Date=20260101T000000Z&X-Tos-Expires=86400&X-Tos-Signature=1",
        "https://b.oss-cn-hangzhou.aliyuncs.com/red.png?x-oss-date=20260101T000000Z&x-oss-expires=60&x-oss-signature=1",
        "https://b.cos.ap-guangzhou.myqcloud.com/red.png?q-sign-time=1790000000%3B1790003600&q-signature=1",
        "https://a.supabase.co/storage/v1/object/sign/b/red.png?token=eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3OTB9.a",
        "https://a.example/red.png?expiry=1790000000&sig=1",
    ]
    assert await links_sent(tmp_path, [*last, *end], Sending("auto")) == last
    assert await links_sent(tmp_path, [*last, *end], Sending("url")) == [*last, *end]


@pytest.mark.slow
async def test_the_picture_of_a_page_is_fetched_under_the_same_guard(tmp_path: Path) -> None:
    async with serving(answer) as inside, collecting(tmp_path) as (collector, server):
        FILES["/page-of-inside"] = f'<html><meta property="og:image" content="{inside.origin}/red">'.encode()
        FILES["/page-of-red"] = b'<html><meta property="og:image" content="/red">'
        with pytest.raises(PageGiven):
            await collector.one(linked(server, "/page-of-inside")[0])
        assert (await collector.one(linked(server, "/page-of-red")[0])).page == "/page-of-red"
    assert inside.arrivals == []


async def test_inline_means_the_file_as_a_data_url(tmp_path: Path) -> None:
    async with collecting(tmp_path) as (collector, server):
        reference = await collector.one(linked(server, "/blue")[0])
    assert reference.to_send() == Inline("image/png", reference.path, reference.converted or reference.sha256)
    assert reference.path.read_bytes() == FILES["/blue"]


async def test_what_was_converted_goes_inline_and_says_so(tmp_path: Path) -> None:
    FILES["/moving.gif"] = image("red", kind="GIF")
    now = Now()
    async with collecting(tmp_path, now) as (collector, server):
        lasting = f"/moving.gif?ex={int(now.time) + 2 * LASTING_SECONDS:x}"
        reference = await collector.one(attached(server, lasting)[0])
    assert reference.link is None
    assert (reference.media_type, each_in_words(reference.notes)) == ("image/jpeg", ("converted to JPEG",))
    assert reference.path.name == f"{reference.sha256}.{reference.converted}"
    assert hashlib.sha256(reference.path.read_bytes()).hexdigest() == reference.converted


async def test_inline_only_sends_no_link(tmp_path: Path) -> None:
    now = Now()
    async with collecting(tmp_path, now, Sending("inline")) as (collector, server):
        reference = await collector.one(attached(server, f"/red?ex={int(now.time) + 2 * LASTING_SECONDS:x}")[0])
    assert reference.link is None


async def test_links_only_sends_the_link_of_a_trusted_origin_too(tmp_path: Path) -> None:
    async with collecting(tmp_path, sending=Sending("url")) as (collector, server):
        source = linked(server, "/red")[0]
        assert (await collector.one(source)).link == source.url


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/red?ex=1", "its link doesn't last"),
        ("/moved?ex=ffffffff", "its link redirects"),
        ("/moving.gif?ex=ffffffff", "it had to be changed (converted to JPEG)"),
    ],
)
async def test_links_only_refuses_what_cannot_go_as_a_link(tmp_path: Path, path: str, why: str) -> None:
    FILES["/moving.gif"] = image("red", kind="GIF")
    async with collecting(tmp_path, sending=Sending("url")) as (collector, server):
        with pytest.raises(ReferenceRefused) as caught:
            await collector.one(attached(server, path)[0])
    assert why in problem_of(caught.value)
    assert "give a direct, lasting link" in problem_of(caught.value)


async def test_an_earlier_job_s_references_go_inline(tmp_path: Path) -> None:
    now = Now()
    async with collecting(tmp_path, now) as (collector, server):
        before = await collector.start(attached(server, f"/red?ex={int(now.time) + 2 * LASTING_SECONDS:x}")).finish()
        (again,) = await collector.again(before).finish()
    assert before[0].link is not None
    assert again == replace(before[0], link=None)


async def test_an_earlier_job_s_link_that_ended_meanwhile_is_refused_where_only_links_go(tmp_path: Path) -> None:
    now = Now()
    link = f"https://cdn.discordapp.com/attachments/1/2/red.png?ex={int(now.time) + 86400:x}&hm=1"
    (tmp_path / "file").write_bytes(FILES["/red"])
    async with OnDisk(tmp_path / "file") as fetcher:
        collector = Collector(fetcher, bounds=DecodeLimits(1), sending=Sending("url"), now=now)
        before = await collector.start([Source(link, "red", attached=True)]).finish()
        assert await collector.again(before).finish() == before
        now.time += 86400
        with raises(ReferenceRefused, match="this Discord link expired on"):
            await collector.again(before).finish()


async def test_cancelling_the_wait_stops_the_fetches(tmp_path: Path) -> None:
    async with collecting(tmp_path) as (collector, server):
        finishing: Awaitable[object] = asyncio.ensure_future(collector.start(linked(server, "/slow")).finish())
        await asyncio.sleep(0.05)
        assert isinstance(finishing, asyncio.Future)
        finishing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await finishing
        assert [task for task in asyncio.all_tasks() if "one" in repr(task.get_coro())] == []


async def test_jobs_that_share_references_fetch_them_once(tmp_path: Path) -> None:
    async with collecting(tmp_path) as (collector, server):
        gathering = collector.start(linked(server, "/red"))
        gathering.share(2)
        one, other = await asyncio.gather(gathering.finish(), gathering.finish())
        assert one == other
        assert len(server.arrivals) == 1


async def test_a_refusal_meets_every_job_that_shares_the_references(tmp_path: Path) -> None:
    async with collecting(tmp_path) as (collector, server):
        gathering = collector.start(linked(server, "/page"))
        gathering.share(2)
        refused = await asyncio.gather(gathering.finish(), gathering.finish(), return_exceptions=True)
    assert [type(one) for one in refused] == [PageGiven, PageGiven]


async def test_one_job_that_goes_leaves_the_references_to_the_others(tmp_path: Path) -> None:
    async with collecting(tmp_path) as (collector, server):
        gathering = collector.start(linked(server, "/red"))
        gathering.share(2)
        leaving = asyncio.ensure_future(gathering.finish())
        await asyncio.sleep(0)
        leaving.cancel()
        await gathering.cancel()
        assert len(await gathering.finish()) == 1


async def test_the_last_job_that_goes_stops_the_fetches(tmp_path: Path) -> None:
    async with collecting(tmp_path) as (collector, server):
        gathering = collector.start(linked(server, "/slow"))
        gathering.share(2)
        waiting = asyncio.ensure_future(gathering.finish())
        await asyncio.sleep(0.05)
        await gathering.cancel()
        assert not waiting.done()
        await gathering.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
