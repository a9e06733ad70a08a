"""The words by which OpenRouter says how a job stands."""

from __future__ import annotations

import re

from dailies.openrouter.fields import STATUS_LIMIT, words

ENDED = frozenset({"completed", "failed", "cancelled", "expired"})
"""The statuses that end a job. Every other word, a new one too, means that it is still running."""
_SPELLINGS = {
    **{end: end for end in ENDED},
    **dict.fromkeys(("succeeded", "success", "complete", "done", "finished"), "completed"),
    **dict.fromkeys(("failure", "error", "errored", "rejected"), "failed"),
    **dict.fromkeys(("canceled", "aborted"), "cancelled"),
    **dict.fromkeys(("timed out", "timedout", "timeout"), "expired"),
}
"""Other providers' words for the same ends; OpenRouter may pass one on."""
_ABOUT = frozenset(["job", "video", "generation", "task", "request", "status", "state", "is", "was", "has", "been"])
"""Words beside an end that do not change it, as in "Job completed"."""
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def read_status(word: str, *, outputs: bool) -> str:
    """Return one of ENDED, or the word as it came, in bounded length, while the job runs.

    outputs: the answer lists outputs. They are there only when the job has finished, whatever its status says.
    """
    end = _end(word)
    if end is None and outputs:
        return "completed"
    return end or words(word)[:STATUS_LIMIT]


def _end(word: str) -> str | None:
    """Return the end that a status names in any spelling; None for a word that is not surely an end.

    Every word of it has to be known: "not completed" and "50% completed" are no ends.
    """
    if not word.isascii() or any(character.isdigit() for character in word) or len(word) > STATUS_LIMIT:
        return None
    parts = [part.lower() for part in _PARTS.findall(word)]
    return _SPELLINGS.get(" ".join(part for part in parts if part not in _ABOUT))
