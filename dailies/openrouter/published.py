"""Values of OpenRouter's list of models, read without trusting that they are as documented.

What the database, a menu or a request could not hold is left out, so nothing behind this file has to expect it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, cast

from dailies.openrouter.fields import ID_LIMIT, is_name

log = logging.getLogger(__name__)

NAME_LIMIT = 200
"""Maximum characters of a model's name; the database keeps no more."""
RESOLUTION_LIMIT = 32
ASPECT_RATIO_LIMIT = 16
"""Maximum characters of a resolution and of an aspect ratio; the database keeps no more."""
WORD_LIMIT = 64
"""Maximum characters of any other word, as in "first_frame"."""
WORDS_MOST = 100
"""Maximum values of one field; no model publishes half as many."""
SECONDS_MOST = 3600
SHAPES_MOST = 20
"""Odd shapes of one field that are logged."""
IMAGES_MOST = 100
"""Larger numbers of reference images are taken for "so many as fit"."""

_IMAGE = "image"
_COUNTS = ("max", "maximum", "limit", "count")
_KINDS = ("type", "types", "kinds", "modalities", "supported_types")


def is_model_id(value: object) -> bool:
    """Return whether it can be a model's id: the database keeps it, and OpenRouter can be asked for it."""
    return isinstance(value, str) and is_name(value) and value == value.strip() and len(value) <= ID_LIMIT


def name(value: object) -> str | None:
    """Return a name on one line; None when it is none, or nothing of it can be seen."""
    if not isinstance(value, str):
        return None
    shown = "".join(one if one.isprintable() else " " for one in value[: NAME_LIMIT * 4])
    return " ".join(shown.split())[:NAME_LIMIT].strip() or None


def words(value: object, limit: int = WORD_LIMIT) -> tuple[str, ...] | None:
    """Return the distinct words of a list, as published; None when there is none. limit: characters of a word."""
    items = cast("list[object]", value) if isinstance(value, list) else []
    kept: dict[str, str] = {}
    for item in items:
        if isinstance(item, str) and item.strip() and item.isprintable() and len(item) <= limit:
            kept.setdefault(item.strip().lower(), item)
    return tuple(kept.values())[:WORDS_MOST] or None


def seconds(value: object) -> tuple[int, ...] | None:
    """Return the distinct whole seconds of a list, in its order; None when there are none."""
    items = cast("list[object]", value) if isinstance(value, list) else []
    found = [whole for item in items if (whole := _whole(item)) is not None and 1 <= whole <= SECONDS_MOST]
    return tuple(dict.fromkeys(found)) or None


def _whole(value: object) -> int | None:
    # bool is a kind of int, but true is no number.
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return None
    # Compared before it is converted, which takes for ever with 1e999999; abs() would overflow.
    return int(value) if -(10**9) < value < 10**9 and value == int(value) else None


def reference_images(entry: Mapping[str, Any]) -> bool | int | None:
    """Return what the field supported_input_references says of images: a maximum, True (not how many) or False.

    The field was announced without its form, so a yes or no, a number, a list of kinds and an object with numbers are
    all read. None: it is not there, or says nothing that is understood, which is logged once.
    """
    value = entry.get("supported_input_references")
    if value is None:
        return None
    found = _images(value)
    shape = _shape(value)
    if found is None and shape not in _odd_shapes and len(_odd_shapes) < SHAPES_MOST:
        _odd_shapes.add(shape)
        log.warning("OpenRouter's supported_input_references is not understood: %.80r; it is not used", shape)
    return found


_odd_shapes: set[str] = set()
"""Shapes of that field that were logged; every refresh of the list has them again."""


def _shape(value: object) -> str:
    if isinstance(value, dict):
        return f"an object with {', '.join(sorted(cast('dict[str, object]', value)))}"
    return f"{type(value).__name__} {value!s:.40}"


def _images(value: object) -> bool | int | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, Decimal)):
        count = _whole(value) if value <= IMAGES_MOST else None
        return True if value > IMAGES_MOST else None if count is None or count < 0 else count or False
    if isinstance(value, list):
        return _listed(cast("list[object]", value))
    return _described(cast("Mapping[str, object]", value)) if isinstance(value, dict) else None


def _listed(items: Iterable[object]) -> bool | int | None:
    """Read a list of kinds, as in ["image_url"] or [{"type": "image_url", "max": 9}]. An empty one is a no."""
    found: list[bool | int | None] = []
    for item in items:
        if isinstance(item, str):
            found.append(_IMAGE in item.lower())
        elif isinstance(item, dict):
            found.append(_described(cast("Mapping[str, object]", item)))
        else:
            return None
    if None in found:
        return None
    return max((one for one in found if one is not None), key=int, default=False)


def _described(value: Mapping[str, object]) -> bool | int | None:
    """Read an object that names kinds, or numbers of each kind, as in {"image_url": {"max": 9}, "video_url": 3}."""
    count = next((_images(one) for key, one in value.items() if _is_count(key)), None)
    if value.get("supported") is False:
        return False
    for key, one in value.items():
        if _IMAGE in key.lower():
            found = _images(one)
            return True if found is None and isinstance(one, dict) else found
    for key in _KINDS:
        if key in value:
            kinds = value[key]
            takes = _images([kinds] if isinstance(kinds, str) else kinds)
            return count if takes is True and count is not None else takes
    if count is not None or value.get("supported") is True:
        return True if count is None else count
    others = bool(value) and all(any(kind in key.lower() for kind in ("video", "audio")) for key in value)
    return False if others else None


def _is_count(key: str) -> bool:
    """Return whether a key names a number of references of any kind, as in "max_count"."""
    parts = key.lower().split("_")
    return any(part in _COUNTS for part in parts) and not {"video", "audio", "image", "images"} & {*parts}
