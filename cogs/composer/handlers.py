"""Handlers of the panel and of its windows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

from discord import Interaction, ui

from cogs.composer import comparing, ids, pictures, windows
from cogs.composer.cast_window import CAST, NOBODY_YET, cast_window, recast, reworded
from cogs.composer.composer import DraftComposer
from cogs.composer.menus import MENUS, SEARCH, matching
from cogs.composer.outlook import Outlook, outlook
from cogs.interactions.answers import show
from cogs.interactions.responses import refuse
from cogs.interactions.text import inert, words_view
from cogs.interactions.windows import Fields
from cogs.video.cast_names import PEOPLE
from cogs.video.command import VideoCommand, command_of
from cogs.video.create_job import new_job
from cogs.video.final import as_final
from cogs.video.intake import VideoIntake
from cogs.video.message_images import attachment
from cogs.video.price_check import price_of
from cogs.video.reference_check import REFERENCES
from cogs.video.wanted import check_comparable, contending_jobs
from dailies.cast.resolve import Cast
from dailies.catalog.options import VideoRequest
from dailies.draft import TAKES_MOST, Draft
from dailies.errors import CatalogMissing, RefusedError
from dailies.explain import explain, sentence
from dailies.formatting import joined
from dailies.language import gettext, gettext_noop
from dailies.reason import ReasonCode
from dailies.references.reference import read_links

OLDER = gettext_noop(
    "This panel was older than your draft, so nothing was done. Here is the newest version. You weren't charged."
)
DEARER = gettext_noop("The price has changed since this panel was shown, so nothing was started. You weren't charged.")
CLOSED = gettext_noop("Closed, and you weren't charged. /compose opens this draft again within 24 hours.")
TRIES = 3
"""Tries to change a draft that is changed from elsewhere at the same time."""

Change = Callable[[Draft], tuple[Draft, str]]
"""Returns the changed draft and what is worth saying about it, our own markup."""


class ComposerHandlers:
    """Handlers of the panel's buttons, menus and windows. Each belongs to the owner of the draft alone."""

    def __init__(self, composer: DraftComposer, intake: VideoIntake) -> None:
        self._composer = composer
        self._intake = intake

    @ids.CHOOSE.handles
    async def choose(
        self, interaction: Interaction, what: str, draft_id: str, revision: str, values: Sequence[str]
    ) -> None:
        """Take a model, or a value of a setting, from a menu."""
        value = values[0]
        if what == "model" and value == SEARCH:
            await self.open(interaction, SEARCH, draft_id, revision)
        elif what == "model":
            await self.change(interaction, draft_id, revision, lambda draft: self._moved(draft, value))
        elif what == pictures.USE:
            await self.change(interaction, draft_id, revision, lambda draft: (pictures.used_as(draft, value), ""))
        elif what in MENUS:
            given = {what: value}
            await self.change(interaction, draft_id, revision, lambda draft: self._filled(draft, given))

    @ids.TAKES.handles
    async def takes(self, interaction: Interaction, draft_id: str, revision: str) -> None:
        """Take one more take; one again after the most."""

        def one_more(draft: Draft) -> tuple[Draft, str]:
            return replace(draft, takes=draft.takes % TAKES_MOST + 1), ""

        await self.change(interaction, draft_id, revision, one_more)

    @ids.OPEN.handles
    async def open(self, interaction: Interaction, what: str, draft_id: str, revision: str) -> None:
        """Open a window, filled in with what the draft has."""
        draft = await self.current(interaction, draft_id, revision)
        if draft is None:
            return
        if what == CAST:
            await self._open_cast(interaction, draft)
        elif window := self._window(draft, what):
            await interaction.response.send_modal(window)
        else:
            await self._composer.open(interaction, draft)

    async def _open_cast(self, interaction: Interaction, draft: Draft) -> None:
        try:
            cast = await self._composer.cast.here(interaction)
        except RefusedError as error:
            await refuse(interaction, error)
            return
        if cast.by_key:
            await interaction.response.send_modal(cast_window(draft, cast))
        else:
            await self._composer.open(interaction, draft, said=gettext(NOBODY_YET))

    def _window(self, draft: Draft, what: str) -> ui.Modal | None:
        if what == windows.PROMPT:
            return windows.prompt_window(draft)
        if what == windows.SEARCH:
            return windows.search_window(draft)
        if what == pictures.PICTURES:
            return pictures.window(draft)
        seen = outlook(self._composer.guide, draft)
        if what == comparing.COMPARE:
            return comparing.window(self._composer.guide.with_own(draft.defaults), seen)
        if what == windows.SETTINGS:
            return windows.settings_window(seen)
        return windows.typed_window(seen, what) if what in MENUS else None

    @ids.SENT.handles
    async def sent(self, interaction: Interaction, what: str, draft_id: str, revision: str, fields: Fields) -> None:
        """Take what was filled into a window, into the draft as it is by now: what was typed is never lost."""
        del revision
        if what == windows.PROMPT:
            typed = windows.joined(fields.get(windows.FIRST, ""), fields.get(windows.SECOND, ""))
            prompt = await self._composer.readable(interaction, typed)
            await self._with_cast(interaction, draft_id, lambda draft, cast: reworded(draft, cast, prompt))
        elif what == CAST:
            await self._with_cast(interaction, draft_id, lambda draft, cast: recast(draft, cast, fields))
        elif what == pictures.PICTURES:
            await self._take_pictures(interaction, draft_id, fields)
        elif what == comparing.COMPARE:
            await self._compare(interaction, draft_id, tuple(fields.get(comparing.COMPARE) or ()))
        elif what == windows.SEARCH:
            await self._search(interaction, draft_id, str(fields.get(windows.TYPED, "")))
        else:
            given = fields if what == windows.SETTINGS else {what: fields.get(windows.TYPED, "")}
            await self.change(interaction, draft_id, None, lambda draft: self._filled(draft, given))

    async def _with_cast(
        self, interaction: Interaction, draft_id: str, change: Callable[[Draft, Cast], tuple[Draft, str]]
    ) -> None:
        """Change a draft by the cast of this place."""
        try:
            cast = await self._composer.cast.here(interaction)
        except RefusedError as error:
            await refuse(interaction, error)
            return
        await self.change(interaction, draft_id, None, lambda draft: change(draft, cast))

    async def _take_pictures(self, interaction: Interaction, draft_id: str, fields: Fields) -> None:
        """Take the window of the pictures: those that were added, their order, and what they are used as."""
        new = [attachment(one) for one in fields.get(pictures.FILES) or ()]
        refused = ""
        if links := str(fields.get(pictures.LINKS) or ""):
            try:
                new += await self._composer.links.opened(interaction, read_links(links))
            except RefusedError as error:
                refused = inert(explain(error), pictures.PROBLEM_SHOWN)

        def rearranged(draft: Draft) -> tuple[Draft, str]:
            changed, said = pictures.rearranged(draft, new, fields)
            return changed, "\n".join(line for line in (refused, said) if line)

        await self.change(interaction, draft_id, None, rearranged)

    @ids.PICTURES.handles
    async def use_pictures(self, interaction: Interaction, what: str, draft_id: str, revision: str) -> None:
        """Take a choice from a button under the pictures."""
        await self.change(interaction, draft_id, revision, lambda draft: (pictures.pressed(draft, what), ""))

    async def _compare(self, interaction: Interaction, draft_id: str, models: tuple[str, ...]) -> None:
        """Take the models that are to be compared; the settings go on from one of them."""
        try:
            check_comparable(interaction, models)
        except RefusedError as error:
            await refuse(interaction, error)
            return

        def compared(draft: Draft) -> tuple[Draft, str]:
            own = draft.options.model or self._composer.guide.with_own(draft.defaults).default_model
            moved = draft if own in models else self._moved(draft, models[0])[0]
            options = replace(moved.options, model=moved.options.model or own)
            return replace(moved, options=options, models=models, takes=1), ""

        await self.change(interaction, draft_id, None, compared)

    @ids.FINAL.handles
    async def final(self, interaction: Interaction, draft_id: str, revision: str) -> None:
        """Carry the draft over to the final model and resolution."""
        await self.change(interaction, draft_id, revision, lambda draft: as_final(self._composer.guide, draft))

    async def _search(self, interaction: Interaction, draft_id: str, typed: str) -> None:
        """Take the only model that matches, or show those that do in the menu."""
        try:
            found = self._composer.guide.offered.search(typed)
        except CatalogMissing as error:
            await refuse(interaction, error)
            return
        if len(found) == 1:
            await self.change(interaction, draft_id, None, lambda draft: self._moved(draft, found[0].id))
            return
        draft = await self.current(interaction, draft_id, None)
        if draft is not None:
            await self._composer.open(
                interaction, draft, said=matching(len(found), typed), typed=typed if found else ""
            )

    @ids.CLOSE.handles
    async def close(self, interaction: Interaction, draft_id: str, revision: str) -> None:
        """Close the panel and keep the draft."""
        del revision
        if await self.current(interaction, draft_id, None) is not None:
            await show(interaction, words_view(gettext(CLOSED)))

    @ids.GENERATE.handles
    async def generate(self, interaction: Interaction, draft_id: str, revision: str, price: str) -> None:
        """Make the draft's job, for the price that the button named and no higher one."""
        draft = await self.current(interaction, draft_id, revision)
        if draft is None:
            return
        # Without the budgets, which the intake looks at.
        seen = outlook(self._composer.guide, draft)
        if seen.problem or seen.request is None:
            await self._composer.open(interaction, draft)
        elif not agreed(price, seen):
            await self._composer.open(interaction, draft, said=gettext(DEARER))
        else:
            await self._intake.submit(interaction, _command(interaction, draft, seen, seen.request))

    def _moved(self, draft: Draft, model_id: str) -> tuple[Draft, str]:
        """Carry a draft over to another model, and say what had to change. Raises CatalogMissing."""
        guide = self._composer.guide.with_own(draft.defaults)
        there = guide.carry(draft.counted, model_id)
        model = guide.model(model_id)
        said = ""
        if model and there.changes:
            changes = joined([inert(sentence(one), 100) for one in there.changes])
            said = gettext("With {model}: {changes}.", model=inert(model.name, 80), changes=changes)
        return replace(draft, options=there.options, models=()), said

    def _filled(self, draft: Draft, given: Fields) -> tuple[Draft, str]:
        """Take settings as they were filled in or chosen."""
        provider = self._composer.guide.with_own(draft.defaults).option_fields(draft.options)
        options, unread = windows.filled(draft.options, given, provider)
        return replace(draft, options=options), "\n".join(unread)

    async def change(self, interaction: Interaction, draft_id: str, revision: str | None, change: Change) -> None:
        """Change a draft and redraw its panel. revision: what the change is meant for; None: whichever is newest."""
        for _ in range(TRIES):
            draft = await self.current(interaction, draft_id, revision)
            if draft is None:
                return
            try:
                changed, said = change(draft)
                stored = await self._composer.in_time(interaction, self._composer.drafts.change(changed))
            except (CatalogMissing, RefusedError) as error:
                await refuse(interaction, error)
                return
            if stored is not None:
                await self._composer.open(interaction, stored, said=said)
                return
        await refuse(interaction, RefusedError(ReasonCode.AWAY))

    async def current(self, interaction: Interaction, draft_id: str, revision: str | None) -> Draft | None:
        """Return a draft of the person's own, if it is still that revision; None: answered already."""
        try:
            draft = await self._composer.own(interaction, draft_id)
        except RefusedError as error:
            await refuse(interaction, error)
            return None
        if draft.job_id is not None:
            await self._composer.open(interaction, draft)
            return None
        if revision is not None and draft.revision != int(revision):
            await self._composer.open(interaction, draft, said=gettext(OLDER))
            return None
        return draft


def agreed(price: str, seen: Outlook) -> bool:
    """Tell if a draft costs no more now than the button named. price: as in its id."""
    total = seen.total
    if price == ids.UNKNOWN or total is None:
        return price == ids.UNKNOWN and total is None
    return total <= Decimal(price) / ids.MICROS


def _command(interaction: Interaction, draft: Draft, seen: Outlook, request: VideoRequest) -> VideoCommand:
    """Return the request that a draft makes, its price agreed to."""
    command = command_of(draft)
    jobs = contending_jobs(interaction, command, seen.contenders)
    price = price_of(jobs or (new_job(interaction, command, request, seen.quote),) * command.takes)
    return replace(command, answered=frozenset({price, REFERENCES, PEOPLE}))
