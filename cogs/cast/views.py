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
from dailies.formatting import joined
from dailies.language import gettext, ngettext
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
        said_missing = gettext(
            "**Missing on the bot's disk:** picture {numbers}. Add it again with **Pictures**.", numbers=joined(missing)
        )
        container.add_item(Words(said_missing, cut=2))
    container.add_item(Words(_consent(entry, now)))
    added = gettext("Added by {person} {when}", person=f"<@{entry.added_by}>", when=f"<t:{int(entry.added_at)}:R>")
    container.add_item(Words(f"-# {_facts(entry, uses)}\n-# {added}", cut=2))
    if edit:
        container.add_item(_buttons(entry, expired=expired))
    return Shown(fitted(ui.LayoutView(timeout=None).add_item(container)), files)


def list_view(entries: Sequence[CastEntry], page: int, uses: Mapping[str, int], data_dir: Path, *, now: float) -> Shown:
    """Return a page, counted from 0, of the entries that hold in a place. Blocks."""
    heading = gettext("Cast")
    if not entries:
        nobody = gettext("Nobody is in the cast here yet. Add a character, a place or a thing with /cast add.")
        return Shown(words_view(f"### {heading}\n{nobody}"))
    pages = (len(entries) + PAGE - 1) // PAGE
    page = min(page, pages - 1)
    view = ui.LayoutView(timeout=None)
    head = ngettext(
        "{n} name. Type @ and a name in a prompt to use its pictures.",
        "{n} names. Type @ and a name in a prompt to use its pictures.",
        len(entries),
    )
    view.add_item(Words(f"### {heading}\n{head}"))
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
        row.add_item(ids.LIST.button(gettext("Previous"), disabled=page == 0, page=max(0, page - 1)))
        row.add_item(ids.LIST.button(gettext("Next"), disabled=page == pages - 1, page=page + 1))
        view.add_item(row)
    return Shown(fitted(view), files)


def removal_view(entry: CastEntry) -> ui.LayoutView:
    """Return the question before an entry is removed."""
    question = gettext("Remove {name}?", name=_name(entry))
    what = ngettext(
        "This removes the name for everyone and deletes its picture. Videos made with it stay, and videos in progress "
        "aren't affected.",
        "This removes the name for everyone and deletes its {n} pictures. Videos made with it stay, and videos in "
        "progress aren't affected.",
        len(entry.pictures),
    )
    undone = gettext("This can't be undone.")
    view = words_view(f"### {question}\n{what}\n{undone}")
    row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    label = shorten(gettext("Remove {name}", name=f"@{plain(entry.name)}"), 80)
    row.add_item(ids.REMOVE.button(label, discord.ButtonStyle.danger, answer="yes", **ids.of(entry)))
    row.add_item(ids.REMOVE.button(gettext("Keep it"), answer="no", **ids.of(entry)))
    return view.add_item(row)


def unsaved_view(words: str, key: str) -> ui.LayoutView:
    """Return why a window could not be saved, with a button that opens it again. words: our own markup."""
    view = words_view(words)
    row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    row.add_item(ids.AGAIN.button(gettext("Change and try again"), discord.ButtonStyle.primary, key=key))
    return view.add_item(row)


def _buttons(entry: CastEntry, *, expired: bool) -> ui.ActionRow[ui.LayoutView]:
    parts = ids.of(entry)
    urgent = discord.ButtonStyle.primary if expired else discord.ButtonStyle.secondary
    return ui.ActionRow(
        ids.OPEN.button(gettext("Renew") if expired else gettext("Likeness"), urgent, what=ids.CONSENT, **parts),
        ids.OPEN.button(gettext("Pictures"), what=ids.PICTURES, **parts),
        ids.OPEN.button(gettext("Name and note"), what=ids.WORDS, **parts),
        ids.REMOVE.button(gettext("Remove"), answer="ask", **parts),
    )


def _name(entry: CastEntry) -> str:
    # Escaped, an @ pings nobody, and Discord makes no mention of it.
    return inert(f"@{entry.name}", NAME_SHOWN + 1)


def _facts(entry: CastEntry, uses: int) -> str:
    parts = [ngettext("{n} picture", "{n} pictures", len(entry.pictures))]
    if entry.guild_id is not None and entry.channel_id is None:
        parts.append(gettext("whole server"))
    elif entry.guild_id is not None:
        parts.append(gettext("{channel} only", channel=f"<#{entry.channel_id}>"))
    parts.append(ngettext("used in {n} video", "used in {n} videos", uses) if uses else gettext("not used yet"))
    if entry.age_restricted:
        parts.append(gettext("age-restricted channels only"))
    return " · ".join(parts)


def _listed(entry: CastEntry, uses: int, now: float) -> str:
    note = f"\n{inert(entry.note, NOTE_LISTED)}" if entry.note else ""
    added = gettext("added by {person}", person=f"<@{entry.added_by}>")
    return f"**{_name(entry)}**{note}{_likeness(entry, now)}\n-# {_facts(entry, uses)} · {added}"


def _likeness(entry: CastEntry, now: float) -> str:
    """Return the line of the list about a real person: that there is one, and until when they agreed."""
    consent = entry.consent
    if consent is None:
        return ""
    if consent.expired(now):
        line = gettext("**Consent has ended.** Renew it with /cast edit")
    elif consent.until is None:
        line = gettext("Real person")
    else:
        line = gettext("Real person, agreed until {day}", day=_last_day(consent.until))
    return f"\n{line}"


def _consent(entry: CastEntry, now: float) -> str:
    consent = entry.consent
    if consent is None:
        return gettext("**Likeness:** not a real person")
    who = inert(consent.person, PERSON_SHOWN)
    if consent.until is None:
        said = gettext("**Likeness:** {person}, who agreed with no end date", person=who)
    elif consent.expired(now):
        said = gettext(
            "**{person}'s consent ended on {day}.** {name} can't be used until it's renewed: ask {person} again, then "
            "press **Renew**.",
            person=who,
            day=_last_day(consent.until),
            name=_name(entry),
        )
    else:
        said = gettext("**Likeness:** {person}, who agreed until {day}", person=who, day=_last_day(consent.until))
    by, day = f"<@{consent.given_by}>", f"<t:{int(consent.given_at)}:D>"
    recorded = gettext("Recorded by {person} on {day}", person=by, day=day)
    return f"{said}\n-# {recorded}"


def _last_day(until: float) -> str:
    return f"<t:{int(until) - 1}:D>"


def _file(picture: CastPicture, number: int, entry: CastEntry, data_dir: Path) -> discord.File | None:
    """Return the thumbnail of a picture; None when it is not on this disk."""
    shows = picture.description or picture.name
    alt = gettext("Picture {n} of {name}: {shows}", n=number, name=f"@{entry.name}", shows=shows)
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
