"""Forms that could not be saved, kept so that nothing is typed again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dailies.references.reference import Source

KEPT = 200
"""Forms that are remembered, the newest: those of a process that ended are gone."""


@dataclass
class Form:
    """A window that was sent.

    person_id: who filled it in. fields: what was filled in as text or chosen, by the fields' ids. sources: pictures
    that were given, those that were fetched with their file. name, scope, note: of a new name. what, entry_id: of a
    change.
    """

    person_id: int
    fields: Mapping[str, Any]
    sources: tuple[Source, ...] = ()
    name: str = ""
    scope: str = ""
    note: str = ""
    what: str = ""
    entry_id: str = ""

    def text(self, name: str) -> str:
        """Return the text of a field; empty when it was left empty."""
        return str(self.fields.get(name) or "").strip()

    def chosen(self, name: str) -> str | None:
        """Return the entry that was chosen from a menu."""
        values: Sequence[str] = self.fields.get(name) or ()
        return values[0] if values else None


@dataclass
class Forms:
    """The forms of this process, by the id of the interaction that sent each."""

    _kept: dict[str, Form] = field(default_factory=dict[str, Form])

    def keep(self, key: int, form: Form) -> str:
        """Remember a form; return its key."""
        self._kept[str(key)] = form
        for old in list(self._kept)[:-KEPT]:
            del self._kept[old]
        return str(key)

    def get(self, key: str, person_id: int) -> Form | None:
        """Return a person's own form; None when it is not known, or not theirs."""
        form = self._kept.get(key)
        return form if form is not None and form.person_id == person_id else None
