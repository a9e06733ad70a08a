"""The files of a comparison while people vote: nothing in them tells which model made them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import imageio_ffmpeg
import pytest
from sqlalchemy import update

from dailies.delivery.chat import ClaimedLimits
from dailies.job import Job, State
from dailies.media.playable import playable
from dailies.reason import ReasonCode
from dailies.schema import jobs
from tests.support.videos import render
from tests.unit import test_shares
from tests.unit.job_context import ScriptedAPI, harness, lived
from tests.unit.kit import FakeChat, a_job
from tests.unit.test_compare_delivery import CAME, FAILED, kept, lived_all
from tests.unit.test_shares import BYTES, FileSite

site = test_shares.site

NAME = b"Seedance 2.0 by ByteDance"


def signed(video: Path, target: Path) -> Path:
    """Copy a video with a model's name written into it."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-loglevel", "error", "-y", "-i", str(video), "-c", "copy"]
    command += ["-metadata", f"comment={NAME.decode()}", "-metadata:s:v:0", f"handler_name={NAME.decode()}"]
    subprocess.run([*command, "-movflags", "+faststart", str(target)], check=True, timeout=60)
    return target


@pytest.fixture
def clip(tmp_path: Path, mp4: Path) -> Path:
    """Make a video that plays everywhere, and says which model made it."""
    made = signed(mp4, tmp_path / "signed.mp4")
    assert NAME in made.read_bytes()
    return made


def holds_name(path: Path | None) -> bool:
    return path is None or NAME in path.read_bytes()


@pytest.mark.slow
async def test_videos_in_one_message_do_not_name_their_models(api: ScriptedAPI, tmp_path: Path, clip: Path) -> None:
    async with harness(api, tmp_path) as on:
        ended = await lived_all(on, await kept(on, CAME, CAME, clip=clip))
        assert len(on.chat.together) == 1
        assert not any(map(holds_name, on.chat.paths))
        assert all(holds_name(job.file) for job in ended), "the files that came stay as they are"


@pytest.mark.slow
async def test_a_video_in_a_message_of_its_own_does_not_name_its_model(
    api: ScriptedAPI, tmp_path: Path, clip: Path
) -> None:
    async with harness(api, tmp_path) as on:
        takes = await kept(on, CAME, FAILED, clip=clip)
        await lived_all(on, takes[:1])
        (upload,) = on.chat.uploads
        assert not holds_name(upload.file)
        assert [one.code for one in upload.words] == [ReasonCode.COMPARE_LATE]


async def test_a_video_outside_of_comparisons_is_posted_as_it_came(
    api: ScriptedAPI, tmp_path: Path, clip: Path
) -> None:
    api.video = clip.read_bytes()  # noqa: ASYNC240 (a small file)
    chat = FakeChat()
    ended, _ = await lived(a_job(state=State.QUEUED), api, tmp_path, chat=chat)
    assert chat.uploads[0].file == ended.file


@pytest.mark.slow
async def test_videos_that_had_to_be_converted_come_in_one_message_too(api: ScriptedAPI, tmp_path: Path) -> None:
    late = render(tmp_path / "late.mp4", faststart=False)
    async with harness(api, tmp_path) as on:
        takes = await kept(on, CAME, CAME, clip=late)
        ended = await lived_all(on, takes)
        assert on.chat.together == [tuple(job.id for job in takes)]
        assert [job.state for job in ended] == [State.DELIVERED] * 2


@pytest.mark.slow
async def test_one_video_that_is_too_large_alone_is_made_smaller_and_the_others_come_beside_it(
    api: ScriptedAPI, tmp_path: Path
) -> None:
    small, large = render(tmp_path / "s.mp4"), render(tmp_path / "l.mp4", seconds=8)
    most = large.stat().st_size * 2 // 3
    chat = FakeChat(said=ClaimedLimits(most, most))
    async with harness(api, tmp_path, chat=chat) as on:
        takes = await kept(on, CAME, CAME, clip=small)
        await _replace(takes[1], large)
        ended = await lived_all(on, takes)
        assert [job.state for job in ended] == [State.DELIVERED] * 2
        assert all(size <= most for size in chat.sizes)
        assert len(chat.posted) == 2


async def _replace(job: Job, clip: Path) -> None:
    assert job.file
    job.file.write_bytes(clip.read_bytes())  # noqa: ASYNC240 (a small file)


async def test_a_link_opens_the_file_as_it_came_once_the_vote_has_ended_and_not_before(site: FileSite) -> None:
    assert site.job.file
    playable(site.job.file).write_bytes(b"tracks alone")
    url = await site.link()
    async with site.engine.begin() as connection:
        await connection.execute(update(jobs).values(compared=True))
    async with site.session.get(url) as response:
        assert await response.read() == b"tracks alone"
    async with site.engine.begin() as connection:
        await connection.execute(update(jobs).values(votes=0))
    async with site.session.get(url) as response:
        assert await response.read() == BYTES
