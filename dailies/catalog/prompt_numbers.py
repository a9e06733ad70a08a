"""Translation of {1} and @1 in a prompt, which name reference images, into each model's own syntax.

The numbers count the reference images that are sent: attachments first, then links, in the order given. A first and a
last frame have no numbers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from dailies.errors import OptionRefused
from dailies.openrouter.payload import Role
from dailies.reason import Reason, ReasonCode

_FRAME_WORDS = {Role.FIRST: "the first frame", Role.LAST: "the last frame"}

_LATIN = r"A-Za-z_\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff"
"""Letters that make one word with digits beside them: 2x, 1080p, ann@1. Other scripts put numbers between letters."""
_NUMBER = re.compile(  # also with Chinese keyboards' wide braces and signs
    r"(?<![{\uff5b])[{\uff5b](?P<braced>\d{1,2})[}\uff5d](?![}\uff5d])"  # {1}, not {{1}}, {name} or {1080}
    rf"|(?:(?<![\d{_LATIN}@\uff20<])|(?<=[@\uff20]\d)|(?<=[@\uff20]\d\d))"  # @1 and @1@2, not <@1> or ann@1
    r"[@\uff20](?P<at>\d{1,2})"
    rf"(?![\d{_LATIN}]|[.,:/\u066b-]\d"  # nor @1080p, @2x, @1.5 or @10:30
    r"|(?<=[\w.+-][@\uff20]\d)\.\w|(?<=[\w.+-][@\uff20]\d\d)\.\w)"  # nor an address, whatever its script
    r"(?:\ufe0f?\u20e3)?"  # which makes a keycap of a digit
)


def numbers(prompt: str) -> tuple[int, ...]:
    """Return the numbers of the references that a prompt names, in its order."""
    return tuple(int(match["braced"] or match["at"]) for match in _NUMBER.finditer(prompt))


def without_numbers(prompt: str, words: str) -> str:
    """Return the prompt with words in place of each number."""
    return _NUMBER.sub(lambda _: words, prompt)


def named(prompt: str, references: int, naming: str, *, frames: int = 0) -> str:
    """Return the prompt with each number in the model's own syntax. naming: a text with {n}. frames: number of images
    that fix frames.

    Raises OptionRefused for a number without a reference.
    """

    def name(match: re.Match[str]) -> str:
        number = int(match["braced"] or match["at"])
        if not 1 <= number <= references:
            code = ReasonCode.NUMBER_WITH_FRAMES if frames else ReasonCode.NUMBER_WITHOUT_IMAGE
            raise OptionRefused("prompt", match[0], Reason(code, references=references))
        return naming.replace("{n}", str(number))

    return _NUMBER.sub(name, prompt)


def renumbered(prompt: str, references: int, frames: Sequence[Role] = ()) -> str:
    """Return the prompt with each number of no reference as that of the last one.

    Without references, a number becomes the words for the frame at that place, and what names nothing is left out.
    """

    def near(match: re.Match[str]) -> str:
        number = int(match["braced"] or match["at"])
        if 1 <= number <= references:
            return match[0]
        if references:
            return f"{{{references}}}"
        return _FRAME_WORDS[frames[number - 1]] if 1 <= number <= len(frames) else ""

    changed = _NUMBER.sub(near, prompt)
    return prompt if changed == prompt else re.sub(r" {2,}", " ", changed).strip()


def check_numbers(prompt: str, given: int, references: int) -> None:
    """Refuse a prompt whose numbers have shifted because the same picture was given twice.

    given, references: number of images before and after those were dropped. Raises OptionRefused.
    """
    if references != given and numbers(prompt):
        raise OptionRefused("prompt", None, Reason(ReasonCode.NUMBERS_SHIFTED))
