"""Derivations of quotes in the words of rows from before reasons were data."""

from __future__ import annotations

import re

from dailies.migrations.old_reasons import Json, Known, read

_WHY: list[Known] = [
    ("no_lengths", "the model does not say how long its videos are", {}),
    ("model_chooses", "it depends on what the model chooses", {}),
    ("no_amount", "the published price is no amount of money", {}),
    ("no_price", "OpenRouter publishes no price that the bot understands", {}),
    ("by_megapixel", "it is priced by the megapixels of the video that it is given", {}),
    ("price_unreadable", "the published price cannot be read", {}),
    ("picture_size_unknown", "it is priced by the size of the picture, which is not known", {}),
    ("image_price_unreadable", "the published price of an image cannot be read", {}),
    ("least_unreadable", "the published least price cannot be read", {}),
]
_KINDS = {"from text": "text", "from frames": "frames", "with references": "references", "continued": "continuation"}
_COUNTED = re.compile(
    r"(?:(?P<seconds>\d+) s|(?P<tokens>[\d,.]+) tokens) × \$(?P<each>[\d.]+)(?:/s)?"
    r"(?:, if it is (?P<width>\d+)x(?P<height>\d+))?(?:, (?P<named>[^+]+?))?(?P<images>(?: \+ \d+ images? × \$[\d.]+)*)"
)
_IMAGES = re.compile(r" \+ (\d+) images? × \$([\d.]+)")


_ENDINGS = {
    "; the model has a price that the bot does not know": "unknown_extra",
    "; sound may come on top": "sound_extra",
}


def read_basis(text: str) -> Json:
    """Read the derivation of a quote; unknown words are kept as they are."""
    for end, code in _ENDINGS.items():
        if text.endswith(end):
            return {"code": code, "basis": read_basis(text.removesuffix(end))}
    if found := re.fullmatch(r"the least is \$([\d.]+) \((.+) would be less\)", text):
        return {"code": "least", "least": found[1], "basis": read_basis(found[2])}
    if found := re.fullmatch(r"not known: (.+?)(?:; at most \$([\d.]+))?", text):
        return {"code": "price_unknown", "why": _why(found[1]), "at_most": found[2]}
    return _counted(text) or {"code": "text", "text": text}


def _why(text: str) -> Json:
    none = "no published price fits "
    return {"code": "nothing_fits", **_named(text.removeprefix(none))} if text.startswith(none) else read(text, _WHY)


def _counted(text: str) -> Json | None:
    found = _COUNTED.fullmatch(text)
    if found is None:
        return None
    images = [[int(number), each] for number, each in _IMAGES.findall(found["images"])]
    basis = {"each": found["each"], **_named(found["named"] or ""), "images": images}
    if found["seconds"]:
        return {"code": "by_second", "seconds": int(found["seconds"]), **basis}
    size = {name: int(found[name]) if found[name] else None for name in ("width", "height")}
    return {"code": "by_token", "tokens": found["tokens"].replace(",", ""), **size, **basis}


def _named(text: str) -> Json:
    """720p with references without sound."""
    audio = False if text.endswith("without sound") else True if text.endswith("with sound") else None
    text = re.sub(r" ?with(?:out)? sound$", "", text)
    kind = next((kind for words, kind in _KINDS.items() if text.endswith(words)), None)
    resolution = re.sub(rf" ?(?:{'|'.join(_KINDS)})$", "", text)
    return {"resolution": resolution or None, "kind": kind, "audio": audio}
