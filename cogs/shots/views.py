"""Layouts of /shots: a page of the wall, with its pictures and its menus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import discord
from discord import SelectOption, ui

from cogs.interactions.buttons import CustomId
from cogs.interactions.text import ALT_TEXT, Words, fitted, inert, plain, shorten
from cogs.status.blind import blinded
from cogs.status.summary import jump, named_take, sent_directly, video_jump
from cogs.status.view import title
from dailies.cast.entry import CastEntry
from dailies.formatting import cents
from dailies.job import Job
from dailies.language import gettext, gettext_noop, ngettext
from dailies.review import Decision, Verdict
from dailies.shot import Shot
from dailies.store.wall import NO_SHOT, Standing, WallFilter, WallPage

PAGE = 6
"""Takes of a page: to draw their pictures takes seconds."""
PROMPT_SHOWN, MODEL_SHOWN = 80, 60
MENU, LABEL = 25, 100
"""Maximum entries of a menu, and characters of one."""
ALL = "all"
"""Value of a menu's first entry."""
STANDINGS = {
    Standing.OPEN: gettext_noop("To review"),
    Standing.APPROVED: gettext_noop("Approved"),
    Standing.RETAKE: gettext_noop("Retake"),
    Standing.RUNNING: gettext_noop("In progress"),
    Standing.FAILED: gettext_noop("No video"),
}
_ID, _NONE = "[0-9a-z]{1,25}", "-"
_CODE = rf"(?:{_ID}|{_NONE})\.(?:[a-z]{{1,10}}|{_NONE})\.(?:\d{{1,20}}|{_NONE})\.(?:{_ID}|{_NONE})\.\d{{1,4}}"


@dataclass(frozen=True)
class WallRequest:
    """Filters of a wall, and its page. cast_id: of an entry of the cast; None: takes with and without. page: from 0."""

    shot_id: str | None = None
    standing: Standing | None = None
    person_id: int | None = None
    cast_id: str | None = None
    page: int = 0

    def encode(self) -> str:
        """Return it as part of a custom id."""
        parts = (self.shot_id, self.standing, self.person_id, self.cast_id)
        return ".".join([*(_NONE if part is None else str(part) for part in parts), str(self.page)])

    @classmethod
    def decode(cls, text: str) -> WallRequest:
        """Read it from a custom id that matched."""
        shot, standing, person, cast, page = (None if part == _NONE else part for part in text.split("."))
        known = Standing(standing) if standing in set(Standing) else None
        return cls(shot, known, int(person) if person else None, cast, int(page or 0))

    def chosen(self, what: str, value: str | int | None) -> WallRequest:
        """Return the first page after a choice in one of the menus. value: None: the filter goes."""
        first, text = replace(self, page=0), None if value in (None, ALL) else str(value)
        match what:
            case "shot":
                return replace(first, shot_id=text)
            case "state":
                return replace(first, standing=Standing(text) if text in set(Standing) else None)
            case "cast":
                return replace(first, cast_id=text)
            case _:
                return replace(first, person_id=int(text) if text and text.isdecimal() else None)

    def filter(self, cast_key: str | None) -> WallFilter:
        """Return the filters. cast_key: the name of its entry of the cast."""
        return WallFilter(self.shot_id, self.standing, self.person_id, cast_key)


LOOK = CustomId("wall:{what}:{code}", what="newer|older|shot|state|person|cast", code=_CODE)
"""Shows another page or other takes in the same message. The code of a button is the page that it leads to, the code of
a menu is the page that it stands on."""


def wall_view(
    found: WallPage, wanted: WallRequest, shots: Sequence[Shot], cast: Sequence[CastEntry], pictures: Sequence[str]
) -> ui.LayoutView:
    """Return a page of the wall. shots, cast: to choose from. pictures: file names of the takes' pictures, in order."""
    view = ui.LayoutView(timeout=None)
    first = found.number * PAGE
    view.add_item(Words(_head(found, wanted, first)))
    numbered = list(enumerate(found.takes, start=first + 1))
    if pictures:
        items = [
            discord.MediaGalleryItem(f"attachment://{name}", description=alt_text(number, job), spoiler=job.spoiler)
            for (number, job), name in zip(numbered, pictures, strict=True)
        ]
        view.add_item(ui.MediaGallery(*items))
    for number, job in numbered:
        view.add_item(Words(row(number, job, found.words.get(job.id)), cut=1))
    if found.total > PAGE:
        view.add_item(_turns(found, wanted))
    if found.total or wanted != WallRequest():
        for menu in _menus(wanted, shots, cast):
            view.add_item(ui.ActionRow(menu))
    return fitted(view)


def _head(found: WallPage, wanted: WallRequest, first: int) -> str:
    if found.total > PAGE:
        said = ngettext(
            "{first} to {last} of {n} take, newest first",
            "{first} to {last} of {n} takes, newest first",
            found.total,
            first=first + 1,
            last=first + len(found.takes),
        )
    elif found.total:
        said = ngettext("{n} take, newest first", "{n} takes, newest first", found.total)
    elif replace(wanted, page=0) != WallRequest():
        said = gettext("No takes match. Choose something else below.")
    else:
        said = gettext("No takes here yet. /video makes the first one.")
    return f"### {gettext('The wall')}\n{said}"


def row(number: int, job: Job, said: Decision | None) -> str:
    """Return a take in two lines: its name, how it stands and where it is; then whose, its model, its cost and what."""
    job = blinded(job)
    # The link to a direct message would lead others nowhere.
    take, video = named_take(job), None if sent_directly(job) else video_jump(job)
    status = job.place.status_id if not job.place.token_only else None
    where = f"[{gettext('to its status')}]({jump(job, status)})" if status else None
    where = f"[{gettext('to the video')}]({video})" if video else where
    parts = [f"**{number}** · **{take[:1].upper()}{take[1:]}**", stands(job, said), *([where] if where else [])]
    words = gettext("(forgotten)") if job.forgotten_at is not None else inert(job.request.prompt, PROMPT_SHOWN)
    facts = [f"<@{job.place.requester_id}> <t:{int(job.created_at)}:R>"]
    facts += [inert(job.request.model_name, MODEL_SHOWN), *_cost(job), words]
    return f"{' · '.join(parts)}\n-# {' · '.join(facts)}"


def stands(job: Job, said: Decision | None) -> str:
    """Say how a take stands: what its team said, or else its state."""
    if said is None:
        return title(job)
    person = f"<@{said.by_id}>"
    if said.verdict is Verdict.APPROVED:
        return gettext("Approved by {person}", person=person) if said.by_id else gettext("Approved")
    return gettext("Retake asked for by {person}", person=person) if said.by_id else gettext("Retake asked for")


def alt_text(number: int, job: Job) -> str:
    """Return what a screen reader says of a take's picture."""
    words = "" if job.forgotten_at is not None else f": {job.request.prompt}"
    shot = gettext("take {number}", number=job.number)
    if job.shot:
        shot = gettext("{shot}, take {number}", shot=job.shot.name, number=job.number)
    return shorten(plain(f"{number}, {shot}{words}"), ALT_TEXT)


def _cost(job: Job) -> list[str]:
    if job.blind:
        return [gettext("price secret until the vote ends")]
    return [] if job.cost is None else [cents(job.cost)]


def _turns(found: WallPage, wanted: WallRequest) -> ui.ActionRow[ui.LayoutView]:
    last = (found.total - 1) // PAGE
    back, on = max(0, found.number - 1), min(last, found.number + 1)
    turns: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    for what, label, page in (("newer", gettext("Previous"), back), ("older", gettext("Next"), on)):
        code = replace(wanted, page=page).encode()
        turns.add_item(LOOK.button(label, disabled=page == found.number, what=what, code=code))
    return turns


def _menus(wanted: WallRequest, shots: Sequence[Shot], cast: Sequence[CastEntry]) -> list[ui.Item[Any]]:
    """Return the menus of the filters; of shots and of the cast where there are any."""
    code = replace(wanted, page=0).encode()
    menus: list[ui.Item[Any]] = []
    if shots or wanted.shot_id:
        named = [(NO_SHOT, gettext("Takes of no shot")), *((one.id, one.name) for one in shots)]
        menus.append(LOOK.select(_entries(gettext("All shots"), named, wanted.shot_id), what="shot", code=code))
    named = [(str(standing), gettext(label)) for standing, label in STANDINGS.items()]
    menus.append(LOOK.select(_entries(gettext("Any state"), named, wanted.standing), what="state", code=code))
    menus.append(LOOK.people(wanted.person_id, gettext("Requested by anyone"), what="person", code=code))
    if cast or wanted.cast_id:
        named = [(one.id, f"@{one.name}") for one in cast]
        entries = _entries(gettext("With or without the cast"), named, wanted.cast_id)
        menus.append(LOOK.select(entries, what="cast", code=code))
    return menus


def _entries(nothing: str, values: Sequence[tuple[str, str]], chosen: str | None) -> list[SelectOption]:
    """Return the entries of a menu, the chosen one among them."""
    shown = [*values[: MENU - 1]]
    if chosen is not None and all(value != chosen for value, _ in shown):
        shown[-1:] = [next((one for one in values if one[0] == chosen), (chosen, gettext("Not here any more")))]
    options = [SelectOption(label=shorten(plain(label), LABEL), value=value) for value, label in shown]
    options.insert(0, SelectOption(label=nothing, value=ALL))
    for one in options:
        one.default = one.value == (chosen or ALL)
    return options
