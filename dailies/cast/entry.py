"""The records of the cast: named references of a server or a channel, and consents to the use of a likeness."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dailies.catalog.prompt_names import key_of
from dailies.references.reference import Source

PICTURES_MOST = 4
"""Most pictures of an entry."""


@dataclass(frozen=True, slots=True)
class CastPlace:
    """A place in which names are used.

    guild_id: its server; None: a direct message. channels: ids of its channel and, for a thread, of the thread's; the
    nearest first. age_restricted: content that is age-restricted may be shown there.
    """

    guild_id: int | None
    channels: tuple[int, ...]
    age_restricted: bool = False

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes that hold there, the nearest first."""
        server = () if self.guild_id is None else (scope_of(self.guild_id, None),)
        return (*(scope_of(self.guild_id, one) for one in self.channels), *server)


@dataclass(frozen=True, slots=True)
class Consent:
    """A person's word that a likeness may be used. Times are Unix seconds.

    person: whose likeness it is, as was written. until: end of the consent; None: no end. given_by: who said so.
    """

    person: str
    until: float | None
    given_by: int
    given_at: float

    def expired(self, now: float) -> bool:
        """Tell if the consent has ended."""
        return self.until is not None and self.until <= now


@dataclass(frozen=True, slots=True)
class CastPicture:
    """A picture of an entry. sha256: of its bytes, which are below DATA_DIR/references. link: where it came from, for
    pictures of public links; empty for others. width, height: pixels.
    """

    sha256: str
    name: str
    link: str = ""
    description: str | None = None
    spoiler: bool = False
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class CastEntry:
    """A named reference. Times are Unix seconds.

    guild_id: its server; None: a direct message. channel_id: its channel; None: the whole server.
    name: as written, without the @; `hero/winter` is a look of `hero`. consent: None: it shows nobody's likeness.
    age_restricted: added in an age-restricted channel. revision: counted from 1 at each change.
    """

    id: str
    guild_id: int | None
    channel_id: int | None
    name: str
    pictures: tuple[CastPicture, ...]
    added_by: int
    added_at: float
    changed_at: float
    note: str = ""
    consent: Consent | None = None
    age_restricted: bool = False
    revision: int = 1

    @property
    def key(self) -> str:
        """The name as it is compared."""
        return key_of(self.name)

    @property
    def scope(self) -> str:
        """The server or the channel in which its name is the only one."""
        return scope_of(self.guild_id, self.channel_id)

    def sources(self, data_dir: Path) -> tuple[Source, ...]:
        """Return its pictures as references of a video. data_dir: DATA_DIR."""
        return tuple(
            Source(
                one.link,
                one.name,
                attached=False,
                spoiler=one.spoiler,
                description=one.description,
                kept=data_dir / "references" / one.sha256,
                width=one.width,
                height=one.height,
                cast=(self.name,),
            )
            for one in self.pictures
        )


def holds(entry: CastEntry, place: CastPlace) -> bool:
    """Tell if the name of an entry is used in a place, if nothing nearer has it."""
    return entry.scope in place.scopes and (place.age_restricted or not entry.age_restricted)


def scope_of(guild_id: int | None, channel_id: int | None) -> str:
    """Return the scope of a channel, or without one of the whole server, as rows hold it."""
    return f"guild:{guild_id}" if channel_id is None else f"channel:{channel_id}"
