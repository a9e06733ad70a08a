"""A place for videos without references: the prompt's words choose its light and its ground, its seed the rest."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter

Size = tuple[int, int]
Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Light:
    """A time of the day: the sky's colours, the far and the near ground's, and the sun or moon."""

    top: Colour
    low: Colour
    far: Colour
    near: Colour
    disc: Colour
    height: float
    stars: int = 0


_DAY = Light((96, 156, 214), (220, 234, 240), (138, 168, 178), (52, 88, 74), (255, 250, 226), 0.26)
_DUSK = Light((52, 44, 96), (246, 150, 98), (122, 82, 112), (38, 30, 52), (255, 214, 150), 0.54)
_DAWN = Light((108, 136, 190), (252, 212, 180), (150, 142, 168), (64, 66, 84), (255, 238, 206), 0.5)
_NIGHT = Light((10, 16, 40), (48, 66, 108), (34, 46, 78), (10, 14, 26), (236, 238, 248), 0.2, stars=90)
_GREY = Light((112, 122, 134), (190, 196, 200), (128, 138, 144), (58, 66, 70), (224, 226, 228), -0.3)
_LIGHTS = (
    (r"night|moon|midnight|\bstar(s|ry)\b|neon", _NIGHT),
    (r"dusk|sunset|evening|twilight|golden hour|campfire", _DUSK),
    (r"dawn|sunrise|morning|\bmist|\bfog", _DAWN),
    (r"rain|storm|overcast|gr[ae]y|cloud", _GREY),
    (r"\bday|noon|sunny|bright|summer|blue sky", _DAY),
)

_SMOOTHED_PIXELS = 1_000_000


def draw(prompt: str, size: Size, rng: random.Random) -> Image.Image:
    """Draw the place that a prompt's words name: sea, town, forest, mountains, desert, a room; else hills."""
    words = prompt.lower()
    light = next((light for said, light in _LIGHTS if re.search(said, words)), None)
    # Drawn larger and reduced, which smooths every edge; those of a large picture are fine as they are.
    scale = 2 if size[0] * size[1] <= _SMOOTHED_PIXELS else 1
    canvas = _Canvas((scale * size[0], scale * size[1]), light or rng.choice((_DAY, _DUSK, _DAWN)), rng)
    ground = next((ground for said, ground in _GROUNDS if re.search(said, words)), _hills)
    canvas.sky()
    ground(canvas)
    return canvas.image.reduce(scale)


class _Canvas:
    """A picture, with the hand that draws it. Heights are parts of its own, from the top."""

    def __init__(self, size: Size, light: Light, rng: random.Random) -> None:
        self.light, self.rng = light, rng
        self.width, self.height = size
        # On an upright picture things are measured by its width, so that they do not outgrow it.
        self.unit = min(self.height, self.width * 0.8)
        self.image = Image.new("RGB", (self.width, self.height), light.low)
        self.draw = ImageDraw.Draw(self.image)

    def between(self, depth: float) -> Colour:
        """Mix the ground's colour: 0 far away, 1 close by."""
        far, near = self.light.far, self.light.near
        mixed = [round(a + (b - a) * depth) for a, b in zip(far, near, strict=True)]
        return mixed[0], mixed[1], mixed[2]

    def sky(self) -> None:
        """Fill the picture from top to horizon, with a sun or moon and what glows around it."""
        ramp = Image.linear_gradient("L").resize((1, 256)).resize((self.width, self.height * 2 // 3))  # pyright: ignore[reportUnknownMemberType]
        self.image.paste(Image.new("RGB", ramp.size, self.light.low), (0, 0), None)
        self.image.paste(self.light.top, (0, 0), ramp.transpose(Image.Transpose.FLIP_TOP_BOTTOM))
        for _ in range(self.light.stars):
            x, y = self.rng.random() * self.width, self.rng.random() ** 1.4 * self.height * 0.55
            radius = self.unit * self.rng.uniform(0.0008, 0.002)
            self.draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(214, 222, 246))
        x, y = self.width * self.rng.uniform(0.25, 0.75), self.height * self.light.height
        self.glow(x, y, self.unit * 0.42, self.light.disc, 120)
        radius = self.unit * 0.055
        self.draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=self.light.disc)

    def glow(self, x: float, y: float, reach: float, colour: Colour, strength: int) -> None:
        """Add light around a place; drawn small, because it is soft anyway."""
        small = 48
        mask = Image.new("L", (small, small), 0)
        ImageDraw.Draw(mask).ellipse((small / 4, small / 4, small * 3 / 4, small * 3 / 4), fill=strength)
        side = round(2 * reach)
        soft = mask.filter(ImageFilter.GaussianBlur(small / 9)).resize((side, side), Image.Resampling.BILINEAR)  # pyright: ignore[reportUnknownMemberType]
        self.image.paste(colour, (round(x - reach), round(y - reach)), soft)

    def ridge(
        self, top: float, swing: float, depth: float, *, sharp: bool = False, colour: Colour | None = None
    ) -> None:
        """Draw a ridge from edge to edge and everything below it; sharp: of peaks instead of curves."""
        phases = [(self.rng.uniform(0, math.tau), self.rng.uniform(1.2, 2.4) * 1.9**octave) for octave in range(4)]
        points: list[tuple[float, float]] = []
        for at in range(121):
            along, height = at / 120, 0.0
            for octave, (phase, pace) in enumerate(phases):
                wave = math.sin(phase + pace * along * math.tau)
                height += (1 - 2 * abs(wave) if sharp else wave) / 1.9**octave
            points.append((along * self.width, self.height * top - height * swing * self.unit))
        points += [(self.width, self.height), (0, self.height)]
        self.draw.polygon(points, fill=colour or self.between(depth))


def _hills(canvas: _Canvas) -> None:
    for depth, top in ((0.0, 0.60), (0.35, 0.68), (0.7, 0.78), (1.0, 0.9)):
        canvas.ridge(top, 0.035 + 0.012 * depth, depth)
    _trees(canvas, 7, 0.93, 0.16, 1.0)


def _mountains(canvas: _Canvas) -> None:
    canvas.ridge(0.46, 0.11, 0.0, sharp=True)
    canvas.ridge(0.60, 0.08, 0.4, sharp=True)
    canvas.ridge(0.78, 0.03, 0.8)
    canvas.ridge(0.92, 0.02, 1.0)


def _desert(canvas: _Canvas) -> None:
    for depth, top, colour in ((0, 0.6, (206, 158, 112)), (1, 0.7, (188, 132, 88)), (2, 0.84, (150, 98, 66))):
        mixed = tuple(round(0.6 * a + 0.4 * b) for a, b in zip(colour, canvas.between(depth / 2), strict=True))
        canvas.ridge(top, 0.04, 0, colour=(mixed[0], mixed[1], mixed[2]))


def _forest(canvas: _Canvas) -> None:
    canvas.ridge(0.56, 0.03, 0.0)
    for depth, foot, height, count in ((0.2, 0.68, 0.2, 30), (0.5, 0.78, 0.32, 22), (0.8, 0.9, 0.5, 13)):
        canvas.ridge(foot, 0.012, depth)
        _trees(canvas, count, foot + 0.03, height, depth)
    canvas.ridge(0.93, 0.015, 1.0)


def _trees(canvas: _Canvas, count: int, foot: float, height: float, depth: float) -> None:
    """Draw conifers in a row, each somewhere within its share of the width."""
    for at in range(count):
        x = (at + canvas.rng.random()) * canvas.width / count
        tall = height * canvas.unit * canvas.rng.uniform(0.7, 1.15)
        base, wide = canvas.height * foot, tall * 0.2
        for step in range(4):
            top = base - tall * (1 - 0.2 * step)
            half = wide * (0.45 + 0.18 * step)
            canvas.draw.polygon(
                [(x, top), (x + half, top + tall * 0.36), (x - half, top + tall * 0.36)], fill=canvas.between(depth)
            )
        canvas.draw.rectangle(
            (x - wide / 8, base - tall * 0.2, x + wide / 8, base + tall * 0.05), canvas.between(depth)
        )


def _sea(canvas: _Canvas) -> None:
    top = canvas.height * 0.58
    canvas.ridge(0.575, 0.012, 0.0)
    canvas.draw.rectangle((0, top, canvas.width, canvas.height), fill=canvas.between(0.45))
    for at in range(90):
        near = (at / 90) ** 1.6
        y = top + (canvas.height - top) * near
        x, half = canvas.rng.random() * canvas.width, canvas.unit * (0.012 + 0.1 * near)
        colour = canvas.light.low if at % 3 else canvas.between(1.0)
        canvas.draw.ellipse((x - half, y - half / 26 - 1, x + half, y + half / 26 + 1), fill=colour)
    canvas.ridge(0.97, 0.02, 1.0)


def _town(canvas: _Canvas) -> None:
    lit = canvas.light in (_NIGHT, _DUSK)
    for depth, low, high, count in ((0.1, 0.18, 0.3, 26), (0.5, 0.2, 0.42, 15), (0.9, 0.14, 0.5, 8)):
        wide = canvas.width / count
        for at in range(count):
            tall = canvas.unit * canvas.rng.uniform(low, high)
            left, top = at * wide + canvas.rng.uniform(-0.2, 0.1) * wide, canvas.height * (0.72 + 0.12 * depth) - tall
            canvas.draw.rectangle((left, top, left + wide * 1.05, canvas.height), fill=canvas.between(depth))
            _windows(canvas, left, top, wide, tall, lit=lit, depth=depth)
    canvas.draw.rectangle((0, canvas.height * 0.88, canvas.width, canvas.height), fill=canvas.between(1.0))


def _windows(canvas: _Canvas, left: float, top: float, wide: float, tall: float, *, lit: bool, depth: float) -> None:
    side = canvas.unit * (0.008 + 0.012 * depth)
    across, down = int(wide / side / 2.4), int(tall / side / 2.6)
    for column in range(across):
        for row in range(down):
            if canvas.rng.random() < 0.45:
                x, y = left + side * (1 + 2.4 * column), top + side * (1.2 + 2.6 * row)
                shine: Colour = (255, 214, 140) if lit else canvas.between(max(0.0, depth - 0.35))
                canvas.draw.rectangle((x, y, x + side, y + side * 1.4), fill=shine)


def _room(canvas: _Canvas) -> None:
    """Draw a wall around a window, and a table with a lamp before it."""
    width, height, unit = canvas.width, canvas.height, canvas.unit
    canvas.ridge(0.56, 0.03, 0.2)
    wall, wood = (92, 78, 76), (116, 78, 54)
    left, right, top, low = width * 0.5 - unit * 0.36, width * 0.5 + unit * 0.36, height * 0.2, height * 0.62
    for box in ((0, 0, width, top), (0, low, width, height), (0, top, left, low), (right, top, width, low)):
        canvas.draw.rectangle(box, fill=wall)
    bar = unit * 0.014
    for box in (
        (left - bar, top - bar, right + bar, top), (left - bar, low, right + bar, low + bar),
        (left - bar, top, left, low), (right, top, right + bar, low),
        (width / 2 - bar / 2, top, width / 2 + bar / 2, low),
    ):  # fmt: skip
        canvas.draw.rectangle(box, fill=(58, 44, 40))
    canvas.draw.rectangle((0, height * 0.78, width, height), fill=wood)
    canvas.draw.rectangle((0, height * 0.78, width, height * 0.79), fill=(158, 112, 78))
    x, y = width * canvas.rng.choice((0.28, 0.72)), height * 0.8
    canvas.draw.rectangle((x - bar / 2, y - unit * 0.2, x + bar / 2, y), fill=(40, 32, 32))
    canvas.draw.ellipse((x - unit * 0.05, y - bar, x + unit * 0.05, y + bar), fill=(40, 32, 32))
    canvas.glow(x, y - unit * 0.22, unit * 0.3, (255, 214, 146), 120)
    shade = [(x - unit * 0.035, y - unit * 0.28), (x + unit * 0.035, y - unit * 0.28)]
    canvas.draw.polygon(
        [*shade, (x + unit * 0.075, y - unit * 0.18), (x - unit * 0.075, y - unit * 0.18)], (255, 226, 170)
    )


_GROUNDS: tuple[tuple[str, Callable[[_Canvas], None]], ...] = (
    (r"\broom|table|kitchen|studio|indoor|interior|office|desk|bedroom|cafe|café|window", _room),
    (r"\bsea\b|ocean|beach|\blake|harbou?r|\bship|\bboat|wave|underwater|river", _sea),
    (r"\bcity|town|street|skyline|\broof|tokyo|new york|neon|market|alley|building", _town),
    (r"forest|wood|tree|jungle|pine", _forest),
    (r"mountain|peak|alp|glacier|cliff|canyon|volcano", _mountains),
    (r"desert|dune|sand|mars\b", _desert),
)
