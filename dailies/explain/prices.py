"""How a price was found, and why one is not known."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from dailies.explain.phrases import Template
from dailies.formatting import plural, price
from dailies.reason import ReasonCode

_KINDS = {
    "text": "from text",
    "frames": "from frames",
    "references": "with references",
    "continuation": "continued",
}


def _named(values: Mapping[str, Any]) -> str:
    """What a published price says of the job: 720p with sound."""
    sound = {True: "with sound", False: "without sound", None: ""}[values["audio"]]
    return " ".join(filter(None, (values["resolution"] and "{resolution}", _KINDS.get(values["kind"]), sound)))


def _counted(values: Mapping[str, Any], video: str) -> str:
    named = f", {_named(values)}" if _named(values) else ""
    images = "".join(
        f" + {plural(number, '{n} image', '{n} images')} × {price(Decimal(each))}" for number, each in values["images"]
    )
    return video + named + images


def _by_second(values: Mapping[str, Any]) -> str:
    return _counted(values, "{seconds} s × {each:price}/s")


def _by_token(values: Mapping[str, Any]) -> str:
    assumed = ", if it is {width}x{height}" if values["width"] is not None else ""
    return _counted(values, f"{{tokens:number}} tokens × {{each:price}}{assumed}")


def _unknown(values: Mapping[str, Any]) -> str:
    return "not known: {why}" if values["at_most"] is None else "not known: {why}; at most {at_most:price}"


def _nothing_fits(values: Mapping[str, Any]) -> str:
    return f"no published price fits {_named(values)}"


SENTENCES: dict[ReasonCode, Template] = {
    ReasonCode.BY_SECOND: _by_second,
    ReasonCode.BY_TOKEN: _by_token,
    ReasonCode.LEAST: "the least is {least:price} ({basis} would be less)",
    ReasonCode.UNKNOWN_EXTRA: "{basis}; the model has a price that the bot does not know",
    ReasonCode.SOUND_EXTRA: "{basis}; sound may come on top",
    ReasonCode.PRICE_UNKNOWN: _unknown,
    ReasonCode.NO_LENGTHS: "the model does not say how long its videos are",
    ReasonCode.MODEL_CHOOSES: "it depends on what the model chooses",
    ReasonCode.NO_AMOUNT: "the published price is no amount of money",
    ReasonCode.NO_PRICE: "OpenRouter publishes no price that the bot understands",
    ReasonCode.BY_MEGAPIXEL: "it is priced by the megapixels of the video that it is given",
    ReasonCode.NOTHING_FITS: _nothing_fits,
    ReasonCode.PRICE_UNREADABLE: "the published price cannot be read",
    ReasonCode.PICTURE_SIZE_UNKNOWN: "it is priced by the size of the picture, which is not known",
    ReasonCode.IMAGE_PRICE_UNREADABLE: "the published price of an image cannot be read",
    ReasonCode.LEAST_UNREADABLE: "the published least price cannot be read",
}
