"""Buttons and menus find their handlers by their custom ids alone, which messages of earlier processes hold too."""

from __future__ import annotations

import sys

import pytest
from discord import Interaction

from cogs.interactions.buttons import CustomId, handlers
from cogs.jobs.forgetting import FORGET
from cogs.jobs.list_view import TURN
from cogs.models.views import LOOK
from cogs.status.buttons import RUN_AGAIN
from cogs.status.view import status_view
from dailies import explain
from dailies.job import State
from dailies.reason import Reason, ReasonCode
from tests.bot.conftest import Archive

SHOWN_SINCE_THE_FIRST_VERSION = (
    "again:0abc9",
    "use:0abc9",
    "question:1234567890:0",
    "jobs:mine:older:0abc9",
    "jobs:guild:newer:0abc9",
    "jobs:forget:yes",
    "jobs:forget:no",
    "jobs:deliver:0abc9",
    "jobs:original:0abc9",
    "models:older:5.720p.r.50.0",
    "models:newer:-.-.-.-.12",
    "models:refs:-.-.r.-.0",
    "models:length:5.720p.r.50.0",
    "models:size:-.-.-.-.0",
    "models:price:-.4K.-.50.0",
)


def declared() -> list[CustomId]:
    modules = [module for name, module in sys.modules.items() if name.startswith("cogs.")]
    return [one for module in modules for one in vars(module).values() if isinstance(one, CustomId)]


def test_what_was_ever_shown_finds_exactly_one_handler(archive: Archive) -> None:
    registered = archive.app.bot._connection._view_store._dynamic_items  # pyright: ignore[reportPrivateUsage]
    for custom_id in SHOWN_SINCE_THE_FIRST_VERSION:
        assert sum(bool(template.fullmatch(custom_id)) for template in registered) == 1, custom_id


def test_every_custom_id_that_is_declared_has_a_handler(archive: Archive) -> None:
    registered = archive.app.bot._connection._view_store._dynamic_items  # pyright: ignore[reportPrivateUsage]
    (listener,) = archive.app.bot.extra_events["on_interaction"]
    windows = listener.__self__._handlers  # pyright: ignore[reportFunctionMemberAccess, reportPrivateUsage]
    assert {one.template for one in declared()} == {*registered, *(template for template, _ in windows)}


@pytest.mark.parametrize(
    ("one", "values", "custom_id"),
    [
        (RUN_AGAIN, {"job_id": "0abc9"}, "again:0abc9"),
        (TURN, {"whose": "mine", "way": "older", "beside": "0abc9", "words": ""}, "jobs:mine:older:0abc9"),
        (LOOK, {"what": "refs", "code": "-.-.r.-.0"}, "models:refs:-.-.r.-.0"),
    ],
)
def test_an_id_is_made_of_its_parts(one: CustomId, values: dict[str, str], custom_id: str) -> None:
    assert one.of(**values) == custom_id


def test_an_id_that_no_handler_would_read_is_not_shown() -> None:
    with pytest.raises(ValueError, match="maybe"):
        FORGET.button("Perhaps", answer="maybe")


class Broken:
    """An owner whose handler has a bug."""

    @FORGET.handles
    async def forget(self, _: Interaction, answer: str) -> None:
        raise ZeroDivisionError(answer)


async def test_a_bug_behind_a_button_is_logged_and_told_to_who_pressed_it(
    archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    await archive.keep()
    asked = await archive.jobs("forget")
    archive.app.bot.add_dynamic_items(*handlers(Broken()))
    answer = await archive.press(asked, "Keep them")

    assert archive.said(answer) == explain.sentence(Reason(ReasonCode.BUG))
    assert "button or menu jobs:forget:no: ZeroDivisionError('no')" in caplog.text


async def test_nothing_is_kept_of_a_message_with_a_button(archive: Archive) -> None:
    job = await archive.keep(state=State.UNKNOWN)
    channel = archive.app.bot.get_partial_messageable(archive.app.channel.id)
    await channel.send(view=status_view(job, []))

    store = archive.app.bot._connection._view_store  # pyright: ignore[reportPrivateUsage]
    assert store._views == {}  # pyright: ignore[reportPrivateUsage]
    assert store._synced_message_views == {}  # pyright: ignore[reportPrivateUsage]
