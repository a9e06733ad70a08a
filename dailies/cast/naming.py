"""Names that can be given to the cast, and what would be right in place of one that cannot."""

from __future__ import annotations

import re
import unicodedata

from dailies.catalog.prompt_names import PART_MOST, RESERVED, is_name, key_of
from dailies.errors import RefusedError
from dailies.reason import ReasonCode

_MODELS_OWN = re.compile(r"(?:image|img|picture|photo|reference|ref|video|audio|frame|element)[-_]?\d*")
"""Words by which models and their services name what they are sent, as in @Image1."""
_LONGEST = 65
"""Most characters of a name with its look, as clients count them (UTF-16 code units)."""


def checked_name(typed: str) -> str:
    """Return a name as it is kept: without its @ and in composed characters. Raises RefusedError."""
    name = unicodedata.normalize("NFC", typed.strip()).lstrip("@\uff20").strip()
    key = key_of(name)
    if key.split("/")[0] in RESERVED:
        raise RefusedError(ReasonCode.CAST_NAME_PINGS, name=name)
    if _MODELS_OWN.fullmatch(key):
        raise RefusedError(ReasonCode.CAST_NAME_OF_MODELS, name=name)
    if not is_name(name) or len(name.encode("utf-16-le", "surrogatepass")) > 2 * _LONGEST:
        raise RefusedError(ReasonCode.CAST_NAME_WRONG, name=name[:40], most=PART_MOST, instead=_instead(name))
    return name


def _instead(name: str) -> str | None:
    """Return a name that is like this one and can be given; None when there is none."""
    parts = [_part(one) for one in name.split("/", 1)]
    found = "/".join(one for one in parts if one)
    return found if is_name(found) and not _MODELS_OWN.fullmatch(key_of(found)) else None


def _part(text: str) -> str:
    kept = (one if unicodedata.category(one)[0] in "LMN" else "-" for one in text)
    part = re.sub("-+", "-", "".join(kept))
    letters = (place for place, one in enumerate(part) if unicodedata.category(one)[0] == "L")
    return part[next(letters, len(part)) :][:PART_MOST].strip("-")
