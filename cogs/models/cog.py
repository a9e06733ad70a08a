"""/models: the video models and what a video of each would cost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from discord import Interaction, app_commands
from discord.app_commands import Choice
from discord.ext import commands

from cogs import autocomplete as choices
from cogs.interactions.permissions import server_of
from cogs.interactions.responses import refuse
from cogs.interactions.text import NOBODY
from cogs.models.views import LOOK, SAFE, ModelsPage, chosen, models_view, with_wins
from dailies.catalog.guide import ModelFilter, ModelGuide
from dailies.catalog.nearest import spelled
from dailies.errors import CatalogMissing, OptionRefused
from dailies.openrouter.pricing.frames import lines
from dailies.reason import Reason, ReasonCode
from dailies.store.comparisons import Wins

Remarks = Callable[[], Awaitable[Mapping[str, str]]]
"""Returns this bot's own remarks on models, a few words each, by model id."""


WinsOf = Callable[[int], Awaitable[Mapping[str, Wins]]]
"""Returns what each model came to in the comparisons of a server, by model id."""


async def _nothing() -> Mapping[str, str]:
    return {}


async def _none(_: int) -> Mapping[str, Wins]:
    return {}


class Models(commands.Cog):
    """The command /models. Every answer is ephemeral. remarks: about models, by id. wins: of comparisons."""

    def __init__(self, guide: ModelGuide, remarks: Remarks = _nothing, wins: WinsOf = _none) -> None:
        self._guide = guide
        self._wins = wins
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
        """Answer with the models that match the options."""
        # Discord sends a float; from here on it is in whole cents.
        price = None if at_most is None else Decimal(round(at_most * 100)) / 100
        await self._answer(interaction, ModelsPage(ModelFilter(duration, resolution, references, price)), again=False)

    @models.autocomplete("resolution")
    async def complete_resolution(self, _: Interaction, current: str) -> list[Choice[str]]:
        """Suggest resolutions of all models."""
        try:
            return choices.words(self._resolutions(), current)
        except CatalogMissing:
            return []

    @LOOK.handles
    async def turn(self, interaction: Interaction, what: str, code: str, values: Sequence[str] = ()) -> None:
        """Show another page or other models in the message whose button or menu was used."""
        selection = ModelsPage.decode(code)
        await self._answer(interaction, chosen(selection, what, values[0]) if values else selection, again=True)

    async def _answer(self, interaction: Interaction, selection: ModelsPage, *, again: bool) -> None:
        reference_models = self._guide.references
        await reference_models.refresh()
        try:
            resolutions = self._resolutions()
            selection = _checked(selection, resolutions)
            found = (await self._guide.of_server(server_of(interaction))).offers(selection.wish)
        except (CatalogMissing, OptionRefused) as error:
            await refuse(interaction, error)
            return
        remarks = with_wins(
            await self._remarks(), await self._wins(interaction.guild_id) if interaction.guild_id else {}
        )
        view = models_view(found, selection, resolutions, reference_models, remarks)
        if again:
            await interaction.response.edit_message(view=view, allowed_mentions=NOBODY)
        else:
            await interaction.response.send_message(view=view, ephemeral=True, allowed_mentions=NOBODY)

    def _resolutions(self) -> list[str]:
        """Return the resolutions of all models, the smallest first, each in one spelling."""
        named = {one.lower(): one for model in self._guide.offered for one in model.resolutions or ()}
        return sorted(filter(SAFE.fullmatch, named.values()), key=lambda one: (lines(one) or 0, one))


def _checked(selection: ModelsPage, offered: Sequence[str]) -> ModelsPage:
    """Return it with the resolution as it is offered. Raises OptionRefused for one that no model offers."""
    typed = selection.wish.resolution
    found = spelled(typed, offered)
    if found is not None and found not in offered:
        raise OptionRefused("resolution", typed, Reason(ReasonCode.NOT_OFFERED_ANYWHERE), offered)
    return replace(selection, wish=replace(selection.wish, resolution=found))
