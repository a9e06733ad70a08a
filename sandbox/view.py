"""Shows a status message as it changes: redrawn in place in a terminal, line by line elsewhere."""

from __future__ import annotations

import shutil
import textwrap
import time
import unicodedata
from typing import Protocol, TextIO


class View(Protocol):
    """Shows texts with the world time (Unix seconds) of each observation."""

    def say(self, text: str, now: float) -> None:
        """Show something that stays."""
        ...

    def status(self, text: str, now: float) -> None:
        """Show the status message as it is now, instead of its earlier text."""
        ...


class LineView:
    """Plain lines, for files and pipes."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def say(self, text: str, now: float) -> None:
        self._stream.write(textwrap.indent(f"{_stamp(now)} {text}", " " * 11).lstrip() + "\n")
        self._stream.flush()

    def status(self, text: str, now: float) -> None:
        self.say(text, now)


class TerminalView:
    """One panel, redrawn in place by cursor movements that every terminal knows."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._drawn = 0

    def say(self, text: str, now: float) -> None:
        self._drawn = 0
        self._stream.write(f"\x1b[2m{_stamp(now)}\x1b[0m {text}\n")
        self._stream.flush()

    def status(self, text: str, now: float) -> None:
        columns, rows = shutil.get_terminal_size()
        width = max(20, columns - 4)
        lines = [f"\x1b[2m┌ {_stamp(now)} the bot's status message\x1b[0m"]
        for line in text.splitlines():
            # A line that the terminal wraps itself would be missed when counting back.
            is_wide = any(unicodedata.east_asian_width(char) in "WF" for char in line)
            wrapped = textwrap.wrap(line, width // 2 if is_wide else width) or [""]
            lines += [f"\x1b[2m│\x1b[0m {part}" for part in wrapped]
        lines.append("\x1b[2m└\x1b[0m")
        back = f"\x1b[{self._drawn}F\x1b[J" if 0 < self._drawn < rows else ""
        self._stream.write(back + "\n".join(lines) + "\n")
        self._stream.flush()
        self._drawn = len(lines)


def choose_view(stream: TextIO) -> View:
    """Return the view that fits the stream."""
    return TerminalView(stream) if stream.isatty() else LineView(stream)


def _stamp(now: float) -> str:
    return time.strftime("[%H:%M:%S]", time.localtime(now))
