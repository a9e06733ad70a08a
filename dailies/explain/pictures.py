"""What was done to a reference picture, and why its bytes are sent and not its link."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dailies.explain.phrases import Template
from dailies.formatting import plural
from dailies.reason import ReasonCode


def _first_page(values: Mapping[str, Any]) -> str:
    return plural(values["pages"], "only the first of {n} page", "only the first of {n} pages")


def _first_picture(values: Mapping[str, Any]) -> str:
    return plural(values["pictures"], "only the first of {n} picture", "only the first of {n} pictures")


SENTENCES: dict[ReasonCode, Template] = {
    ReasonCode.CONVERTED: "converted to {form}",
    ReasonCode.FIRST_PAGE: _first_page,
    ReasonCode.FIRST_PICTURE: _first_picture,
    ReasonCode.FIRST_FRAME: "only the first frame of the animation",
    ReasonCode.TURNED: "turned upright",
    ReasonCode.FROM_CMYK: "colours turned from CMYK to sRGB",
    ReasonCode.TO_SRGB: "colours turned to sRGB",
    ReasonCode.TO_8_BITS: "reduced to 8 bits a colour",
    ReasonCode.SCALED: "scaled to {width} × {height}",
    ReasonCode.SCALED_TOGETHER: "scaled to {scale:.0%} with the others, to keep the request under {bytes:limit_mb}",
    ReasonCode.TAIL_LEFT_OUT: "what stood behind the picture left out",
    ReasonCode.SAVED_AS: "saved as {form}",
    ReasonCode.METADATA_LEFT_OUT: "metadata that cannot be read left out",
    ReasonCode.PLACE_INSIDE: "sent as it is, with the place where it was taken in it",
    # Why its bytes are sent.
    ReasonCode.SENT_INLINE_BEFORE: "it was sent inline before",
    ReasonCode.NO_LINKS_SENT: "this bot sends no links",
    ReasonCode.WAS_CHANGED: "it had to be changed ({changes:comma})",
    ReasonCode.LINK_REDIRECTS: "its link redirects",
    ReasonCode.LINK_ENDS: "its link does not last",
    ReasonCode.MISNAMED: "its site does not call it {media_type}",
    ReasonCode.TRUSTED_ORIGIN: "its link is on a trusted origin, which others may not reach",
}
