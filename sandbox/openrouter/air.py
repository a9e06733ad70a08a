"""The air of a video: snow, rain, mist, sparks or dust float in it, so that nothing ever stands quite still."""

from __future__ import annotations

import math
import random
import re
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter

Size = tuple[int, int]


@dataclass(frozen=True)
class Air:
    """A picture that moves over the frame, at heights and widths of the frame in a second, and comes round again.

    grains: of them there are so many; none make banks of mist. radius: in thousandths of the frame's height.
    """

    across: float
    down: float
    grains: int = 0
    radius: tuple[float, float] = (1.0, 3.0)
    colour: tuple[int, int, int] = (255, 255, 255)
    opacity: int = 120
    streak: float = 0.0


_DUST = Air(0.0, -0.025, 36, (0.8, 2.2), (255, 240, 214), 80)
_AIRS = (
    (r"snow|blizzard|flurr", Air(0.0, 0.14, 130, (1.6, 5.2), opacity=190)),
    (r"rain|storm|downpour|drizzl|monsoon", Air(0.0, 1.1, 150, (0.8, 1.4), (208, 222, 240), 110, streak=0.05)),
    (r"mist|fog|haz[ey]|smok|steam", Air(0.03, 0.0, colour=(226, 228, 236), opacity=110)),
    (r"ember|spark|campfire|bonfire|\bfires?\b", Air(0.0, -0.16, 46, (1.2, 3.4), (255, 178, 84), 210)),
)


def read(prompt: str) -> Air:
    """Return what a prompt's words put into the air; dust where they name nothing."""
    return next((air for words, air in _AIRS if re.search(words, prompt.lower())), _DUST)


def draw(air: Air, size: Size, rng: random.Random) -> Image.Image:
    """Return the picture, RGBA: the frame twice, along the way that it moves, so that it has no seam."""
    tile = _grains(air, size, rng) if air.grains else _banks(air, size, rng)
    width, height = size
    along = (0, height) if air.down else (width, 0)
    twice = Image.new("RGBA", (width + along[0], height + along[1]))
    twice.paste(tile, (0, 0))
    twice.paste(tile, along)
    return twice


def place(air: Air) -> tuple[str, str]:
    """Return the picture's x and y as expressions of ffmpeg's overlay filter."""
    across = f"mod({air.across}*W*t,W)-W" if air.across else "0"
    rising, falling = f"-mod({-air.down}*H*t,H)", f"mod({air.down}*H*t,H)-H"
    return across, rising if air.down < 0 else falling if air.down else "0"


def _grains(air: Air, size: Size, rng: random.Random) -> Image.Image:
    width, height = size
    tile = Image.new("RGBA", size, (*air.colour, 0))
    draw = ImageDraw.Draw(tile)
    for _ in range(air.grains):
        x, y, radius = rng.random() * width, rng.random() * height, rng.uniform(*air.radius) * height / 1000
        fill = (*air.colour, round(air.opacity * rng.uniform(0.4, 1)))
        length = air.streak * height * rng.uniform(0.6, 1)
        # Once more above the upper edge, where the tile comes round.
        for top in (y, y - height):
            if length:
                draw.line((x, top, x - length / 6, top + length), fill=fill, width=max(1, round(radius)))
            else:
                draw.ellipse((x - radius, top - radius, x + radius, top + radius), fill=fill)
    return tile


def _banks(air: Air, size: Size, rng: random.Random) -> Image.Image:
    """Draw soft banks small and enlarge them: the cheapest blur there is."""
    wide = 160
    high = max(8, round(wide * size[1] / size[0]))
    mask = Image.new("L", (3 * wide, high), 0)
    draw = ImageDraw.Draw(mask)
    for _ in range(9):
        x, y = rng.random() * wide, high * rng.uniform(0.45, 1.0)
        reach, thick = wide * rng.uniform(0.12, 0.3), high * rng.uniform(0.03, 0.09)
        level = round(air.opacity * rng.uniform(0.5, 1))
        for left in (x, x + wide, x + 2 * wide):
            draw.ellipse((left - reach, y - thick, left + reach, y + thick), fill=level)
    soft = mask.filter(ImageFilter.GaussianBlur(math.ceil(high / 18))).crop((wide, 0, 2 * wide, high))
    tile = Image.new("RGBA", size, (*air.colour, 0))
    tile.putalpha(soft.resize(size, Image.Resampling.BILINEAR))  # pyright: ignore[reportUnknownMemberType]
    return tile
