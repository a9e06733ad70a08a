"""A job with several outputs: each is downloaded, kept and posted once, and one that is lost holds back no other."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from cogs.delivery.attachment import is_named_after
from cogs.status.view import status_view
from dailies import explain
from dailies.delivery.chat import Posted, Upload
from dailies.delivery.limits import ClaimedLimits
from dailies.delivery.page import SharedVideo
from dailies.delivery.serving import add_files
from dailies.errors import NotAllowed, PerhapsPosted
from dailies.job import Job, Place, State
from dailies.jobs.download import MOST_OUTPUTS, REST_SECONDS
from dailies.jobs.life import live
from dailies.jobs.redeliver import post_again
from dailies.retention import Retention
from dailies.store.cast import CastStore
from dailies.store.drafts import DraftStore
from dailies.store.library import Library
from dailies.store.reviews import ReviewStore
from dailies.store.screenings import ScreeningStore
from dailies.store.server_settings import ServerSettingStore
from dailies.store.shots import ShotStore
from tests.support.reasons import worded
from tests.unit.job_context import DONE, LIMITS, ScriptedAPI, harness, lived
from tests.unit.kit import FakeChat, a_job

SUBMITTED = a_job(state=State.SUBMITTED, openrouter_id="remote-1", submitted_at=1_790_000_000.0)
AWAY = Place(guild_id=1, channel_id=2, requester_id=3, status_message_id=4, token_only=True)


@dataclass
class Several(ScriptedAPI):
    """Lists so many outputs. dead: indexes that answer 502."""

    number: int = 2
    dead: set[int] = field(default_factory=set[int])
    asked: list[int] = field(default_factory=list[int])

    def __post_init__(self) -> None:
        urls = [f"/api/v1/videos/remote-1/content?index={index}" for index in range(self.number)]
        self.polls = [{**DONE, "unsigned_urls": urls}]

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        if "/content" not in request.path:
            return await super().__call__(request)
        index = int(request.query["index"])
        self.asked.append(index)
        if index in self.dead:
            return web.json_response({"error": {"code": 502, "message": "gone"}}, status=502)
        return web.Response(body=self.video)


@dataclass
class Channel(FakeChat):
    """A channel that keeps what was posted. dies_at: number of the output after whose post the process is killed."""

    dies_at: int = 0
    there: dict[int, int] = field(default_factory=dict[int, int])

    async def post(self, job: Job, upload: Upload, *, again: bool) -> Posted:
        """Post an output, and perhaps die before that is known."""
        posted = await super().post(job, upload, again=again)
        self.there[upload.number] = posted.message_id
        if upload.number == self.dies_at:
            self.dies_at = 0
            raise asyncio.CancelledError
        return posted

    async def find(self, job: Job, *, direct: bool, channel_id: int | None = None, number: int = 1) -> Posted | None:
        """Return the message of an output."""
        return Posted(self.there[number]) if number in self.there else None


def receipt(job: Job) -> str:
    """Return the status of a job in words."""
    return str([one.to_component_dict() for one in status_view(job, []).children])


@pytest.mark.slow
async def test_every_output_is_posted_once_under_its_own_name_and_nonce(api: ScriptedAPI, tmp_path: Path) -> None:
    job, on = await lived(SUBMITTED, Several(api.video, number=4), tmp_path)

    assert job.state is State.DELIVERED
    name = job.id
    assert on.chat.posted == [f"{name}.mp4", f"{name}.2.mp4", f"{name}.3.mp4", f"{name}.4.mp4"]
    assert [one.nonce for one in on.chat.uploads] == [name, f"{name}-2", f"{name}-3", f"{name}-4"]
    assert explain.sentences(on.chat.uploads[1].words).startswith("video 2 of 4 is ready")
    assert sorted(path.name for path in (tmp_path / "videos").glob("*.mp4")) == sorted(on.chat.posted)
    assert [one.message_id for one in job.outputs] == [901, 902, 903, 904]
    assert job.video_message_id == 901
    assert "to the first of 4 videos" in receipt(job)


@pytest.mark.parametrize("dead", [0, 1, 2])
async def test_an_output_that_cannot_be_had_is_named_and_holds_back_no_other(
    dead: int, api: ScriptedAPI, tmp_path: Path
) -> None:
    days = replace(LIMITS, download_seconds=2 * 86400)
    async with harness(Several(api.video, number=3, dead={dead}), tmp_path, job_limits=days) as on:
        job = await live(await on.kept(SUBMITTED), on.context)

    assert job.state is State.DELIVERED
    assert [one.number for one in on.chat.uploads] == [n for n in (1, 2, 3) if n != dead + 1]
    assert f"Video {dead + 1} of 3 couldn't be downloaded" in receipt(job)
    assert sum(on.sleeps.seconds[1:]) == pytest.approx(REST_SECONDS)  # the first one is the wait for the job's end


async def test_without_any_output_the_job_is_undelivered(api: ScriptedAPI, tmp_path: Path) -> None:
    job, on = await lived(SUBMITTED, Several(api.video, number=2, dead={0, 1}), tmp_path)

    assert (job.state, job.file, on.chat.uploads) == (State.UNDELIVERED, None, [])


@pytest.mark.slow
async def test_no_more_than_ten_are_downloaded(api: ScriptedAPI, tmp_path: Path) -> None:
    many = Several(api.video, number=30)
    _, on = await lived(SUBMITTED, many, tmp_path)

    assert len(on.chat.posted) == MOST_OUTPUTS
    assert set(many.asked) == set(range(MOST_OUTPUTS))


@pytest.mark.slow
@pytest.mark.parametrize("number", [1, 2, 3])
async def test_a_kill_right_after_any_post_posts_nothing_twice(number: int, api: ScriptedAPI, tmp_path: Path) -> None:
    chat = Channel(dies_at=number)
    async with harness(Several(api.video, number=3), tmp_path, chat=chat) as on:
        with pytest.raises(asyncio.CancelledError):
            await live(await on.kept(SUBMITTED), on.context)
        job = await live(await on.store.get(SUBMITTED.id), on.context)

    assert job.state is State.DELIVERED
    assert chat.posted == [f"{job.id}.mp4", f"{job.id}.2.mp4", f"{job.id}.3.mp4"]
    assert [one.message_id for one in job.outputs] == [901, 902, 903]


async def test_after_a_restart_only_missing_files_are_downloaded_again(api: ScriptedAPI, tmp_path: Path) -> None:
    several, chat = Several(api.video, number=2), Channel(dies_at=2)
    async with harness(several, tmp_path, chat=chat) as on:
        with pytest.raises(asyncio.CancelledError):
            await live(await on.kept(SUBMITTED), on.context)
        chat.there.clear()  # the second was not posted after all
        (tmp_path / "videos" / f"{SUBMITTED.id}.2.mp4").unlink()
        several.asked.clear()
        job = await live(await on.store.get(SUBMITTED.id), on.context)

    assert several.asked == [1]
    assert job.state is State.DELIVERED
    assert [one.number for one in chat.uploads] == [1, 2, 2]


async def test_an_output_that_is_refused_holds_back_no_other(api: ScriptedAPI, tmp_path: Path) -> None:
    refusals = [NotAllowed(worded("no")), NotAllowed(worded("not here either"))]
    job, on = await lived(SUBMITTED, Several(api.video, number=2), tmp_path, chat=FakeChat(troubles=[*refusals]))

    assert job.state is State.DELIVERED
    assert on.chat.posted == [f"{job.id}.2.mp4"]
    assert job.video_message_id == 901
    assert "Video 1 of 2 couldn't be posted" in receipt(job)


async def test_follow_ups_are_each_sent_once(api: ScriptedAPI, tmp_path: Path) -> None:
    chat = FakeChat(follow_up_troubles=[PerhapsPosted()])
    job, _ = await lived(replace(SUBMITTED, place=AWAY), Several(api.video, number=3), tmp_path, chat=chat)

    assert [one.number for one in chat.followed_up] == [1, 2, 3]
    assert [one.message_id is not None for one in job.outputs] == [False, True, True]
    assert "may already be posted" in receipt(job)


async def test_a_follow_up_that_was_begun_before_a_kill_is_not_sent_again(api: ScriptedAPI, tmp_path: Path) -> None:
    chat = FakeChat()

    async def die() -> None:
        if len(chat.followed_up) == 2:
            chat.meanwhile = nothing
            raise asyncio.CancelledError

    async def nothing() -> None:
        """Live on."""

    chat.meanwhile = die
    async with harness(Several(api.video, number=3), tmp_path, chat=chat) as on:
        with pytest.raises(asyncio.CancelledError):
            await live(await on.kept(replace(SUBMITTED, place=AWAY)), on.context)
        job = await live(await on.store.get(SUBMITTED.id), on.context)

    assert [one.number for one in chat.followed_up] == [1, 2, 3]
    assert job.state is State.DELIVERED
    assert "Video 2 of 3 couldn't be posted" in receipt(job)


async def test_all_are_posted_again_and_all_leave_the_disk(api: ScriptedAPI, tmp_path: Path) -> None:
    async with harness(Several(api.video, number=2), tmp_path) as on:
        job = await live(await on.kept(SUBMITTED), on.context)
        engine = on.store._engine  # pyright: ignore[reportPrivateUsage]
        library = Library(engine, on.store)
        nonce, courier = "1450000000000000000", on.context.courier
        await post_again(job, nonce, library=library, chat=on.chat, courier=courier, running=False)

        assert on.chat.posted == [f"{job.id}.mp4", f"{job.id}.2.mp4"] * 2
        assert [one.nonce for one in on.chat.uploads[2:]] == ["1450000000000000000", "1450000000000000000-2"]
        assert explain.sentences(on.chat.uploads[3].words) == "here's video 2 of 2 again"

        held = library, DraftStore(engine, on.store, tmp_path), CastStore(engine, on.store, tmp_path)
        held = (*held, ServerSettingStore(engine, on.store), ShotStore(engine, on.store.patiently))
        held = (*held, ReviewStore(engine, on.store.patiently), ScreeningStore(engine, on.store))
        assert await Retention(*held, tmp_path, days=14, now=lambda: on.now() + 86400).tidy() == 0
        assert await Retention(*held, tmp_path, days=14, now=lambda: on.now() + 15 * 86400).tidy() == 2
    assert not list((tmp_path / "videos").iterdir())


async def test_a_link_to_each_output_opens_it(api: ScriptedAPI, tmp_path: Path) -> None:
    small = ClaimedLimits(1000, 1000)
    job, on = await lived(
        SUBMITTED, Several(api.video, number=2), tmp_path, chat=FakeChat(said=small), public_url="https://bot.example"
    )
    app = web.Application()
    (tmp_path / "videos" / f"{job.id}.2.mp4").write_bytes(api.video + b"second")

    async def find(_: str) -> SharedVideo:
        assert job.file
        return SharedVideo(job.file, "https://bot.example/files/t", "A kite")

    add_files(app, find)
    pages = [str(one.words[-1].values["url"]) for one in on.chat.uploads]
    assert [url.rsplit("/", 1)[1] for url in pages] == [f"{job.id}.html", f"{job.id}.2.html"]
    urls = [url.replace(".html", ".mp4") for url in pages]
    async with TestClient(TestServer(app)) as reader:
        files = [await (await reader.get(url.removeprefix("https://bot.example"))).read() for url in urls]
        stranger = await reader.get(urls[1].removeprefix("https://bot.example").replace(job.id, "ffffffffffffffff"))
        assert await stranger.read() == files[1]  # the token chooses the job, never the name
    assert files == [api.video, api.video + b"second"]


def test_the_names_that_earlier_versions_gave_outputs_are_told_apart() -> None:
    job = a_job()
    for number, name in ((1, job.id), (2, f"{job.id}.2"), (10, f"{job.id}.10")):
        for one in (f"{name}.mp4", f"https://a.example/files/t/{name}.play.mp4||"):
            assert [n for n in range(1, 12) if is_named_after(one, job, n)] == [number]
