"""Runs ffmpeg, confined: it reads the one file that it is given, fills one folder, and reaches nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from subprocess import CompletedProcess

from dailies.confinement.confined import Access, EachLine, run_confined

MEMORY = 640_000_000
"""Bytes of address space for the program, its threads, and a file that is only copied. Measured: 190 to 330 MB."""
MEMORY_PER_PIXEL = 250
"""Additional bytes for each pixel of an encoded frame: x264 looks ahead at dozens of them. Measured: 180 at 2160p."""


async def run_ffmpeg(
    command: Sequence[str],
    source: Path | None,
    *,
    folder: Path | None = None,
    pixels: int = 0,
    seconds: float | None = None,
    niceness: int = 0,
    each_line: EachLine | None = None,
) -> CompletedProcess[bytes]:
    """Run ffmpeg to its end, as run_confined does, with its errors. source: the file that it may read. folder: where it
    may write, None for nowhere. pixels: of a frame that it encodes, 0 when it only copies.
    """
    access = Access(
        memory=MEMORY + MEMORY_PER_PIXEL * pixels,
        reads=() if source is None else (source,),
        writes=() if folder is None else (folder,),
    )
    return await run_confined(command, access, seconds=seconds, niceness=niceness, each_line=each_line)
