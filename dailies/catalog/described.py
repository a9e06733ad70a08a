"""Facts about reference images in OpenRouter's description of a model, as far as they are clear.

Only plain phrases count; a sentence with such a phrase and a negation counts only if they belong together. Anything
else counts as saying nothing, which is the safe reading: people are then asked before they pay.
"""

from __future__ import annotations

import re

_NUMBERS = {
    word: number
    for number, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"), start=1
    )
}
_IMAGES = r"(?:reference images?|image references?)"
_NONE = re.compile(
    r"(?:\b(?:no|without|lacks(?: support for)?|excludes)|(?:\bnot|n't) (?:take|accept|support))"
    rf"(?: any)? {_IMAGES}\b"
)
_SOME = re.compile(rf"\b(?:{_IMAGES}|reference[- ]to[- ]video)\b")
_NEGATED = re.compile(
    r"\b(?:no|not|never|none|without|unlike|except|instead of|rather than|lacks?|excludes?|planned|soon|future)\b|n't\b"
)
_MOST = re.compile(rf"\bup to (\d{{1,2}}|{'|'.join(_NUMBERS)}) {_IMAGES}\b")


def described(text: str) -> tuple[bool | None, int | None]:
    """Return if the model takes reference images, and their maximum number; None: the text does not say."""
    takes: bool | None = None
    most: int | None = None
    for sentence in re.split(r"[.;:!?\n]+(?:\s|$)", text.lower().replace("’", "'")):
        if _NONE.search(sentence):
            return False, 0
        if _SOME.search(sentence) and not _NEGATED.search(sentence):
            takes = True
            if found := _MOST.search(sentence):
                word = found.group(1)
                most = _NUMBERS.get(word) or int(word) or None
    return takes, most
