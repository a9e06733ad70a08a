"""Shots: the parts of a film of which takes are made. A shot belongs to a channel."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from dailies.catalog.prompt_names import key_of
from dailies.errors import RefusedError
from dailies.reason import ReasonCode

SHOT_NAME_MOST = 60
"""Most characters of a shot's name, as clients count them (UTF-16 code units); a post's title takes 100."""


@dataclass(frozen=True, slots=True)
class ShotTake:
    """A take of a shot. shot_id: ours. name: as written when the shot was first named.

    number: from 1, given as the job is recorded; None: it is not recorded yet.
    """

    shot_id: str
    name: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Shot:
    """A shot as it is stored. takes: numbers given so far. place: in the cut, from 1; None: behind those that have one.

    post_id: of the forum post that it is; None: it is none. created_at: Unix seconds.
    """

    id: str
    guild_id: int | None
    channel_id: int
    name: str
    takes: int
    created_at: float
    place: int | None = None
    post_id: int | None = None


def shot_name(typed: str) -> str:
    """Return a shot's name as it is kept: composed characters, single spaces. Raises RefusedError."""
    name = " ".join(unicodedata.normalize("NFC", typed).split())
    shown = all(unicodedata.category(one)[0] != "C" for one in name)
    if not (name and shown and len(name.encode("utf-16-le", "surrogatepass")) <= 2 * SHOT_NAME_MOST):
        raise RefusedError(ReasonCode.SHOT_NAME_WRONG, most=SHOT_NAME_MOST)
    return name


def shot_key(name: str) -> str:
    """Return a shot's name as it is compared: case, width and invisible characters do not count."""
    return key_of(name)
