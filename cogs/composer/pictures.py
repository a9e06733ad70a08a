"""The pictures of a draft in its panel: thumbnails with numbers and roles, what they are used as, and their window."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import discord
import yarl
from discord import SelectOption, ui

from cogs.composer import ids
from cogs.composer.fetching import Found
from cogs.composer.picture_words import ALT, DONE, USES, USES_OF_ONE, WAYS
from cogs.interactions.text import ALT_TEXT, inert, plain, shorten
from cogs.interactions.windows import Fields
from cogs.status.roles import badge
from dailies.catalog.nearest import fits
from dailies.catalog.option_checks import LINKS_LIMIT
from dailies.draft import Draft
from dailies.errors import RefusedError
from dailies.explain import explain
from dailies.language import gettext, pgettext
from dailies.openrouter.payload import Fitting
from dailies.openrouter.pricing.frames import shape as shape_of
from dailies.references.arrange import Use, arranged, only_frames, use_of, used
from dailies.references.badge import numbered
from dailies.references.previews import previews
from dailies.references.reference import Source, thumbnail_of
from dailies.references.roles import FRAMES

log = logging.getLogger(__name__)

PROBLEM_SHOWN = 300
THUMBNAILS = 10
"""Maximum items of a media gallery."""
PICTURES = "pictures"
"""The window's name."""
FILES, LINKS, ORDER, USE = "files", "links", "order", "use"
"""Fields of the window."""
REFERENCES, FRAMES_ONLY = "references", "frames"
"""Buttons under pictures of both kinds."""


@dataclass(frozen=True)
class Thumbnail:
    """A small picture of the panel. file: its name, another one for another picture. draw: makes it; blocks."""

    file: str
    alt: str
    spoiler: bool
    draw: Callable[[], bytes]


def unfitted(draft: Draft, shape: str | None) -> list[Source]:
    """Return the frames that have another shape than the video. shape: of the video, as in 16:9; None: not known."""
    ratio = shape_of(shape) if shape else None
    if ratio is None:
        return []
    return [
        one
        for one in only_frames(draft.sources)
        if one.width and one.height and not fits(one.width / one.height, ratio)
    ]


def thumbnails(draft: Draft, shape: str | None) -> list[Thumbnail]:
    """Return the pictures that are on this disk, and of those that do not fit both ways to make them fit."""
    found = [
        Thumbnail(
            f"{one.kept.name[:16]}-{n}-{one.role}.jpg".replace("_", "-"),
            _alt(n, one),
            one.spoiler,
            partial(_numbered, one, badge(n, one.role)),
        )
        for n, one in enumerate(draft.sources, start=1)
        if one.kept
    ]
    ways = [each for one in unfitted(draft, shape) if one.kept and shape for each in _previews(one, shape)]
    return [*found[: THUMBNAILS - len(ways)], *ways]


def _numbered(source: Source, text: str) -> bytes:
    assert source.kept is not None
    return numbered(thumbnail_of(source.kept).read_bytes(), text)


def _previews(source: Source, shape: str) -> Iterator[Thumbnail]:
    """Yield a thumbnail of each way to make a frame fit, or only of the one that was chosen."""
    assert source.kept is not None
    thumbnail = thumbnail_of(source.kept)
    for fitting in Fitting:
        if source.fitting in (None, fitting):
            file = f"{source.kept.name[:16]}-{source.role}-{fitting}-{shape}.jpg".replace("_", "-").replace(":", "x")
            alt = gettext(DONE[fitting, source.role], shape=shape)
            yield Thumbnail(file, alt, source.spoiler, partial(_preview, thumbnail, shape, fitting))


def _preview(thumbnail: Path, shape: str, fitting: Fitting) -> bytes:
    return previews(thumbnail.read_bytes(), shape)[fitting]


def _alt(number: int, source: Source) -> str:
    description = source.description or source.name
    return shorten(plain(gettext(ALT[source.role], number=number, description=description)), ALT_TEXT)


@dataclass(frozen=True)
class Gallery:
    """The thumbnails as a part of the panel. files: to be uploaded with it; None: those that are there stay."""

    item: ui.MediaGallery[Any] | None
    files: list[discord.File] | None


def gallery(wanted: Sequence[Thumbnail], message: discord.Message | None) -> Gallery:
    """Return a gallery of thumbnails. message: the panel that is redrawn, whose pictures are used again. Blocks."""
    there = _shown(message)
    if wanted and {one.file for one in wanted} <= there.keys():
        return Gallery(_gallery([(one, there[one.file]) for one in wanted]), None)
    drawn: list[tuple[Thumbnail, str]] = []
    files: list[discord.File] = []
    for one in wanted:
        try:
            files.append(discord.File(io.BytesIO(one.draw()), filename=one.file, description=one.alt))
        except OSError as error:
            log.warning("a thumbnail cannot be read (%s)", error.strerror)
            continue
        drawn.append((one, f"attachment://{one.file}"))
    return Gallery(_gallery(drawn), files)


def _gallery(drawn: Sequence[tuple[Thumbnail, str]]) -> ui.MediaGallery[Any] | None:
    items = [discord.MediaGalleryItem(url, description=one.alt, spoiler=one.spoiler) for one, url in drawn]
    return ui.MediaGallery(*items) if items else None


def _shown(message: discord.Message | None) -> dict[str, str]:
    """Return Discord's own links of the pictures in a panel, by their files' names."""
    if message is None:
        return {}
    containers = [part for part in message.components if isinstance(part, discord.Container)]
    galleries = [part for one in containers for part in one.children if isinstance(part, discord.MediaGalleryComponent)]
    urls = [item.media.url for one in galleries for item in one.items]
    return {PurePosixPath(yarl.URL(url).path).name.removeprefix("SPOILER_"): url for url in urls}


def rows(draft: Draft, shape: str | None) -> list[ui.ActionRow[Any]]:
    """Return the controls of the pictures: what they are used as, and how a frame that does not fit is made to."""
    parts = ids.of(draft)
    found: list[ui.ActionRow[Any]] = []
    if draft.sources:
        menu = ids.CHOOSE.select(use_options(draft.sources), what=USE, **parts)
        menu.placeholder = gettext("What the pictures are used as")
        found.append(ui.ActionRow(menu))
    if mixed(draft.sources):
        found.append(
            ui.ActionRow(
                ids.PICTURES.button(gettext("Use all as references"), what=REFERENCES, **parts),
                ids.PICTURES.button(gettext("Use only the frames"), what=FRAMES_ONLY, **parts),
            )
        )
    found += [
        ui.ActionRow(*(_fit_button(one, fitting, parts) for fitting in Fitting)) for one in unfitted(draft, shape)
    ]
    return found


def _fit_button(source: Source, fitting: Fitting, parts: dict[str, Any]) -> ui.Button[Any]:
    chosen = source.fitting is fitting
    style = discord.ButtonStyle.primary if chosen else discord.ButtonStyle.secondary
    label = gettext(WAYS[fitting, source.role])
    return ids.PICTURES.button(label, style, disabled=chosen, what=f"{fitting}_{source.role}", **parts)


def mixed(sources: Sequence[Source]) -> bool:
    """Tell if there are both frames and references, which cannot be sent together."""
    return {one.role in FRAMES for one in sources} == {True, False}


def use_options(sources: Sequence[Source]) -> list[SelectOption]:
    """Return an entry for each use that so many pictures can have. Without any, for each use."""
    number = len({one.kept or one.url for one in sources})
    now = use_of(sources)
    names = {use: USES_OF_ONE[use] for use in USES_OF_ONE} if number == 1 else {use: USES[use][0] for use in USES}
    return [
        SelectOption(label=gettext(name), value=str(use), description=gettext(USES[use][1])[:100], default=use is now)
        for use, name in names.items()
    ]


def window(draft: Draft) -> ui.Modal:
    """Return the window of the pictures: files, links, their order, and what they are used as."""
    upload: ui.FileUpload[Any] = ui.FileUpload(custom_id=FILES, required=False, min_values=0, max_values=10)
    links: ui.TextInput[Any] = ui.TextInput(
        style=discord.TextStyle.paragraph, custom_id=LINKS, required=False, max_length=4000
    )
    labels: list[ui.Label[Any]] = [
        ui.Label(text=gettext("Add pictures"), description=gettext("Up to 10 at once"), component=upload),
        ui.Label(
            text=gettext("Add links"),
            description=gettext("https links to images, or to messages with images"),
            component=links,
        ),
    ]
    if draft.sources:
        now = ", ".join(str(n) for n in range(1, len(draft.sources) + 1))
        order: ui.TextInput[Any] = ui.TextInput(custom_id=ORDER, default=now, required=False, max_length=200)
        said = gettext("A number that you leave out removes that picture. New ones come last")
        labels.append(ui.Label(text=pgettext("pictures", "Order"), description=said, component=order))
    # Pictures may be added, so every use can be chosen.
    options = use_options(())
    for one in options:
        one.default = one.value == str(use_of(draft.sources))
    use: ui.Select[Any] = ui.Select(custom_id=USE, options=options)
    labels.append(ui.Label(text=pgettext("pictures", "Use"), component=use))
    return ids.SENT.window(gettext("Pictures"), *labels, what=PICTURES, **ids.of(draft))


def rearranged(draft: Draft, new: Sequence[Source], fields: Fields) -> tuple[Draft, str]:
    """Return a draft with its pictures as the window says, and why they could not be put in that order, if so.

    new: pictures that were added, which are never lost.
    """
    use, order = _use(fields, draft), fields.get(ORDER)
    now = ", ".join(str(n) for n in range(1, len(draft.sources) + 1))
    try:
        return replace(draft, sources=arranged(draft.sources, new, now if order is None else str(order), use)), ""
    except RefusedError as error:
        sources = (*draft.sources, *new)[: max(len(draft.sources), LINKS_LIMIT)]
        return replace(draft, sources=used(sources, use)), inert(explain(error), PROBLEM_SHOWN)


def _use(fields: Fields, draft: Draft) -> Use:
    chosen: list[str] = fields.get(USE) or []
    return Use(chosen[0]) if chosen and chosen[0] in list(Use) else use_of(draft.sources)


def used_as(draft: Draft, use: str) -> Draft:
    """Return a draft whose pictures have the roles of a use, by its name; as it is for a name that there is not."""
    return replace(draft, sources=used(draft.sources, Use(use))) if use in list(Use) else draft


def pressed(draft: Draft, what: str) -> Draft:
    """Return a draft as a button under its pictures changes it."""
    if what == REFERENCES:
        return used_as(draft, Use.REFERENCES)
    if what == FRAMES_ONLY:
        return replace(draft, sources=only_frames(draft.sources))
    fitting, _, role = what.partition("_")
    if fitting not in list(Fitting):
        return draft
    chosen = Fitting(fitting)
    sources = (replace(one, fitting=chosen) if one.role == role else one for one in draft.sources)
    return replace(draft, sources=tuple(sources))


def left_out(found: Found) -> str:
    """Return what is worth saying about pictures that were fetched, a line each: our own markup."""
    refused, same = found.refused[:THUMBNAILS], found.same[:THUMBNAILS]
    lines = [gettext("Left out: {why}", why=inert(explain(error), PROBLEM_SHOWN)) for error in refused]
    lines += [gettext("{name} was there already, so it is used once.", name=inert(name, 60)) for name in same]
    return "\n".join(lines)
