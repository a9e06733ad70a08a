"""A thumbnail carries the number that its picture has in the prompt, legibly, whatever its size."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from dailies.references.badge import SIZE, legible, numbered
from tests.support.images import image


class Drawn:
    """A numbered thumbnail, as grey values."""

    def __init__(self, size: tuple[int, int], number: int, colour: str = "white") -> None:
        with Image.open(io.BytesIO(numbered(image(colour, kind="JPEG", size=size), number))) as picture:
            assert picture.format == "JPEG"
            self.size = picture.size
            self._grey = picture.convert("L").tobytes()

    def part(self, left: int, top: int, right: int, bottom: int) -> list[int]:
        width = self.size[0]
        return [self._grey[y * width + x] for y in range(top, bottom) for x in range(left, right)]


@pytest.mark.parametrize(("colour", "grey"), [("white", 255), ("black", 0), ("gray", 128)])
def test_the_number_stands_in_what_a_gallery_shows_and_the_picture_stays_as_it_was(colour: str, grey: int) -> None:
    one, two = Drawn((256, 192), 1, colour), Drawn((256, 192), 2, colour)
    assert one.size == (256, 192)
    corner = (32, 0, 32 + SIZE, SIZE)
    assert sum(abs(a - b) > 100 for a, b in zip(one.part(*corner), two.part(*corner), strict=True)) > 50
    assert min(one.part(*corner)) < 20
    assert max(one.part(*corner)) > 235
    assert all(abs(value - grey) < 10 for value in one.part(32 + SIZE + 8, 0, *one.size))


@pytest.mark.parametrize(
    ("size", "left", "top"),
    [((1, 1), 0, 0), ((16, 12), 0, 0), ((256, 6), 101, 0), ((6, 256), 0, 98), ((79, 256), 0, 61)],
)
def test_a_small_thumbnail_gets_room_for_its_whole_number(size: tuple[int, int], left: int, top: int) -> None:
    small, usual = Drawn(size, 28), Drawn((256, 256), 28)
    badge = (2, 2, SIZE, SIZE - 2)
    moved = (left + 2, top + 2, left + SIZE, top + SIZE - 2)
    assert all(abs(a - b) < 60 for a, b in zip(small.part(*moved), usual.part(*badge), strict=True))
    assert any(value > 200 for value in small.part(0, SIZE, *small.size) + small.part(SIZE, 0, *small.size))


def test_what_is_no_picture_any_more_is_said() -> None:
    with pytest.raises(OSError, match="identify"):
        numbered(b"gone", 1)


def test_words_that_cannot_be_drawn_are_left_out_whole() -> None:
    assert legible("2 last") == "2 last"
    assert legible("2 \u00faltimo") == "2"
    assert legible("2 \u6700\u5f8c") == "2"
