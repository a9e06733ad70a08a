"""From the names in a prompt to the pictures of the cast that they bring along."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dailies.cast.consent import consent_ended
from dailies.cast.entry import CastEntry
from dailies.catalog.options import Options
from dailies.catalog.prompt_names import closest, key_of, mentioned, mentions
from dailies.errors import OptionRefused, RefusedError
from dailies.reason import Reason, ReasonCode
from dailies.references.reference import Reference, Source, each_source_once
from dailies.references.roles import FRAMES


@dataclass(frozen=True, slots=True)
class Resolved:
    """A request whose names are resolved.

    options: with the names of the cast that its prompt holds. sources: its pictures, those of the cast last, in the
    order of their first mention. unknown: names that are not in the cast and go out as they are, with the @.
    people: names of entries that show a real person's likeness, with the @.
    """

    options: Options
    sources: tuple[Source, ...]
    unknown: tuple[str, ...] = ()
    people: tuple[str, ...] = ()


class Cast:
    """The entries that hold in one place at one time (Unix seconds). data_dir: DATA_DIR."""

    def __init__(self, entries: Iterable[CastEntry], data_dir: Path, *, now: float) -> None:
        self.by_key: Mapping[str, CastEntry] = {one.key: one for one in entries}
        self._data_dir = data_dir
        self._now = now

    def resolve(
        self,
        options: Options,
        sources: Sequence[Source],
        *,
        chosen: Sequence[str] = (),
        before: str | None = None,
        fixed: Sequence[Reference] = (),
    ) -> Resolved:
        """Return a request with the pictures of all names in its prompt.

        chosen: names whose pictures come along without a mention, after the others. before: the prompt until now: what
        only that mentions is left out. fixed: pictures of an earlier job, used instead of the sources; none are added.
        Raises OptionRefused for a name that is probably a slip, and RefusedError for an entry that may not be used.
        """
        keys = mentioned(options.prompt, self.by_key)
        sources = self._without_dropped(sources, keys, before)
        picked = [*map(self._chosen, chosen)]
        wanted = dict.fromkeys([*keys, *picked])
        used = dict.fromkeys(key_of(name) for one in (*sources, *fixed) for name in one.cast)
        for key in (*wanted, *used):
            self._check(key, [*sources, *fixed])
        known = [key for key in keys if key in used or not fixed]
        if not fixed:
            # Beside frames a mention is a word; of what was chosen, the check of the request says that it does not go.
            bound = options.continues is not None or any(one.role in FRAMES for one in sources)
            new = [key for key in wanted if key not in used and (key in picked or not bound)]
            coming = [one for key in new for one in self.by_key[key].sources(self._data_dir)]
            sources = each_source_once([*sources, *coming])
        entries = [self.by_key[key] for key in dict.fromkeys((*wanted, *used))]
        return Resolved(
            replace(options, cast=dict.fromkeys(known, ())),
            tuple(sources),
            self._unknown(options.prompt),
            people=tuple(f"@{one.name}" for one in entries if one.consent),
        )

    def _chosen(self, name: str) -> str:
        """Return the key of a chosen name. Raises OptionRefused when there is no such entry."""
        key = key_of(name.removeprefix("@"))
        if key not in self.by_key:
            near = closest(key, self.by_key)
            offers = [f"@{self.by_key[near].name}"] if near else []
            raise OptionRefused("cast", f"@{name.removeprefix('@')}", Reason(ReasonCode.NOT_IN_CAST), offers)
        return key

    def _check(self, key: str, pictures: Sequence[Source | Reference]) -> None:
        """Raise RefusedError for an entry that is gone, or whose consent has ended."""
        entry = self.by_key.get(key)
        if entry is None:
            name = next(name for one in pictures for name in one.cast if key_of(name) == key)
            raise RefusedError(ReasonCode.CAST_GONE, name=f"@{name}")
        if entry.consent and entry.consent.expired(self._now):
            raise consent_ended(entry)

    def _unknown(self, prompt: str) -> tuple[str, ...]:
        """Return the names that are not in the cast. Raises OptionRefused for one that is close to a known one."""
        unknown = [one.name for one in mentions(prompt, self.by_key) if one.key is None]
        for name in unknown:
            if near := closest(name, self.by_key):
                offer = f"@{self.by_key[near].name}"
                raise OptionRefused("prompt", f"@{name}", Reason(ReasonCode.NEAR_IN_CAST, near=offer), [offer])
        return tuple(dict.fromkeys(f"@{name}" for name in unknown))

    def _without_dropped(self, sources: Sequence[Source], keys: Sequence[str], before: str | None) -> list[Source]:
        """Return sources without those that only the earlier prompt mentions."""
        dropped = set(mentioned(before, self.by_key)) - set(keys) if before is not None else set[str]()
        return [one for one in sources if not one.cast or not {*map(key_of, one.cast)} <= dropped]


def as_words(options: Options) -> tuple[Reason, ...]:
    """Return that names are sent as words, without pictures; empty: none is. options: with their pictures counted."""
    names = tuple(f"@{key}" for key, shown in options.cast.items() if not shown)
    return (Reason(ReasonCode.NAMES_AS_WORDS, names=names),) if names else ()


def names_of(prompt: str, pictures: Iterable[Source | Reference]) -> bool:
    """Tell if a request has anything to do with the cast, so that its entries have to be looked up."""
    return any(one.cast for one in pictures) or bool(mentions(prompt, ()))
