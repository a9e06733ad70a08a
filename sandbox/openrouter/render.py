"""Makes the MP4: stills panned and cross-faded by ffmpeg, with the prompt as a caption and a soft chord."""

from __future__ import annotations

import asyncio
import hashlib
import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg
from PIL import Image

from sandbox.openrouter.caption import draw_caption
from sandbox.openrouter.picture import colour_stills, reference_still
from sandbox.openrouter.prices import FRAME_RATE


class RenderError(RuntimeError):
    """ffmpeg failed or took too long; the text ends with its own message."""


@dataclass(frozen=True)
class Shot:
    """A video to render. width and height are even pixels, references upright RGBA images."""

    prompt: str
    label: str
    width: int
    height: int
    seconds: float
    audio: bool
    seed: int | None
    references: tuple[Image.Image, ...] = ()

    @property
    def frames(self) -> int:
        """Pictures of the video."""
        return max(1, round(self.seconds * FRAME_RATE))

    def key(self) -> str:
        """The same for two shots that look and sound the same."""
        plain = (self.prompt, self.label, self.width, self.height, self.seconds, self.audio, self.seed)
        digest = hashlib.sha256(repr(plain).encode("utf-8", "surrogatepass"))
        for image in self.references:
            digest.update(repr(image.size).encode())
            digest.update(image.tobytes())
        return digest.hexdigest()


@dataclass(frozen=True)
class Move:
    """The camera's move over a still, from its first frame to its last: zoom, and place from 0 to 1 each way."""

    zoom: tuple[float, float]
    x: tuple[float, float]
    y: tuple[float, float]


_MOVES = (
    Move((1.04, 1.16), (0.5, 0.5), (0.45, 0.5)),
    Move((1.13, 1.13), (0.1, 0.9), (0.5, 0.4)),
    Move((1.16, 1.04), (0.5, 0.5), (0.5, 0.5)),
    Move((1.13, 1.13), (0.9, 0.1), (0.4, 0.6)),
)


async def render(shot: Shot, target: Path) -> None:
    """Write the shot as H.264 (yuv420p, 24 frames a second, AAC when it has sound, moov first) to target.

    Raises RenderError. Cancelling it ends ffmpeg.
    """
    with tempfile.TemporaryDirectory(prefix="render-", dir=target.parent) as folder:
        stills, caption = await asyncio.to_thread(_draw, shot, Path(folder))
        part = Path(folder) / "part.mp4"
        await _run(_command(shot, stills, caption, part), limit=_time_limit(shot))
        part.replace(target)


def _draw(shot: Shot, folder: Path) -> tuple[list[Path], Path]:
    """Write files of the stills, larger than the frame so that panning stays smooth, and of the caption."""
    pixels = shot.width * shot.height
    scale = 2 if pixels <= 1_000_000 else 1.5 if pixels <= 2_200_000 else 1.15
    size = (round(shot.width * scale / 2) * 2, round(shot.height * scale / 2) * 2)
    if shot.references:
        drawn = (reference_still(image, size) for image in shot.references)
    else:
        drawn = iter(colour_stills(3, size, _rng(shot)))
    paths: list[Path] = []
    for index, still in enumerate(drawn):
        path = folder / f"{index}.bmp"
        still.save(path)
        paths.append(path)
    caption = folder / "caption.png"
    draw_caption(shot.prompt, shot.label, shot.width, shot.height).save(caption, compress_level=1)
    return paths, caption


def _rng(shot: Shot) -> random.Random:
    return random.Random(f"{shot.prompt}/{shot.seed}".encode("utf-8", "surrogatepass"))


def _command(shot: Shot, stills: Sequence[Path], caption: Path, target: Path) -> list[str]:
    inputs = [part for path in [*stills, caption] for part in ("-i", str(path))]
    filters = [_picture_filter(shot, len(stills))]
    outputs = ["-map", "[video]"]
    if shot.audio:
        filters.append(_sound_filter(shot))
        outputs += ["-map", "[sound]", "-c:a", "aac", "-b:a", "128k"]
    preset = "veryfast" if shot.width * shot.height <= 1_000_000 else "ultrafast"
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


def _picture_filter(shot: Shot, count: int) -> str:
    frames = shot.frames
    # Frames of a cross-fade, and of a still so that all of them with their overlaps fill the video.
    fade = max(1, min(18, frames // (3 * count)))
    each = -(-(frames + (count - 1) * fade) // count)
    first = _rng(shot).randrange(len(_MOVES))
    parts = [_pan(index, _MOVES[(first + index) % len(_MOVES)], each, shot) for index in range(count)]
    faded = "s0"
    for index in range(1, count):
        offset = index * (each - fade) / FRAME_RATE
        parts.append(
            f"[{faded}][s{index}]xfade=transition=fade:duration={fade / FRAME_RATE:.5f}:offset={offset:.5f}[f{index}]"
        )
        faded = f"f{index}"
    parts.append(f"[{faded}][{count}:v]overlay=x=0:y=H-h[video]")
    return ";".join(parts)


def _pan(index: int, move: Move, frames: int, shot: Shot) -> str:
    along = f"min(on/{max(1, frames - 1)}\\,1)"

    def between(ends: tuple[float, float]) -> str:
        return f"({ends[0]}+{ends[1] - ends[0]:.4f}*{along})"

    return (
        # In yuv444p, because zoompan moves by whole chroma samples, which in yuv420p are two pixels wide.
        f"[{index}:v]scale=out_color_matrix=bt709:out_range=tv,format=yuv444p,zoompan=z='{between(move.zoom)}':x='(iw-iw/zoom)*{between(move.x)}'"
        f":y='(ih-ih/zoom)*{between(move.y)}':d={frames}:s={shot.width}x{shot.height}:fps={FRAME_RATE},"
        f"setsar=1,format=yuv420p[s{index}]"
    )


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
        f"aevalsrc=exprs='{side(1, 0)}|{side(1.003, 1.3)}':s=44100:d={end}:c=stereo,lowpass=f=900,volume=0.32,"
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
