"""The line about AI in a message with videos."""

from __future__ import annotations

from dailies.explain import sentence
from dailies.reason import Reason, ReasonCode


def ai_line(shown: bool) -> str | None:
    """Return the line, small, as it stands below all else; None where the operator turned it off (AI_LABEL)."""
    return f"-# {sentence(Reason(ReasonCode.MADE_WITH_AI))}" if shown else None
