"""Arrangement of the pictures of a draft by its person: their order, which are left out, and what they are used as."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

from dailies.catalog.option_checks import LINKS_LIMIT
from dailies.errors import OptionRefused, RefusedError
from dailies.openrouter.payload import Role
from dailies.reason import Reason, ReasonCode
from dailies.references.reference import Source, each_once, each_source_once
from dailies.references.roles import FRAMES

_BETWEEN = re.compile(r"[\s,;\uff0c\u3001]+")
_NUMBER = re.compile(r"[0-9]{1,3}")


class Use(StrEnum):
    """Uses of pictures. Those that a use does not speak of stay references."""

    REFERENCES = "references"
    START = "start"
    """The first picture is the first frame."""
    START_AND_END = "start_and_end"
    """The first picture is the first frame, the second one the last."""
    LOOP = "loop"
    """The first picture is both."""
    END = "end"
    """The first picture is the last frame."""


_ROLES = {
    Use.REFERENCES: (),
    Use.START: (Role.FIRST,),
    Use.START_AND_END: FRAMES,
    Use.LOOP: FRAMES,
    Use.END: (Role.LAST,),
}


def use_of(sources: Sequence[Source]) -> Use:
    """Return what pictures are used as now."""
    roles = {one.role for one in sources}
    if {*FRAMES} <= roles:
        first, last = (next(_picture(one) for one in sources if one.role is role) for role in FRAMES)
        return Use.LOOP if first == last else Use.START_AND_END
    return Use.START if Role.FIRST in roles else Use.END if Role.LAST in roles else Use.REFERENCES


def used(sources: Sequence[Source], use: Use) -> tuple[Source, ...]:
    """Return pictures with the roles of a use, frames first. A frame that stays one keeps how it is made to fit."""
    pictures = each_once(sources, _picture)
    framed = pictures[:1] * 2 if use is Use.LOOP else pictures[:2]
    before = {(_picture(one), one.role): one.fitting for one in sources}
    frames = [
        replace(one, role=role, fitting=before.get((_picture(one), role)))
        for one, role in zip(framed, _ROLES[use], strict=False)
    ]
    rest = pictures[1 if use is Use.LOOP else len(frames) :]
    return (*frames, *(replace(one, role=Role.REFERENCE, fitting=None) for one in rest))


def only_frames(sources: Sequence[Source]) -> tuple[Source, ...]:
    """Return the pictures that fix frames."""
    return tuple(one for one in sources if one.role in FRAMES)


def arranged(sources: Sequence[Source], new: Sequence[Source], order: str, use: Use) -> tuple[Source, ...]:
    """Return pictures in the order of a text like `1, 3, 2`, without those that it leaves out, and with their roles.

    new: pictures that come after the others. They have numbers, too, and are never left out. Raises RefusedError.
    """
    before, every = len(sources), [*sources, *new]
    places = read_order(order, len(every))
    if len({*places, *range(before, len(every))}) > LINKS_LIMIT:  # so that no draft grows without end
        raise OptionRefused("references", len(every), Reason(ReasonCode.MORE_THAN_ANY_TAKES, most=LINKS_LIMIT))
    places += [place for place in range(before, len(every)) if place not in places]
    return used(each_source_once(every[place] for place in places), use)


def read_order(text: str, pictures: int) -> list[int]:
    """Return places, from 0, by their numbers, each once. pictures: how many there are. Raises RefusedError."""
    words = [word for word in _BETWEEN.split(text) if word]
    for word in words:
        if not _NUMBER.fullmatch(word):
            raise RefusedError(ReasonCode.ORDER_UNREAD, word=word[:40])
        if not 1 <= int(word) <= pictures:
            raise RefusedError(ReasonCode.ORDER_BEYOND, number=int(word), pictures=pictures)
    return list(dict.fromkeys(int(word) - 1 for word in words))


def _picture(source: Source) -> str:
    return str(source.kept or source.url)
