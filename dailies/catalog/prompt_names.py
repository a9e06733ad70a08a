"""Names of the cast in a prompt: @hero, and @hero/winter for a look. They are replaced by each model's own words for
the pictures that they bring along.

A name begins with a letter of any script and goes on with letters, digits, `-` and `_`; so @1080p and Discord's
<@123> are none, and neither is what follows a word, as in ann@example.com. @@hero means @hero literally.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from dailies.openrouter.payload import Role

PART_MOST = 32
"""Most characters of a name, and of a look."""
CLOSE = 0.7
"""Similarity (difflib's ratio) from which an unknown name is taken for a slip of a known one."""
RESERVED = frozenset({"everyone", "here"})
"""Names that Discord turns into pings."""
_ADDRESS = re.compile(r"[.:][^\s@]*/$")
_SIGNS = ("@", "\uff20")
_JOINERS = "\u200c\u200d"
_FRAME_WORDS = {Role.FIRST: "the first frame", Role.LAST: "the last frame"}
_SPACELESS = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9F),
    (0x20000, 0x3FFFF),
)
"""Scripts that put no spaces between words: a name ends where a known one does."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a prompt. start: of its @; end: after its last character. name: as typed, without the @.

    key: of the known name that it is; None: it is not known.
    """

    start: int
    end: int
    name: str
    key: str | None = None


def key_of(name: str) -> str:
    """Return a name as it is compared: case, width and invisible characters do not count."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return unicodedata.normalize("NFC", "".join(one for one in folded if one not in _JOINERS))


def is_name(name: str) -> bool:
    """Tell if this can be a name of the cast: one or two parts with a slash between them, none of them a ping."""
    parts = name.split("/")
    return len(parts) <= 2 and all(map(_is_part, parts)) and key_of(parts[0]) not in RESERVED


def mentions(prompt: str, known: Collection[str]) -> list[Mention]:
    """Return the names in a prompt, in its order. known: keys of names."""
    return list(_mentions(prompt, known))


def mentioned(prompt: str, known: Collection[str]) -> list[str]:
    """Return the keys of the known names in a prompt, each once, in the order of their first mention."""
    return list(dict.fromkeys(one.key for one in _mentions(prompt, known) if one.key is not None))


def closest(name: str, known: Collection[str]) -> str | None:
    """Return the key of the known name that an unknown one is probably a slip of; None: of none."""
    key = key_of(name)
    without_look = key.split("/")[0]
    if without_look != key and without_look in known:
        looks = [one for one in known if one.startswith(f"{without_look}/")]
        return next(iter(difflib.get_close_matches(key, looks, n=1, cutoff=CLOSE)), without_look)
    return next(iter(difflib.get_close_matches(key, known, n=1, cutoff=CLOSE)), None)


def with_pictures(prompt: str, cast: Mapping[str, Sequence[int | Role]], naming: str) -> str:
    """Return the prompt with each name as the model expects it.

    cast: for each key, numbers of its references, or the frames that it fixes; without any, the name stays as a word.
    naming: a text with {n} for one reference.
    """
    said: list[str] = []
    end = 0
    for one in _mentions(prompt, cast):
        said.append(_unescaped(prompt[end : one.start]))
        end = one.end
        said.append(prompt[one.start : end] if one.key is None else _words(one, cast[one.key], naming))
    return "".join([*said, _unescaped(prompt[end:])])


def without_names(prompt: str, known: Collection[str]) -> str:
    """Return the prompt with known names as plain words, for a video that takes no references."""
    return with_pictures(prompt, dict.fromkeys(known, ()), "")


def escaped(prompt: str, mention: Mention) -> str:
    """Return the prompt with a mention that is meant literally."""
    return f"{prompt[: mention.start]}@{prompt[mention.start :]}"


def renamed(prompt: str, mention: Mention, name: str) -> str:
    """Return the prompt with another name in a mention's place."""
    return f"{prompt[: mention.start]}@{name}{prompt[mention.end :]}"


def _words(mention: Mention, pictures: Sequence[int | Role], naming: str) -> str:
    if not pictures:
        return mention.name.split("/")[0]
    each = [_FRAME_WORDS[one] if isinstance(one, Role) else naming.replace("{n}", str(one)) for one in pictures]
    return " and ".join([*([", ".join(each[:-1])] if each[1:] else []), each[-1]])


def _unescaped(text: str) -> str:
    """Return text between mentions with one @ less before what is meant literally."""
    out: list[str] = []
    for at, one in enumerate(text):
        literal = one in _SIGNS and text[at + 1 : at + 2] in _SIGNS and _starts(text, at) and _token(text, at + 2)
        if not literal:
            out.append(one)
    return "".join(out)


def _mentions(prompt: str, known: Collection[str]) -> Iterator[Mention]:
    end = 0
    for at, one in enumerate(prompt):
        if at < end or one not in _SIGNS or not (_starts(prompt, at) or (end and at == end)):
            continue
        token = _token(prompt, at + 1)
        if not token:
            continue
        name = next((part for part in _prefixes(token) if key_of(part) in known), None)
        end = at + 1 + len(name or token)
        yield Mention(at, end, name or token, key_of(name) if name else None)


def _starts(prompt: str, at: int) -> bool:
    """Tell if an @ at this place can begin a name: not within an address, a mark of Discord's, or after another @."""
    before = prompt[at - 1 : at]
    if not before or (_letter(before) and _spaceless(before)):
        return True
    if before == "/":  # of an address, or between two names
        return not _ADDRESS.search(prompt, 0, at)
    return not (_inside(before) or before in (*_SIGNS, "<", ".", "+"))


def _token(prompt: str, start: int) -> str:
    """Return the longest text from here on that could be a name; empty: none."""
    if not (start < len(prompt) and _letter(prompt[start])):
        return ""
    end, slashed = start, False
    while end < len(prompt):
        one = prompt[end]
        if one == "/" and not slashed and end + 1 < len(prompt) and _letter(prompt[end + 1]):
            slashed = True
        elif not (_inside(one) or (one in _JOINERS and end + 1 < len(prompt) and _inside(prompt[end + 1]))):
            break
        end += 1
    return prompt[start:end]


def _prefixes(token: str) -> Iterator[str]:
    """Yield a token and its beginnings that may be names by themselves, the longest first."""
    yield token
    for end in range(len(token) - 1, 0, -1):
        if token[end] in "-_" or (token[end] != "/" and (_spaceless(token[end - 1]) or _spaceless(token[end]))):
            yield token[:end]


def _is_part(part: str) -> bool:
    return 0 < len(part) <= PART_MOST and _token(part, 0) == part and part[-1] not in "-_"


def _letter(one: str) -> bool:
    return unicodedata.category(one)[0] == "L"


def _inside(one: str) -> bool:
    return unicodedata.category(one)[0] in "LMN" or one in "-_"


def _spaceless(one: str) -> bool:
    return any(first <= ord(one) <= last for first, last in _SPACELESS)
