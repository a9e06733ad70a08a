"""What several sentences share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Template = str | Callable[[Mapping[str, Any]], str]
"""Text with placeholders, or what chooses it by a reason's values. dailies/explain/sentences.py fills it."""

NOTHING_PAID = "Nothing was paid."
KEPT = "It is kept on the bot's disk for a while: /jobs again tries once more, and the bot's operator has the file."
TO_HAND = (
    "It is kept on the bot's disk for a while: /jobs again tries once more, and /jobs original gives the file to you "
    "alone."
)
STILL_KEPT = "It stays on the bot's disk for a while, and the bot's operator has the file."
IN_DISCORD = "If it was posted, it is still in its channel."
NOT_HERE = f"The video's file is not on this bot's disk. {IN_DISCORD}"
LOOK_FIRST = (
    "Before you run the command again, look at openrouter.ai/activity, or ask the bot's operator to: it shows whether "
    "this was charged."
)
BY_ID = "the bot's operator can look it up there by the job id."


def unpaid(text: str) -> str:
    """The sentence of something that was refused before it cost anything."""
    return f"{text} {NOTHING_PAID}"


def listed(values: tuple[object, ...], last: str = "and") -> str:
    """Values in words; whole numbers in a row become a range."""
    numbers = [value for value in values if isinstance(value, int)]
    if (
        len(numbers) == len(values)
        and len(numbers) > 3
        and sorted(numbers) == list(range(min(numbers), max(numbers) + 1))
    ):
        return f"every whole number from {min(numbers)} to {max(numbers)}"
    words = [str(value) for value in values]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"
