"""Colours as models expect them: sRGB, 8 bits, with or without transparency."""

from __future__ import annotations

import io

from PIL import Image, ImageCms

UNREAD = ("I", "F", "LAB", "HSV")
"""Pillow's modes whose colours have no one way to become sRGB."""
DEEP = ("I;16", "I;16B", "I;16L", "I;16N")
"""Pillow's modes of 16 bits a pixel."""


_OF_SPACE = {b"RGB ": ("RGB", "RGBA", "P", "PA"), b"GRAY": ("L", "LA"), b"CMYK": ("CMYK",)}
"""A profile's colour space, as its header names it (ICC.1, 7.2), and the modes it can belong to."""
_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] (untyped in Pillow)


def foreign_profile(image: Image.Image) -> ImageCms.ImageCmsProfile | None:
    """The image's colour profile when it is another one than sRGB; None also for one that cannot be read."""
    data = image.info.get("icc_profile")
    if not data:
        return None
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
        words = ImageCms.getProfileDescription(profile).lower()
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError, AttributeError):
        return None
    modes = _OF_SPACE.get(data[16:20], ())
    if ("srgb" in words and "linear" not in words) or image.mode not in modes:
        return None
    return profile


def to_srgb(image: Image.Image) -> Image.Image:
    """The image, in no UNREAD mode, in RGB, or in RGBA when a part of it is transparent."""
    profile = foreign_profile(image)
    if image.mode in DEEP:
        image = _shallow(image)
    alpha = _alpha(image)
    flat = image if image.mode in ("RGB", "L", "CMYK") else image.convert("L" if image.mode == "LA" else "RGB")
    if profile is not None:
        flat = _through(flat, profile)
    rgb = flat if flat.mode == "RGB" and flat is not image else flat.convert("RGB")
    if alpha is not None:
        rgb.putalpha(alpha)
    rgb.info.clear()  # Pillow would write comments and profiles of the original from it
    return rgb


def _shallow(image: Image.Image) -> Image.Image:
    """16 bits to 8, by the upper half; a 16-bit grey that stands for transparency is lost with the lower one."""
    image.info.pop("transparency", None)
    # Pillow's own way from 16 to 8 bits cuts off what is over 255.
    return image.convert("I").point(lambda value: value / 256 + 0).convert("L")


def _alpha(image: Image.Image) -> Image.Image | None:
    if not image.has_transparency_data:
        return None
    alpha = image.convert("RGBA").getchannel("A")
    return None if alpha.getextrema() == (255, 255) else alpha


def _through(image: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    try:
        turned = ImageCms.profileToProfile(image, profile, _SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, ValueError):
        return image  # a profile that promises more than it holds is as good as none
    return turned if turned is not None else image
