"""Layouts of /cast: an entry with its pictures and its record of consent, the list, the question before removal."""

from __future__ import annotations

import io
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import discord
from discord import ui

from cogs.cast import ids
from cogs.interactions.text import ALT_TEXT, Words, fitted, inert, plain, shorten, words_view
from dailies.cast.entry import CastEntry, CastPicture
from dailies.formatting import plural
from dailies.references.reference import thumbnail_of

log = logging.getLogger(__name__)

PAGE = 8
"""Entries of a page of the list: a layout has 40 parts, and a message 10 files."""
NAME_SHOWN, NOTE_SHOWN, NOTE_LISTED, PERSON_SHOWN = 65, 1000, 80, 100
_BLUE, _AMBER = 0x5865F2, 0xF0B232


@dataclass(frozen=True)
class Shown:
    """A layout, and the files that it shows."""

    view: ui.LayoutView
    files: Sequence[discord.File] = ()


def entry_view(entry: CastEntry, uses: int, data_dir: Path, *, now: float, edit: bool, said: str = "") -> Shown:
    """Return an entry with its pictures. edit: with the buttons that change it. said: a line above it. Blocks."""
    expired = entry.consent is not None and entry.consent.expired(now)
    container: ui.Container[ui.LayoutView] = ui.Container(accent_colour=discord.Colour(_AMBER if expired else _BLUE))
    if said:
        container.add_item(Words(said, cut=3))
    container.add_item(Words(f"### {_name(entry)}"))
    if entry.note:
        container.add_item(Words(f"> {inert(entry.note, NOTE_SHOWN)}", cut=1))
    drawn = [(one, number, _file(one, number, entry, data_dir)) for number, one in enumerate(entry.pictures, start=1)]
    files = [file for _, _, file in drawn if file]
    if files:
        container.add_item(ui.MediaGallery(*(_item(one, file) for one, _, file in drawn if file)))
    if missing := [str(number) for _, number, file in drawn if file is None]:
        container.add_item(
            Words(
                f"**Missing on the bot's disk:** picture {', '.join(missing)}. Add it again with **Pictures**.", cut=2
            )
        )
    container.add_item(Words(_consent(entry, now)))
    added = f"Added by <@{entry.added_by}> <t:{int(entry.added_at)}:R>"
    container.add_item(Words(f"-# {_facts(entry, uses)}\n-# {added}", cut=2))
    if edit:
        container.add_item(_buttons(entry, expired=expired))
    return Shown(fitted(ui.LayoutView(timeout=None).add_item(container)), files)


def list_view(entries: Sequence[CastEntry], page: int, uses: Mapping[str, int], data_dir: Path, *, now: float) -> Shown:
    """Return a page, counted from 0, of the entries that hold in a place. Blocks."""
    if not entries:
        return Shown(
            words_view("### Cast\nNobody is in the cast here yet. Add a character, a place or a thing with /cast add.")
        )
    pages = (len(entries) + PAGE - 1) // PAGE
    page = min(page, pages - 1)
    view = ui.LayoutView(timeout=None)
    head = plural(len(entries), "{n} name", "{n} names")
    view.add_item(Words(f"### Cast\n{head}. Type @ and a name in a prompt to use its pictures."))
    files: list[discord.File] = []
    for number, entry in enumerate(entries[page * PAGE : (page + 1) * PAGE]):
        text = Words(_listed(entry, uses.get(entry.id, 0), now), cut=1)
        first = entry.pictures[0]
        file = _file(first, number, entry, data_dir)
        if file is None:
            view.add_item(text)
            continue
        files.append(file)
        thumbnail: ui.Thumbnail[Any] = ui.Thumbnail(
            f"attachment://{file.filename}", description=file.description, spoiler=first.spoiler
        )
        view.add_item(ui.Section(text, accessory=thumbnail))
    if pages > 1:
        row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
        row.add_item(ids.LIST.button("Previous", disabled=page == 0, page=max(0, page - 1)))
        row.add_item(ids.LIST.button("Next", disabled=page == pages - 1, page=page + 1))
        view.add_item(row)
    return Shown(fitted(view), files)


def removal_view(entry: CastEntry) -> ui.LayoutView:
    """Return the question before an entry is removed."""
    pictures = plural(len(entry.pictures), "its picture", "its {n} pictures")
    view = words_view(
        f"### Remove {_name(entry)}?\nThis removes the name for everyone and deletes {pictures}. Videos made with it "
        "stay, and videos in progress aren't affected.\nThis can't be undone."
    )
    row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    label = shorten(f"Remove @{plain(entry.name)}", 80)
    row.add_item(ids.REMOVE.button(label, discord.ButtonStyle.danger, answer="yes", **ids.of(entry)))
    row.add_item(ids.REMOVE.button("Keep it", answer="no", **ids.of(entry)))
    return view.add_item(row)


def unsaved_view(words: str, key: str) -> ui.LayoutView:
    """Return why a window could not be saved, with a button that opens it again. words: our own markup."""
    view = words_view(words)
    row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    row.add_item(ids.AGAIN.button("Change and try again", discord.ButtonStyle.primary, key=key))
    return view.add_item(row)


def _buttons(entry: CastEntry, *, expired: bool) -> ui.ActionRow[ui.LayoutView]:
    parts = ids.of(entry)
    urgent = discord.ButtonStyle.primary if expired else discord.ButtonStyle.secondary
    return ui.ActionRow(
        ids.OPEN.button("Renew" if expired else "Likeness", urgent, what=ids.CONSENT, **parts),
        ids.OPEN.button("Pictures", what=ids.PICTURES, **parts),
        ids.OPEN.button("Name and note", what=ids.WORDS, **parts),
        ids.REMOVE.button("Remove", answer="ask", **parts),
    )


def _name(entry: CastEntry) -> str:
    # Escaped, an @ pings nobody, and Discord makes no mention of it.
    return inert(f"@{entry.name}", NAME_SHOWN + 1)


def _facts(entry: CastEntry, uses: int) -> str:
    parts = [plural(len(entry.pictures), "{n} picture", "{n} pictures")]
    if entry.guild_id is not None:
        parts.append("whole server" if entry.channel_id is None else f"<#{entry.channel_id}> only")
    parts.append(plural(uses, "used in {n} video", "used in {n} videos") if uses else "not used yet")
    if entry.age_restricted:
        parts.append("age-restricted channels only")
    return " · ".join(parts)


def _listed(entry: CastEntry, uses: int, now: float) -> str:
    note = f"\n{inert(entry.note, NOTE_LISTED)}" if entry.note else ""
    return f"**{_name(entry)}**{note}{_likeness(entry, now)}\n-# {_facts(entry, uses)} · added by <@{entry.added_by}>"


def _likeness(entry: CastEntry, now: float) -> str:
    """Return the line of the list about a real person: that there is one, and until when they agreed."""
    consent = entry.consent
    if consent is None:
        return ""
    if consent.expired(now):
        return "\n**Consent has ended.** Renew it with /cast edit"
    return "\nReal person" + (f", agreed until <t:{int(consent.until) - 1}:D>" if consent.until is not None else "")


def _consent(entry: CastEntry, now: float) -> str:
    consent = entry.consent
    if consent is None:
        return "**Likeness:** not a real person"
    who = inert(consent.person, PERSON_SHOWN)
    record = f"-# Recorded by <@{consent.given_by}> on <t:{int(consent.given_at)}:D>"
    if consent.until is None:
        return f"**Likeness:** {who}, who agreed with no end date\n{record}"
    last = int(consent.until) - 1
    if consent.expired(now):
        return (
            f"**{who}'s consent ended on <t:{last}:D>.** {_name(entry)} can't be used until it's renewed: ask {who} "
            f"again, then press **Renew**.\n{record}"
        )
    return f"**Likeness:** {who}, who agreed until <t:{last}:D>\n{record}"


def _file(picture: CastPicture, number: int, entry: CastEntry, data_dir: Path) -> discord.File | None:
    """Return the thumbnail of a picture; None when it is not on this disk."""
    alt = f"Picture {number} of @{entry.name}: {picture.description or picture.name}"
    try:
        content = thumbnail_of(data_dir / "references" / picture.sha256).read_bytes()
    except OSError as error:
        log.warning("a thumbnail of the cast cannot be read (%s)", error.strerror)
        return None
    name = f"{picture.sha256[:16]}-{number}.jpg"
    return discord.File(io.BytesIO(content), filename=name, description=shorten(plain(alt), ALT_TEXT))


def _item(picture: CastPicture, file: discord.File) -> discord.MediaGalleryItem:
    media = f"attachment://{file.filename}"
    return discord.MediaGalleryItem(media, description=file.description, spoiler=picture.spoiler)
