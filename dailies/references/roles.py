"""The parts that pictures have in a video: how many guide it, which fix its frames, and the shape that those give."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from dailies.catalog.nearest import fits
from dailies.catalog.options import Options
from dailies.catalog.prompt_names import key_of
from dailies.errors import ReferenceRefused
from dailies.openrouter.payload import Fit, Role
from dailies.openrouter.pricing.frames import shape as shape_of
from dailies.reason import Reason, ReasonCode
from dailies.references.reference import Reference, Source

FRAMES = (Role.FIRST, Role.LAST)
"""Roles that fix a frame, in the order of the video."""


class ImageCounts(NamedTuple):
    """Number of images that guide a video, and of those that fix a frame of it."""

    references: int
    frames: int


def counts(given: Iterable[Source | Reference]) -> ImageCounts:
    """Return how many pictures there are of each kind."""
    roles = [one.role for one in given]
    references = roles.count(Role.REFERENCE)
    return ImageCounts(references, len(roles) - references)


def needed_fit(source: Source, width: int, height: int, shape: str | None) -> Fit | None:
    """Return how a picture of this size in pixels is made to fit a video of this shape; None where it need not be.

    Raises ReferenceRefused for a frame that does not fit, and of which nobody has said how it should.
    """
    ratio = shape_of(shape) if shape and source.role in FRAMES else None
    if shape is None or ratio is None or fits(width / height, ratio):
        return None
    if source.fitting is None:
        raise ReferenceRefused(source.name, Reason(ReasonCode.FRAME_SHAPE, width=width, height=height, shape=shape))
    return Fit(shape, source.fitting)


def check_fit(sources: Iterable[Source], shape: str | None) -> None:
    """Check the frames whose size is known, before anything is fetched. Raises ReferenceRefused as `needed_fit`."""
    for one in sources:
        if one.width and one.height:
            needed_fit(one, one.width, one.height, shape)


def fit_of(reference: Reference) -> Fit | None:
    """Return how a frame was made to fit the video; None: it has its own shape."""
    codes = (ReasonCode.FRAME_CROPPED, ReasonCode.FRAME_PADDED)
    shape = next((note.values["shape"] for note in reference.notes if note.code in codes), None)
    return Fit(shape, reference.fitting) if shape and reference.fitting else None


def counted(options: Options, given: Iterable[Source | Reference]) -> Options:
    """Return the options with these pictures counted. The shape is that of the first frame, else of the last."""
    given = list(given)
    pictures = sorted(given, key=lambda one: [*FRAMES, Role.REFERENCE].index(one.role))
    frames = [one for one in pictures if one.role in FRAMES]
    shape = next((one.width / one.height for one in frames if one.width and one.height), None)
    roles = tuple(one.role for one in frames)
    cast = {**dict.fromkeys(options.cast, ()), **_cast(given)}
    return replace(options, references=len(pictures) - len(frames), frames=roles, shape=shape, cast=cast)


def _cast(given: Iterable[Source | Reference]) -> dict[str, tuple[int | Role, ...]]:
    """Return the numbers of the references that show each of the cast, and the frames that do, by its key."""
    found: dict[str, tuple[int | Role, ...]] = {}
    number = 0
    for one in given:
        number += one.role is Role.REFERENCE
        for key in dict.fromkeys(map(key_of, one.cast)):
            found[key] = (*found.get(key, ()), number if one.role is Role.REFERENCE else one.role)
    return found
