"""Takes of many kinds, in small pictures, each with a flash and a click at the same moment near its end."""

from __future__ import annotations

import math
import subprocess
from fractions import Fraction
from pathlib import Path

from tests.support.films import FFMPEG, run, x265

SECONDS = 10
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")


def take(
    target: Path,
    *arguments: str,
    colour: str = "black",
    size: str = "64x36",
    rate: str = "24",
    sound: str | None = "s=48000",
    volume: float = 0.5,
    seconds: int = SECONDS,
) -> Path:
    """Make a take of one colour that flashes white and clicks over a quiet tone, one second before its end or with the
    next picture, for a tenth of a second. arguments: of its encoding, H.264 without any. sound: its form as in
    "s=44100"; None: no sound. volume: loudest sample of the click.
    """
    moment = math.ceil((seconds - 1) * Fraction(rate)) / Fraction(rate)
    when = f"between(t,{float(moment - Fraction(1, 9999)):.4f},{float(moment) + 0.1:.3f})"
    picture = f"color={colour}:s={size}:r={rate}:d={seconds},drawbox=color=white:t=fill:enable='{when}'"
    inputs = ["-f", "lavfi", "-i", picture]
    if sound:
        wave = f"sin(2*PI*440*t)*{volume}*if({when},1,0.25)"
        inputs += ["-f", "lavfi", "-i", f"aevalsrc='{wave}':d={seconds}:{sound}", "-c:a", "aac"]
    return run(target, *inputs, *(arguments or H264))


def kinds(folder: Path) -> dict[str, Path]:
    """Make takes of the kinds that models deliver, and of some that they do not."""
    vfr = ("-vf", "select='lt(mod(n,10),4)+gt(mod(n,10),6)+gte(n,210)'", "-fps_mode", "vfr", *H264)
    return {
        "red": take(folder / "red.mp4", colour="red", rate="24000/1001"),
        "wide": take(
            folder / "wide.mp4", colour="green", size="128x72", rate="30000/1001", sound="s=44100", volume=0.9
        ),
        "tall": take(folder / "tall.mp4", colour="blue", size="36x64", rate="25", sound=None),
        "hevc": take(folder / "hevc.mp4", *x265(), colour="maroon", volume=0.2),
        "vfr": take(folder / "vfr.mp4", *vfr, colour="purple", sound="s=44100", volume=0.1),
    }


def apart(path: Path, rate: float) -> list[float]:
    """Return by how many seconds the click comes after the flash, for each take in a film that has both. rate:
    pictures a second. The sound is taken sample by sample, without its times, as simple players do.
    """
    flashes = _rises(_raw(path, "-vf", "scale=1:1,format=gray", "-fps_mode", "passthrough", "-f", "rawvideo"), 200)
    samples = memoryview(_raw(path, "-vn", "-ac", "1", "-ar", "8000", "-f", "s16le")).cast("h")
    loud = [max(map(abs, samples[at : at + 80])) for at in range(0, len(samples), 80)]  # in ten milliseconds
    # A click is four times as loud as what comes before it, which is not silence.
    clicks = [at for at in range(1, len(loud)) if loud[at] > 2.5 * loud[at - 1] > 100]
    return [min((click / 100 - flash / rate for click in clicks), key=abs) for flash in flashes]


def _rises(values: bytes, least: int) -> list[int]:
    return [at for at in range(1, len(values)) if values[at] >= least > values[at - 1]]


def _raw(path: Path, *arguments: str) -> bytes:
    command = [FFMPEG, "-nostdin", "-loglevel", "error", "-i", str(path), *arguments, "-"]
    return subprocess.run(command, check=True, capture_output=True, timeout=120).stdout
