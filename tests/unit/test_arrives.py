"""A finished video is fetched from wherever OpenRouter has it, for a day, and its signed links stay in memory."""

# ruff: noqa: ASYNC240 (tests look at small files of their own)
from __future__ import annotations

import asyncio
import logging
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from cogs.status.view import status_view
from dailies.job import State
from dailies.jobs.download import LONGEST_PAUSE, SAME_TIMES, pause_after
from dailies.jobs.life import live
from dailies.jobs.schedule import LATE_SECONDS
from dailies.store.shards import Shards
from sandbox.openrouter import ForeignServer
from tests.support.images import image
from tests.support.reasons import in_words
from tests.unit.job_context import DONE, LIMITS, Harness, ScriptedAPI, harness, lived
from tests.unit.kit import FakeChat, a_job
from tests.unit.test_reports import Receiver
from tests.unit.test_runner import ended

DAY = replace(LIMITS, download_seconds=86_400)
SUBMITTED = a_job(
    state=State.SUBMITTED, openrouter_id="remote-1", polling_url="/api/v1/videos/remote-1", submitted_at=1_790_000_000.0
)
COMPLETED = replace(SUBMITTED, state=State.COMPLETED, checked_at=1_790_000_000.0)
CONTENT = "/api/v1/videos/remote-1/content"
SECRET = "c0ffee"


class Copies(ScriptedAPI):
    """An OpenRouter whose addresses of a finished video fail or not, each for itself."""

    def __init__(self, video: bytes) -> None:
        super().__init__(video)
        self.listed: int | bytes = 404
        self.content: int | bytes = 404
        self.stored: int | bytes = 404
        self.links = 0
        self.valid = 1
        """The number of the first link that has not expired."""
        self.headers: dict[str, str] = {}
        self.more: dict[str, Any] = {"unsigned_urls": ["/listed.mp4"]}

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """Answer one request; each check names a new signed link."""
        if request.method == "POST":
            return web.json_response({"id": "remote-1", "status": "pending"})
        if request.path == "/listed.mp4":
            return self._sent(self.listed)
        if request.path == CONTENT:
            return self._sent(self.content)
        if request.path.startswith("/stored/"):
            expired = int(request.path.rpartition("/")[2]) < self.valid
            assert request.headers.get("Authorization") is None
            return self._sent(403 if expired else self.stored)
        self.links += 1
        return web.json_response(DONE | self.more | {"urls": [f"/stored/{self.links}?sig={SECRET}"]})

    def _sent(self, what: int | bytes) -> web.StreamResponse:
        if isinstance(what, int):
            return web.json_response({"error": {"message": "no"}}, status=what, headers=self.headers)
        return web.Response(body=what)


@pytest.fixture
def copies(api: ScriptedAPI) -> Copies:
    """An OpenRouter with nothing but dead addresses, until a test says otherwise."""
    return Copies(api.video)


def downloads(on: Harness) -> list[str]:
    """The paths of downloads, in order, without their queries."""
    return [path.partition("?")[0] for path in on.server.paths if path != "/api/v1/videos/remote-1"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 429, 500, 502, 503])
async def test_the_stored_copy_is_used_where_the_others_fail(copies: Copies, tmp_path: Path, status: int) -> None:
    copies.listed = copies.content = status
    copies.stored = copies.video
    job, on = await lived(SUBMITTED, copies, tmp_path)
    assert job.state is State.DELIVERED
    assert job.file is not None
    assert job.file.read_bytes() == copies.video
    assert downloads(on) == ["/listed.mp4", CONTENT, "/stored/1"]
    assert on.chat.troubles_said == []


async def test_the_content_address_is_used_where_the_listed_one_fails(copies: Copies, tmp_path: Path) -> None:
    copies.content = copies.video
    job, on = await lived(SUBMITTED, copies, tmp_path)
    assert job.state is State.DELIVERED
    assert downloads(on) == ["/listed.mp4", CONTENT]


async def test_a_stored_copy_is_enough_for_a_job_whose_answer_names_nothing_else(
    copies: Copies, tmp_path: Path
) -> None:
    copies.more = {"status": "warming_down"}
    copies.stored = copies.video
    job, on = await lived(SUBMITTED, copies, tmp_path)
    assert job.state is State.DELIVERED
    assert downloads(on) == [CONTENT, "/stored/1"]


async def test_a_file_that_breaks_off_is_a_failed_try_of_its_address_alone(copies: Copies, tmp_path: Path) -> None:
    copies.listed = copies.video[: len(copies.video) // 2]
    copies.content = copies.video
    job, on = await lived(SUBMITTED, copies, tmp_path)
    assert job.file is not None
    assert job.file.read_bytes() == copies.video
    assert downloads(on) == ["/listed.mp4", CONTENT]


async def test_an_expired_link_is_replaced_by_a_fresh_look(copies: Copies, tmp_path: Path) -> None:
    copies.stored, copies.valid = copies.video, 3
    job, on = await lived(SUBMITTED, copies, tmp_path)
    assert job.state is State.DELIVERED
    assert [path for path in downloads(on) if "stored" in path] == ["/stored/1", "/stored/2", "/stored/3"]


async def test_a_stored_copy_elsewhere_never_sees_the_key(copies: Copies, tmp_path: Path) -> None:
    async with ForeignServer(body=copies.video) as foreign:
        copies.more = {"unsigned_urls": [f"{foreign.origin}/listed"]}
        job, _ = await lived(SUBMITTED, copies, tmp_path)
        assert job.state is State.DELIVERED
        assert len(foreign.requests) == 1
        assert not foreign.key_leaked


@pytest.mark.slow
async def test_a_download_that_fails_for_hours_arrives_in_the_end(copies: Copies, tmp_path: Path) -> None:
    copies.headers = {"Retry-After": "120"}
    async with harness(copies, tmp_path, job_limits=DAY) as on:

        async def sleep(seconds: float) -> None:
            await on.sleeps(seconds)
            if sum(on.sleeps.seconds) > 6 * 3600:
                copies.content = copies.video

        job = await live(await on.kept(COMPLETED), replace(on.context, sleep=sleep))
    assert job.state is State.DELIVERED
    assert job.trouble is None
    assert on.posts == 0
    # Retry-After while it is the longer one.
    assert on.sleeps.seconds[:5] == [120] * 5
    assert max(on.sleeps.seconds) <= LONGEST_PAUSE * 1.25


@pytest.mark.parametrize(
    ("asked", "least", "most"), [(0, 2, 2.5), (120, 120, 120), (1e6, LONGEST_PAUSE, LONGEST_PAUSE)]
)
def test_the_first_pause_is_short_unless_openrouter_asks_for_more(asked: float, least: float, most: float) -> None:
    assert least <= pause_after(1, asked) <= most


@given(st.integers(1, 1000))
def test_pauses_grow_to_ten_minutes(number: int) -> None:
    assert min(2.0**number, LONGEST_PAUSE) <= pause_after(number, 0) <= LONGEST_PAUSE * 1.25


@pytest.mark.slow
async def test_a_day_of_failures_ends_with_what_to_do(copies: Copies, tmp_path: Path) -> None:
    async with harness(copies, tmp_path, job_limits=DAY) as on:
        job = await live(await on.kept(COMPLETED), on.context)
    assert job.state is State.UNDELIVERED
    assert job.file is None
    assert sum(on.sleeps.seconds) == pytest.approx(86_400)
    assert len(on.sleeps.seconds) < 200
    assert all(later >= earlier * 0.7 for earlier, later in pairwise(on.sleeps.seconds[:-1]))
    assert "The video is finished and paid" in in_words(job.reason)
    assert "/jobs resend tries the download again" in in_words(job.reason)


async def test_the_status_says_what_is_wrong_and_when_it_is_tried_again(copies: Copies, tmp_path: Path) -> None:
    _, on = await lived(COMPLETED, copies, tmp_path)
    said = on.chat.troubles_said
    assert said[0] == "The video is finished, but OpenRouter's copy can't be fetched yet: OpenRouter answered HTTP 404"
    delayed = [job.trouble.values["at"] - on.now.time for job in on.chat.shown if job.trouble]
    assert delayed == pytest.approx(on.sleeps.seconds, abs=0.01)
    # While it tries, it does not say when it will try.
    shown = [job.trouble is None for job in on.chat.shown if job.state is State.COMPLETED]
    assert shown == [True, False] * len(delayed) + [True]


async def test_a_start_goes_on_with_fresh_links_and_the_time_that_is_left(copies: Copies, tmp_path: Path) -> None:
    async with harness(copies, tmp_path, job_limits=DAY) as on:
        kept = replace(COMPLETED, completed_at=on.now.time - 80_000)
        job = await live(await on.kept(kept), on.context)
    assert job.state is State.UNDELIVERED
    assert on.server.paths[0] == "/api/v1/videos/remote-1"
    assert sum(on.sleeps.seconds) == pytest.approx(6_400)


@pytest.mark.parametrize("jump", [86_400 * 3, -86_400 * 3])
async def test_a_clock_that_jumps_does_not_end_a_download(copies: Copies, tmp_path: Path, jump: float) -> None:
    async with harness(copies, tmp_path, job_limits=DAY) as on:

        async def sleep(seconds: float) -> None:
            await on.sleeps(seconds)
            on.now.time += jump
            if len(on.sleeps.seconds) == 5:
                copies.content = copies.video

        job = await live(await on.kept(COMPLETED), replace(on.context, sleep=sleep))
    assert job.state is State.DELIVERED


async def test_a_start_after_a_clock_that_jumped_tries_for_half_an_hour(copies: Copies, tmp_path: Path) -> None:
    async with harness(copies, tmp_path, job_limits=DAY) as on:
        kept = replace(COMPLETED, completed_at=on.now.time - 86_400 * 400)
        job = await live(await on.kept(kept), on.context)
    assert job.state is State.UNDELIVERED
    assert sum(on.sleeps.seconds) == pytest.approx(LATE_SECONDS)


async def test_a_signed_link_is_in_no_row_log_or_message(
    copies: Copies, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    chat = FakeChat()
    async with harness(copies, tmp_path, chat=chat) as on:
        job = await live(await on.kept(SUBMITTED), on.context)
        assert SECRET in str(on.server.paths)
    assert job.state is State.UNDELIVERED
    rows = (tmp_path / "jobs.sqlite").read_bytes() + b"".join(one.read_bytes() for one in tmp_path.glob("jobs.*"))
    assert SECRET.encode() not in rows
    assert SECRET not in repr([job, chat.shown, [record.getMessage() for record in caplog.records]])
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    "file", [image("red"), b"<html>Sign in</html>", b"\0garbage" * 99], ids=["png", "html", "junk"]
)
async def test_a_whole_file_that_is_no_mp4_is_kept_when_two_sources_agree(
    copies: Copies, tmp_path: Path, file: bytes
) -> None:
    copies.listed = copies.stored = file
    async with harness(copies, tmp_path) as on:
        job = await live(await on.kept(COMPLETED), on.context)
    assert job.file is not None
    assert job.file.read_bytes() == file
    assert downloads(on) == ["/listed.mp4", CONTENT, "/stored/1"]


async def test_one_source_alone_has_to_send_it_for_a_while(copies: Copies, tmp_path: Path) -> None:
    copies.content = image("red")
    async with harness(copies, tmp_path, job_limits=DAY) as on:
        job = await live(await on.kept(COMPLETED), on.context)
    assert job.file is not None
    assert Counter(downloads(on))[CONTENT] == SAME_TIMES
    assert 200 < sum(on.sleeps.seconds) < 400


async def test_a_page_of_an_outage_is_not_taken_for_the_video(copies: Copies, tmp_path: Path) -> None:
    copies.content = b"<html>We'll be back soon</html>"
    async with harness(copies, tmp_path, job_limits=DAY) as on:

        async def sleep(seconds: float) -> None:
            await on.sleeps(seconds)
            if len(on.sleeps.seconds) == SAME_TIMES - 2:
                copies.content = copies.video

        job = await live(await on.kept(COMPLETED), replace(on.context, sleep=sleep))
    assert job.file is not None
    assert job.file.read_bytes() == copies.video


async def test_an_empty_file_is_never_kept(copies: Copies, tmp_path: Path) -> None:
    copies.listed = copies.content = copies.stored = b""
    job, on = await lived(COMPLETED, copies, tmp_path)
    assert job.state is State.UNDELIVERED
    assert job.file is None
    assert on.chat.posted == []


@pytest.mark.slow
async def test_nothing_of_a_failed_download_stays_on_the_disk(copies: Copies, tmp_path: Path) -> None:
    copies.content = copies.video[: len(copies.video) // 2]
    job, _ = await lived(COMPLETED, copies, tmp_path)
    assert job.state is State.UNDELIVERED
    assert list((tmp_path / "videos").iterdir()) == []


async def test_an_ffmpeg_that_cannot_be_run_is_no_reason_to_download_again(copies: Copies, tmp_path: Path) -> None:
    copies.content = copies.video
    async with harness(copies, tmp_path) as on:
        job = await live(await on.kept(COMPLETED), replace(on.context, ffmpeg="/nowhere/ffmpeg"))
    assert job.file is not None
    assert downloads(on) == ["/listed.mp4", CONTENT]


async def test_a_disk_that_cannot_be_written_is_said_and_tried_again(copies: Copies, tmp_path: Path) -> None:
    copies.content = copies.video
    blocked = tmp_path / "videos"
    blocked.write_text("a file where the folder should be")
    async with harness(copies, tmp_path) as on:

        async def sleep(seconds: float) -> None:
            await on.sleeps(seconds)
            await asyncio.to_thread(blocked.unlink, missing_ok=True)

        job = await live(await on.kept(COMPLETED), replace(on.context, sleep=sleep))
    assert job.state is State.DELIVERED
    assert on.chat.troubles_said == ["The video is finished, but the bot's disk refused it (File exists)"]


@pytest.mark.slow
async def test_a_download_that_was_given_up_is_taken_up_by_the_process_of_its_shard(
    copies: Copies, tmp_path: Path
) -> None:
    async with harness(copies, tmp_path) as on:
        job = await live(await on.kept(COMPLETED), on.context)
        assert job.state is State.UNDELIVERED
        copies.stored = copies.video
        theirs, own = Receiver(on, Shards((1,), 2)), Receiver(on, Shards((0,), 2))
        assert await theirs.reports.go_on(job)
        again = await on.store.get(job.id)
        # Known to be finished, and fetched for a whole day from now.
        assert (again.state, again.completed_at) == (State.COMPLETED, None)
        await own.reports.adopt()
        (after,) = await ended(on, job.id)
    assert after.state is State.DELIVERED
    assert on.posts == 0


async def test_a_bill_that_comes_with_the_links_is_kept(copies: Copies, tmp_path: Path) -> None:
    copies.content = copies.video
    job, _ = await lived(COMPLETED, copies, tmp_path)
    assert job.cost == Decimal("0.25")
    assert "· $0.25" in str(status_view(job, []).to_components())


async def test_a_bill_that_was_known_is_not_changed(copies: Copies, tmp_path: Path) -> None:
    copies.content = copies.video
    job, _ = await lived(replace(COMPLETED, cost=Decimal("0.30")), copies, tmp_path)
    assert job.cost == Decimal("0.30")
