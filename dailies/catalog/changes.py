"""Changes in OpenRouter's list of models since the last check, also across restarts."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, cast

from dailies.catalog.guide import ModelGuide
from dailies.explain import sentences
from dailies.files import write_atomically
from dailies.openrouter.fields import json_object, mapping
from dailies.openrouter.models import Catalog, VideoModel
from dailies.reason import Reason

log = logging.getLogger(__name__)

Entry = Mapping[str, Any]
LINES = 20
"""Models that one notice names; there can be more after a long pause."""
_LIMITS = {
    "durations": "lengths in s",
    "resolutions": "resolutions",
    "aspect_ratios": "aspect ratios",
    "frame_images": "frame images",
    "audio": "sound",
}
"""Fields that are compared in addition to prices, with their names in words."""


def remembered(catalog: Catalog) -> dict[str, Entry]:
    """Return the facts stored of each model, by id, for JSON."""
    return {model.id: _entry(model) for model in catalog}


def _entry(model: VideoModel) -> Entry:
    limits: dict[str, object] = {name: getattr(model, name) for name in _LIMITS}
    # As text, because JSON has no decimals.
    prices = {key: str(value) for key, value in model.pricing_skus.items()}
    # As a list, because JSON returns it so.
    same = {name: list(cast("tuple[object]", v)) if isinstance(v, tuple) else v for name, v in limits.items()}
    return {**same, "prices": prices}


def differences(before: Mapping[str, Entry], now: Mapping[str, Entry]) -> list[str]:
    """Return a line for each model that is new, gone or different."""
    gone = [f"gone: {model_id}" for model_id in before if model_id not in now]
    new = [f"new: {model_id}" for model_id in now if model_id not in before]
    other = [
        f"changed: {model_id}: {'; '.join(changed)}"
        for model_id, entry in now.items()
        if model_id in before and (changed := _changed(before[model_id], entry))
    ]
    return [*gone, *new, *other]


def _changed(before: Entry, now: Entry) -> list[str]:
    limits = [
        f"{word} {_said(before.get(name))} → {_said(now[name])}"
        for name, word in _LIMITS.items()
        if name in before and before[name] != now[name]
    ]
    old, new = mapping(before.get("prices")), mapping(now["prices"])
    prices = [
        f"{key} {old.get(key, 'none')} → {new.get(key, 'none')}"
        for key in sorted({*old, *new})
        if old.get(key) != new.get(key)
    ]
    return limits + prices


def _said(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, cast("list[object]", value)))
    return "not published" if value is None else "yes" if value is True else "no" if value is False else str(value)


class CatalogWatch:
    """Compares each list with the previous one, which is stored in a file, and checks that it has the default model.

    file: in DATA_DIR. tell: sends the text of a notice to the operators and must not raise; None: only the log.
    """

    def __init__(self, file: Path, tell: Callable[[str], Awaitable[None]] | None = None) -> None:
        self._file = file
        self._tell = tell
        self._said: tuple[Reason, ...] = ()

    async def look(self, guide: ModelGuide) -> None:
        """Report each change once, in the log and to the operators. The very first list is only stored."""
        await self._look_for_changes(guide.catalog)
        notes = guide.defaults()[1]
        if notes and notes != self._said:
            note = sentences(notes, "; ")
            log.warning("%s; set DEFAULT_MODEL to choose another", note)
            await self._notify(f"{note}. Set DEFAULT_MODEL to choose another.")
        self._said = notes

    async def _look_for_changes(self, catalog: Catalog) -> None:
        now = remembered(catalog)
        before = await asyncio.to_thread(self._read)
        lines = differences(before, now) if before is not None else []
        if before == now:
            return
        # Stored before it is reported: losing a notice is better than repeating it every hour.
        await asyncio.to_thread(self._write, now)
        for line in lines:
            log.warning("OpenRouter's list of models: %s", line)
        if lines:
            more = [f"… and {len(lines) - LINES} more; the log has all"] if len(lines) > LINES else []
            await self._notify("\n".join(["OpenRouter's list of models changed:", *lines[:LINES], *more]))

    async def _notify(self, text: str) -> None:
        if self._tell:
            await self._tell(text)

    def _read(self) -> dict[str, Entry] | None:
        try:
            kept = json_object(self._file.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            log.warning("%s cannot be read (%s); changes of the list of models are not noted", self._file, error)
            return None
        if kept is None:
            log.warning("%s cannot be understood and is written anew", self._file)
            return None
        return {model_id: mapping(entry) for model_id, entry in kept.items()}

    def _write(self, now: Mapping[str, Entry]) -> None:
        try:
            write_atomically(self._file, json.dumps(now).encode())
        except OSError as error:
            log.warning("%s cannot be written (%s); changes will be noted again", self._file, error)
