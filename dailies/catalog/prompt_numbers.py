"""Translation of {1} and @1 in a prompt, which name reference images, into each model's own syntax.

The numbers count the images that are sent: attachments first, then links, in the order given.
"""

from __future__ import annotations

import re

from dailies.errors import OptionRefused
from dailies.reason import Reason, ReasonCode

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


def named(prompt: str, references: int, naming: str) -> str:
    """Return the prompt with each number in the model's own syntax. naming: a text with {n}.

    Raises OptionRefused for a number without a reference.
    """

    def name(match: re.Match[str]) -> str:
        number = int(match["braced"] or match["at"])
        if not 1 <= number <= references:
            raise OptionRefused("prompt", match[0], Reason(ReasonCode.NUMBER_WITHOUT_IMAGE, references=references))
        return naming.replace("{n}", str(number))

    return _NUMBER.sub(name, prompt)


def check_numbers(sent_prompt: str | None, given: int, references: int) -> None:
    """Refuse a prompt whose numbers have shifted because the same picture was given twice.

    sent_prompt: None when no number was translated. Raises OptionRefused.
    """
    if sent_prompt is not None and references != given:
        raise OptionRefused("prompt", None, Reason(ReasonCode.NUMBERS_SHIFTED))
