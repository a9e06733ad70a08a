"""Pictures laid out for the frame: references, and first and last frames."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageFilter

Size = tuple[int, int]


def reference_still(reference: Image.Image, size: Size) -> Image.Image:
    """A reference, filling the frame where its shape nearly fits, else whole before a blurred backdrop."""
    width, height = size
    frame_ratio, ratio = width / height, reference.width / reference.height
    flat = _on_light(reference)
    if max(ratio / frame_ratio, frame_ratio / ratio) < 1.35:
        return _cover(flat, size)
    still = _backdrop(flat, size)
    scale = min(width * 0.92 / flat.width, height * 0.92 / flat.height)
    inner = (max(1, round(flat.width * scale)), max(1, round(flat.height * scale)))
    corner = ((width - inner[0]) // 2, (height - inner[1]) // 2)
    _shadow(still, corner, inner)
    mask = Image.new("L", inner, 0)
    radius = min(inner) // 30
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, inner[0] - 1, inner[1] - 1), radius=radius, fill=255)
    still.paste(_scaled(flat, inner), corner, mask)
    return still


def frame_still(frame: Image.Image, size: Size) -> Image.Image:
    """A first or last frame: it fills the size, cropped around the middle where its shape is another."""
    return _cover(_on_light(frame), size)


def _on_light(image: Image.Image) -> Image.Image:
    """Lay transparent parts over a warm white."""
    ground = Image.new("RGB", image.size, (246, 243, 238))
    ground.paste(image, (0, 0), image.getchannel("A"))
    return ground


def _cover(image: Image.Image, size: Size) -> Image.Image:
    """Scale and crop around the middle, so that it fills the size."""
    scale = max(size[0] / image.width, size[1] / image.height)
    # Division rounds: a box a hair larger than the image would be refused.
    wide, high = min(size[0] / scale, image.width), min(size[1] / scale, image.height)
    left, top = (image.width - wide) / 2, (image.height - high) / 2
    return _scaled(image, size, (left, top, left + wide, top + high))


def _backdrop(image: Image.Image, size: Size) -> Image.Image:
    small = (max(2, size[0] // 16), max(2, size[1] // 16))
    blurred = _cover(image, small).filter(ImageFilter.GaussianBlur(5))
    dark = Image.blend(blurred, Image.new("RGB", small, (10, 10, 14)), 0.35)
    return _scaled(dark, size)


def _shadow(still: Image.Image, corner: Size, inner: Size) -> None:
    small = (max(2, still.width // 8), max(2, still.height // 8))
    mask = Image.new("L", small, 0)
    left, top = corner[0] // 8, corner[1] // 8 + 2
    box = (left, top, left + inner[0] // 8, top + inner[1] // 8)
    ImageDraw.Draw(mask).rectangle(box, fill=120)
    mask = _scaled(mask.filter(ImageFilter.GaussianBlur(5)), still.size)
    still.paste((0, 0, 0), (0, 0), mask)


def _scaled(image: Image.Image, size: Size, box: tuple[float, float, float, float] | None = None) -> Image.Image:
    # Pillow's annotation names numpy, which is not installed.
    return image.resize(size, Image.Resampling.BICUBIC, box)  # pyright: ignore[reportUnknownMemberType]
