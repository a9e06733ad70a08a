"""The composer's panel as a person sees and uses it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import simcord

from tests.bot.conftest import BotApp


def flat(components: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Components with those within them."""
    return [each for one in components for each in (one, *flat(one.get("components", [])))]


@dataclass
class Panel:
    """A panel as a person sees it."""

    app: BotApp
    by: Any
    answer: simcord.InteractionResult

    @property
    def _parts(self) -> list[dict[str, Any]]:
        assert self.answer.response is not None
        return flat(self.answer.response.components)

    @property
    def _message(self) -> Any:
        assert self.answer.response is not None
        return self.answer.response.message

    @property
    def text(self) -> str:
        """All of its words, escapes taken out."""
        return "\n".join(one["content"] for one in self._parts if one["type"] == 10).replace("\\", "")

    @property
    def buttons(self) -> dict[str, bool]:
        """Labels of its buttons, and whether they can be pressed."""
        return {one["label"]: not one.get("disabled") for one in self._parts if one["type"] == 2}

    def menu(self, name: str) -> dict[str, Any]:
        """The menu with this placeholder."""
        return next(one for one in self._parts if one["type"] == 3 and one["placeholder"] == name)

    @property
    def generate(self) -> str:
        """The label of the button that makes the video, with its price."""
        (label,) = [one for one in self.buttons if one.startswith("Generate")]
        return label

    def chosen(self, name: str) -> list[str]:
        """Values chosen in a menu, by its values."""
        return [one["value"] for one in self.menu(name)["options"] if one.get("default")]

    async def press(self, label: str) -> simcord.InteractionResult:
        """Press the button whose label begins so."""
        (custom_id,) = {one["custom_id"] for one in self._parts if one["type"] == 2 and one["label"].startswith(label)}
        return await self.by.click(self._message, custom_id=custom_id)

    async def choose(self, name: str, value: str) -> simcord.InteractionResult:
        """Choose an entry of a menu by its value."""
        return await self.by.select(self._message, [value], custom_id=self.menu(name)["custom_id"])

    async def fill(self, label: str, **fields: Any) -> simcord.InteractionResult:
        """Press a button that opens a window, and send that, filled in by the ids of its fields.

        Fields that are left out keep what they hold, as in a client.
        """
        window = await self.press(label)
        assert window.modal is not None
        held = {field["custom_id"]: _held(field) for one in window.modal["components"] if (field := one["component"])}
        return await self.by.submit_modal(window, {name: one for name, one in held.items() if one} | fields)


def _held(field: dict[str, Any]) -> str | list[str]:
    if "options" in field:
        return [one["value"] for one in field["options"] if one.get("default")]
    return field.get("value") or ""


async def compose(app: BotApp, by: Any = None, **options: object) -> Panel:
    """Type /compose."""
    by = by or app.ann
    result = await by.slash(app.channel, "compose", **options)
    assert result.ephemeral
    return Panel(app, by, result)
