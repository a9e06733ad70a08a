"""Verdicts on the number of reference images that a model takes, from everything that is known, with their source."""

from __future__ import annotations

import difflib
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from dailies.catalog.described import described
from dailies.catalog.facts import ANY, NAMING, OWN, Facts, FactsFile, ModelImageLimits
from dailies.catalog.inputs import Input, needed
from dailies.catalog.provider_options import ProviderOption
from dailies.language import gettext
from dailies.openrouter.models import MODELS_MOST, VideoModel
from dailies.reason import Reason, ReasonCode

FRESH_SECONDS = 60.0
"""Age at which this bot's own history is looked up again."""
OFFERED = 3
"""Maximum alternative models that a refusal names."""
_LISTED = Reason(ReasonCode.LISTED_REFERENCES)


@dataclass(frozen=True)
class ReferenceHistory:
    """This bot's own history of references with one model.

    finished: jobs that made a video. most: largest number of references in one of them. refused: requests that
    OpenRouter refused with mention of references. guilds: ids of servers (0: direct messages) from which OpenRouter
    accepted a request.
    """

    finished: int = 0
    most: int = 0
    refused: int = 0
    guilds: frozenset[int] = frozenset()


@dataclass(frozen=True)
class ReferenceSupport:
    """takes: None: not confirmed. most: maximum number; None: not known. source: of this knowledge."""

    takes: bool | None
    most: int | None
    source: Reason

    def enough(self, references: int) -> bool:
        """Tell if the model is known to take this number of references."""
        return references == 0 or (bool(self.takes) and (self.most is None or references <= self.most))


Look = Callable[[], Awaitable[Mapping[str, ReferenceHistory]]]


async def _nothing_seen() -> Mapping[str, ReferenceHistory]:
    return {}


@dataclass
class ReferenceModels:
    """Knowledge about models and reference images.

    operators: the file of REFERENCE_MODELS. look: looks up this bot's own history, by model id.
    """

    operators: FactsFile = field(default_factory=FactsFile)
    look: Look = _nothing_seen
    now: Callable[[], float] = time.monotonic
    _seen: Mapping[str, ReferenceHistory] = field(default_factory=dict[str, ReferenceHistory])
    _looked: float | None = None

    async def refresh(self, *, older: float = FRESH_SECONDS) -> None:
        """Look up this bot's own history, unless that was done less than this number of seconds ago."""
        if self._looked is None or self.now() - self._looked >= older:
            self._seen = await self.look()
            self._looked = self.now()

    def verdict(self, model: VideoModel) -> ReferenceSupport:
        """Return the verdict of the operator's file, else of OpenRouter's field about references, else the bot's file,
        its history, or OpenRouter's other data. A clear no of OpenRouter's comes before the history.
        """
        seen, facts = self.seen(model.id), self._facts(model.id)
        if model.references is not None and not self._operators_know(model.id):
            most = int(model.references) if model.references is not True else facts and facts.most
            return ReferenceSupport(bool(model.references), most or None if model.references else 0, _LISTED)
        if facts and facts.takes is not None:
            return ReferenceSupport(facts.takes, facts.most, Reason(ReasonCode.TEXT, text=gettext(facts.source)))
        published = _published(model)
        if published and not published.takes:
            return published
        if seen.finished:
            # The maximum does not follow from the number that was taken once.
            most = published.most if published and published.most and published.most >= seen.most else None
            done = Reason(ReasonCode.FINISHED_HERE, jobs=seen.finished, most=seen.most)
            return ReferenceSupport(takes=True, most=most, source=done)
        if published:
            return published
        tried = Reason(ReasonCode.REFUSED_HERE, times=seen.refused) if seen.refused else Reason(ReasonCode.NOT_TRIED)
        return ReferenceSupport(takes=None, most=None, source=tried)

    def seen(self, model_id: str) -> ReferenceHistory:
        """Return this bot's own history with a model, as last looked up."""
        return self._seen.get(model_id, ReferenceHistory())

    def naming(self, model_id: str) -> str:
        """Return the text, with {n}, with which a prompt for this model names its n-th reference."""
        facts = self._facts(model_id)
        return facts.naming if facts else NAMING

    def bounds(self, model_id: str) -> ModelImageLimits:
        """Return the model's limits on one image."""
        facts = self._facts(model_id)
        return facts.bounds if facts else ANY

    def last_needs_first(self, model_id: str) -> bool:
        """Tell if the model is known to take a last frame only together with a first one."""
        facts = self._facts(model_id)
        return facts is not None and facts.last_needs_first

    def needs(self, model: VideoModel) -> Input | None:
        """Return the input without which the model makes nothing and which this bot does not send; None: there is none.

        A file's entry about a model decides, so an operator's brings one back that was taken for such a model.
        """
        facts = self._facts(model.id)
        return facts.needs if facts else needed(model)

    def durations(
        self, model: VideoModel, *, references: bool, resolution: str | None = None
    ) -> tuple[int, ...] | None:
        """Return lengths in seconds that the model offers, ascending: fewer, for some, with references or at some
        resolutions. resolution: None: any. None: it publishes none.
        """
        facts = self._facts(model.id)
        lengths = model.durations or (facts.durations if facts and references else ())
        fitting = tuple(
            sorted(
                one for one in lengths if not facts or facts.allows(one, references=references, resolution=resolution)
            )
        )
        # Facts of which nothing is left are older than the list.
        return fitting or tuple(sorted(lengths)) or None

    def resolutions(self, model: VideoModel, *, references: bool, duration: int | None) -> tuple[str, ...] | None:
        """Return resolutions that the model offers at this length in seconds (None: any); None: it publishes none."""
        if duration is None or not model.resolutions:
            return model.resolutions
        offered = (
            one
            for one in model.resolutions
            if duration in (self.durations(model, references=references, resolution=one) or (duration,))
        )
        return tuple(offered) or model.resolutions

    def refuses_people(self, model_id: str) -> bool:
        """Tell if the model is known to refuse pictures that look like photographs of real people."""
        facts = self._facts(model_id)
        return facts is not None and facts.refuses_people

    def provider_options(self, model: VideoModel) -> tuple[ProviderOption, ...]:
        """Return the parameters of its provider that a file lists and OpenRouter passes on."""
        return tuple(one for one in self.listed_options(model.id) if one.name in (model.passthrough or ()))

    def listed_options(self, model_id: str) -> tuple[ProviderOption, ...]:
        """Return the parameters of its provider that a file lists; the operator's goes first if it says any."""
        for one in (self.operators.models.get(model_id), OWN.get(model_id)):
            if one and one.provider_options is not None:
                return one.provider_options
        return ()

    def able(
        self, models: Iterable[VideoModel], references: int, like: VideoModel, *, people: bool = False
    ) -> list[str]:
        """Return ids of models known to take this number: the same author's first, then the most similar ones.

        people: leave out those that refuse pictures of real people.
        """

        def distance(model: VideoModel) -> tuple[bool, int, float]:
            theirs = {*(model.resolutions or ()), *(model.durations or ())}
            missing = len({*(like.resolutions or ()), *(like.durations or ())} - theirs)
            alike = difflib.SequenceMatcher(None, model.id, like.id).ratio()
            return model.id.split("/")[0] != like.id.split("/")[0], missing, -alike

        others = (one for one in models if one.id != like.id and not (people and self.refuses_people(one.id)))
        able = [model for model in others if self.verdict(model).enough(references) and not self.needs(model)]
        return [model.id for model in sorted(able, key=distance)[:OFFERED]]

    def _operators_know(self, model_id: str) -> bool:
        facts = self.operators.models.get(model_id)
        return facts is not None and facts.takes is not None

    def _facts(self, model_id: str) -> Facts | None:
        return self.operators.models.get(model_id) or OWN.get(model_id)


@lru_cache(maxsize=MODELS_MOST)
def _published(model: VideoModel) -> ReferenceSupport | None:
    """Return the verdict of OpenRouter's catalogue and its description of the model; None: nothing clear."""
    if model.input_modalities is not None and "image" not in model.input_modalities:
        return ReferenceSupport(takes=False, most=0, source=Reason(ReasonCode.NO_IMAGE_INPUT))
    takes, most = described(model.description or "")
    if takes is not None:
        return ReferenceSupport(takes, most, Reason(ReasonCode.DESCRIPTION))
    if any(key.startswith("reference_") for key in model.pricing_skus):
        return ReferenceSupport(takes=True, most=None, source=Reason(ReasonCode.PRICE_FOR_REFERENCES))
    return None
