"""Whatever a model delivers is posted as a film that plays on every device."""

# ruff: noqa: ASYNC240 (tests look at small files of their own)
from __future__ import annotations

import asyncio
import hashlib
import re
from pathlib import Path

import pytest

from dailies import explain
from dailies.delivery.films import Film, Films
from dailies.media.encode import Encoder
from dailies.media.playable import playable
from dailies.reason import Reason
from tests.support.films import FFMPEG, FINE, PICTURE, X264, decoded, described, make, pixel, run, x265
from tests.support.reasons import in_words

JOB = "0123456789abcdef"


async def prepared(path: Path, ffmpeg: str = FFMPEG) -> Film:
    """Prepare a file for its post as the courier does."""
    return await films(ffmpeg).prepare(JOB, path, _nothing)


def films(ffmpeg: str = FFMPEG) -> Films:
    return Films(Encoder(ffmpeg, jobs=1, seconds=60), ffmpeg, probe_seconds=20)


async def _nothing(_: Reason | None) -> None:
    """Ignore progress."""


def short(target: Path, *arguments: str, sound: bool = True, picture: tuple[str, ...] = PICTURE) -> Path:
    """Make a file of half a second: a dozen pictures show what many would."""
    return make(target, *arguments, "-t", "0.5", sound=sound, picture=picture)


def plays_everywhere(path: Path, *, sound: bool) -> str:
    """Decode a file, and check it by ffmpeg's description and by its bytes; return the description of its picture."""
    said = decoded(path)
    streams = re.findall(r"Stream #0:\d+.*", said)
    video = next(line for line in streams if "Video: " in line)
    assert re.search(r"Video: h264 \((Constrained Baseline|Baseline|Main|High)\) \(avc1 ", video), video
    assert re.search(r" yuvj?420p\(", video), video
    assert "attached pic" not in said
    assert not re.search(r"(top|bottom) (coded )?first|smpte2084|arib-std-b67|bt2020", video), video
    assert not (shape := re.search(r"SAR (\d+):(\d+)", video)) or shape[1] == shape[2]
    if sound:
        assert re.search(r"Audio: aac \(LC\)", streams[1]), streams
    assert len(streams) == 1 + sound, streams
    assert "major_brand     : qt" not in said
    data = path.read_bytes()
    assert data[4:8] == b"ftyp"
    assert data.index(b"moov") < data.index(b"mdat")
    assert b"moof" not in data
    return video


KEPT_PICTURE = {
    "moov at the end": (".mp4", (*X264, "-pix_fmt", "yuv420p", "-c:a", "aac")),
    "fragmented": (".mp4", (*FINE[:-2], "-movflags", "frag_keyframe+empty_moov")),
    "QuickTime": (".mov", FINE),
    "Matroska": (".mkv", FINE),
    "FLV": (".flv", FINE[:-2]),
    "MPEG-TS": (".ts", FINE[:-2]),
    "AVI with H.264 and PCM": (".avi", (*X264, "-pix_fmt", "yuv420p", "-bf", "0", "-c:a", "pcm_s16le")),
    "AC-3": (".mp4", (*FINE, "-c:a", "ac3")),
    "E-AC-3": (".mp4", (*FINE, "-c:a", "eac3")),
    "FLAC": (".mp4", (*FINE, "-c:a", "flac", "-strict", "-2")),
    "Opus": (".mp4", (*FINE, "-c:a", "libopus")),
    "MP3": (".mp4", (*FINE, "-c:a", "libmp3lame")),
    "5.1 AC-3": (".mp4", (*FINE, "-c:a", "ac3", "-ac", "6")),
    "96 kHz FLAC": (".mp4", (*FINE, "-c:a", "flac", "-ar", "96000", "-strict", "-2")),
    "time codes": (".mp4", (*FINE, "-timecode", "01:00:00:00")),
    "chapters' data": (".mov", (*FINE, "-timecode", "01:00:00:00", "-write_tmcd", "1")),
}
"""Files whose picture is fine: only the rest is made anew."""

NEW_PICTURE = {
    "HEVC, hvc1": (".mp4", x265()),
    "HEVC, hev1": (".mp4", x265(tag="hev1")),
    "HEVC, 10 bit": (".mp4", x265("yuv420p10le")),
    "H.264, 10 bit": (".mp4", (*X264, "-pix_fmt", "yuv420p10le")),
    "H.264, 4:2:2": (".mp4", (*X264, "-pix_fmt", "yuv422p")),
    "H.264, 4:4:4": (".mp4", (*X264, "-pix_fmt", "yuv444p")),
    "H.264 of RGB": (".mp4", ("-c:v", "libx264rgb", "-preset", "ultrafast")),
    "interlaced": (".mp4", (*X264, "-vf", "interlace", "-flags", "+ilme+ildct", "-pix_fmt", "yuv420p")),
    "pixels that are not square": (".mp4", (*FINE, "-vf", "setsar=4/3")),
    "MPEG-4 part 2": (".mp4", ("-c:v", "mpeg4", "-pix_fmt", "yuv420p")),
    "VP9 in MP4": (".mp4", ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8")),
    "AV1 in MP4": (".mp4", ("-c:v", "libsvtav1", "-preset", "13", "-svtav1-params", "lp=1")),
    "WebM": (".webm", ("-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus")),
    "WebM with transparency": (".webm", ("-c:v", "libvpx", "-auto-alt-ref", "0", "-pix_fmt", "yuva420p")),
    "ProRes": (".mov", ("-c:v", "prores_ks", "-c:a", "pcm_s16le")),
    "ProRes 4444": (".mov", ("-c:v", "prores_ks", "-profile:v", "4444", "-pix_fmt", "yuva444p10le")),
    "Motion JPEG in AVI": (".avi", ("-c:v", "mjpeg", "-c:a", "pcm_s16le")),
    "MPEG-2": (".mpg", ("-c:v", "mpeg2video", "-r", "25")),
    "WMV": (".wmv", ("-c:v", "wmv2", "-c:a", "wmav1")),
    "GIF": (".gif", ()),
    "animated WebP": (".webp", ("-c:v", "libwebp_anim", "-loop", "0")),
    "animated PNG": (".apng", ("-plays", "0")),
}
SILENT = {"GIF", "animated WebP", "animated PNG"}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KEPT_PICTURE)
async def test_what_only_needs_another_container_or_sound_keeps_its_picture(kind: str, tmp_path: Path) -> None:
    extension, arguments = KEPT_PICTURE[kind]
    came = await asyncio.to_thread(short, tmp_path / f"{JOB}{extension}", *arguments)
    before = digest(came)
    film = await prepared(came)

    plays_everywhere(film.path, sound=True)
    assert digest(came) == before
    assert film.path == playable(came)
    assert frames(film.path) == frames(came)
    assert "H.264" not in in_words(film.note)
    assert "/jobs original gives you the file" in explain.sentences(film.words)


@pytest.mark.slow
@pytest.mark.parametrize("kind", NEW_PICTURE)
async def test_what_some_devices_cannot_show_is_encoded_for_all(kind: str, tmp_path: Path) -> None:
    extension, arguments = NEW_PICTURE[kind]
    sound = kind not in SILENT
    came = await asyncio.to_thread(short, tmp_path / f"{JOB}{extension}", *arguments, sound=sound)
    before = digest(came)
    film = await prepared(came)

    plays_everywhere(film.path, sound=sound)
    assert digest(came) == before
    assert film.video is not None
    assert abs(film.video.seconds - 0.5) < 0.15
    assert "→ H.264" in in_words(film.note)
    assert "so that it plays on every device" in explain.sentences(film.words)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def frames(path: Path) -> list[str]:
    """Return a checksum of each decoded picture."""
    listed = run(
        path.with_suffix(".sums"), "-i", str(path), "-map", "0:V:0", "-fps_mode", "passthrough", "-f", "framemd5"
    )
    return [line.rsplit(",", 1)[1] for line in listed.read_text().splitlines() if not line.startswith("#")]


@pytest.mark.parametrize("sound", [True, False])
@pytest.mark.parametrize("pixels", ["yuv420p", "yuvj420p"])
async def test_a_film_that_plays_everywhere_is_posted_to_the_byte(tmp_path: Path, *, sound: bool, pixels: str) -> None:
    came = await asyncio.to_thread(short, tmp_path / f"{JOB}.mp4", *FINE, "-pix_fmt", pixels, sound=sound)
    film = await prepared(came)
    assert (film.path, film.note, film.words) == (came, None, ())
    assert list(tmp_path.iterdir()) == [came]


async def test_a_film_with_six_channels_of_aac_is_posted_to_the_byte(tmp_path: Path) -> None:
    came = await asyncio.to_thread(short, tmp_path / f"{JOB}.mp4", *FINE, "-ac", "6")
    assert (await prepared(came)).path == came


@pytest.mark.slow
@pytest.mark.parametrize("order", ["after", "before"])
async def test_a_picture_beside_the_film_is_left_out(tmp_path: Path, order: str) -> None:
    film = await asyncio.to_thread(short, tmp_path / "film.mp4", *FINE)
    cover = await asyncio.to_thread(run, tmp_path / "cover.jpg", *PICTURE, "-frames:v", "1")
    inputs = [film, cover] if order == "after" else [cover, film]
    maps = ["-map", "0", "-map", "1", "-c", "copy"]
    attached = ["-disposition:v:1", "attached_pic"] if order == "after" else []
    files = [part for path in inputs for part in ("-i", str(path))]
    came = await asyncio.to_thread(run, tmp_path / f"{JOB}.mp4", *files, *maps, *attached)

    made = await prepared(came)
    plays_everywhere(made.path, sound=True)
    assert frames(made.path) == frames(film)


@pytest.mark.slow
async def test_a_film_turned_by_its_index_stays_upright(tmp_path: Path) -> None:
    film = await asyncio.to_thread(short, tmp_path / "film.mp4", *FINE)
    turned = await asyncio.to_thread(
        run, tmp_path / "turned.mp4", "-display_rotation", "90", "-i", str(film), "-c", "copy"
    )
    video = (await prepared(turned)).video
    assert video is not None
    assert (video.width, video.height, video.track.rotation % 360) == (72, 128, 90)

    hevc = await asyncio.to_thread(short, tmp_path / "hevc.mp4", *x265())
    came = await asyncio.to_thread(run, tmp_path / "h.mp4", "-display_rotation", "90", "-i", str(hevc), "-c", "copy")
    video = (await prepared(came)).video
    assert video is not None
    assert (video.width, video.height, video.track.rotation) == (72, 128, 0)


@pytest.mark.parametrize("size", ["127x71", "128x71", "33x65"])
async def test_odd_sides_become_even(tmp_path: Path, size: str) -> None:
    picture = ("-f", "lavfi", "-i", f"testsrc2=s={size}:r=24:d=1")
    came = await asyncio.to_thread(
        short, tmp_path / f"{JOB}.mp4", *X264, "-pix_fmt", "yuv444p", picture=picture, sound=False
    )
    video = (await prepared(came)).video
    assert video is not None
    assert (video.width % 2, video.height % 2) == (0, 0)
    assert abs(video.width - int(size.split("x")[0])) <= 1


async def test_pixels_that_are_not_square_keep_the_shape_of_the_picture(tmp_path: Path) -> None:
    came = await asyncio.to_thread(short, tmp_path / f"{JOB}.mp4", *FINE, "-vf", "setsar=2")
    video = (await prepared(came)).video
    assert video is not None
    assert (video.width, video.height) == (256, 72)


HDR = {"PQ": ("smpte2084", 148), "HLG": ("arib-std-b67", 192)}
"""ffmpeg's name of the transfer, and the code of 203 candela, white paper, in 8 bits of full range (ITU-R BT.2408)."""


@pytest.mark.slow
@pytest.mark.parametrize("kind", HDR)
async def test_hdr_becomes_what_an_ordinary_screen_shows(tmp_path: Path, kind: str) -> None:
    transfer, white = HDR[kind]
    colours = f":colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc"
    picture = ("-f", "lavfi", "-i", f"color=0x{white:02x}{white:02x}{white:02x}:s=128x72:r=24:d=1")
    came = await asyncio.to_thread(
        short, tmp_path / f"{JOB}.mp4", *x265("yuv420p10le", colours=colours), picture=picture
    )
    film = await prepared(came)

    assert "bt709" in plays_everywhere(film.path, sound=True)
    red, green, blue = pixel(film.path, 0.25)
    assert max(red, green, blue) - min(red, green, blue) <= 4
    assert 195 <= green <= 245  # white paper stays bright, and leaves room for light
    assert "HDR" in in_words(film.note)
    assert "dull" not in explain.sentences(film.words)


@pytest.mark.slow
async def test_an_ffmpeg_that_cannot_tone_map_says_that_colours_may_be_dull(tmp_path: Path) -> None:
    poor = tmp_path / "ffmpeg"
    poor.write_text(f'#!/bin/sh\ncase "$*" in *-filters*) exit 0;; esac\nexec {FFMPEG} "$@"\n')
    poor.chmod(0o755)
    colours = ":colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc"
    came = await asyncio.to_thread(short, tmp_path / f"{JOB}.mp4", *x265("yuv420p10le", colours=colours))
    film = await prepared(came, str(poor))

    assert "yuv420p(" in described(film.path)
    assert "Its colours may look dull" in explain.sentences(film.words)


@pytest.mark.slow
async def test_pictures_that_come_irregularly_get_a_constant_rate(tmp_path: Path) -> None:
    uneven = "select='not(mod(n,2))+lt(random(0),0.3)'"
    came = await asyncio.to_thread(
        short, tmp_path / f"{JOB}.mkv", "-vf", uneven, "-fps_mode", "vfr", "-c:v", "libvpx", "-deadline", "realtime"
    )
    film = await prepared(came)
    assert film.video is not None
    assert film.video.track.exact == film.video.track.frames == 24


@pytest.mark.slow
async def test_the_rates_of_television_stay_exact(tmp_path: Path) -> None:
    picture = ("-f", "lavfi", "-i", "testsrc2=s=128x72:r=24000/1001:d=1")
    came = await asyncio.to_thread(short, tmp_path / f"{JOB}.mp4", *x265(), picture=picture)
    film = await prepared(came)
    assert film.video is not None
    assert "24k tbn" in described(film.path)


@pytest.mark.slow
async def test_mono_sound_stays_mono_and_more_than_two_channels_become_two(tmp_path: Path) -> None:
    for channels, expected in ((1, "mono"), (2, "stereo"), (6, "stereo")):
        target = tmp_path / f"{channels}.mp4"
        came = await asyncio.to_thread(short, target, *FINE, "-c:a", "ac3", "-ac", str(channels))
        assert expected in described((await prepared(came)).path)


@pytest.mark.slow
async def test_a_conversion_is_made_once_and_anew_only_for_a_new_file(tmp_path: Path) -> None:
    came = await asyncio.to_thread(short, tmp_path / f"{JOB}.mp4", *x265())
    first = await prepared(came)
    made = first.path.stat().st_ino
    again = await prepared(came)
    assert again.path.stat().st_ino == made
    assert (again.note, again.words) == (first.note, first.words)

    await asyncio.to_thread(short, came, *x265("yuv420p10le"))
    anew = await prepared(came)
    assert anew.path.stat().st_ino != made
    assert "10 bit" in in_words(anew.note)


@pytest.mark.slow
async def test_half_a_conversion_is_never_posted(tmp_path: Path) -> None:
    came = await asyncio.to_thread(short, tmp_path / f"{JOB}.mp4", *x265())
    whole = (await prepared(came)).path
    whole.write_bytes(whole.read_bytes()[:2000])
    plays_everywhere((await prepared(came)).path, sound=True)


async def test_a_conversion_that_was_stopped_leaves_nothing(tmp_path: Path) -> None:
    came = await asyncio.to_thread(short, tmp_path / f"{JOB}.mp4", *x265())

    async def stop(_: Reason | None) -> None:
        await asyncio.sleep(0.01)
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await films().prepare(JOB, came, stop)
    assert list(tmp_path.iterdir()) == [came]


async def test_a_conversion_that_fails_posts_what_came_and_says_so(tmp_path: Path) -> None:
    failing = tmp_path / "ffmpeg"
    failing.write_text(f'#!/bin/sh\ncase "$*" in *libx264*) exit 1;; esac\nexec {FFMPEG} "$@"\n')
    failing.chmod(0o755)
    came = await asyncio.to_thread(short, tmp_path / f"{JOB}.mov", "-c:v", "prores_ks", "-c:a", "pcm_s16le")
    film = await prepared(came, str(failing))

    assert (film.path, film.extension) == (came, "mov")
    assert "It may not play on every device, because it couldn't be converted (ffmpeg couldn't encode it)" in (
        explain.sentences(film.words)
    )
    assert sorted(tmp_path.iterdir()) == sorted([failing, came])


async def test_progress_is_told_while_a_picture_is_encoded(tmp_path: Path) -> None:
    came = await asyncio.to_thread(short, tmp_path / f"{JOB}.mp4", *x265())
    said: list[Reason | None] = []

    async def say(activity: Reason | None) -> None:
        said.append(activity)

    await films().prepare(JOB, came, say)
    assert said[0] is not None
    assert in_words(said[0]) == "Converting it so that it plays on every device: 0% done"
    assert said[-1] is None
