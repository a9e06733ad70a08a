"""Handlers of /settings. Each checks anew that the person may manage the server; a button may be old, or forged."""

from __future__ import annotations

import logging

from discord import Interaction, ui

from cogs.interactions.languages import discords
from cogs.interactions.permissions import check_channel, manages, server_of
from cogs.interactions.responses import REFUSAL_SHOWN, defer, finish, refuse
from cogs.interactions.text import NOBODY, inert_reason, plain
from cogs.interactions.windows import Fields
from cogs.settings import ids
from cogs.settings.state import State
from cogs.settings.views import chosen, panel, question, value_words, window
from dailies.catalog.guide import ModelGuide
from dailies.errors import CatalogMissing, RefusedError
from dailies.language import NATIVE_NAMES, gettext
from dailies.reason import ReasonCode
from dailies.server_settings import SERVER_SETTINGS, Kind, taken
from dailies.settings import Settings
from dailies.store.server_settings import ServerSettingStore

log = logging.getLogger(__name__)

MATCHES_SHOWN = 5
TYPED_SHOWN = 60
DISCORDS = "discord"
"""Choice of /language: as Discord has it."""


class SettingHandlers:
    """Shows and changes the settings of servers, for the people who may manage them."""

    def __init__(self, settings: Settings, store: ServerSettingStore, guide: ModelGuide) -> None:
        self._settings = settings
        self._store = store
        self._guide = guide

    async def open(self, interaction: Interaction) -> None:
        """Answer the command with the panel."""
        try:
            state = await self._state(_server(interaction))
        except RefusedError as error:
            await refuse(interaction, error)
            return
        await interaction.response.send_message(view=panel(state), ephemeral=True, allowed_mentions=NOBODY)

    @ids.SHOW.handles
    async def show(self, interaction: Interaction) -> None:
        """Show the panel again."""
        try:
            state = await self._state(_server(interaction))
        except RefusedError as error:
            await refuse(interaction, error)
            return
        await _redraw(interaction, panel(state))

    @ids.CHANGE.handles
    async def change(self, interaction: Interaction, name: str) -> None:
        """Open the window of a setting."""
        try:
            shown = window(await self._state(_server(interaction)), name)
        except (RefusedError, CatalogMissing) as error:
            await refuse(interaction, error)
            return
        await interaction.response.send_modal(shown)

    @ids.SENT.handles
    async def sent(self, interaction: Interaction, name: str, fields: Fields) -> None:
        """Take a value, or ask first where the default model makes something otherwise with it."""
        try:
            guild_id = _server(interaction)
        except RefusedError as error:
            await refuse(interaction, error)
            return
        state = await self._state(guild_id)
        try:
            text = _picked(name, fields, state.guide)
            value = taken(name, text, self._settings, state.guide) if text else None
            if value is not None and SERVER_SETTINGS[name].kind is Kind.CHANNEL:
                check_channel(interaction, value)
        except (RefusedError, CatalogMissing) as error:
            await _redraw(interaction, panel(state, inert_reason(error.reason, REFUSAL_SHOWN)))
            return
        if value is None or value == state.own(name):
            await _redraw(interaction, panel(state))
            return
        after = state.with_value(name, value)
        news = {other: one for other, one in after.unmet.items() if state.unmet.get(other) != one}
        if news:
            await _redraw(interaction, question(name, value, after.guide, news))
        else:
            await self._write(interaction, guild_id, name, value)

    @ids.SAVE.handles
    async def save(self, interaction: Interaction, name: str, value: str) -> None:
        """Save a value that was asked about."""
        try:
            guild_id = _server(interaction)
            checked = taken(name, value, self._settings, (await self._state(guild_id)).guide)
        except (RefusedError, CatalogMissing) as error:
            await refuse(interaction, error)
            return
        await self._write(interaction, guild_id, name, checked)

    @ids.RESET.handles
    async def reset(self, interaction: Interaction, name: str) -> None:
        """Let the bot's own setting hold again."""
        try:
            guild_id = _server(interaction)
        except RefusedError as error:
            await refuse(interaction, error)
            return
        await self._write(interaction, guild_id, name, None)

    async def language(self, interaction: Interaction, chosen: str | None) -> None:
        """Set the language of what everyone in the server sees, and say which one holds.

        chosen: DISCORDS: as Discord has it; None: nothing changes.
        """
        try:
            guild_id = _server(interaction)
        except RefusedError as error:
            await refuse(interaction, error)
            return
        await defer(interaction)
        if chosen is not None:
            await self._change(interaction, guild_id, "language", None if chosen == DISCORDS else chosen)
        own = (await self._store.of(guild_id)).language
        words = _language_words(own, discords(interaction))
        if chosen is None:
            words = f"{words} {gettext('Choose another with the option {option}.', option='`language`')}"
        await finish(interaction, words)

    async def _change(self, interaction: Interaction, guild_id: int, name: str, value: object) -> None:
        await self._store.change(guild_id, name, value, interaction.user.id)
        log.info("user %s set in guild %s: %s %s", interaction.user.id, guild_id, name, value)

    async def _write(self, interaction: Interaction, guild_id: int, name: str, value: object) -> None:
        # The database may take longer than Discord waits.
        await interaction.response.defer()
        await self._change(interaction, guild_id, name, value)
        state = await self._state(guild_id)
        words = value_words(name, state.value(name), state.guide)
        done = gettext("Reset:") if value is None else gettext("Saved:")
        said = f"**{done}** {gettext(SERVER_SETTINGS[name].label)} · {words}"
        await interaction.edit_original_response(view=panel(state, said), allowed_mentions=NOBODY)

    async def _state(self, guild_id: int) -> State:
        kept = await self._store.kept(guild_id)
        return State(self._settings, kept, self._guide.with_own(kept.settings.defaults))


def _language_words(own: str | None, discords_language: str) -> str:
    if own is None:
        name = NATIVE_NAMES[discords_language]
        holds = gettext("New messages that everyone here sees are in {language}, as set in Discord.", language=name)
    else:
        holds = gettext("New messages that everyone here sees are in {language}.", language=NATIVE_NAMES[own])
    return f"{holds} {gettext('What only you see is in the language of your Discord.')}"


def _server(interaction: Interaction) -> int:
    """Return the server whose settings the person may change here. Raises RefusedError."""
    guild_id = server_of(interaction)
    if guild_id is None:
        raise RefusedError(ReasonCode.SETTINGS_ELSEWHERE)
    if not manages(interaction):
        raise RefusedError(ReasonCode.SETTINGS_MANAGERS_ONLY)
    return guild_id


def _picked(name: str, fields: Fields, guide: ModelGuide) -> str:
    """Return the text of a value from a window; empty: nothing was picked. What is typed outranks the menu, in which
    something is chosen already. Raises RefusedError and CatalogMissing.
    """
    choice, typed = chosen(fields)
    if SERVER_SETTINGS[name].kind is not Kind.MODEL or not typed:
        return typed or choice
    found = guide.offered.search(typed)
    exact = [one for one in found if typed.lower() in (one.id.lower(), one.name.lower())]
    if len(exact or found) == 1:
        return (exact or found)[0].id
    shown = plain(typed)[:TYPED_SHOWN]
    if not found:
        raise RefusedError(ReasonCode.NO_MODEL_MATCHES, typed=shown)
    names = [one.name for one in found[:MATCHES_SHOWN]]
    raise RefusedError(ReasonCode.MODELS_MATCH, count=len(found), typed=shown, models=names)


async def _redraw(interaction: Interaction, view: ui.LayoutView) -> None:
    await interaction.response.edit_message(view=view, allowed_mentions=NOBODY)
