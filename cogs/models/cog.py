"""/models: which models there are, and what each would cost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal

from discord import Interaction, app_commands
from discord.app_commands import Choice
from discord.ext import commands

from cogs import autocomplete as choices
from cogs.interactions.responses import refuse
from cogs.interactions.text import NOBODY
from cogs.models.views import LOOK, ModelsPage, chosen, models_view
from dailies.catalog.guide import ModelFilter, ModelGuide
from dailies.errors import CatalogMissing, OptionRefused
from dailies.openrouter.pricing.frames import lines
from dailies.reason import Reason, ReasonCode

Remarks = Callable[[], Awaitable[Mapping[str, str]]]
"""What this bot has to say of models, by id: a few words each."""


async def _nothing() -> Mapping[str, str]:
    return {}


class Models(commands.Cog):
    """Browsing. Every answer is for the person alone. remarks: see Remarks."""

    def __init__(self, guide: ModelGuide, remarks: Remarks = _nothing) -> None:
        self._guide = guide
        self._remarks = remarks

    @app_commands.command(description="Video models with their prices, cheapest first")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    @app_commands.describe(
        duration="Length in seconds that the price is for; only models that make it",
        resolution="Only models that make this resolution",
        references="Only models known to take reference images",
        at_most="Only models that make it for at most so many US dollars",
    )
    async def models(
        self,
        interaction: Interaction,
        duration: app_commands.Range[int, 1, 3600] | None = None,
        resolution: app_commands.Range[str, 1, 12] | None = None,
        references: bool = False,
        at_most: app_commands.Range[float, 0, 10_000] | None = None,
    ) -> None:
        """Translate the options and answer."""
        # A float is only how Discord sends it; in whole cents from here on.
        price = None if at_most is None else Decimal(round(at_most * 100)) / 100
        await self._answer(interaction, ModelsPage(ModelFilter(duration, resolution, references, price)), again=False)

    @models.autocomplete("resolution")
    async def complete_resolution(self, _: Interaction, current: str) -> list[Choice[str]]:
        """Resolutions of all models."""
        try:
            return choices.words(self._resolutions(), current)
        except CatalogMissing:
            return []

    @LOOK.handles
    async def turn(self, interaction: Interaction, what: str, code: str, values: Sequence[str] = ()) -> None:
        """Show something else in the message whose button or menu was used."""
        look = ModelsPage.decode(code)
        await self._answer(interaction, chosen(look, what, values[0]) if values else look, again=True)

    async def _answer(self, interaction: Interaction, look: ModelsPage, *, again: bool) -> None:
        known = self._guide.references
        await known.refresh()
        try:
            self._check(look)
            found = self._guide.offers(look.wish)
            resolutions = self._resolutions()
        except (CatalogMissing, OptionRefused) as error:
            await refuse(interaction, error)
            return
        view = models_view(found, look, resolutions, known, await self._remarks())
        if again:
            await interaction.response.edit_message(view=view, allowed_mentions=NOBODY)
        else:
            await interaction.response.send_message(view=view, ephemeral=True, allowed_mentions=NOBODY)

    def _check(self, look: ModelsPage) -> None:
        """Raises OptionRefused for a resolution that no model offers."""
        known, typed = self._resolutions(), look.wish.resolution
        if typed is not None and typed.lower() not in {one.lower() for one in known}:
            raise OptionRefused("resolution", typed, Reason(ReasonCode.NOT_OFFERED_ANYWHERE), known)

    def _resolutions(self) -> list[str]:
        """Of all models, the smallest first."""
        named = {one for model in self._guide.catalog for one in model.resolutions or ()}
        return sorted(named, key=lambda one: (lines(one) or 0, one))
