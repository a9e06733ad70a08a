"""Small real MP4 files for tests."""

from __future__ import annotations

import atexit
import functools
import shutil
import subprocess
import tempfile
from pathlib import Path

import imageio_ffmpeg


def render(target: Path, *, seconds: float = 1, faststart: bool = True, sound: bool = True) -> Path:
    """Make an H.264 MP4 of 320x180, with a tone; faststart: its index comes first."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-loglevel", "error", "-y"]
    command += ["-f", "lavfi", "-i", f"testsrc2=s=320x180:r=24:d={seconds}"]
    if sound:
        command += ["-f", "lavfi", "-i", f"sine=d={seconds}", "-c:a", "aac"]
    command += ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
    command += ["-movflags", "+faststart"] if faststart else []
    subprocess.run([*command, str(target)], check=True, timeout=60)
    return target


def render_sound(target: Path) -> Path:
    """Make an MP4 without a picture."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-loglevel", "error", "-y"]
    command += ["-f", "lavfi", "-i", "sine=d=1", "-c:a", "aac", str(target)]
    subprocess.run(command, check=True, timeout=60)
    return target


@functools.cache
def short_video() -> Path:
    """Make one file for all jobs of a sandbox that need no rendering of their own."""
    folder = Path(tempfile.mkdtemp(prefix="dailies-video-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return render(folder / "short.mp4")
