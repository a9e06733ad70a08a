"""The words for the parts that pictures have in a video."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from cogs.interactions.text import inert
from dailies.formatting import joined
from dailies.language import gettext, gettext_noop, ngettext
from dailies.openrouter.payload import Role
from dailies.references.reference import Reference, Source

ROLE_NAMES = {
    Role.REFERENCE: gettext_noop("reference"),
    Role.FIRST: gettext_noop("first frame"),
    Role.LAST: gettext_noop("last frame"),
}
"""Parts within a sentence or a line, in English."""
ROLE_TITLES = {
    Role.REFERENCE: gettext_noop("Reference"),
    Role.FIRST: gettext_noop("First frame"),
    Role.LAST: gettext_noop("Last frame"),
}
"""Parts at the beginning of one, in English."""
# Stays English: the font of badges has no other letters.
_BADGES = {Role.REFERENCE: "{n}", Role.FIRST: "{n} first", Role.LAST: "{n} last"}


def called(number: int, picture: Source | Reference) -> str:
    """Return what a picture is called in the list of its job: "Reference image 2", or "First frame"."""
    if picture.role is Role.REFERENCE:
        return gettext("Reference image {number}", number=number)
    return gettext(ROLE_TITLES[picture.role])


def named(picture: Source | Reference) -> str:
    """Return the names of the cast that a picture shows, each with its @, or else the picture's own name."""
    return joined([f"@{one}" for one in picture.cast]) or picture.name


def badge(number: int, role: Role) -> str:
    """Return the few words on a thumbnail: its number, and its role if that is not a reference's."""
    return _BADGES[role].format(n=number)


def reference_words(given: Sequence[Source | Reference]) -> list[str]:
    """Return what guides a video, the cast by its names: "2 references", "@hero (2 pictures)"."""
    references = [one for one in given if one.role is Role.REFERENCE]
    others = sum(not one.cast for one in references)
    names = Counter(name for one in references for name in one.cast)
    cast = [f"{inert(f'@{name}', 80)} {ngettext('({n} picture)', '({n} pictures)', n)}" for name, n in names.items()]
    return [*([ngettext("{n} reference", "{n} references", others)] if others else []), *cast]
