"""The first minute of a newcomer: a prompt that is ready to be sent, below an example that plays."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.discord.jsontypes import JsonObject


@dataclass(frozen=True)
class Welcome:
    """A command that is filled in when the page opens. samples: file names of bundled pictures to attach."""

    command: str
    options: dict[str, str]
    samples: tuple[str, ...] = ()

    def to_json(self) -> JsonObject:
        """Return the page's JSON of it; samples by their addresses."""
        return {
            "command": self.command,
            "options": self.options,
            "samples": [f"/samples/{name}" for name in self.samples],
        }


WELCOME = Welcome(
    "video", {"prompt": "Snow begins to fall around the fox. Slow orbit left, soft morning light."}, ("fox.jpg",)
)
