"""The button on a refusal that opens what was refused, with the nearest valid value in place of the wrong one."""

from __future__ import annotations

from dataclasses import replace

from discord import Interaction

from cogs.composer.composer import DraftComposer
from cogs.composer.spelling import spelled
from cogs.interactions.responses import refuse
from cogs.interactions.text import inert
from cogs.video.command import command_of
from cogs.video.create_job import new_job
from cogs.video.price_check import PriceCheck
from cogs.video.refusals import FIX, NAME, TEXT, WITHOUT
from dailies.draft import Draft
from dailies.errors import CatalogMissing, CreditsShort, OptionRefused, OverBudget, RefusedError
from dailies.explain import sentences
from dailies.fix import Fixed, cheaper, fewer, fixed, frames_only, references_only
from dailies.language import gettext
from dailies.reason import Reason, ReasonCode

MISTAKES = 8
"""Mistakes of one draft that are cured, one after the other."""
CHANGES_SHOWN = 600


class FixButton:
    """Opens drafts of refused requests, for their owners alone."""

    def __init__(self, composer: DraftComposer, price_check: PriceCheck) -> None:
        self._composer = composer
        self._price_check = price_check

    @FIX.handles
    async def press(self, interaction: Interaction, way: str, draft_id: str) -> None:
        """Cure what the request would be refused for now, and open it with what was changed."""
        try:
            draft = await self._composer.own(interaction, draft_id)
            changes: list[Reason] = []
            if draft.job_id is None:
                draft, changes = await self._fixed(interaction, draft, way)
        except RefusedError as error:
            await refuse(interaction, error)
            return
        lines = [gettext("What couldn't be used was left out.")] if way == WITHOUT else []
        if changes:
            words = inert(sentences(changes, " · "), CHANGES_SHOWN)
            lines.append(gettext("Changed: {changes}", changes=words))
        await self._composer.open(interaction, draft, said="\n".join(lines))

    async def _fixed(self, interaction: Interaction, draft: Draft, way: str) -> tuple[Draft, list[Reason]]:
        """Return the draft as it is stored now, and what was changed. Raises RefusedError."""
        near, changes = await self._spelled(interaction, draft, way)
        if part := {"frames": frames_only, "references": references_only}.get(way):
            one = part(draft)
            near, changes = one.draft, [*one.changes]
        for _ in range(MISTAKES):
            one = await self._composer.in_time(interaction, self._without_mistake(interaction, near))
            if one is None:
                break
            near, changes = one.draft, [*changes, *one.changes]
        if near == draft:
            return draft, []
        changed = await self._composer.in_time(interaction, self._composer.drafts.change(near))
        # None: it was changed meanwhile, in another panel.
        return (changed, changes) if changed else (await self._composer.own(interaction, draft.id), [])

    async def _spelled(self, interaction: Interaction, draft: Draft, way: str) -> tuple[Draft, list[Reason]]:
        """Return the draft with the names in its prompt as the button says, and the changes. Raises RefusedError."""
        if way not in (NAME, TEXT):
            return draft, []
        before = draft.options.prompt
        prompt = spelled(before, await self._composer.cast.here(interaction), way)
        changes = [Reason(ReasonCode.NAME_CHANGED)] if way == NAME and prompt != before else []
        return replace(draft, options=replace(draft.options, prompt=prompt)), changes

    async def _without_mistake(self, interaction: Interaction, draft: Draft) -> Fixed | None:
        """Return the draft without what it would be refused for now; None: there is nothing, or its person has to say.

        By the list of models, the budgets and the credits.
        """
        guide, command = self._composer.guide.with_own(draft.defaults), command_of(draft)
        try:
            request = guide.check(command.counted)
        except OptionRefused as error:
            return fixed(draft, error, guide)
        except CatalogMissing:
            return None
        if draft.models:
            return None  # which of them to leave out is for the person to say
        job = new_job(interaction, command, request, guide.quote(request, *command.images))
        try:
            await self._price_check.check(interaction, [job] * draft.takes)
        except (OverBudget, CreditsShort) as error:
            if draft.takes > 1:
                return fewer(draft, self._price_check.fewer(job, error, draft.takes))
            return cheaper(draft, request, self._price_check.cheaper(job, error))
        return None
