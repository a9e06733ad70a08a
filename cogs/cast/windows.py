"""The windows of /cast: what they ask, filled in with what is there or was typed before."""

from __future__ import annotations

from typing import Any

import discord
from discord import SelectOption, ui

from cogs.cast import ids
from cogs.cast.forms import Form
from cogs.interactions.text import plain, shorten
from dailies.cast.consent import day_of, read_consent
from dailies.cast.entry import PICTURES_MOST, CastEntry, Consent
from dailies.language import gettext, ngettext, pgettext

FILES, LINKS, ORDER, LIKENESS, PERSON, UNTIL, NAME, NOTE = (
    "files", "links", "order", "likeness", "person", "until", "name", "note",
)  # fmt: skip
"""Fields."""
NOBODY, REAL, AS_RECORDED, OTHER = "nobody", "real", "recorded", "other"
PERSON_MOST, NOTE_MOST, NAME_MOST = 100, 1000, 65
_LINKS_MOST, _DATE_MOST, _ORDER_MOST = 4000, 40, 60


def add_window(name: str, scope: str, key: str = ids.NO_KEY, form: Form | None = None) -> ui.Modal:
    """Return the window of a new name. form: what was typed before."""
    form = form or Form(0, {})
    return ids.ADD.window(
        gettext("Add {name} to the cast", name=f"@{plain(name)}"),
        _files(form),
        _links(form),
        _likeness(form.chosen(LIKENESS)),
        _person(form.text(PERSON)),
        _until(form.text(UNTIL)),
        scope=scope,
        key=key,
        name=name,
    )


def change_window(entry: CastEntry, what: str, key: str = ids.NO_KEY, form: Form | None = None) -> ui.Modal:
    """Return a window that changes an entry. form: what was typed before, in place of what the entry has."""
    parts = {"what": what, "key": key, **ids.of(entry)}
    title = f"@{plain(entry.name)}"
    if what == ids.PICTURES:
        labels = _picture_labels(entry, form)
    elif what == ids.WORDS:
        name, note = (form.text(NAME), form.text(NOTE)) if form else (entry.name, entry.note)
        labels = [_name(name), _note(note)]
    else:
        consent = entry.consent
        likeness = form.chosen(LIKENESS) if form else (REAL if consent else NOBODY)
        person = form.text(PERSON) if form else consent.person if consent else ""
        labels = [_likeness(likeness), _person(person), _until(form.text(UNTIL) if form else _day(consent))]
    return ids.CHANGE.window(title, *labels, **parts)


def consent_of(form: Form, now: float) -> Consent | None:
    """Return the record of the consent that a form states; None: nobody's likeness. Raises RefusedError."""
    chosen = form.chosen(LIKENESS)
    return read_consent(
        real=None if chosen not in (NOBODY, REAL) else chosen == REAL,
        person=plain(form.text(PERSON))[:PERSON_MOST],
        until=form.text(UNTIL),
        by=form.person_id,
        now=now,
    )


def _picture_labels(entry: CastEntry, form: Form | None) -> list[ui.Label[Any]]:
    now = ", ".join(str(number) for number in range(1, len(entry.pictures) + 1))
    order: ui.TextInput[Any] = ui.TextInput(
        custom_id=ORDER, default=form.text(ORDER) if form else now, required=False, max_length=_ORDER_MOST
    )
    said = gettext("Leave out a number to remove that picture. New ones come last")
    consent = entry.consent
    recorded, others = gettext("Nobody real"), gettext("A real person")
    if consent:
        recorded = gettext("{person}, who agreed", person=plain(consent.person))
        others = gettext("Somebody else")
    chosen = form.chosen(LIKENESS) if form else None
    options = [
        SelectOption(label=shorten(recorded, 100), value=AS_RECORDED, default=chosen == AS_RECORDED),
        SelectOption(label=others, value=OTHER, default=chosen == OTHER),
    ]
    likeness: ui.Select[Any] = ui.Select(
        custom_id=LIKENESS, options=options, placeholder=gettext("Choose"), required=False
    )
    return [
        _files(form or Form(0, {})),
        _links(form or Form(0, {})),
        ui.Label(text=pgettext("place in a row", "Order"), description=said, component=order),
        ui.Label(
            text=gettext("Who do new pictures show?"), description=gettext("Only if you add any"), component=likeness
        ),
    ]


def _files(form: Form) -> ui.Label[Any]:
    upload: ui.FileUpload[Any] = ui.FileUpload(custom_id=FILES, required=False, min_values=0, max_values=PICTURES_MOST)
    kept = len(form.sources)
    said = gettext("Up to {n} in all. Several views of one subject work best", n=PICTURES_MOST)
    if kept:
        said = ngettext(
            "The bot still has your picture. Add more here", "The bot still has your {n} pictures. Add more here", kept
        )
    return ui.Label(text=gettext("Pictures"), description=said, component=upload)


def _links(form: Form) -> ui.Label[Any]:
    links: ui.TextInput[Any] = ui.TextInput(
        style=discord.TextStyle.paragraph,
        custom_id=LINKS,
        required=False,
        max_length=_LINKS_MOST,
        default=form.text(LINKS) or None,
        placeholder=gettext("https://…  For a frame at 12 seconds, end a video's link with #12s"),
    )
    said = gettext("To images, messages or finished videos")
    return ui.Label(text=gettext("Or links"), description=said, component=links)


def _likeness(chosen: str | None) -> ui.Label[Any]:
    options = [
        SelectOption(
            label=gettext("Nobody real: drawn, invented, a place or a thing"), value=NOBODY, default=chosen == NOBODY
        ),
        SelectOption(label=gettext("A real person, who agreed to this"), value=REAL, default=chosen == REAL),
    ]
    menu: ui.Select[Any] = ui.Select(custom_id=LIKENESS, options=options, placeholder=gettext("Choose"))
    said = gettext("If you choose a real person, you confirm that they agreed")
    return ui.Label(text=gettext("Who do the pictures show?"), description=said, component=menu)


def _person(value: str) -> ui.Label[Any]:
    field: ui.TextInput[Any] = ui.TextInput(
        custom_id=PERSON, default=value[:PERSON_MOST] or None, required=False, max_length=PERSON_MOST
    )
    said = gettext("Leave empty if there is none")
    return ui.Label(text=gettext("Name of the real person"), description=said, component=field)


def _until(value: str) -> ui.Label[Any]:
    field: ui.TextInput[Any] = ui.TextInput(
        custom_id=UNTIL, default=value[:_DATE_MOST] or None, required=False, max_length=_DATE_MOST,
        placeholder="2027-12-31",
    )  # fmt: skip
    said = gettext("The last day. Leave empty if there's no end date")
    return ui.Label(text=gettext("They agreed until"), description=said, component=field)


def _name(value: str) -> ui.Label[Any]:
    field: ui.TextInput[Any] = ui.TextInput(custom_id=NAME, default=value[:NAME_MOST] or None, max_length=NAME_MOST)
    said = gettext("What people type after @ in a prompt")
    return ui.Label(text=gettext("Name"), description=said, component=field)


def _note(value: str) -> ui.Label[Any]:
    field: ui.TextInput[Any] = ui.TextInput(
        style=discord.TextStyle.paragraph,
        custom_id=NOTE,
        default=value[:NOTE_MOST] or None,
        required=False,
        max_length=NOTE_MOST,
        placeholder=gettext("Anything the team should know"),
    )
    said = gettext("For your team; never sent to a model")
    return ui.Label(text=gettext("Note"), description=said, component=field)


def _day(consent: Consent | None) -> str:
    return day_of(consent.until).isoformat() if consent and consent.until is not None else ""
