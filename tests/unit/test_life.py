"""The life of a job: paid once, delivered once, said plainly, from any state."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from aiohttp import web

from dailies import explain
from dailies.errors import DiskFull
from dailies.job import Job, State
from dailies.jobs.life import live
from dailies.jobs.signals import EndSignal
from dailies.openrouter.client import ClientLimits
from dailies.references.collect import Collector
from dailies.references.fetch import Fetcher
from dailies.references.inspector import DecodeLimits
from dailies.references.reference import Reference, Source
from tests.support.images import image
from tests.support.reasons import in_words, worded
from tests.support.servers import serving
from tests.unit.job_context import DONE, LIMITS, ScriptedAPI, Step, harness, lived
from tests.unit.kit import FakeChat, a_job, answering

RESERVED = a_job(state=State.RESERVED)
SUBMITTED = a_job(
    state=State.SUBMITTED, openrouter_id="remote-1", polling_url="/api/v1/videos/remote-1", submitted_at=1_790_000_000.0
)
RUNNING: Step = {"status": "in_progress"}


async def test_a_job_goes_from_its_reservation_to_its_delivery(api: ScriptedAPI, tmp_path: Path) -> None:
    job, on = await lived(RESERVED, api, tmp_path)
    assert job.state is State.DELIVERED
    assert job.video_message_id == 901
    assert job.reason is None
    assert on.chat.posted == [f"{job.id}.mp4"]
    assert on.chat.states == [
        State.RESERVED,
        State.SUBMITTED,
        State.COMPLETED,
        State.DELIVERING,
        State.DELIVERED,
    ]


async def test_a_finished_job_knows_its_cost_and_its_file(api: ScriptedAPI, tmp_path: Path) -> None:
    job, _ = await lived(RESERVED, api, tmp_path)
    assert job.cost == Decimal("0.25")
    assert job.file == tmp_path / "videos" / f"{job.id}.mp4"
    assert job.file is not None
    assert job.file.read_bytes() == api.video


async def test_the_request_is_sent_as_it_was_settled(api: ScriptedAPI, tmp_path: Path) -> None:
    _, on = await lived(RESERVED, api, tmp_path)
    assert json.loads(on.server.arrivals[0].body) == {
        "model": "a/b",
        "prompt": "a red kite over the sea",
        "duration": 5,
        "session_id": RESERVED.id,
    }


async def test_a_job_is_checked_at_its_interval(api: ScriptedAPI, tmp_path: Path) -> None:
    api.polls = [RUNNING, RUNNING, DONE]
    job, on = await lived(RESERVED, api, tmp_path)
    assert on.sleeps.seconds == [30, 30, 30]
    assert job.polls == 3


async def test_the_last_check_that_found_it_unfinished_is_kept(api: ScriptedAPI, tmp_path: Path) -> None:
    api.polls = [RUNNING, 404, DONE]
    job, on = await lived(RESERVED, api, tmp_path)
    first, second = (shown for shown in on.chat.shown if shown.state is State.SUBMITTED and shown.polls)
    assert first.running_at is not None
    assert (first.polls, second.polls, job.polls) == (1, 2, 3)
    assert job.running_at == second.running_at == first.running_at


async def test_a_wait_tells_whether_its_signal_was_set() -> None:
    end_signal = EndSignal()
    end_signal.set("a")
    assert await end_signal.wait("a", 60, asyncio.sleep)
    assert not await end_signal.wait("a", 0, asyncio.sleep)


async def test_the_status_is_shown_at_every_check(api: ScriptedAPI, tmp_path: Path) -> None:
    api.polls = [{"status": "pending"}, RUNNING, DONE]
    _, on = await lived(RESERVED, api, tmp_path)
    seen = [(job.polls, job.remote_status) for job in on.chat.shown if job.state is State.SUBMITTED]
    assert seen == [(0, "pending"), (1, "pending"), (2, "in_progress")]


async def test_an_unknown_status_runs_on(api: ScriptedAPI, tmp_path: Path) -> None:
    api.polls = [{"status": "dreaming"}, DONE]
    job, on = await lived(RESERVED, api, tmp_path)
    assert job.state is State.DELIVERED
    assert "dreaming" in [shown.remote_status for shown in on.chat.shown]


async def test_a_failing_check_counts_and_is_said(api: ScriptedAPI, tmp_path: Path) -> None:
    api.polls = [404, DONE]
    job, on = await lived(RESERVED, api, tmp_path)
    assert job.polls == 2
    assert on.chat.troubles_said == ["OpenRouter answered HTTP 404"]


async def test_a_check_that_goes_well_again_clears_the_trouble(api: ScriptedAPI, tmp_path: Path) -> None:
    api.polls = [404, RUNNING, DONE]
    _, on = await lived(RESERVED, api, tmp_path)
    waiting = [job.trouble for job in on.chat.shown if job.state is State.SUBMITTED]
    assert [trouble and explain.short(trouble) for trouble in waiting] == [None, "OpenRouter answered HTTP 404", None]


async def test_an_unreadable_check_is_not_called_an_http_status(api: ScriptedAPI, tmp_path: Path) -> None:
    api.polls = [b"<html>", DONE]
    _, on = await lived(RESERVED, api, tmp_path)
    assert on.chat.troubles_said == ["OpenRouter's answer couldn't be used: the answer isn't a JSON object"]


async def test_when_its_time_is_over_the_job_is_given_up_with_its_openrouter_id(
    api: ScriptedAPI, tmp_path: Path
) -> None:
    api.polls = [RUNNING]
    job, on = await lived(RESERVED, api, tmp_path)
    assert job.state is State.TIMED_OUT
    assert job.polls == LIMITS.check_seconds / LIMITS.poll_interval
    assert job.openrouter_id == "remote-1"
    assert "may still finish" in in_words(job.reason)
    assert on.posts == 1


async def test_checks_that_all_fail_end_too(api: ScriptedAPI, tmp_path: Path) -> None:
    api.polls = [401]
    job, _ = await lived(SUBMITTED, api, tmp_path)
    assert job.state is State.TIMED_OUT
    assert "the last of which failed: OpenRouter answered HTTP 401" in in_words(job.reason)


@pytest.mark.parametrize(
    ("status", "state", "words"),
    [
        ("failed", State.FAILED, "content_policy_violation: a logo"),
        ("cancelled", State.CANCELLED, "was cancelled"),
        ("expired", State.EXPIRED, "expired"),
    ],
)
async def test_a_job_that_openrouter_ends_is_told_with_its_words(
    api: ScriptedAPI, tmp_path: Path, status: str, state: State, words: str
) -> None:
    api.polls = [{"status": status, "error": "content_policy_violation: a logo", "usage": {"cost": 0.1}}]
    job, on = await lived(RESERVED, api, tmp_path)
    assert job.state is state
    assert words in in_words(job.reason)
    assert job.cost == Decimal("0.1")
    assert on.chat.posted == []


async def test_an_end_whose_words_were_cut_off_inside_an_emoji_is_told(api: ScriptedAPI, tmp_path: Path) -> None:
    api.polls = [{"status": "failed", "error": "blocked: \ud83d"}]
    job, _ = await lived(RESERVED, api, tmp_path)
    assert job.state is State.FAILED
    assert "blocked: ?" in in_words(job.reason)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413])
async def test_a_refused_request_fails_with_a_reason_and_is_sent_once(
    api: ScriptedAPI, tmp_path: Path, status: int
) -> None:
    api.submits = [status]
    job, on = await lived(RESERVED, api, tmp_path)
    assert job.state is State.FAILED
    assert job.reason
    assert on.posts == 1


@pytest.mark.parametrize("status", [500, 502, 504, 408, 499, 302])
async def test_an_error_that_may_have_been_paid_leaves_the_job_unknown(
    api: ScriptedAPI, tmp_path: Path, status: int
) -> None:
    api.submits = [status]
    job, on = await lived(RESERVED, api, tmp_path)
    assert job.state is State.UNKNOWN
    assert "so it may have been charged. It isn't sent again automatically." in in_words(job.reason)
    assert on.posts == 1


async def test_a_bill_that_is_known_outlives_an_answer_without_one(api: ScriptedAPI, tmp_path: Path) -> None:
    api.polls = [{"status": "failed", "error": "gone"}]
    job, _ = await lived(replace(SUBMITTED, cost=Decimal("0.34"), is_byok=True), api, tmp_path)
    assert (job.cost, job.is_byok) == (Decimal("0.34"), True)


async def test_a_lost_answer_leaves_the_job_unknown_and_is_not_sent_again(api: ScriptedAPI, tmp_path: Path) -> None:
    async def hang() -> web.StreamResponse:
        await asyncio.sleep(60)
        return web.Response()

    api.submits = [hang]
    async with harness(api, tmp_path, limits=ClientLimits(submit_seconds=0.2)) as on:
        job = await live(await on.kept(RESERVED), on.context)
        again = await live(job, on.context)
    assert job.state is again.state is State.UNKNOWN
    assert "may have been charged" in in_words(job.reason)
    assert on.posts == 1


async def test_an_accepted_request_without_an_id_leaves_the_job_unknown(api: ScriptedAPI, tmp_path: Path) -> None:
    api.submits = [{"status": "pending"}]
    job, _ = await lived(RESERVED, api, tmp_path)
    assert job.state is State.UNKNOWN


async def test_a_process_that_dies_between_the_request_and_its_answer_never_sends_it_again(
    api: ScriptedAPI, tmp_path: Path
) -> None:
    arrived = asyncio.Event()

    async def hang() -> web.StreamResponse:
        arrived.set()
        await asyncio.sleep(60)
        return web.Response()

    api.submits = [hang]
    async with harness(api, tmp_path) as on:
        first = asyncio.create_task(live(await on.kept(RESERVED), on.context))
        await arrived.wait()
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        left = await on.store.get(RESERVED.id)
        assert left.state is State.SUBMITTING
        job = await live(left, on.context)
    assert job.state is State.UNKNOWN
    assert "may have been charged" in in_words(job.reason)
    assert on.posts == 1


async def test_a_job_found_waiting_goes_on_without_a_new_request(api: ScriptedAPI, tmp_path: Path) -> None:
    job, on = await lived(replace(SUBMITTED, polls=2), api, tmp_path)
    assert job.state is State.DELIVERED
    assert job.polls == 3
    assert on.posts == 0


async def test_a_job_found_finished_is_downloaded_and_posted(api: ScriptedAPI, tmp_path: Path) -> None:
    job, on = await lived(replace(SUBMITTED, state=State.COMPLETED), api, tmp_path)
    assert job.state is State.DELIVERED
    assert on.server.paths == ["/api/v1/videos/remote-1", "/api/v1/videos/remote-1/content?index=0"]


async def test_a_job_found_downloaded_is_posted_after_a_search(api: ScriptedAPI, tmp_path: Path) -> None:
    """The earlier process may have posted it, longer ago than Discord remembers the nonce."""
    file = tmp_path / "videos" / "v.mp4"
    file.parent.mkdir()
    file.write_bytes(api.video)
    job, on = await lived(replace(SUBMITTED, state=State.DELIVERING, file=file), api, tmp_path)
    assert job.state is State.DELIVERED
    assert on.chat.searched == [True]
    assert on.server.arrivals == []


async def test_a_job_found_downloaded_whose_file_is_gone_is_downloaded_again(api: ScriptedAPI, tmp_path: Path) -> None:
    gone = tmp_path / "videos" / "v.mp4"
    job, on = await lived(replace(SUBMITTED, state=State.DELIVERING, file=gone), api, tmp_path)
    assert job.state is State.DELIVERED
    assert on.chat.searched == [True]
    assert on.posts == 0


async def test_a_job_found_checking_is_refused_and_nothing_is_sent(api: ScriptedAPI, tmp_path: Path) -> None:
    job, on = await lived(a_job(), api, tmp_path)
    assert job.state is State.REFUSED
    assert "You weren't charged" in in_words(job.reason)
    assert on.server.arrivals == []


@pytest.mark.parametrize("state", [State.DELIVERED, State.UNKNOWN, State.FAILED])
async def test_an_ended_job_is_left_alone(api: ScriptedAPI, tmp_path: Path, state: State) -> None:
    job, on = await lived(a_job(state=state, told=True), api, tmp_path)
    assert job == a_job(state=state, told=True)
    assert on.server.arrivals == []
    assert on.chat.shown == []


async def test_an_end_that_was_not_told_is_told(api: ScriptedAPI, tmp_path: Path) -> None:
    job, on = await lived(a_job(state=State.UNKNOWN, reason=worded("why")), api, tmp_path)
    assert job.told
    assert [in_words(shown.reason) for shown in on.chat.shown] == ["why"]
    assert on.server.arrivals == []


async def test_an_end_that_cannot_be_told_now_is_told_at_the_next_start(api: ScriptedAPI, tmp_path: Path) -> None:
    class UnreachableChat(FakeChat):
        async def show(self, job: Job) -> bool:
            return False

    job, on = await lived(RESERVED, api, tmp_path, chat=UnreachableChat())
    assert job.state is State.DELIVERED
    assert not job.told
    assert on.posts == 1


async def test_a_record_that_lacks_openrouters_id_is_a_bug(api: ScriptedAPI, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="without OpenRouter's id"):
        await lived(a_job(state=State.SUBMITTED), api, tmp_path)


@pytest.mark.slow
async def test_references_are_fetched_before_the_request_and_sent_with_it(api: ScriptedAPI, tmp_path: Path) -> None:
    async with harness(api, tmp_path) as on, serving(answering(web.Response(body=image("red")))) as pictures:
        trusted = frozenset({pictures.origin})
        async with Fetcher(tmp_path / "references", trusted=trusted, size=10**6, seconds=5) as fetcher:
            source = Source(f"{pictures.origin}/fox.png", "fox.png", attached=False)
            gathering = Collector(fetcher, bounds=DecodeLimits(1)).start([source])
            job = await live(await on.kept(a_job(sources=(source,))), on.context, gathering)
    assert job.state is State.DELIVERED
    assert [reference.name for reference in job.references] == ["fox.png"]
    (sent,) = json.loads(on.server.arrivals[0].body)["input_references"]
    assert sent["image_url"]["url"].startswith("data:image/png;base64,")


async def test_a_refused_reference_ends_the_job_before_anything_is_paid(api: ScriptedAPI, tmp_path: Path) -> None:
    async with harness(api, tmp_path) as on, serving(answering(web.Response(body=b"<html>"))) as pictures:
        trusted = frozenset({pictures.origin})
        async with Fetcher(tmp_path / "references", trusted=trusted, size=10**6, seconds=5) as fetcher:
            source = Source(f"{pictures.origin}/fox", "a.example/fox", attached=False)
            gathering = Collector(fetcher, bounds=DecodeLimits(1)).start([source])
            job = await live(await on.kept(a_job(sources=(source,))), on.context, gathering)
    assert job.state is State.REFUSED
    assert in_words(job.reason).startswith("a.example/fox is a web page")
    assert on.server.arrivals == []


async def left_reserved(api: ScriptedAPI, folder: Path) -> Reference:
    """Leave a job ready to be sent, with a picture that the earlier process had to convert."""
    async with (
        harness(api, folder) as on,
        serving(answering(web.Response(body=image("red", kind="GIF")))) as site,
    ):
        trusted = frozenset({site.origin})
        async with Fetcher(folder / "references", trusted=trusted, size=10**6, seconds=5) as fetcher:
            source = Source(f"{site.origin}/fox.gif", "fox.gif", attached=False)
            references = await Collector(fetcher, bounds=DecodeLimits(1)).start([source]).finish()
        await on.kept(a_job(state=State.RESERVED, sources=(source,), references=references))
    return references[0]


@pytest.mark.slow
async def test_a_job_that_is_resumed_sends_the_picture_as_it_was_converted(api: ScriptedAPI, tmp_path: Path) -> None:
    before = await left_reserved(api, tmp_path)
    async with harness(api, tmp_path) as on:
        (job,) = await on.store.unfinished()
        assert (await live(job, on.context)).state is State.DELIVERED
    (sent,) = json.loads(on.server.arrivals[0].body)["input_references"]
    head, _, data = sent["image_url"]["url"].partition(",")
    assert head == "data:image/jpeg;base64"
    assert hashlib.sha256(base64.b64decode(data)).hexdigest() == before.converted != before.sha256


@pytest.mark.slow
async def test_a_job_whose_picture_is_gone_when_it_is_resumed_is_not_sent(api: ScriptedAPI, tmp_path: Path) -> None:
    before = await left_reserved(api, tmp_path)
    await asyncio.to_thread(before.path.unlink)
    async with harness(api, tmp_path) as on:
        (job,) = await on.store.unfinished()
        ended = await live(job, on.context)
        assert await on.store.get(job.id) == ended
    assert (ended.state, ended.told, ended.cost) == (State.REFUSED, True, None)
    assert ended.key == ended.id
    assert in_words(ended.reason) == (
        "A reference image is gone from the bot's disk. Run the command again. You weren't charged."
    )
    assert on.chat.shown[-1] == replace(ended, told=False)
    assert on.posts == 0


async def test_a_job_that_was_never_sent_leaves_its_key_to_another(api: ScriptedAPI, tmp_path: Path) -> None:
    async with harness(api, tmp_path) as on:
        await live(await on.kept(a_job()), on.context)
        assert await on.store.create(a_job(id="another"))


@pytest.mark.parametrize("jump", [3600.0, -3600.0])
async def test_a_clock_that_jumps_an_hour_changes_nothing_but_what_is_said(
    api: ScriptedAPI, tmp_path: Path, jump: float
) -> None:
    api.polls = [{"status": "pending"}, {"status": "pending"}, DONE]
    async with harness(api, tmp_path) as on:
        job = await on.kept(RESERVED)
        steady = on.context.now
        times = iter(range(1000))
        # Every second reading of the clock is an hour off.
        context = replace(on.context, now=lambda: steady() + (jump if next(times) % 2 else 0.0))
        ended = await live(job, context)
    assert ended.state is State.DELIVERED
    assert ended.polls == 3
    assert on.posts == 1
    assert len(on.chat.posted) == 1


async def test_a_job_that_is_ready_is_not_sent_when_the_disk_has_filled_up(api: ScriptedAPI, tmp_path: Path) -> None:
    async def full() -> None:
        raise DiskFull(1, 2)

    async with harness(api, tmp_path) as on:
        job = await live(await on.kept(RESERVED), replace(on.context, check_disk=full))
    assert job.state is State.REFUSED
    assert "You weren't charged" in in_words(job.reason)
    assert on.posts == 0
