"""Windows (Discord's modals) that outlive the process that opened them: a custom id holds everything its handler needs.

A new one takes a WindowId, its `.window(…)` as an answer, and its `@….handles` above a method of an object that the
client passes to `WindowAnswers`. Nothing else is stored, and no window that was closed is remembered.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, cast

import discord
from discord import Interaction, InteractionType, ui

from cogs.interactions.buttons import CustomId, Method
from cogs.interactions.responses import report_failure

_HANDLES = "handles_window"
_LABEL, _FILES = 18, 19
"""Discord's component types."""
TITLE = 45
"""Maximum characters of a title."""

Fields = Mapping[str, Any]
"""Values that were filled in, by the fields' custom ids: a text, a list of entries, or a list of attachments."""


class WindowId(CustomId):
    """The custom ids of one kind of window. What holds for those of buttons holds for these."""

    def window(self, title: str, *labels: ui.Label[Any], **values: object) -> ui.Modal:
        """Return a window with these values in its id. labels: one to five, each with a field that has a custom id."""
        window = ui.Modal(title=title[:TITLE], custom_id=self.of(**values))
        for label in labels:
            window.add_item(label)
        window.stop()  # so that discord.py keeps nothing of it
        return window

    def handles(self, method: Method) -> Method:
        """Mark a method as the handler. It gets the interaction, `fields`, and the id's parts by name."""
        setattr(method, _HANDLES, self)
        return method


class WindowAnswers:
    """Calls the marked methods of these objects. `on_interaction` is a listener for the client."""

    def __init__(self, *owners: object) -> None:
        self._handlers: list[tuple[re.Pattern[str], Callable[..., Coroutine[Any, Any, None]]]] = [
            (getattr(method, _HANDLES).template, getattr(owner, name))
            for owner in owners
            for name, method in inspect.getmembers(type(owner), lambda one: hasattr(one, _HANDLES))
        ]

    async def on_interaction(self, interaction: Interaction) -> None:
        """Take a window that was sent; discord.py calls this for every interaction."""
        if interaction.type is not InteractionType.modal_submit:
            return
        custom_id = str((interaction.data or {}).get("custom_id"))
        for template, handler in self._handlers:
            if match := template.fullmatch(custom_id):
                try:
                    await handler(interaction, fields=_fields(interaction), **match.groupdict())
                except Exception as error:  # noqa: BLE001 (any bug ends here, logged and reported)
                    await report_failure(interaction, f"window {custom_id}", error)


def _fields(interaction: Interaction) -> Fields:
    data = cast("dict[str, Any]", interaction.data)
    files: dict[str, Any] = data.get("resolved", {}).get("attachments", {})
    found: dict[str, Any] = {}
    for part in cast("Sequence[dict[str, Any]]", data.get("components", [])):
        field = part.get("component", part) if part.get("type") == _LABEL else part
        value: Any = field["value"] if "value" in field else field.get("values") or []
        if field.get("type") == _FILES:
            value = [_attachment(interaction, files[one]) for one in value if one in files]
        found[str(field.get("custom_id"))] = value
    return found


def _attachment(interaction: Interaction, data: Any) -> discord.Attachment:  # noqa: ANN401 (Discord's JSON)
    state = interaction.client._connection  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    return discord.Attachment(data=data, state=state)
