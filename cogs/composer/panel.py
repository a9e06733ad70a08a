"""The panel: a pure function from a draft and what it comes to, to a Components V2 layout.

Words carry the meaning; what is wrong stands in a line of its own, and its reason beside the button that is off.
"""

from __future__ import annotations

from typing import Any

import discord
from discord import ui

from cogs.composer import comparing, ids, pictures
from cogs.composer.menus import choices, models
from cogs.composer.outlook import Outlook
from cogs.composer.spelling import spelling
from cogs.composer.windows import has_settings
from cogs.composer.words import budget_line, heading, money_lines, pictures_line, quoted, settings_line
from cogs.interactions.text import Words, fitted, inert, inert_reason, plain, shorten
from cogs.status.review import state_line
from dailies.cast.resolve import as_words
from dailies.catalog.guide import ModelGuide
from dailies.explain import sentence
from dailies.formatting import cents
from dailies.language import gettext, ngettext
from dailies.lineage import softens
from dailies.reason import Reason, ReasonCode

PROBLEM_SHOWN = 600
NOTE_SHOWN = 300
NOTES_SHOWN = 3
"""Newest notes on the take that a draft comes from."""
_BLUE, _AMBER = 0x5865F2, 0xF0B232


def panel(
    guide: ModelGuide, seen: Outlook, said: str = "", *, typed: str = "", gallery: ui.MediaGallery[Any] | None = None
) -> ui.LayoutView:
    """Return the panel of a draft. said: a line above it, our own markup. typed: its menu shows models with that.

    gallery: the thumbnails of its pictures.
    """
    colour = discord.Colour(_AMBER if seen.problem else _BLUE)
    container: ui.Container[ui.LayoutView] = ui.Container(accent_colour=colour)
    if said:
        container.add_item(Words(said, cut=4))
    if seen.notes:
        container.add_item(Words("\n".join(map(state_line, seen.notes[-NOTES_SHOWN:])), cut=4))
    container.add_item(Words(heading(seen), cut=3))
    container.add_item(Words(quoted(seen), cut=1))
    if line := pictures_line(seen.draft):
        container.add_item(Words(line, cut=2))
    if gallery is not None:
        container.add_item(gallery)
    for row in pictures.rows(seen.draft, seen.shape):
        container.add_item(row)
    if seen.contenders:
        container.add_item(Words(comparing.rows(seen), cut=2))
    for menu in (comparing.way_out(seen) if seen.contenders else models(guide, seen, typed), *choices(seen)):
        if menu is not None:
            container.add_item(_row(menu))
    container.add_item(_row(*_windows(seen)))
    container.add_item(_row(_shot(seen), comparing.button(seen), *_final(seen)))
    if line := settings_line(seen):
        container.add_item(Words(f"-# {line}", cut=2))
    if seen.problem:
        container.add_item(Words(_problem(seen.problem), cut=2))
        if buttons := spelling(seen.problem, seen.draft):
            container.add_item(_row(*buttons))
    for text in ("\n".join(_notes(seen)), "\n".join(money_lines(seen))):
        if text:
            container.add_item(Words(text, cut=2))
    draft = seen.draft
    container.add_item(_row(_generate(seen), ids.CLOSE.button(gettext("Cancel"), **ids.of(draft))))
    if line := budget_line(seen.budgets_left or ()):
        container.add_item(Words(f"-# {line}"))
    view = ui.LayoutView(timeout=None)
    return fitted(view.add_item(container))


def _row(*items: ui.Item[Any]) -> ui.ActionRow[ui.LayoutView]:
    return ui.ActionRow(*items)


def _windows(seen: Outlook) -> list[ui.Button[Any]]:
    parts = ids.of(seen.draft)
    return [
        ids.OPEN.button(gettext("Prompt"), what="prompt", **parts),
        ids.OPEN.button(gettext("Pictures"), what="pictures", **parts),
        ids.OPEN.button(gettext("Cast"), what="cast", **parts),
        ids.OPEN.button(gettext("Options"), what="options", disabled=not has_settings(seen), **parts),
        *([] if seen.contenders else [ids.TAKES.button(gettext("Takes: {number}", number=seen.draft.takes), **parts)]),
    ]


def _shot(seen: Outlook) -> ui.Button[Any]:
    draft = seen.draft
    label = gettext("Shot: {name}", name=plain(draft.shot.name)) if draft.shot else gettext("Shot: none")
    return ids.SHOT.button(shorten(label, 80), **ids.of(draft))


def _final(seen: Outlook) -> list[ui.Button[Any]]:
    if seen.final is None:
        return []
    words = [gettext("Final")]
    if seen.final.usd is not None:
        words.append(cents(seen.final.usd * seen.draft.takes))
    return [ids.FINAL.button(" · ".join(words), **ids.of(seen.draft))]


def _generate(seen: Outlook) -> ui.Button[Any]:
    total = seen.total
    price = ids.UNKNOWN if total is None else int(total * ids.MICROS)
    number = len(seen.contenders)
    words = [ngettext("Generate {n} video", "Generate {n} videos", number) if number else gettext("Generate")]
    if total is not None:
        words.append(cents(total))
    elif seen.request:
        words.append(gettext("price not known"))
    off = seen.problem is not None
    return ids.GENERATE.button(
        " · ".join(words), discord.ButtonStyle.primary, disabled=off, price=price, **ids.of(seen.draft)
    )


def _problem(problem: Reason) -> str:
    return gettext("**Not ready yet:** {why}", why=inert_reason(problem, PROBLEM_SHOWN))


def _notes(seen: Outlook) -> list[str]:
    lines: list[str] = []
    if seen.unconfirmed and seen.model:
        lines.append(
            gettext(
                "We don't know whether {model} uses reference images. If it ignores them, you still pay.",
                model=inert(seen.model.name, 80),
            )
        )
    if (origin := seen.draft.origin) and softens(origin):
        lines.append(
            ngettext(
                "It begins with the last of {n} last frame in a row. Each one softens it a little.",
                "It begins with the last of {n} last frames in a row. Each one softens it a little.",
                origin.hops,
            )
        )
    notes = [*([seen.hint] if seen.hint else []), *(seen.request.notes if seen.request else ())]
    if seen.unknown:
        notes.append(Reason(ReasonCode.SENT_AS_TEXT, names=seen.unknown))
    notes += as_words(seen.draft.counted)
    lines += [gettext("{sentence}.", sentence=inert(sentence(one), NOTE_SHOWN)) for one in notes]
    return [f"-# {line}" for line in lines]
