"""The window in which a draft's shot is chosen or named: its person works on that one from then on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from discord import Interaction, SelectOption, ui

from cogs.composer import ids
from cogs.composer.composer import DraftComposer
from cogs.composer.handlers import ComposerHandlers
from cogs.interactions.responses import refuse
from cogs.interactions.text import plain, shorten
from cogs.interactions.windows import Fields
from cogs.video.shots import NO_SHOT
from dailies.draft import Draft
from dailies.errors import RefusedError
from dailies.language import gettext, ngettext
from dailies.shot import SHOT_NAME_MOST, Shot, shot_key

SHOT, NEW = "shot", "new"
"""Names of its fields."""
_OPTIONS_MOST = 25


class ShotWindow:
    """Opens the window and takes what was chosen there. Each panel belongs to the owner of its draft alone."""

    def __init__(self, composer: DraftComposer, handlers: ComposerHandlers) -> None:
        self._composer = composer
        self._handlers = handlers

    @ids.SHOT.handles
    async def open(self, interaction: Interaction, draft_id: str, revision: str) -> None:
        """Open the window."""
        draft = await self._handlers.current(interaction, draft_id, revision)
        if draft is None:
            return
        try:
            shots = await self._composer.shots.here(interaction)
        except RefusedError as error:
            await refuse(interaction, error)
            return
        await interaction.response.send_modal(shot_window(draft, shots))

    @ids.SHOT_SENT.handles
    async def sent(self, interaction: Interaction, draft_id: str, revision: str, fields: Fields) -> None:
        """Take a new name, or else what was chosen."""
        del revision
        typed = str(fields.get(NEW) or "").strip() or "".join(fields.get(SHOT) or ())
        if (await self._handlers.current(interaction, draft_id, None)) is None:
            return
        try:
            shot = await self._composer.shots.take(interaction, typed or NO_SHOT)
        except RefusedError as error:
            await refuse(interaction, error)
            return
        await self._handlers.change(interaction, draft_id, None, lambda draft: (replace(draft, shot=shot), ""))


def shot_window(draft: Draft, shots: Sequence[Shot]) -> ui.Modal:
    """Return the window: a menu of the channel's shots, the draft's own among them, and a field for a new one."""
    key = shot_key(draft.shot.name) if draft.shot else None
    shown = sorted(shots, key=lambda one: shot_key(one.name) != key)[: _OPTIONS_MOST - 1]
    options = [SelectOption(label=gettext(NO_SHOT), value=NO_SHOT, default=key is None)]
    options += [
        SelectOption(
            label=shorten(plain(one.name), 100),
            value=one.name,
            description=ngettext("{n} take", "{n} takes", one.takes) if one.takes else gettext("No takes yet"),
            default=shot_key(one.name) == key,
        )
        for one in shown
    ]
    menu: ui.Select[Any] = ui.Select(custom_id=SHOT, options=options, required=False)
    field: ui.TextInput[Any] = ui.TextInput(
        custom_id=NEW, required=False, max_length=SHOT_NAME_MOST, placeholder=gettext("Such as 12A, or Harbor at night")
    )
    return ids.SHOT_SENT.window(
        gettext("Shot"),
        ui.Label[Any](
            text=gettext("Shot"),
            description=gettext("You keep working on it here until you pick another one"),
            component=menu,
        ),
        ui.Label[Any](text=gettext("Or a new one"), component=field),
        **ids.of(draft),
    )
