"""A window of the cast whose pictures take longer than Discord waits: told first, and answered in the same place."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any, NoReturn, cast

from discord import ui

from cogs.cast.answers import CastAnswers
from cogs.cast.editing import GETTING, CastEditing
from cogs.cast.forms import Form
from dailies.errors import RefusedError
from dailies.reason import ReasonCode


@dataclass
class Answer:
    """An interaction, its own response, as far as an answer uses it. shown: texts, one after the other. answered:
    set by the first."""

    id: int = 7
    message: None = None
    shown: list[str] = field(default_factory=list[str])
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def response(self) -> Answer:
        return self

    def is_done(self) -> bool:
        return bool(self.shown)

    async def send_message(self, *, view: ui.LayoutView, **_: Any) -> None:
        self.shown.append(_text(view))
        self.answered.set()

    async def edit_original_response(self, *, view: ui.LayoutView, **_: Any) -> None:
        self.shown.append(_text(view))


def _text(view: ui.LayoutView) -> str:
    return "\n".join(one.content for one in view.walk_children() if isinstance(one, ui.TextDisplay))


async def test_pictures_that_take_long_are_told_first_and_answered_in_the_same_place() -> None:
    answer = Answer()
    nothing = cast("Any", None)
    editing = CastEditing(CastAnswers(nothing, look_seconds=0.01), nothing, nothing)

    async def saving() -> NoReturn:
        await answer.answered.wait()
        raise RefusedError(ReasonCode.CAST_NO_PICTURES, name="hero")

    await editing._save(cast("Any", answer), Form(1, {}), saving())  # pyright: ignore[reportPrivateUsage]
    assert answer.shown[0] == GETTING
    assert "hero needs at least one picture" in answer.shown[1]
    assert len(answer.shown) == 2
