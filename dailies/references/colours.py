"""Colours as models expect them: sRGB, 8 bits, with or without transparency."""

from __future__ import annotations

import io

from PIL import Image, ImageChops, ImageCms

from dailies.references import cicp

UNREAD = ("I", "F", "LAB", "HSV")
"""Pillow's modes whose colours have no one way to become sRGB."""
DEEP = ("I;16", "I;16B", "I;16L", "I;16N")
"""Pillow's modes of 16 bits a pixel."""


_OF_SPACE = {b"RGB ": ("RGB", "RGBA", "P", "PA"), b"GRAY": ("L", "LA"), b"CMYK": ("CMYK",)}
"""A profile's colour space, as its header names it (ICC.1, 7.2), and the modes it can belong to."""
_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] (untyped in Pillow)


_SEEN = 4
"""Levels of 255 by which a colour may differ before anybody sees it; profiles of sRGB itself differ by up to 2."""
_RAMP = Image.linear_gradient("L")
_SAMPLES = {"L": _RAMP, "RGB": Image.merge("RGB", (_RAMP, _RAMP.rotate(90), Image.radial_gradient("L")))}
"""Colours of all kinds, on which a profile is tried."""


def is_foreign(image: Image.Image) -> bool:
    """Tell if the image's profile or its code points (under "cicp" in its info) describe other colours than sRGB."""
    return _foreign_profile(image) is not None or cicp.to_srgb(image.info.get("cicp")) is not None


def _foreign_profile(image: Image.Image) -> ImageCms.ImageCmsProfile | None:
    """The image's colour profile when it turns colours into others; None also for one that cannot be read.

    Its name says nothing: a linear one may be called sRGB, and sRGB may be called anything.
    """
    data = image.info.get("icc_profile") or b""
    modes = _OF_SPACE.get(data[16:20], ())
    if image.mode not in modes:
        return None
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
        sample = _SAMPLES.get(next(iter(modes)))
        turned = sample and ImageCms.profileToProfile(sample, profile, _SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError, AttributeError):
        return None
    if sample is None or turned is None:
        return profile  # of CMYK
    seen = ImageChops.difference(turned, sample.convert("RGB")).point([level > _SEEN for level in range(256)] * 3)
    return profile if seen.getbbox() else None


def to_srgb(image: Image.Image) -> Image.Image:
    """The image, in no UNREAD mode, in RGB, or in RGBA when a part of it is transparent."""
    profile, coded = _foreign_profile(image), cicp.to_srgb(image.info.get("cicp"))
    if image.mode in DEEP:
        image = _shallow(image)
    alpha = _alpha(image)
    flat = image if image.mode in ("RGB", "L", "CMYK") else image.convert("L" if image.mode == "LA" else "RGB")
    if profile is not None:
        flat = _through(flat, profile)
    elif coded is not None:
        flat = coded(flat.convert("RGB"))
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
