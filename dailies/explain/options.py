"""What is wrong with an option, how options were taken, and where it is known from what a model takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dailies.explain.phrases import Template, unpaid
from dailies.formatting import plural
from dailies.reason import ReasonCode


def _refused(values: Mapping[str, Any]) -> str:
    value = "{value} " if values["value"] not in (None, "") else ""
    if values["option"] == "model":
        offers = (
            "Did you mean {offers:or}?" if values["offers"] else "Pick one from the list that appears while typing."
        )
    else:
        offers = "It offers {offers}." if values["offers"] else ""
    return unpaid(" ".join(filter(None, (f"{{option}}: {value}{{problem}}.", offers))))


def _no_references(values: Mapping[str, Any]) -> str:
    others = " These do: {offers}." if values["offers"] else ""
    return unpaid(f"{{value}} takes no reference images ({{problem}}).{others}")


def _number_without_image(values: Mapping[str, Any]) -> str:
    advice = "add the image, or, to mean it literally, double the braces or put a space after the @"
    if values["references"]:
        return f"names a reference image, but the command has only {{references}}; {advice}"
    return f"names a reference image, but the command has none; {advice}"


def _finished_here(values: Mapping[str, Any]) -> str:
    return plural(values["jobs"], "{n} job with up to {most} finished here", "{n} jobs with up to {most} finished here")


def _refused_here(values: Mapping[str, Any]) -> str:
    return plural(
        values["times"],
        "neither documented nor tried here, and refused here {n} time",
        "neither documented nor tried here, and refused here {n} times",
    )


def reference_support(takes: bool | None, most: int | None) -> str:
    """Whether a model takes references, and how many at most, as far as is known."""
    if takes is None:
        return "references not confirmed"
    if not takes:
        return "no references"
    return plural(most, "up to {n} reference", "up to {n} references") if most else "takes references"


SENTENCES: dict[ReasonCode, Template] = {
    ReasonCode.OPTION_REFUSED: _refused,
    ReasonCode.NO_REFERENCES: _no_references,
    # What is wrong: each stands after the option and its value.
    ReasonCode.EMPTY_PROMPT: "is empty; describe the video",
    ReasonCode.NOT_A_MODEL: "is not a video model on OpenRouter",
    ReasonCode.NOT_OFFERED: "is not offered by {model}",
    ReasonCode.NOT_OFFERED_ANYWHERE: "is not offered by any model",
    ReasonCode.SILENT_MODEL: "is not offered by {model}: it makes silent videos",
    ReasonCode.SEED_NOT_TAKEN: "is not offered by {model}; leave it out",
    ReasonCode.SEED_OUT_OF_RANGE: "is out of range; use a whole number from 0 to {most}",
    ReasonCode.TOO_MANY_REFERENCES: "are too many: {model} takes up to {most} reference images",
    ReasonCode.MORE_THAN_ANY_TAKES: "are too many: no model is known to take more than {most}; give fewer",
    ReasonCode.TOO_MANY_LINKS: "at most {most} links fit in one command",
    ReasonCode.NOT_A_LINK: "is not a link; give https links to images, separated by spaces",
    ReasonCode.LINK_WITH_USER: "has a user name or password in it; give a link without",
    ReasonCode.SEVERAL_LINKS: "holds {links} links; give each as an argument of its own",
    ReasonCode.MESSAGE_LINK: "leads to a message in Discord, whose images only the running bot can see",
    ReasonCode.NUMBER_WITHOUT_IMAGE: _number_without_image,
    ReasonCode.NUMBERS_SHIFTED: (
        "its numbers would shift, because two of the images are the same picture, which is sent once; "
        "give that picture once, and number the images anew"
    ),
    # How options were taken.
    ReasonCode.OPTION_LEFT_OUT: "{option} was left out: {model} does not publish what it takes",
    ReasonCode.AUDIO_LEFT_OUT: "audio was left out: {model} does not publish whether it makes sound",
    ReasonCode.SEED_LEFT_OUT: "seed was left out: {model} does not publish whether it takes one",
    ReasonCode.DEFAULT_GONE: "the default model {model} is gone; {used} is used",
    ReasonCode.CHEAPEST_WITH_REFERENCES: "it is the cheapest that is known to take references in {resolution}",
    # Where it is known from whether a model takes references.
    ReasonCode.NO_IMAGE_INPUT: "OpenRouter lists no image input for it",
    ReasonCode.DESCRIPTION: "OpenRouter's description",
    ReasonCode.PRICE_FOR_REFERENCES: "OpenRouter has a price for references",
    ReasonCode.FINISHED_HERE: _finished_here,
    ReasonCode.NOT_TRIED: "neither documented nor tried here",
    ReasonCode.REFUSED_HERE: _refused_here,
}
