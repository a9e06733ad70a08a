"""Final: a draft, or an earlier video, once more on the model and at the resolution that the team calls final."""

from __future__ import annotations

from dataclasses import replace

from cogs.interactions.text import inert
from dailies.catalog.final import Final, final_of
from dailies.catalog.guide import ModelGuide
from dailies.draft import Draft
from dailies.errors import RefusedError
from dailies.language import gettext
from dailies.reason import ReasonCode


def as_final(guide: ModelGuide, draft: Draft, model_id: str | None = None) -> tuple[Draft, str]:
    """Return a draft as a final, and what is worth saying about it, our own markup. model_id: the model that it goes
    to; None: the operator's. Raises RefusedError and CatalogMissing.
    """
    final = final_of(guide.with_own(draft.defaults), draft.counted, model_id)
    if final is None:
        raise RefusedError(ReasonCode.FINAL_SAME)
    options = replace(final.options, references=0, frames=())
    return replace(draft, options=options, models=(), takes=1), said_of(final)


def said_of(final: Final) -> str:
    """Return what the panel says above a final."""
    model = inert(final.model.name, 80)
    named = gettext("**Final:** {model}. No charge yet.", model=model)
    if final.resolution:
        at = inert(final.resolution, 20)
        named = gettext("**Final:** {model} at {resolution}. No charge yet.", model=model, resolution=at)
    differs = gettext("The prompt, pictures and seed stay the same, but it is generated anew and may differ.")
    if final.other_model:
        differs = gettext("The prompt, pictures and seed stay the same, but a different model makes a different film.")
    return f"{named}\n{differs}"
