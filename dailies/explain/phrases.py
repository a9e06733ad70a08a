"""What several sentences share."""

from __future__ import annotations

NOTHING_PAID = "Nothing was paid."
AWAY = f"The bot's database or network does not answer just now; try again in a minute. {NOTHING_PAID}"
READY = "Your video is ready."
POSTED_AGAIN = "Your video, posted again."
KEPT = "It is kept on the bot's disk for a while: /jobs again tries once more, and the bot's operator has the file."
PERHAPS_POSTED = (
    "The video may have been posted where you asked for it: it was sent, but Discord's answer did not come. It is not "
    "sent a second time by itself. If you do not see it there, /jobs again shows it."
)
TO_HAND = (
    "It is kept on the bot's disk for a while: /jobs again tries once more, and /jobs original gives the file to you "
    "alone."
)
STILL_KEPT = "It stays on the bot's disk for a while, and the bot's operator has the file."
IN_DISCORD = "If it was posted, it is still in its channel."
LOOK_FIRST = (
    "Before you run the command again, look at openrouter.ai/activity, or ask the bot's operator to: it shows whether "
    "this was charged."
)
REJECTED = "OpenRouter rejected the request."
BY_ID = "the bot's operator can look it up there by the job id."


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
