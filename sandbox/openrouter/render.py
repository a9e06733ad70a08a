"""Makes the MP4: stills filmed as the prompt's camera moves, cross-faded by ffmpeg, with a caption and a soft chord."""

from __future__ import annotations

import asyncio
import hashlib
import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg
from PIL import Image

from sandbox.openrouter import air, camera, scene
from sandbox.openrouter.caption import draw_caption
from sandbox.openrouter.filming import film
from sandbox.openrouter.picture import frame_still, reference_still
from sandbox.openrouter.prices import FRAME_RATE


class RenderError(RuntimeError):
    """ffmpeg failed or took too long; the text ends with its own message."""


@dataclass(frozen=True)
class Shot:
    """A video to render. width and height are even pixels; the images are upright and RGBA.

    first, last: the pictures with which it begins and ends.
    """

    prompt: str
    label: str
    width: int
    height: int
    seconds: float
    audio: bool
    seed: int | None
    references: tuple[Image.Image, ...] = ()
    first: Image.Image | None = None
    last: Image.Image | None = None

    @property
    def frames(self) -> int:
        """Pictures of the video."""
        return max(1, round(self.seconds * FRAME_RATE))

    def key(self) -> str:
        """The same for two shots that look and sound the same."""
        plain = (self.prompt, self.label, self.width, self.height, self.seconds, self.audio, self.seed)
        digest = hashlib.sha256(repr(plain).encode("utf-8", "surrogatepass"))
        for image in (*self.references, self.first, self.last):
            digest.update(b"none" if image is None else repr(image.size).encode())
            digest.update(b"" if image is None else image.tobytes())
        return digest.hexdigest()


_CAPTION_UNTIL, _CAPTION_FADE = 0.7, 0.15
"""Parts of the video after which the caption fades, and in which: a video that goes on from the end has none twice."""

_AIR_PIXELS = 2_200_000

_CHORD_RATE = 8000
"""Values of the chord that are computed in a second: enough for its highest note, and each is dear to ffmpeg."""


async def last_frame(video: Path) -> Image.Image:
    """Return the last picture of a video file. Raises RenderError."""
    with tempfile.TemporaryDirectory(prefix="frame-", dir=video.parent) as folder:
        target = Path(folder) / "last.png"
        reads = ["-sseof", "-1", "-i", str(video), "-an", "-update", "1", str(target)]
        await _run([imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-hide_banner", "-loglevel", "error", *reads], 60)
        return await asyncio.to_thread(_opened, target)


def _opened(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return image.convert("RGBA")


@dataclass(frozen=True)
class _Drawn:
    """Files that ffmpeg puts together: the stills, what floats before them, and the caption."""

    stills: tuple[Path, ...]
    caption: Path
    air: Path | None = None

    @property
    def files(self) -> list[Path]:
        return [*self.stills, self.caption, *([self.air] if self.air is not None else [])]


async def render(shot: Shot, target: Path) -> None:
    """Write the shot as H.264 (yuv420p, 24 frames a second, AAC when it has sound, moov first) to target.

    Raises RenderError. Cancelling it ends ffmpeg.
    """
    with tempfile.TemporaryDirectory(prefix="render-", dir=target.parent) as folder:
        drawn = await asyncio.to_thread(_draw, shot, Path(folder))
        part = Path(folder) / "part.mp4"
        await _run(_command(shot, drawn, part), limit=_time_limit(shot))
        part.replace(target)


def _draw(shot: Shot, folder: Path) -> _Drawn:
    """Write the files. A video with frames has no air, as it begins or ends with exactly these, nor has a huge one."""
    size = (shot.width, shot.height)
    stills: list[Path] = []
    for index, still in enumerate(_stills(shot, size)):
        stills.append(folder / f"{index}.bmp")
        still.save(stills[-1])
    caption = folder / "caption.png"
    draw_caption(shot.prompt, shot.label, shot.width, shot.height).save(caption, compress_level=1)
    if shot.first is not None or shot.last is not None or shot.width * shot.height > _AIR_PIXELS:
        return _Drawn(tuple(stills), caption)
    floating = folder / "air.png"
    air.draw(air.read(shot.prompt), size, _rng(shot)).save(floating, compress_level=1)
    return _Drawn(tuple(stills), caption, floating)


def _stills(shot: Shot, size: tuple[int, int]) -> Iterator[Image.Image]:
    if shot.first is not None:
        yield frame_still(shot.first, size)
    if shot.references:
        yield from (reference_still(image, size) for image in shot.references)
    elif shot.first is None or shot.last is None:
        yield scene.draw(shot.prompt, size, _rng(shot))
    if shot.last is not None:
        yield frame_still(shot.last, size)


def _moves(shot: Shot, count: int) -> list[camera.Move]:
    moves = [camera.read(shot.prompt, _rng(shot))] * count
    if shot.first is not None:
        moves[0] = moves[0].leaving()
    if shot.last is not None:
        moves[-1] = moves[-1].arriving()
    return moves


def _rng(shot: Shot) -> random.Random:
    return random.Random(f"{shot.prompt}/{shot.seed}".encode("utf-8", "surrogatepass"))


def _command(shot: Shot, drawn: _Drawn, target: Path) -> list[str]:
    inputs = [part for path in drawn.files for part in ("-i", str(path))]
    filters = [_picture_filter(shot, drawn)]
    outputs = ["-map", "[video]"]
    if shot.audio:
        filters.append(_sound_filter(shot))
        outputs += ["-map", "[sound]", "-c:a", "aac", "-b:a", "128k"]
    preset = "superfast" if shot.width * shot.height <= 1_000_000 else "ultrafast"
    return [
        imageio_ffmpeg.get_ffmpeg_exe(),
        *("-nostdin", "-hide_banner", "-loglevel", "error", "-y"),
        *inputs,
        *("-filter_complex", ";".join(filters)),
        *outputs,
        *("-frames:v", str(shot.frames), "-t", str(shot.seconds), "-r", str(FRAME_RATE)),
        *("-c:v", "libx264", "-preset", preset, "-crf", "23", "-pix_fmt", "yuv420p"),
        *("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv"),
        *("-movflags", "+faststart", str(target)),
    ]


def _picture_filter(shot: Shot, drawn: _Drawn) -> str:
    frames, count = shot.frames, len(drawn.stills)
    # Frames of a cross-fade, and of a still so that all of them with their overlaps fill the video.
    fade = max(1, min(18, frames // (3 * count)))
    each = -(-(frames + (count - 1) * fade) // count)
    size = (shot.width, shot.height)
    parts = [f"[{at}:v]{film(move, each, size)}[s{at}]" for at, move in enumerate(_moves(shot, count))]
    seen = "s0"
    for index in range(1, count):
        offset = index * (each - fade) / FRAME_RATE
        parts.append(
            f"[{seen}][s{index}]xfade=transition=fade:duration={fade / FRAME_RATE:.5f}:offset={offset:.5f}[f{index}]"
        )
        seen = f"f{index}"
    if drawn.air is not None:
        x, y = air.place(air.read(shot.prompt))
        parts.append(f"[{seen}][{count + 1}:v]overlay=x='{x}':y='{y}'[aired]")
        seen = "aired"
    begin, length = shot.seconds * _CAPTION_UNTIL, shot.seconds * _CAPTION_FADE
    parts.append(
        f"[{count}:v]format=yuva420p,loop=-1:size=1,settb=1/{FRAME_RATE},setpts=N,"
        f"fade=t=out:st={begin:.3f}:d={length:.3f}:alpha=1[words]"
    )
    parts.append(f"[{seen}][words]overlay=x=0:y=0[video]")
    return ";".join(parts)


def _sound_filter(shot: Shot) -> str:
    """A quiet chord that swells slowly, a little different at the left and the right."""
    root = 110 * 2 ** (_rng(shot).randrange(7) / 12)
    notes = [(1, 0.30), (1.5, 0.22), (2, 0.18), (2.5, 0.10), (3, 0.07)]

    def side(detune: float, phase: float) -> str:
        return "+".join(
            f"{volume}*sin({root * ratio * detune:.3f}*2*PI*t)"
            f"*(0.65+0.35*sin({0.5 + 0.13 * ratio:.2f}*t+{phase + ratio}))"
            for ratio, volume in notes
        )

    end = shot.seconds
    return (
        f"aevalsrc=exprs='{side(1, 0)}|{side(1.003, 1.3)}':s={_CHORD_RATE}:d={end}:c=stereo,aresample=44100,"
        f"lowpass=f=900,volume=0.32,"
        f"afade=t=in:d=0.8,afade=t=out:st={max(0, end - 1)}:d=1[sound]"
    )


def _time_limit(shot: Shot) -> float:
    """Real seconds: generous, for a slow machine, yet an end."""
    return 60 + 60 * shot.seconds * shot.width * shot.height / (1280 * 720) / 5


async def _run(command: list[str], limit: float) -> None:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(limit):
            _, said = await process.communicate()
    except TimeoutError:
        raise RenderError(f"ffmpeg was still at it after {limit:.0f} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise RenderError(f"ffmpeg ended with {process.returncode}: {said.decode(errors='replace')[-800:]}")
