"""Draws the two bundled reference images: `python -m sandbox.assets.make` writes them beside this file.

They are ours, so that they can be shipped: a product (a lantern) and a character (a fox).
"""

from __future__ import annotations

import math
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

_SIDE = 1024
_DRAWN = 2
"""Scale at which everything is drawn; reducing it at the end smooths every edge."""

Colour = tuple[int, int, int]
Point = tuple[float, float]


class Sheet:
    """A square to draw on, in units of 0 to 100 from the top left."""

    def __init__(self, top: Colour, bottom: Colour) -> None:
        gradient = Image.linear_gradient("L").resize((_SIDE * _DRAWN, _SIDE * _DRAWN))  # pyright: ignore[reportUnknownMemberType]
        self.image = Image.composite(
            Image.new("RGB", gradient.size, bottom), Image.new("RGB", gradient.size, top), gradient
        )
        self._draw = ImageDraw.Draw(self.image)

    def polygon(self, points: list[Point], fill: Colour) -> None:
        self._draw.polygon([(_px(x), _px(y)) for x, y in points], fill=fill)

    def ellipse(self, x: float, y: float, wide: float, high: float, fill: Colour) -> None:
        """Draw a disc around its middle."""
        self._draw.ellipse((_px(x - wide), _px(y - high), _px(x + wide), _px(y + high)), fill=fill)

    def box(self, left: float, top: float, right: float, bottom: float, fill: Colour, radius: float = 0) -> None:
        self._draw.rounded_rectangle((_px(left), _px(top), _px(right), _px(bottom)), _px(radius), fill=fill)

    def ring(self, x: float, y: float, radius: float, width: float, colour: Colour) -> None:
        box = (_px(x - radius), _px(y - radius), _px(x + radius), _px(y + radius))
        self._draw.arc(box, 180, 360, fill=colour, width=_px(width))

    def glow(self, x: float, y: float, radius: float, colour: Colour, strength: int) -> None:
        """Draw light that fades outwards; small, because it is soft anyway."""
        small = 256
        mask = Image.new("L", (small, small), 0)
        scaled = (x * small / 100, y * small / 100, radius * small / 100)
        left, top, reach = scaled[0] - scaled[2], scaled[1] - scaled[2], 2 * scaled[2]
        ImageDraw.Draw(mask).ellipse((left, top, left + reach, top + reach), fill=strength)
        mask = mask.filter(ImageFilter.GaussianBlur(scaled[2] * 0.45))
        self.image.paste(colour, (0, 0), mask.resize(self.image.size, Image.Resampling.BICUBIC))  # pyright: ignore[reportUnknownMemberType]

    def save(self, path: Path) -> None:
        small = self.image.resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)  # pyright: ignore[reportUnknownMemberType]
        small.save(path, quality=90)


def lantern() -> Sheet:
    """A brass lantern on a table in the evening."""
    sheet = Sheet((24, 40, 74), (88, 66, 104))
    sheet.glow(50, 50, 46, (255, 168, 84), 150)
    sheet.box(0, 82, 100, 100, (58, 38, 44))
    sheet.glow(50, 84, 24, (255, 178, 96), 120)
    brass, light, dark = (196, 138, 62), (240, 190, 104), (122, 78, 36)
    sheet.ring(50, 24, 13, 1.8, dark)
    sheet.polygon([(42, 24), (58, 24), (66, 34), (34, 34)], brass)
    sheet.polygon([(42, 24), (48, 24), (44, 34), (34, 34)], light)
    sheet.ellipse(50, 22, 4, 3, brass)
    sheet.box(35, 34, 65, 76, (255, 214, 130), 3)
    sheet.glow(50, 56, 16, (255, 250, 214), 235)
    sheet.polygon([(50, 42), (54, 54), (52, 62), (48, 62), (46, 54)], (246, 140, 56))
    sheet.ellipse(50, 57, 4.2, 6, (246, 140, 56))
    sheet.ellipse(50, 59, 2.3, 3.6, (255, 232, 150))
    sheet.box(47.6, 64, 52.4, 76, (252, 244, 230), 0.8)
    for x in (34.5, 63.5):
        sheet.box(x, 33, x + 2, 77, brass)
    sheet.box(32, 33, 68, 36.5, brass, 1.2)
    sheet.box(32, 33, 50, 34.6, light, 0.8)
    sheet.box(30, 75, 70, 80, brass, 1.6)
    sheet.box(30, 75, 52, 76.8, light, 0.8)
    sheet.box(34, 80, 66, 84, dark, 1)
    return sheet


def fox() -> Sheet:
    """A fox with a blue scarf, under a pale sun."""
    sheet = Sheet((247, 214, 168), (232, 146, 112))
    sheet.ellipse(74, 26, 13, 13, (255, 240, 212))
    hills = [(x, 74 + 5 * math.sin(x / 13)) for x in range(0, 101, 2)]
    sheet.polygon([(0, 100), *hills, (100, 100)], (120, 96, 112))
    near = [(x, 84 + 4 * math.sin(x / 9 + 2)) for x in range(0, 101, 2)]
    sheet.polygon([(0, 100), *near, (100, 100)], (84, 70, 92))
    coat, shade, cream, ink = (222, 104, 46), (190, 80, 34), (253, 242, 226), (44, 32, 40)
    sheet.polygon([(30, 100), (36, 70), (64, 70), (70, 100)], coat)
    sheet.polygon([(50, 100), (50, 70), (64, 70), (70, 100)], shade)
    sheet.polygon([(43, 100), (44, 74), (56, 74), (57, 100)], cream)
    sheet.polygon([(26, 20), (27, 50), (46, 37)], coat)
    sheet.polygon([(74, 20), (73, 50), (54, 37)], shade)
    sheet.polygon([(29.5, 27), (30.5, 44), (40, 38)], ink)
    sheet.polygon([(70.5, 27), (69.5, 44), (60, 38)], ink)
    sheet.polygon([(27, 44), (38, 35), (50, 33), (50, 73), (40, 68), (20, 57)], coat)
    sheet.polygon([(73, 44), (62, 35), (50, 33), (50, 73), (60, 68), (80, 57)], shade)
    sheet.polygon([(20, 57), (35, 54), (47, 64), (50, 73), (40, 69)], cream)
    sheet.polygon([(80, 57), (65, 54), (53, 64), (50, 73), (60, 69)], (240, 226, 208))
    for x in (39.5, 60.5):
        sheet.ellipse(x, 51, 2.6, 3.2, ink)
        sheet.ellipse(x + 0.9, 49.8, 0.8, 0.9, (255, 255, 255))
    sheet.ellipse(50, 71, 3.4, 2.5, ink)
    sheet.box(31, 74, 69, 82, (46, 98, 164), 4)
    sheet.box(31, 74, 69, 77, (74, 130, 196), 2)
    sheet.polygon([(56, 80), (66, 80), (69, 97), (58, 98)], (38, 84, 146))
    return sheet


def main() -> None:
    folder = Path(__file__).parent
    lantern().save(folder / "lantern.jpg")
    fox().save(folder / "fox.jpg")


def _px(units: float) -> int:
    return round(units * _SIDE * _DRAWN / 100)


if __name__ == "__main__":
    main()
