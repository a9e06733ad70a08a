"""A story as it is played, line by line: who did what, and what each saw."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TextIO

from sandbox.discord.jsontypes import JsonObject, is_object
from sandbox.play.observer import Seen, Window
from sandbox.play.texts import buttons_of, fields_of, label_of, menu_name, menus_of

INDENT = " " * 10


class Transcript:
    """Writes what happens to a stream. clock: returns world seconds since the story began."""

    def __init__(self, stream: TextIO) -> None:
        self.clock: Callable[[], float] = lambda: 0.0
        self._stream = stream
        self._shown: dict[str, set[str]] = {}

    def say(self, text: str) -> None:
        """Write something that belongs to no moment."""
        self._stream.write(text + "\n")
        self._stream.flush()

    def step(self, number: int, action: object) -> None:
        """Write what a step does."""
        self._line(f"{number}. {action}")

    def submit(self, entry: JsonObject) -> None:
        """Write the paid request that OpenRouter got, and how it was answered."""
        body: dict[str, Any] = entry["body"] if is_object(entry["body"]) else {}
        about = [str(body[name]) for name in ("model", "resolution", "aspect_ratio") if body.get(name)]
        about += [f"{body['duration']} s"] if body.get("duration") else []
        references = len(body.get("input_references") or [])
        about += [f"{references} reference{'' if references == 1 else 's'}"] if references else []
        answer = "its answer was lost" if entry["lost"] else f"HTTP {entry['status']}"
        self._line(f"  OpenRouter gets a request: {', '.join(about)} → {answer}")

    def message(self, seen: Seen, *, new: bool) -> None:
        """Write a message that appeared; of an edited one only what changed, and no counting of time."""
        controls = [f"[{label_of(button)}]" for button in buttons_of(seen.data)]
        controls += [f"[{menu_name(menu)} ▾]" for menu in menus_of(seen.data)]
        files = [f"[file {file.filename}, {_size(file.size)}]" for file in seen.files] if seen.name != "panel" else []
        lines = [*seen.text.splitlines(), *files, *([" ".join(controls)] if controls else [])]
        known = self._shown.setdefault(seen.id, set())
        # In a panel a figure is a price or a choice; in a status it counts the time.
        keys = lines if seen.name == "panel" else [_without_times(line) for line in lines]
        fresh = [line for line, key in zip(lines, keys, strict=True) if key not in known]
        known.update(keys)
        if not fresh:
            return
        place = f"#{seen.channel}" + (f", {seen.name}" if seen.name != "note" else "")
        to = f"{seen.to} only" if seen.private else place
        self._line(f"  {seen.author} {'→' if new else 'edits'} {to}:", fresh)

    def window(self, window: Window) -> None:
        """Write a window that was opened, with its fields and what they hold."""
        fields = [f"{label}: {field.get('value') or ''}".rstrip() for label, field in fields_of(window.data)]
        self._line(f"  Dailies opens a window for {window.to}: {window.data['title']}", fields)

    def _line(self, text: str, more: list[str] | None = None) -> None:
        minutes, seconds = divmod(int(self.clock()), 60)
        self.say("\n".join([f"[{minutes:02}:{seconds:02}] {text}", *(f"{INDENT}│ {line}" for line in more or [])]))


def _without_times(line: str) -> str:
    return re.sub(r"\d+( (second|minute|hour)s?)?", "0", line)


def _size(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB" if size >= 100_000 else f"{size / 1000:.1f} KB"
