"""Does a model take reference images, and how many? One verdict, from everything that is known, with its source."""

from __future__ import annotations

import difflib
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field

from dailies.catalog.described import described
from dailies.catalog.facts import ANY, NAMING, OWN, Facts, FactsFile, ModelImageLimits
from dailies.openrouter.models import VideoModel
from dailies.reason import Reason, ReasonCode

FRESH_SECONDS = 60.0
"""How long this bot's own experience is used before it is looked up again."""
OFFERED = 3
"""Other models that a refusal names."""


@dataclass(frozen=True)
class ReferenceHistory:
    """What this bot saw of references with one model.

    finished: jobs that made a video. most: references in one of them. refused: requests that OpenRouter refused with
    a word about references. guilds: servers (0: direct messages) where a request was sent.
    """

    finished: int = 0
    most: int = 0
    refused: int = 0
    guilds: frozenset[int] = frozenset()


@dataclass(frozen=True)
class ReferenceSupport:
    """takes: None when not confirmed. most: None when not known. source: where this is known from."""

    takes: bool | None
    most: int | None
    source: Reason

    def enough(self, references: int) -> bool:
        """Whether so many are known to be taken."""
        return references == 0 or (bool(self.takes) and (self.most is None or references <= self.most))


Look = Callable[[], Awaitable[Mapping[str, ReferenceHistory]]]


async def _nothing_seen() -> Mapping[str, ReferenceHistory]:
    return {}


@dataclass
class ReferenceModels:
    """Everything that is known of models and reference images.

    operators: the file of REFERENCE_MODELS. look: finds what this bot saw, by model id.
    """

    operators: FactsFile = field(default_factory=FactsFile)
    look: Look = _nothing_seen
    now: Callable[[], float] = time.monotonic
    _seen: Mapping[str, ReferenceHistory] = field(default_factory=dict[str, ReferenceHistory])
    _looked: float | None = None

    async def refresh(self, *, older: float = FRESH_SECONDS) -> None:
        """Look up what this bot saw, if that was not done for so many seconds."""
        if self._looked is None or self.now() - self._looked >= older:
            self._seen = await self.look()
            self._looked = self.now()

    def verdict(self, model: VideoModel) -> ReferenceSupport:
        """Files first, the operator's before ours; then what was seen; then what OpenRouter publishes."""
        seen = self.seen(model.id)
        if facts := self._known(model.id):
            return ReferenceSupport(facts.takes, facts.most, Reason(ReasonCode.TEXT, text=facts.source))
        published = _published(model)
        if published and not published.takes:
            return published
        if seen.finished:
            # How many it takes is not known from having taken some.
            most = published.most if published and published.most and published.most >= seen.most else None
            done = Reason(ReasonCode.FINISHED_HERE, jobs=seen.finished, most=seen.most)
            return ReferenceSupport(takes=True, most=most, source=done)
        if published:
            return published
        tried = Reason(ReasonCode.REFUSED_HERE, times=seen.refused) if seen.refused else Reason(ReasonCode.NOT_TRIED)
        return ReferenceSupport(takes=None, most=None, source=tried)

    def seen(self, model_id: str) -> ReferenceHistory:
        """What this bot saw, as it was last looked up."""
        return self._seen.get(model_id, ReferenceHistory())

    def naming(self, model_id: str) -> str:
        """How a prompt for this model names its n-th reference: a text with {n}."""
        facts = self._known(model_id)
        return facts.naming if facts else NAMING

    def bounds(self, model_id: str) -> ModelImageLimits:
        """What the model takes of one image."""
        facts = self._known(model_id)
        return facts.bounds if facts else ANY

    def durations(self, model: VideoModel, *, references: bool) -> tuple[int, ...] | None:
        """Lengths in seconds that the model offers, fewer for some when references are given."""
        facts = self._known(model.id) if references else None
        return facts.durations if facts and facts.durations else model.durations

    def able(self, models: Iterable[VideoModel], references: int, like: VideoModel) -> list[str]:
        """Ids of models that take so many: of the same author first, then those with the most alike settings."""

        def distance(model: VideoModel) -> tuple[bool, int, float]:
            theirs = {*(model.resolutions or ()), *(model.durations or ())}
            missing = len({*(like.resolutions or ()), *(like.durations or ())} - theirs)
            alike = difflib.SequenceMatcher(None, model.id, like.id).ratio()
            return model.id.split("/")[0] != like.id.split("/")[0], missing, -alike

        able = [model for model in models if model.id != like.id and self.verdict(model).enough(references)]
        return [model.id for model in sorted(able, key=distance)[:OFFERED]]

    def _known(self, model_id: str) -> Facts | None:
        return self.operators.models.get(model_id) or OWN.get(model_id)


def _published(model: VideoModel) -> ReferenceSupport | None:
    """What OpenRouter's catalogue and its words about the model say; None: nothing clear."""
    if model.input_modalities is not None and "image" not in model.input_modalities:
        return ReferenceSupport(takes=False, most=0, source=Reason(ReasonCode.NO_IMAGE_INPUT))
    takes, most = described(model.description or "")
    if takes is not None:
        return ReferenceSupport(takes, most, Reason(ReasonCode.DESCRIPTION))
    if any(key.startswith("reference_") for key in model.pricing_skus):
        return ReferenceSupport(takes=True, most=None, source=Reason(ReasonCode.PRICE_FOR_REFERENCES))
    return None
