"""The commands last registered with Discord, so that they are sent only when they changed."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from dailies.files import write_atomically

log = logging.getLogger(__name__)


class CommandRecord:
    """A small file in DATA_DIR. Losing it costs one more registration, nothing else."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def scope(self) -> str:
        """Return the last scope of registration; empty if unknown. Blocks."""
        return next(iter(self._read()), "")

    def is_same(self, scope: str, payload: Sequence[Any]) -> bool:
        """Return whether exactly these commands were registered last in this scope. Blocks."""
        return self._read() == {scope: _digest(payload)}

    def keep(self, scope: str, payload: Sequence[Any]) -> None:
        """Remember the registration, if the disk allows it. Blocks."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self._path, json.dumps({scope: _digest(payload)}).encode())
        except OSError as error:
            # A full disk must not keep a bot from its jobs.
            log.warning("%s cannot be written (%s); the next start registers the commands again", self._path, error)

    def _read(self) -> dict[str, Any]:
        try:
            kept = json.loads(self._path.read_text())
        except (OSError, ValueError):
            return {}
        return cast("dict[str, Any]", kept) if isinstance(kept, dict) else {}


def _digest(payload: Sequence[Any]) -> str:
    return hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()
