"""Texts of the bot's commands, translated once for all bots of a process.

discord.py asks for each text in each of Discord's 33 languages as it registers the commands. The bot does that once;
the tests start hundreds of bots, and spent a tenth of their time in asking again.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest
from discord import app_commands

Payload = dict[str, Any]
KINDS: tuple[Any, ...] = (app_commands.Command, app_commands.Group, app_commands.ContextMenu)


@contextmanager
def translated_once() -> Generator[None]:
    """Let commands that are registered alike inside the block share their translations."""
    known: dict[tuple[type, str], Payload] = {}
    with pytest.MonkeyPatch.context() as patch:
        for kind in KINDS:
            patch.setattr(kind, "get_translated_payload", _remembering(kind.get_translated_payload, known))
        yield


def _remembering(translate: Any, known: dict[tuple[type, str], Payload]) -> Any:
    async def translated(
        command: Any, tree: app_commands.CommandTree[Any], translator: app_commands.Translator
    ) -> Payload:
        key = type(translator), json.dumps(command.to_dict(tree))
        if key not in known:
            known[key] = await translate(command, tree, translator)
        return known[key]

    return translated
