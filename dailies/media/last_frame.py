"""The last frame of a video as a picture: decoded from the file itself, in the colours that a screen shows."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from dailies.errors import MediaError
from dailies.media.ffmpeg import run_ffmpeg
from dailies.media.normalise import has_alpha, needs_tone_mapping, tone_mapping
from dailies.media.probe import MOST_PIXELS, Video, can_tone_map, probe, source
from dailies.media.streams import Track
from dailies.reason import ReasonCode

TAIL_SECONDS = 5
"""End of the video that is decoded first, from the last keyframe before it on. The whole is decoded only if nothing in
it can be."""
THREADS = 2
"""Each holds a frame in memory."""
HD_LINES = 720
"""Height from which on players take colours that name no matrix for those of BT.709, and below for BT.601."""
_FRAME = re.compile(rb"^frame=\s*(\d+)", re.MULTILINE)
_SRGB = "setparams=range=pc:colorspace=gbr:color_primaries=bt709:color_trc=iec61966-2-1"
_PNG, _JPEG = "frame.png", "frame.jpg"
_ENCODERS: Mapping[str, tuple[list[str], list[str]]] = {
    _PNG: ([], ["-c:v", "png"]),
    _JPEG: (
        ["scale=out_color_matrix=bt601:out_range=pc", "format=yuvj444p"],
        ["-c:v", "mjpeg", "-q:v", "1", "-qmin", "1"],
    ),
}
"""Names of the files, with further filters and the encoder of each."""


@dataclass(frozen=True)
class LastFrame:
    """A picture of a frame. width, height: pixels."""

    path: Path
    width: int
    height: int


async def last_frame(
    ffmpeg: str, path: Path, folder: Path, *, most: int, seconds: float, at: float | None = None
) -> LastFrame:
    """Write the last frame that can be decoded, in sRGB and as it is shown: upright, with square pixels.

    A PNG, or the best JPEG where that is larger than `most` bytes. folder: gets the file. seconds: limit of each run of
    ffmpeg. at: seconds from the start, of the frame that is written instead; near the end it is the last one all the
    same. Raises MediaError, with PAST_THE_END where the video is shorter than that.
    """
    video = await probe(ffmpeg, path, seconds=seconds)
    if video.width * video.height > MOST_PIXELS:
        raise MediaError(ReasonCode.TOO_LARGE_TO_ENCODE)
    if at is not None and at > video.seconds:
        raise MediaError(ReasonCode.PAST_THE_END, at=at, seconds=round(video.seconds, 1))
    filters = await _filters(ffmpeg, video.track)
    decode = partial(_decode, ffmpeg, path, video, seconds=seconds)
    write = partial(_written, decode, filters, folder, most)
    if at is not None and (name := await write(["-ss", f"{at:.3f}"], 0)):
        return LastFrame(folder / name, video.track.width, video.track.height)
    for start in (["-sseof", f"-{TAIL_SECONDS}"], []):
        frames = await decode(start, ["-f", "null", "-"])
        # Decoded again in the same way, because only the end shows which one is the last.
        if frames and (name := await write(start, frames - 1)):
            return LastFrame(folder / name, video.track.width, video.track.height)
    raise MediaError(ReasonCode.NO_VIDEO_FILE)


async def _written(
    decode: Callable[..., Awaitable[int]], filters: list[str], folder: Path, most: int, start: list[str], number: int
) -> str | None:
    """Write a frame, counted from 0 at the start; return its file's name. None: there was no such frame."""
    for name, (more, encoder) in _ENCODERS.items():
        target = folder / name
        chosen = f"select=eq(n\\,{number})"
        output = ["-vf", ",".join([chosen, *filters, *more]), "-frames:v", "1", *encoder, "-update", "1"]
        if not await decode(start, [*output, "-f", "image2", f"file:{target}"], folder=folder):
            return None
        if (await asyncio.to_thread(target.stat)).st_size <= most or name == _JPEG:
            return name
    return None


async def _decode(
    ffmpeg: str,
    path: Path,
    video: Video,
    start: list[str],
    output: list[str],
    *,
    folder: Path | None = None,
    seconds: float,
) -> int:
    """Decode from a start to the end; return the number of frames that came out, 0 also where ffmpeg gave up."""
    command = [ffmpeg, "-nostdin", "-hide_banner", "-loglevel", "error", "-nostats", "-progress", "pipe:1", "-y"]
    command += ["-threads", str(THREADS), *start, *source(path, video.kind.demuxer or "mov")]
    command += ["-map", f"0:{video.track.number}", "-fps_mode", "passthrough", *output]
    pixels = video.width * video.height
    try:
        ended = await run_ffmpeg(command, path, folder=folder, pixels=pixels, seconds=seconds)
    except TimeoutError as error:
        raise MediaError(ReasonCode.FFMPEG_SLOW, seconds=seconds) from error
    except OSError as error:
        raise MediaError(ReasonCode.CANNOT_RUN, program="ffmpeg", problem=error.strerror) from error
    found = _FRAME.findall(ended.stdout)
    return int(found[-1]) if found and not ended.returncode else 0


async def _filters(ffmpeg: str, track: Track) -> list[str]:
    """Return filters that make sRGB of a frame's colours; ffmpeg has turned it upright before."""
    filters: list[str] = []
    if has_alpha(track.pixels):
        # Transparent parts are black, as in the video that is posted.
        filters += ["format=gbrap", "premultiply=inplace=1"]
    matrix = ""
    if needs_tone_mapping(track) and await can_tone_map(ffmpeg):
        filters += tone_mapping(track)
    elif not track.matrix:
        matrix = f":in_color_matrix={'bt709' if track.height >= HD_LINES else 'bt601'}"
    exact = "flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp"
    return [*filters, f"scale={track.width}:{track.height}:{exact}{matrix}:out_range=pc", "format=rgb24", _SRGB]
