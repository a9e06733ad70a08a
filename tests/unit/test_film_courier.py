"""Films of several takes that Discord finds too large: made smaller, and posted once."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from pathlib import Path

import imageio_ffmpeg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies.delivery.courier import DeliveryTools
from dailies.delivery.film_courier import FilmCourier, FilmOrder, FilmUpload
from dailies.delivery.films import Film
from dailies.delivery.limits import ClaimedLimits, UploadLimitStore
from dailies.errors import FileTooLarge
from dailies.explain import sentence
from dailies.media.encode import Encoder
from dailies.media.probe import probe
from dailies.reason import Reason
from tests.unit.kit import Now, Sleeps

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a film of noise, which no encoder makes small by itself: about 1 MB."""
    target = tmp_path_factory.mktemp("noise") / "reel.mp4"
    inputs = ["-f", "lavfi", "-i", "color=gray:s=320x180:r=24:d=2,noise=alls=100:allf=t", "-b:v", "5M"]
    subprocess.run([FFMPEG, "-loglevel", "error", *inputs, "-pix_fmt", "yuv420p", str(target)], check=True)
    return target


@pytest.fixture
def reel(noise: Path, tmp_path: Path) -> Path:
    """Return a copy of that film in a folder of its own."""
    return Path(shutil.copy(noise, tmp_path))


@pytest.mark.slow
async def test_a_film_that_is_refused_as_too_large_is_fitted_and_posted_once(
    engine: AsyncEngine, reel: Path, tmp_path: Path
) -> None:
    video = await probe(FFMPEG, reel, seconds=20)
    taken = video.size // 2
    sizes: list[int] = []
    posted: list[FilmUpload] = []

    async def post(upload: FilmUpload, _: bool) -> int:
        assert upload.file is not None
        sizes.append((await asyncio.to_thread(upload.file.stat)).st_size)
        if sizes[-1] > taken:
            raise FileTooLarge(sizes[-1])
        posted.append(upload)
        return 77

    async def said(_: Reason | None) -> None:
        pass

    encoder = Encoder(FFMPEG, jobs=1, seconds=60)
    tools = DeliveryTools(UploadLimitStore(engine, Now()), encoder, None, FFMPEG, media_seconds=20, tries=1)
    claims = ClaimedLimits(10_000_000, None)
    order = FilmOrder(Film(reel, video.size, video=video), 1, claims, None, whole=False, hidden=False, post=post)
    message = await FilmCourier(tools, sleep=Sleeps()).deliver(order, said)

    assert message == 77
    assert sizes[0] == video.size
    assert sizes[-1] <= taken < video.size
    (upload,) = posted
    assert [sentence(one) for one in upload.words] != []
    left = await asyncio.to_thread(os.listdir, tmp_path)
    assert [one for one in left if one.endswith(".mp4")] == ["reel.mp4"], "the smaller copy is left over"
