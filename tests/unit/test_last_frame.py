"""The last frame of a video: the very one, whatever the codec, in the colours that a screen shows."""

# ruff: noqa: ASYNC221 (tests look at small files of their own)
from __future__ import annotations

import asyncio
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image

from dailies.errors import MediaError
from dailies.media.last_frame import last_frame
from dailies.reason import ReasonCode
from dailies.references.cicp import code_points
from tests.support.films import FFMPEG, FINE, TONE, X264, frames, make, off, run, x265

MOST = 20_000_000


def which(picture: Image.Image, among: Sequence[Image.Image]) -> int:
    """Return the number of the frame that a picture is, from 0; it must be as good as the same."""
    apart = [off(picture, one) for one in among]
    assert min(apart) < 1
    return apart.index(min(apart))


async def extracted(path: Path, folder: Path, at: float | None = None) -> Image.Image:
    target = folder / "out"
    target.mkdir(exist_ok=True)
    taken = await last_frame(FFMPEG, path, target, most=MOST, seconds=20, at=at)
    with Image.open(taken.path) as picture:
        assert picture.size == (taken.width, taken.height)
        assert (picture.format, picture.mode) == ("PNG", "RGB")
        picture.load()
        return picture


FILMS = {
    "H.264 with B-frames": (".mp4", (*FINE, "-preset", "medium", "-bf", "3")),
    "H.264 in fragments": (".mp4", (*FINE, "-movflags", "frag_keyframe+empty_moov")),
    "H.264, 4:4:4": (".mp4", (*X264, "-pix_fmt", "yuv444p")),
    "HEVC, 10 bits": (".mp4", x265("yuv420p10le")),
    "VP9": (".webm", ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-c:a", "libopus")),
    "AV1": (".mp4", ("-c:v", "libsvtav1", "-preset", "12", "-pix_fmt", "yuv420p")),
    "ProRes": (".mov", ("-c:v", "prores_ks", "-pix_fmt", "yuv422p10le")),
    "RGB": (".mp4", ("-c:v", "libx264rgb", "-preset", "ultrafast")),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", FILMS)
async def test_it_is_the_very_last_one(tmp_path: Path, kind: str) -> None:
    extension, arguments = FILMS[kind]
    film = await asyncio.to_thread(make, tmp_path / f"film{extension}", *arguments)
    assert which(await extracted(film, tmp_path), frames(film)) == 23


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["H.264 with B-frames", "VP9"])
@pytest.mark.parametrize(("at", "number"), [(0, 0), (0.5, 12), (0.99, 23)])
async def test_that_of_a_moment_is_the_one_shown_then(tmp_path: Path, kind: str, at: float, number: int) -> None:
    extension, arguments = FILMS[kind]
    film = await asyncio.to_thread(make, tmp_path / f"film{extension}", *arguments)
    assert which(await extracted(film, tmp_path, at), frames(film)) == number


async def test_a_moment_past_the_end_is_refused_with_the_length(tmp_path: Path) -> None:
    film = await asyncio.to_thread(make, tmp_path / "film.mp4", *FINE)
    with pytest.raises(MediaError) as caught:
        await extracted(film, tmp_path, 12)
    assert caught.value.reason.code is ReasonCode.PAST_THE_END


async def test_it_is_found_where_pictures_come_irregularly(tmp_path: Path) -> None:
    late = ("-vf", r"setpts='if(eq(N\,23)\,PTS+9/TB\,PTS)'", "-fps_mode", "vfr")
    film = await asyncio.to_thread(make, tmp_path / "film.mp4", *FINE, *late, sound=False)
    assert which(await extracted(film, tmp_path), frames(film)) == 23


@pytest.mark.slow
async def test_it_is_found_long_before_the_end_of_the_sound(tmp_path: Path) -> None:
    picture = ("-f", "lavfi", "-i", "testsrc2=s=128x72:r=24:d=1")
    film = await asyncio.to_thread(run, tmp_path / "film.mp4", *picture, "-f", "lavfi", "-i", "sine=d=9", *FINE)
    assert which(await extracted(film, tmp_path), frames(film)) == 23


@pytest.mark.slow
async def test_frames_at_the_end_that_cannot_be_decoded_are_passed_over(tmp_path: Path) -> None:
    film = await asyncio.to_thread(make, tmp_path / "film.mp4", *X264, "-pix_fmt", "yuv420p", "-g", "1", sound=False)
    whole = frames(film)
    broken = bytearray(film.read_bytes())
    packets = subprocess.run(
        [FFMPEG, "-loglevel", "error", "-i", str(film), "-c", "copy", "-f", "framecrc", "-"],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout
    sizes = [int(found) for found in re.findall(r"^0,(?:[^,]*,){3}\s*(\d+)", packets, re.MULTILINE)]
    assert len(sizes) == 24
    end = broken.rindex(b"moov") - 4
    start = end - sum(sizes[-3:])
    broken[start:end] = bytes(end - start)
    film.write_bytes(broken)
    assert which(await extracted(film, tmp_path), whole) == 20


async def test_a_film_without_one_frame_that_can_be_decoded_is_refused(tmp_path: Path) -> None:
    film = await asyncio.to_thread(make, tmp_path / "film.mp4", *X264, "-pix_fmt", "yuv420p", sound=False)
    data = bytearray(film.read_bytes())
    start, end = data.index(b"mdat") + 4, data.rindex(b"moov") - 4
    data[start:end] = bytes(end - start)
    film.write_bytes(data)
    with pytest.raises(MediaError):
        await extracted(film, tmp_path)


ORANGE = (210, 90, 30)
TAGS = {"bt709": "bt709", "bt601": "smpte170m"}


@pytest.mark.parametrize(
    ("matrix", "tagged", "lines"),
    [("bt709", True, 240), ("bt601", True, 720), ("bt709", False, 720), ("bt601", False, 240)],
)
async def test_colours_are_those_that_a_player_shows(tmp_path: Path, matrix: str, tagged: bool, lines: int) -> None:
    """Without tags, players go by the size."""
    colour = "".join(f"{one:02x}" for one in ORANGE)
    picture = ("-f", "lavfi", "-i", f"color=0x{colour}:s=320x{lines}:r=24:d=0.2,format=gbrp")
    coded = ("-vf", f"scale=out_color_matrix={matrix}:out_range=tv,format=yuv420p", *X264, "-qp", "1")
    tags = ("-x264-params", f"colormatrix={TAGS[matrix]}:colorprim=bt709:transfer=bt709") if tagged else ()
    bare = () if tagged else ("-bsf:v", "h264_metadata=matrix_coefficients=2:colour_primaries=2")
    film = await asyncio.to_thread(run, tmp_path / "film.mp4", *picture, *coded, *tags, *bare)
    shown = (await extracted(film, tmp_path)).getpixel((100, 100))
    assert isinstance(shown, tuple)
    assert all(abs(one - other) <= 3 for one, other in zip(shown, ORANGE, strict=True)), shown


@pytest.mark.slow
@pytest.mark.parametrize(("transfer", "white"), [("smpte2084", 148), ("arib-std-b67", 192)])
async def test_white_in_hdr_is_white(tmp_path: Path, transfer: str, white: int) -> None:
    colours = f":colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc"
    picture = ("-f", "lavfi", "-i", f"color=0x{white:02x}{white:02x}{white:02x}:s=128x72:r=24:d=0.2")
    film = await asyncio.to_thread(run, tmp_path / "film.mp4", *picture, *x265("yuv420p10le", colours=colours))
    shown = (await extracted(film, tmp_path)).getpixel((64, 36))
    assert isinstance(shown, tuple)
    assert max(shown) - min(shown) <= 4
    assert 195 <= shown[0] <= 245, shown


@pytest.mark.slow
async def test_the_picture_says_of_its_colours_only_that_they_are_srgb(tmp_path: Path) -> None:
    tags = ("-x264-params", "colormatrix=bt709:colorprim=bt709:transfer=bt709")
    film = await asyncio.to_thread(make, tmp_path / "film.mp4", *FINE, *tags)
    target = (await last_frame(FFMPEG, film, tmp_path, most=MOST, seconds=20)).path
    with Image.open(target) as picture:
        assert code_points(picture, target.read_bytes()) in (None, (1, 13))
        assert "gamma" not in picture.info or "srgb" in picture.info
        assert "icc_profile" not in picture.info


@pytest.mark.slow
async def test_a_picture_that_would_be_too_large_is_the_best_jpeg(tmp_path: Path) -> None:
    film = await asyncio.to_thread(make, tmp_path / "film.mp4", *FINE)
    png = await last_frame(FFMPEG, film, tmp_path, most=MOST, seconds=20)
    size = png.path.stat().st_size
    assert (await last_frame(FFMPEG, film, tmp_path, most=size, seconds=20)).path.suffix == ".png"
    taken = await last_frame(FFMPEG, film, tmp_path, most=size - 1, seconds=20)
    with Image.open(taken.path) as picture, Image.open(png.path) as exact:
        assert picture.format == "JPEG"
        assert off(picture.convert("RGB"), exact.convert("RGB")) < 2


@pytest.mark.slow
async def test_it_stands_upright_and_has_square_pixels(tmp_path: Path) -> None:
    wide = await asyncio.to_thread(make, tmp_path / "wide.mp4", *FINE, "-vf", "setsar=2")
    turned = await asyncio.to_thread(
        run, tmp_path / "turned.mp4", "-display_rotation", "90", "-i", str(wide), "-c", "copy"
    )
    assert (await extracted(wide, tmp_path)).size == (256, 72)
    assert (await extracted(turned, tmp_path)).size == (72, 256)


async def test_sound_alone_has_none(tmp_path: Path) -> None:
    sound = await asyncio.to_thread(run, tmp_path / "sound.mp4", *TONE, "-c:a", "aac")
    with pytest.raises(MediaError):
        await extracted(sound, tmp_path)
