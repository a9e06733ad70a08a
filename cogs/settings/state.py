"""State of a server's settings: its own beside the bot's, and what the default model makes of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from dailies.catalog.guide import ModelGuide
from dailies.errors import CatalogMissing
from dailies.reason import Reason
from dailies.server_settings import SERVER_SETTINGS, holding, unmet
from dailies.settings import Settings
from dailies.store.server_settings import Change, Kept


@dataclass(frozen=True)
class State:
    """The settings of a server as they stand. guide: with the server's defaults."""

    settings: Settings
    kept: Kept
    guide: ModelGuide

    @property
    def changes(self) -> Mapping[str, Change]:
        """The last changes, by the names of the settings."""
        return self.kept.changes

    @property
    def unmet(self) -> Mapping[str, Reason]:
        """Differences between the defaults and what the default model makes, by the names of the settings."""
        return unmet(self.guide)

    @property
    def notes(self) -> tuple[Reason, ...]:
        """Reasons why the default model is another one than was set."""
        try:
            return self.guide.defaults()[1]
        except CatalogMissing:
            return ()

    def own(self, name: str) -> Any:  # noqa: ANN401 (a value of any setting)
        """Return what the server has set; None: nothing."""
        return getattr(self.kept.settings, name)

    def operators(self, name: str) -> Any:  # noqa: ANN401
        """Return the bot's own setting."""
        return SERVER_SETTINGS[name].operators(self.settings)

    def value(self, name: str) -> Any:  # noqa: ANN401
        """Return what the server has set, or else the bot's own setting."""
        own = self.own(name)
        return self.operators(name) if own is None else own

    def holding(self, name: str) -> Any:  # noqa: ANN401
        """Return what of both holds."""
        return holding(name, self.own(name), self.settings)

    def with_value(self, name: str, value: object) -> State:
        """Return the state with another value of the server's own."""
        change: dict[str, Any] = {name: value}
        kept = replace(self.kept, settings=replace(self.kept.settings, **change))
        return replace(self, kept=kept, guide=self.guide.with_own(kept.settings.defaults))
