"""Windows of /cast: they are opened, and what was filled in is saved or, with the reason why not, offered once more."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from discord import Interaction

from cogs.cast import ids, views, windows
from cogs.cast.answers import CastAnswers
from cogs.cast.checks import check_adding, usual_scope
from cogs.cast.forms import Form, Forms
from cogs.cast.handlers import Release
from cogs.cast.pictures import CastPictures
from cogs.interactions.answers import show
from cogs.interactions.permissions import age_restricted
from cogs.interactions.responses import REFUSAL_SHOWN, refuse
from cogs.interactions.text import inert, inert_reason, words_view
from cogs.interactions.windows import Fields
from cogs.video.cast_names import place_of
from cogs.video.message_images import attachment
from dailies.cast.entry import CastEntry, CastPicture
from dailies.cast.naming import checked_name
from dailies.database import BROKEN, is_away
from dailies.errors import RefusedError
from dailies.ids import new_id
from dailies.language import gettext, gettext_noop, ngettext
from dailies.reason import ReasonCode
from dailies.references.arrange import read_order

GETTING = gettext_noop(
    "Getting the pictures… If nothing happens within a minute, run the command again. It costs nothing."
)
SAVING_SHARE = 0.6
"""Share of look_seconds for which an answer waits for pictures before it says that they are coming."""

Saved = Coroutine[Any, Any, tuple[CastEntry, str]]


class CastEditing:
    """Answers /cast add, and the windows that change an entry. release: removes pictures that went from the cast."""

    def __init__(self, answers: CastAnswers, pictures: CastPictures, release: Release) -> None:
        self._answers = answers
        self._pictures = pictures
        self._release = release
        self._forms = Forms()

    async def add(self, interaction: Interaction, typed: str, scope: str | None, note: str) -> None:
        """Open the window of a new name, once it is known that it can be one."""
        scope = scope or usual_scope(interaction)
        try:
            check_adding(interaction)
            name = checked_name(typed)
            await self._check_free(interaction, name, scope)
        except RefusedError as error:
            await refuse(interaction, error)
            return
        # A window holds five fields, and all of them are taken.
        key = self._forms.keep(interaction.id, Form(interaction.user.id, {}, note=note)) if note else ids.NO_KEY
        await interaction.response.send_modal(windows.add_window(name, scope, key))

    @ids.ADD.handles
    async def added(self, interaction: Interaction, scope: str, key: str, name: str, fields: Fields) -> None:
        """Take the window of a new name."""
        form = self._form(interaction, key, fields)
        form.name, form.scope = name, scope
        await self._save(interaction, form, self._create(interaction, form))

    @ids.OPEN.handles
    async def open(self, interaction: Interaction, what: str, entry_id: str, revision: str) -> None:
        """Open a window, filled in with what the entry has by now."""
        del revision
        try:
            entry = await self._answers.changing(interaction, entry_id)
        except RefusedError as error:
            await refuse(interaction, error)
            return
        await interaction.response.send_modal(windows.change_window(entry, what))

    @ids.CHANGE.handles
    async def changed(
        self, interaction: Interaction, what: str, entry_id: str, revision: str, key: str, fields: Fields
    ) -> None:
        """Take a window that changes an entry, if it is still what the window showed."""
        form = self._form(interaction, key, fields)
        form.what, form.entry_id = what, entry_id
        await self._save(interaction, form, self._change(interaction, form, revision))

    @ids.AGAIN.handles
    async def again(self, interaction: Interaction, key: str) -> None:
        """Open a window once more, with what was typed."""
        form = self._forms.get(key, interaction.user.id)
        try:
            if form is None:
                raise RefusedError(ReasonCode.CAST_FORM_GONE)  # noqa: TRY301
            if form.entry_id:
                entry = await self._answers.changing(interaction, form.entry_id)
                window = windows.change_window(entry, form.what, key, form)
            else:
                window = windows.add_window(form.name, form.scope, key, form)
        except RefusedError as error:
            await refuse(interaction, error)
            return
        await interaction.response.send_modal(window)

    async def _create(self, interaction: Interaction, form: Form) -> tuple[CastEntry, str]:
        check_adding(interaction)
        name, now = checked_name(form.name), self._answers.cast.now()
        await self._check_free(interaction, name, form.scope)
        consent = windows.consent_of(form, now)
        pictures, _ = await self._pictures.gathered(interaction, form, ())
        if not pictures:
            raise RefusedError(ReasonCode.CAST_NO_PICTURES, name=name)
        entry = CastEntry(
            id=new_id(now),
            guild_id=interaction.guild_id,
            channel_id=_channel(interaction, form.scope),
            name=name,
            pictures=pictures,
            added_by=interaction.user.id,
            added_at=now,
            changed_at=now,
            note=form.note,
            consent=consent,
            age_restricted=age_restricted(interaction.channel),
        )
        await self._answers.cast.create(entry)
        said = ngettext(
            "Added. Write {name} in a prompt to use it.",
            "Added. Write {name} in a prompt to use its pictures.",
            len(pictures),
            name=inert("@" + name, 70),
        )
        return entry, said

    async def _change(self, interaction: Interaction, form: Form, revision: str) -> tuple[CastEntry, str]:
        entry = await self._answers.changing(interaction, form.entry_id, revision)
        said = gettext("Saved.")
        if form.what == ids.WORDS:
            name = checked_name(form.text(windows.NAME))
            changed = replace(entry, name=name, note=form.text(windows.NOTE)[: windows.NOTE_MOST])
            if changed.key != entry.key:
                said = gettext(
                    "Saved. Write {name} in prompts from now on, not {before}.",
                    name=inert("@" + name, 70),
                    before=inert("@" + entry.name, 70),
                )
        elif form.what == ids.CONSENT:
            changed = replace(entry, consent=windows.consent_of(form, self._answers.cast.now()))
        else:
            changed, said = await self._rearranged(interaction, entry, form)
        stored = await self._answers.cast.change(changed)
        if stored is None:
            raise RefusedError(ReasonCode.CAST_CHANGED, name=entry.name)
        await self._release({one.sha256 for one in entry.pictures} - {one.sha256 for one in stored.pictures})
        return stored, said

    async def _rearranged(self, interaction: Interaction, entry: CastEntry, form: Form) -> tuple[CastEntry, str]:
        """Return an entry with its pictures in the order of a form, and those that it adds."""
        places = read_order(form.text(windows.ORDER), len(entry.pictures))
        before: list[CastPicture] = [entry.pictures[place] for place in places]
        pictures, same = await self._pictures.gathered(interaction, form, before)
        if len(pictures) > len(before):
            chosen = form.chosen(windows.LIKENESS)
            if chosen != windows.AS_RECORDED:
                code = ReasonCode.CAST_LIKENESS_OTHER if chosen else ReasonCode.CAST_LIKENESS_UNSAID
                raise RefusedError(code, **({"name": entry.name} if chosen else {}))
        if not pictures:
            raise RefusedError(ReasonCode.CAST_NO_PICTURES, name=entry.name)
        said = [gettext("{picture} was already there.", picture=inert(name, 60)) for name in same]
        restricted = entry.age_restricted or (len(pictures) > len(before) and age_restricted(interaction.channel))
        return replace(entry, pictures=pictures, age_restricted=restricted), " ".join([gettext("Saved."), *said])

    async def _save(self, interaction: Interaction, form: Form, saving: Saved) -> None:
        """Answer a window with what was saved, or with why not and a button that opens it again."""
        task = asyncio.create_task(saving)
        await asyncio.wait([task], timeout=SAVING_SHARE * self._answers.look_seconds)
        if not task.done():
            await show(interaction, words_view(gettext(GETTING)))
        try:
            entry, said = await task
        except (RefusedError, *BROKEN) as error:
            if not isinstance(error, RefusedError) and not is_away(error):
                raise
            refused = error if isinstance(error, RefusedError) else RefusedError(ReasonCode.AWAY)
            key = self._forms.keep(interaction.id, form)
            view = views.unsaved_view(inert_reason(refused.reason, REFUSAL_SHOWN), key)
            await self._answers.answer(interaction, views.Shown(view))
            return
        await self._answers.tell(interaction, entry, said)

    def _form(self, interaction: Interaction, key: str, fields: Fields) -> Form:
        """Return a window that was sent, with its files and the pictures that were given before."""
        before = self._forms.get(key, interaction.user.id)
        files = [attachment(one) for one in fields.get(windows.FILES) or ()]
        sources = (*(before.sources if before else ()), *files)
        return Form(interaction.user.id, fields, sources, note=before.note if before else "")

    async def _check_free(self, interaction: Interaction, name: str, scope: str) -> None:
        """Check that a name is not taken, as far as the person may know. Raises RefusedError."""
        channel_id, place = _channel(interaction, scope), place_of(interaction)
        found = await self._answers.in_time(interaction, self._answers.cast.named(place, name))
        if found and found.channel_id == channel_id:
            raise RefusedError(ReasonCode.CAST_NAME_TAKEN, name=found.name, server=channel_id is None)


def _channel(interaction: Interaction, scope: str) -> int | None:
    """Return the channel to which a new name belongs; None: the whole server."""
    return None if scope == ids.SERVER and interaction.guild_id is not None else interaction.channel_id
