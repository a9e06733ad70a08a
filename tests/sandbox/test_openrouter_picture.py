"""Any reference can be laid out in any frame."""

from __future__ import annotations

import pytest
from PIL import Image

from sandbox.openrouter.catalog import models
from sandbox.openrouter.picture import reference_still

FRAMES = sorted({size for model in models().values() for size in model.sizes or ()})


@pytest.mark.parametrize("reference", [(400, 300), (300, 300), (301, 997), (2000, 100), (100, 2000), (1023, 767)])
def test_every_published_size_is_filled_from_a_reference_of_any_shape(reference: tuple[int, int]) -> None:
    picture = Image.new("RGBA", reference, "red")
    for name in FRAMES:
        width, height = (int(side) // 4 for side in name.split("x"))
        assert reference_still(picture, (width, height)).size == (width, height)


def test_what_is_transparent_becomes_light() -> None:
    picture = Image.new("RGBA", (400, 300), (0, 0, 0, 0))
    still = reference_still(picture, (400, 300))
    assert still.getpixel((200, 150)) == (246, 243, 238)
