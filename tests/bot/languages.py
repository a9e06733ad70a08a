"""Languages in simcord: whose Discord speaks which, and catalogues whose texts show their language."""

from __future__ import annotations

import gettext as standard
from collections.abc import Mapping
from typing import Any

import discord
import pytest
from simcord import interactions

from dailies import language
from dailies.language import ENGLISH


class _Marked(standard.NullTranslations):
    """A catalogue in which every text is the English one behind the language's code, as in ⟦de⟧Done."""

    def __init__(self, spoken: str) -> None:
        super().__init__()
        self._mark = mark(spoken)

    def gettext(self, message: str) -> str:
        return self._mark + message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self._mark + super().ngettext(msgid1, msgid2, n)

    def pgettext(self, context: str, message: str) -> str:
        return self._mark + message

    def npgettext(self, context: str, msgid1: str, msgid2: str, n: int) -> str:
        return self._mark + super().npgettext(context, msgid1, msgid2, n)


def mark(spoken: str) -> str:
    """Return what each text of a language begins with; nothing for English."""
    return "" if spoken == ENGLISH else f"⟦{spoken}⟧"


def mark_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a mark on each text of other languages, so that no test depends on a translation."""

    def catalog(spoken: str) -> standard.NullTranslations:
        return standard.NullTranslations() if spoken == ENGLISH else _Marked(spoken)

    monkeypatch.setattr(language, "_catalog", catalog)


def let_discord_speak(monkeypatch: pytest.MonkeyPatch, locales: Mapping[int, str]) -> None:
    """Make interactions carry the locales of these people, by their ids, and those of their servers.

    simcord knows a server's, and says en-US for everything.
    """
    made = interactions.base_payload

    def payload(backend: Any, **given: Any) -> tuple[Any, dict[str, Any]]:
        record, said = made(backend, **given)
        said["locale"] = locales.get(given["user_id"], "en-US")
        if given["guild_id"] is None:
            said["app_permissions"] = str(discord.Permissions(attach_files=True).value)
        else:
            said["guild_locale"] = backend.get_guild(given["guild_id"]).preferred_locale
        return record, said

    monkeypatch.setattr(interactions, "base_payload", payload)
