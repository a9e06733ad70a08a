"""The record of a request that is being composed. Nothing of it is sent or paid."""

from __future__ import annotations

from dataclasses import dataclass

from dailies.catalog.option_checks import NOTHING_SET, OwnDefaults
from dailies.catalog.options import Options
from dailies.ids import new_id
from dailies.job import Origin
from dailies.references.reference import Source
from dailies.references.roles import counted
from dailies.shot import ShotTake

DRAFT_SECONDS = 86_400.0
"""Time that a draft is kept after its last change."""
TAKES_MOST = 4
KEY = "draft:"
"""Beginning of the key of a draft's job."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A request as one person composes it. Times are Unix seconds.

    options: as given; references and frames follow from the pictures. sources: its pictures in order, with their roles.
    takes: number of videos to be made of it, 1 to TAKES_MOST. models: ids of the models that it compares, 2 to
    TAKES_MOST; empty: it compares none. shot: of which it makes takes; None: of none. age_restricted: begun in an
    age-restricted channel, or holds what comes from one. revision: counted from 1 at each change. job_id: the first job
    that was made of it, found by its key. defaults: what its server had set when it was begun, so that it stays what
    its panel says.
    """

    id: str
    person_id: int
    guild_id: int | None
    channel_id: int
    options: Options
    created_at: float
    changed_at: float
    sources: tuple[Source, ...] = ()
    takes: int = 1
    models: tuple[str, ...] = ()
    shot: ShotTake | None = None
    origin: Origin | None = None
    age_restricted: bool = False
    revision: int = 1
    job_id: str | None = None
    defaults: OwnDefaults = NOTHING_SET

    @property
    def key(self) -> str:
        """The key of its job: one draft makes one job, or one set of takes."""
        return f"{KEY}{self.id}"

    @property
    def is_blank(self) -> bool:
        """True while nothing was filled in."""
        return self.options == Options("") and not self.sources and self.takes == 1

    @property
    def counted(self) -> Options:
        """The options, with its pictures counted."""
        return counted(self.options, self.sources)


def new_draft(person_id: int, guild_id: int | None, channel_id: int, options: Options, *, now: float) -> Draft:
    """Return an empty draft."""
    return Draft(new_id(now), person_id, guild_id, channel_id, options, created_at=now, changed_at=now)
