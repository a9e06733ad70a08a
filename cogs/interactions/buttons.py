"""Buttons and menus that outlive the process that showed them: a custom id holds everything its handler needs.

A new one takes a CustomId, its `.button(…)` or `.select(…)` in a view, and its `@….handles` above a method of an object
that the client passes to `handlers`. Nothing else is stored.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

import discord
from discord import Interaction, ui

from cogs.interactions.responses import report_failure

Method = TypeVar("Method", bound=Callable[..., Coroutine[Any, Any, None]])
Control = ui.DynamicItem[ui.Item[Any]]
_HANDLES = "handles_custom_id"


class _Button(ui.Button[Any]):
    def is_dispatchable(self) -> bool:
        """Return False, so that discord.py keeps no view of it: its handler is found by the id alone."""
        return False


class _Select(ui.Select[Any]):
    def is_dispatchable(self) -> bool:
        """Return False, as for a button."""
        return False


class _UserSelect(ui.UserSelect[Any]):
    def is_dispatchable(self) -> bool:
        """Return False, as for a button."""
        return False


class CustomId:
    """The custom ids of one kind of button or menu.

    form: as in "again:{job_id}". parts: a regular expression for each name in it. Messages outlive the process, so an
    id that was ever shown must stay readable. Anybody can send any id, so handlers check permissions.
    """

    def __init__(self, form: str, **parts: str) -> None:
        self._form = form
        self.template = re.compile(form.format(**{name: f"(?P<{name}>{part})" for name, part in parts.items()}))

    def of(self, **values: object) -> str:
        """Return the id with these values. Raises ValueError if it would not match the template."""
        made = self._form.format(**values)
        if not self.template.fullmatch(made):
            raise ValueError(f"{made!r} does not match {self.template.pattern}")
        return made

    def button(
        self,
        label: str,
        style: discord.ButtonStyle = discord.ButtonStyle.secondary,
        *,
        disabled: bool = False,
        **values: object,
    ) -> ui.Button[Any]:
        """Return a button with these values in its id."""
        return _Button(label=label, style=style, disabled=disabled, custom_id=self.of(**values))

    def select(self, options: Sequence[discord.SelectOption], **values: object) -> ui.Select[Any]:
        """Return a menu with these values in its id."""
        return _Select(options=list(options), custom_id=self.of(**values))

    def people(self, chosen: int | None, placeholder: str, **values: object) -> ui.UserSelect[Any]:
        """Return a menu of people, of whom one or nobody is chosen. chosen: id of who is now."""
        default = [discord.SelectDefaultValue(id=chosen, type=discord.SelectDefaultValueType.user)] if chosen else []
        custom_id = self.of(**values)
        return _UserSelect(custom_id=custom_id, placeholder=placeholder, min_values=0, default_values=default)

    def handles(self, method: Method) -> Method:
        """Mark a method as the handler. It gets the interaction, the id's parts by name, and `values` of a menu: texts,
        or ids of people.
        """
        setattr(method, _HANDLES, self)
        return method


def copied(button: discord.Button, row: int) -> ui.Button[Any]:
    """Return a button of a message for a new view of it. row: its row, from 0."""
    return _Button(
        label=button.label,
        style=button.style,
        disabled=button.disabled,
        custom_id=button.custom_id,
        url=button.url,
        emoji=button.emoji,
        row=row,
    )


def handlers(*owners: object) -> list[type[Control]]:
    """Return items for `add_dynamic_items` that call the marked methods of these objects."""
    return [
        _item(getattr(method, _HANDLES), getattr(owner, name))
        for owner in owners
        for name, method in inspect.getmembers(type(owner), lambda one: hasattr(one, _HANDLES))
    ]


def _item(custom_id: CustomId, handler: Callable[..., Coroutine[Any, Any, None]]) -> type[Control]:
    class Item(Control, template=custom_id.template):
        """A button or menu that was used."""

        parts: dict[str, str]

        @classmethod
        async def from_custom_id(cls, _: Interaction, item: ui.Item[Any], match: re.Match[str], /) -> Item:
            """Wrap the message's button or menu, with the parts of its id."""
            found = cls(item)
            found.parts = match.groupdict()
            return found

        async def callback(self, interaction: Interaction) -> None:
            """Call the handler; discord.py would only log what it raises."""
            item: Any = self.item
            try:
                chosen = {"values": item.values} if isinstance(item, ui.Select) else {}
                chosen |= {"values": [one.id for one in item.values]} if isinstance(item, ui.UserSelect) else {}
                await handler(interaction, **self.parts, **chosen)
            except Exception as error:  # noqa: BLE001 (any bug ends here, logged and reported)
                await report_failure(interaction, f"button or menu {self.custom_id}", error)

    return Item
