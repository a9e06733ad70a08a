"""The slate before a take in a reel: which one it is, in a few lines."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image, ImageDraw

from dailies.media.fonts import shortened, write

SECONDS = 1.75
"""Length of a slate: long enough to read four short lines."""
MOST_LINES = 6
_PAPER, _INK, _FAINT, _MARK = "#17181c", "#ffffff", "#b8bcc6", "#f0b132"


@dataclass(frozen=True)
class Slate:
    """Words of a slate. title: the shot and the take. lines: such as the model, the length and the cost.

    Any script that this machine has a font for. Each is one line, shortened if it is too wide; lines beyond MOST_LINES
    are left out.
    """

    title: str
    lines: tuple[str, ...] = ()


def drawn(slate: Slate, width: int, height: int) -> Image.Image:
    """Return the slate as a picture in RGB, of this size in pixels. Blocks: fonts may have to be looked for."""
    picture = Image.new("RGB", (width, height), _PAPER)
    draw = ImageDraw.Draw(picture)
    unit = min(width, height) / 24
    title, small = max(4, round(2.6 * unit)), max(4, round(1.4 * unit))
    lines = [" ".join(line.split()) for line in slate.lines[:MOST_LINES]]
    left, room = 2 * unit, width - 4 * unit
    block = title + len(lines) * 1.7 * small
    baseline = (height - block) / 2 + title * 0.9
    draw.rectangle((left, baseline - 1.35 * title, left + 4 * unit, baseline - 1.35 * title + unit / 4), fill=_MARK)
    write(draw, left, baseline, shortened(" ".join(slate.title.split()), title, room), _INK)
    baseline += 0.5 * small
    for line in lines:
        baseline += 1.7 * small
        write(draw, left, baseline, shortened(line, small, room), _FAINT)
    return picture
