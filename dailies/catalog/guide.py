"""Guide to the models: the newest list, the default model, the settings and references each takes, current prices."""

from __future__ import annotations

import asyncio
import copy
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from dailies.catalog.advice import RefusedRequest, advice, people_hint
from dailies.catalog.carry import Carried, carried
from dailies.catalog.comparison import ModelChoice, compare
from dailies.catalog.offers import quote_request
from dailies.catalog.option_checks import NOTHING_SET, OwnDefaults
from dailies.catalog.options import Defaults, Options, VideoRequest, check_options
from dailies.catalog.provider_options import OptionField, checked, fields, placed
from dailies.catalog.references import ReferenceModels
from dailies.errors import CatalogMissing, OpenRouterError, OptionRefused
from dailies.openrouter.models import Catalog, VideoModel
from dailies.openrouter.pricing import Quote
from dailies.reason import Reason, ReasonCode

log = logging.getLogger(__name__)

RETRY_SECONDS = 30.0
"""Pause before the next request for the list while the bot has none at all."""


@dataclass(frozen=True)
class ModelFilter:
    """A filter of models. None: any. duration: seconds. at_most: USD.

    references: only models known to take reference images.
    """

    duration: int | None = None
    resolution: str | None = None
    references: bool = False
    at_most: Decimal | None = None


@dataclass(frozen=True)
class Offer:
    """A model, the request that /video would make from a filter, and its price."""

    model: VideoModel
    request: VideoRequest
    quote: Quote


@dataclass(frozen=True)
class FinalTarget:
    """The model and resolution that the operator calls final. None: the draft's own."""

    model: str | None = None
    resolution: str | None = None


class ModelGuide:
    """Holds and refreshes the last good copy of the list of models, and answers questions about it.

    fetch: requests the list once. every: seconds between two requests. loaded: called after each good list.
    defaults: the operator's. final: as the operator set it. references: knowledge about models and reference images.
    read_own: reads what a server has set. own: the defaults of the server that this guide is for; the bot's own is for
    none.
    """

    def __init__(
        self,
        fetch: Callable[[], Awaitable[Catalog]],
        defaults: Defaults,
        references: ReferenceModels | None = None,
        *,
        every: float,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        loaded: Callable[[ModelGuide], Awaitable[None]] | None = None,
        read_own: Callable[[int], Awaitable[OwnDefaults]] | None = None,
        final: FinalTarget | None = None,
    ) -> None:
        self.final = final or FinalTarget()
        self.references = references or ReferenceModels()
        self._fetch = fetch
        self._operators = defaults
        self.own = NOTHING_SET
        self._read_own = read_own
        self._every = every
        self._sleep = sleep
        self._loaded = loaded
        self._catalog: Catalog | None = None

    @property
    def catalog(self) -> Catalog:
        """The last good copy of the list. Raises CatalogMissing while there has never been one."""
        if self._catalog is None:
            raise CatalogMissing
        return self._catalog

    @property
    def offered(self) -> Catalog:
        """The models of the list that work from a prompt and images. Raises CatalogMissing."""
        return Catalog(model for model in self.catalog if not self.references.needs(model))

    async def refresh(self) -> bool:
        """Request the list once; True on success. A failure or an empty list is logged and keeps the copy."""
        try:
            catalog = await self._fetch()
        except OpenRouterError as error:
            log.warning("the list of models could not be loaded (%s); %s", error, self._kept())
            return False
        if not len(catalog):
            log.warning("the list of models came empty; %s", self._kept())
            return False
        self._catalog = catalog
        if self._loaded:
            await self._loaded(self)
        return True

    async def run(self) -> None:
        """Refresh the list forever, with pauses that are short while there is none."""
        while True:
            await self._sleep(self._every if self._catalog else min(RETRY_SECONDS, self._every))
            await self.refresh()

    async def own_defaults(self, guild_id: int | None) -> OwnDefaults:
        """Return what a server has set; nothing for None, which is no server."""
        return await self._read_own(guild_id) if self._read_own and guild_id is not None else NOTHING_SET

    async def of_server(self, guild_id: int | None) -> ModelGuide:
        """Return the guide with the defaults that a server has now. guild_id: None: the operator's."""
        return self.with_own(await self.own_defaults(guild_id))

    def with_own(self, own: OwnDefaults) -> ModelGuide:
        """Return the guide with these defaults over the operator's, and with the list of models of now."""
        here = copy.copy(self)
        here.own = own
        return here

    def defaults(self) -> tuple[Defaults, tuple[Reason, ...]]:
        """Return the defaults with a model that is in the list, and reasons if it is not the one that was set.

        A server's default model that is gone is ignored. The operator's is replaced by the cheapest model that is known
        to take reference images and offers the default resolution. If there is none, the defaults stay as they are, and
        /video says that the model is gone. Raises CatalogMissing.
        """
        wished, gone = self._wished, self.own.model
        if gone is not None and self._is_offered(gone):
            return wished, ()
        defaults, notes = self._standing(replace(wished, model=self._operators.model))
        ignored = () if gone is None else (Reason(ReasonCode.SERVER_DEFAULT_GONE, model=gone, used=defaults.model),)
        return defaults, (*ignored, *notes)

    def _standing(self, defaults: Defaults) -> tuple[Defaults, tuple[Reason, ...]]:
        """Return defaults with another model where the operator's is gone."""
        if self.catalog.get(defaults.model) is not None:
            return defaults, ()
        found = self.offers(ModelFilter(resolution=defaults.resolution, references=True))
        priced = [one.model for one in found if one.quote.usd is not None]
        if not priced:
            return defaults, ()
        notes = (
            Reason(ReasonCode.DEFAULT_GONE, model=defaults.model, used=priced[0].id),
            Reason(ReasonCode.CHEAPEST_WITH_REFERENCES, resolution=defaults.resolution),
        )
        return replace(defaults, model=priced[0].id), notes

    @property
    def _wished(self) -> Defaults:
        return self.own.over(self._operators)

    def _is_offered(self, model_id: str) -> bool:
        model = self.catalog.get(model_id)
        return model is not None and self.references.needs(model) is None

    @property
    def default_model(self) -> str:
        """Id of the model that is used when none is chosen. Raises CatalogMissing."""
        return self.defaults()[0].model

    def offers(self, wish: ModelFilter) -> list[Offer]:
        """Return models that match the filter, by price; those with unknown prices come last, in the catalogue's order.

        Settings that the filter leaves open are those of /video. A price with references is for one reference image.
        With at_most, models of unknown price are left out. Raises CatalogMissing.
        """
        references = int(wish.references)
        found: list[Offer] = []
        for model in self.catalog:
            if wish.references and not self.references.verdict(model).takes:
                continue
            options = Options(
                "(only the price)", model.id, duration=wish.duration, resolution=wish.resolution, references=references
            )
            with suppress(OptionRefused):
                request = check_options(options, self.catalog, self._wished, self.references)
                found.append(Offer(model, request, quote_request(model, request, references=references)))
        at_most = wish.at_most
        kept = [one for one in found if at_most is None or (one.quote.usd is not None and one.quote.usd <= at_most)]
        return sorted(kept, key=lambda one: (one.quote.usd is None, one.quote.usd or 0))

    def model(self, model_id: str | None) -> VideoModel | None:
        """Return a model by its id, or the default without one; None if it is not in the list, or there is no list."""
        try:
            return self.catalog.get(model_id or self.default_model)
        except CatalogMissing:
            return None

    def check(self, options: Options) -> VideoRequest:
        """Check options against the newest list and fill in what was not chosen.

        Raises CatalogMissing, and OptionRefused that names the option, the value, and what the model offers.
        """
        defaults, notes = self.defaults()
        request = check_options(options, self.catalog, defaults, self.references)
        return request if options.model else replace(request, notes=(*request.notes, *notes))

    def carry(self, options: Options, model_id: str | None = None) -> Carried:
        """Return options as a model takes them; by default their own, which mends what it refuses.

        Raises CatalogMissing.
        """
        defaults, _ = self.defaults()
        return carried(options, model_id or options.model or defaults.model, self.catalog, defaults, self.references)

    def compare(self, options: Options, typed: str = "") -> list[ModelChoice]:
        """Compare models whose id or name holds every typed word by what these settings would cost with each.

        The order is that of `dailies.catalog.comparison.compare`. Raises CatalogMissing.
        """
        defaults, _ = self.defaults()
        return compare(options, self.offered.search(typed), self.catalog, defaults, self.references)

    def quote(self, request: VideoRequest, references: int, frames: int = 0) -> Quote | None:
        """Return today's price of a request with this number of references, or of images that fix frames; None if its
        model is not in the list.
        """
        model = self.model(request.model)
        return model and quote_request(model, request, references=references, frames=frames).kept()

    def provider(self, request: VideoRequest) -> dict[str, Any]:
        """Return a request's provider options in their places. Raises OptionRefused for one that is not offered now."""
        model = self.model(request.model)  # None while there is no list: then the files alone say what there is
        options = self.references.provider_options(model) if model else self.references.listed_options(request.model)
        return placed(options, checked(options, request.provider_options, request.model))

    def option_fields(self, options: Options) -> tuple[OptionField, ...]:
        """Return a field for each provider option that the options' model offers; none without a list of models."""
        model = self.model(options.model)
        return fields(self.references.provider_options(model), options.provider_options) if model else ()

    def advise(
        self, cause: ReasonCode | None, request: VideoRequest, references: int, frames: int = 0
    ) -> Reason | None:
        """Return what can be done about a request's refusal or failure; None where nothing is known."""
        of = RefusedRequest(request, references, self.model(request.model), frames)
        return advice(cause, of, self._catalog or (), self.references, self.quote)

    def people_hint(self, request: VideoRequest, references: int, frames: int = 0) -> Reason | None:
        """Return the hint that the model refuses photos of real people, if it does and there are images."""
        of = RefusedRequest(request, references, self.model(request.model), frames)
        return people_hint(of, self.catalog, self.references)

    def _kept(self) -> str:
        return f"the last good copy of {len(self._catalog)} models stays" if self._catalog else "there is none yet"
