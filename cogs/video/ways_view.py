"""The answer to Continue: the ways in which a video goes on, each with what it keeps and what it costs."""

from __future__ import annotations

from collections.abc import Sequence

from discord import ButtonStyle, ui

from cogs.interactions.buttons import CustomId
from cogs.interactions.text import Words, inert, inert_reason, words_view
from cogs.status.buttons import JOB_ID, NUMBER
from dailies.continuing.ways import Way
from dailies.explain import sentence, short
from dailies.formatting import cents
from dailies.job import How, Job
from dailies.language import gettext, gettext_noop, ngettext
from dailies.lineage import softens

WAY = CustomId("way:{how}:{job_id}:{number}", how="continuation|last_frame|next_shot", job_id=JOB_ID, number=NUMBER)
"""Opens the composer with the next video, on one of the ways."""

PROMPT_SHOWN = 200
NAME_SHOWN = 80
PROBLEM_SHOWN = 300
LABELS = {
    How.CONTINUATION: gettext_noop("The model continues it"),
    How.LAST_FRAME: gettext_noop("From the last frame"),
    How.NEXT_SHOT: gettext_noop("Next shot"),
}
_KEEPS = {
    How.CONTINUATION: gettext_noop("The model picks up where this video ends. Keeps the settings, but no images."),
    How.LAST_FRAME: gettext_noop(
        "Starts with this video's last frame, from the original file. Keeps the settings, but no other images."
    ),
    How.NEXT_SHOT: gettext_noop("A new shot with the same reference images and settings."),
}


def ways_view(job: Job, number: int, found: Sequence[Way]) -> ui.LayoutView:
    """Return the ways with their buttons. number: of the output, from 1."""
    title = "\n".join(["### " + gettext("Continue this video"), f"> {inert(job.request.prompt, PROMPT_SHOWN)}"])
    view = words_view(
        Words(title, cut=1),
        *("\n".join(_lines(job, way)) for way in found),
        "-# " + gettext("You can change everything before it's made. No charge yet."),
    )
    able = [way for way in found if way.problem is None]
    if able:
        row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
        for way in able:
            style = ButtonStyle.primary if way is able[0] else ButtonStyle.secondary
            row.add_item(WAY.button(_label(way), style, how=way.how, job_id=job.id, number=number))
        view.add_item(row)
    return view


def opening(job: Job, way: Way) -> str:
    """Return what the panel of a way says first: what differs from the earlier video, and if the picture softens."""
    return "\n".join([*_changes(job, way), *_warning(way)])


def _lines(job: Job, way: Way) -> list[str]:
    if way.problem:
        why = inert_reason(way.problem, PROBLEM_SHOWN, short)
        return [gettext("**{way}** isn't possible: {why}.", way=gettext(LABELS[way.how]), why=why)]
    return [f"**{_label(way)}**", gettext(_KEEPS[way.how]), *_changes(job, way), *_warning(way)]


def _changes(job: Job, way: Way) -> list[str]:
    """Say that another model makes it, and what that changes."""
    changes = [inert(sentence(one), PROBLEM_SHOWN) for one in way.changes]
    if way.options.model != job.request.model:
        old, new = (inert(name, NAME_SHOWN) for name in (job.request.model_name, way.model_name))
        changes.insert(0, gettext("{new} instead of {old}, which can't do this", new=new, old=old))
    return [f"-# {' · '.join(changes)}"] if changes else []


def _label(way: Way) -> str:
    usd = way.quote and way.quote.usd
    price = gettext("price not known") if usd is None else cents(usd)
    return " · ".join([gettext(LABELS[way.how]), price])


def _warning(way: Way) -> list[str]:
    if not softens(way.origin):
        return []
    warning = ngettext(
        "{n} last frame in a row already led here, and each one softens the picture a little. Going back to the "
        "original images keeps it sharp.",
        "{n} last frames in a row already led here, and each one softens the picture a little. Going back to the "
        "original images keeps it sharp.",
        way.origin.hops - 1,
    )
    return [f"-# {warning}"]
