"""Refusals that keep the work: what was typed and attached is a draft by then, and a button opens it."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import replace

from discord import Interaction, ui

from cogs.interactions.buttons import CustomId
from cogs.interactions.responses import REFUSAL_SHOWN, log_refusal, refuse
from cogs.interactions.text import inert_reason, plain, shorten
from cogs.status.buttons import JOB_ID
from cogs.video.command import Composer, VideoCommand
from dailies.draft import Draft
from dailies.errors import (
    CatalogMissing,
    CreditsShort,
    DailiesError,
    DiskFull,
    OptionRefused,
    OverBudget,
    ReferenceRefused,
)
from dailies.fix import without_refused
from dailies.language import gettext
from dailies.reason import Reason, ReasonCode

log = logging.getLogger(__name__)

NEAR, WITHOUT, FRAMES, REFERENCES, NAME, TEXT = "near", "without", "frames", "references", "name", "text"
_FIXES = (NEAR, WITHOUT, FRAMES, REFERENCES, NAME, TEXT)
FIX = CustomId("fix:{way}:{draft_id}", way="|".join(_FIXES), draft_id=JOB_ID)
"""Opens a draft with the nearest valid value in place of a refused one. WITHOUT: something was left out of it already.
FRAMES, REFERENCES: with its images in that part only. NAME, TEXT: a name in its prompt that is close to one of the cast
is that one, or is sent as text."""

_CURABLE = (OptionRefused, ReferenceRefused, OverBudget, CreditsShort)
"""Refusals that a change can cure."""
_BOTH = ReasonCode.FRAMES_WITH_REFERENCES
_COMPARED = frozenset({ReasonCode.COMPARE_REFUSED, ReasonCode.COMPARE_TWICE})
_KEPT = frozenset({ReasonCode.RESTARTING, ReasonCode.CAST_GONE, ReasonCode.CONSENT_ENDED}) | _COMPARED
"""Reasons of other refusals after which the work is kept, too."""
_PASSING = (CatalogMissing, DiskFull)
"""Refusals that pass by themselves; then the same request can be made."""


def keeps(error: DailiesError) -> bool:
    """Tell if a refused request is worth keeping: a change can cure it, or time."""
    return isinstance(error, (*_CURABLE, *_PASSING)) or error.reason.code in _KEPT


class Refusals:
    """Refuses requests and keeps what they were made of. seconds: least time for a draft's record."""

    def __init__(self, composer: Composer, *, seconds: float) -> None:
        self._composer = composer
        self._seconds = seconds

    async def refuse(self, interaction: Interaction, command: VideoCommand, error: DailiesError, ends: float) -> None:
        """Answer with a refusal: what can be cured stays in the panel that it came from, or is kept as a draft.

        ends: when the wait for the record ends (time.monotonic), but for those least seconds.
        """
        if command.draft and keeps(error):
            log_refusal(interaction, error)
            said = inert_reason(error.reason, REFUSAL_SHOWN)
            await self._composer.open(interaction, command.draft, said=said)
        elif draft := await self._kept(interaction, command, error, ends) if keeps(error) else None:
            view = ui.View(timeout=None)
            for label, way in _ways(error):
                view.add_item(FIX.button(label, way=way, draft_id=draft.id))
            await refuse(interaction, error, view)
        else:
            await refuse(interaction, error)

    async def _kept(
        self, interaction: Interaction, command: VideoCommand, error: DailiesError, ends: float
    ) -> Draft | None:
        """Store a draft of a refused command; None if the database does not take it in time."""
        # A chosen name that there is not would refuse the draft as well.
        command = replace(command, cast=(), sources=without_refused(command.sources or (), error))
        models = tuple(dict.fromkeys(command.models))
        command = replace(command, models=models if len(models) > 1 else ())
        # Not cancelled on timeout: that would leave SQLite's only connection inside its transaction.
        storing = asyncio.create_task(self._composer.draft(interaction, command))
        await asyncio.wait([storing], timeout=max(ends - time.monotonic(), self._seconds))
        if storing.done() and not storing.exception():
            return storing.result()
        log.warning("interaction %s: what was refused could not be kept as a draft", interaction.id)
        storing.add_done_callback(lambda task: task.cancelled() or task.exception())
        return None


def _ways(error: DailiesError) -> list[tuple[str, str]]:
    """Return the labels of the buttons, and what each does to the draft."""
    option = error.reason.values.get("option") if isinstance(error, OptionRefused) else None
    if isinstance(error, OptionRefused) and option == "frames" and error.problem.code is _BOTH:
        return [(gettext("Fix: keep the frames"), FRAMES), (gettext("Fix: all as references"), REFERENCES)]
    if name := near_name(error.reason):
        use = shorten(plain(gettext("Use {name}", name=name)), 60)
        return [(use, NAME), (gettext("Keep it as text"), TEXT)]
    if not isinstance(error, _CURABLE):
        return [(gettext("Edit"), NEAR)]
    # A frame of another shape stays: the panel asks how it is made to fit.
    out = isinstance(error, ReferenceRefused) and error.problem.code is not ReasonCode.FRAME_SHAPE
    return [(gettext("Fix"), WITHOUT if option == "links" or out else NEAR)]


def near_name(refused: Reason) -> str | None:
    """Return the name of the cast that a refused one is close to, with its @; None: the reason is another one."""
    problem = refused.values.get("problem")
    if isinstance(problem, Reason) and problem.code is ReasonCode.NEAR_IN_CAST:
        return str(problem.values["near"])
    return None
