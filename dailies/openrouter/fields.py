"""Fields of OpenRouter's JSON, read without trusting that they are as documented."""

from __future__ import annotations

import json
import re
from decimal import ROUND_UP, Decimal
from typing import Any, cast

MESSAGE_LIMIT = 300
"""Maximum characters of others' words kept from an error: they stand in a status beside what can be done."""
READ_LIMIT = 200_000
"""Characters of a text that are looked at; what comes later is not shown."""
_LAST_WORD = 40
"""A longer word at the end of a shortened text is cut itself."""

ID_LIMIT = 200
"""Maximum characters of an id or a key; OpenRouter issues none longer."""
STATUS_LIMIT = 64
"""Maximum characters of a status that are kept."""

USD_MOST = 10**12
"""An amount beyond this is not money but a mistake, and takes more digits than Decimal's rounding has."""


BILL_MOST = 10**8
"""The database keeps eight digits of a bill before the point and six behind it."""


def json_object(body: bytes) -> dict[str, Any] | None:
    """Return the object that a body is, numbers with a point as Decimal; None when it is anything else."""
    try:
        value = json.loads(body, parse_float=Decimal, parse_int=_integer)
    except (ValueError, ArithmeticError, RecursionError):
        # ArithmeticError: Decimal refuses an exponent of 20 digits.
        return None
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


_URL = r"[!#-;=?-~]"
"""A character that an address may have: printable ASCII without quotation marks and angle brackets."""
_INLINE = re.compile(rf"data:(?:[a-z]{{1,20}}/|[;,]){_URL}*", re.IGNORECASE)
_LINK = re.compile(rf"[a-z0-9.+-]{{0,16}}://{_URL}*", re.IGNORECASE)
_QUERY = re.compile(rf"[?&][\w.~%-]{{1,64}}={_URL}*", re.ASCII)
_KEY = re.compile(r"(?:sk-or|\b[spr]k)-[\w-]{6,}|bearer\s{1,4}[!-~]{6,}", re.IGNORECASE | re.ASCII)
_RUN = re.compile(r"[\w/+=-]{24,}", re.ASCII)
_REQUEST_ID = re.compile(r"[ (]{0,3}request[ _-]?id[:= ]{1,3}…[).]{0,2}", re.IGNORECASE)
"""Repetitions are bounded or nothing follows them: with a link's host and path before its query in one expression, a
text of 112 KB that repeats "https://" took 18 s."""


def _integer(digits: str) -> int | Decimal:
    # Python refuses to make an int of over 4,300 digits, which would make one odd number lose the whole answer.
    return int(digits) if len(digits) < 40 else Decimal(digits)


def words(value: object) -> str:
    """Return OpenRouter's words on one line, bounded in length, without what may be a secret: links (a signed URL is
    one), data URLs, keys, and any other long run of letters and digits. Takes time in proportion to the text.

    Drops characters that no database takes: half an emoji, which a cut-off message may end with, and zero bytes.
    """
    text = value if isinstance(value, str) else _as_json(value) if value else ""
    text = text[:READ_LIMIT].replace("\0", " ").encode(errors="replace").decode()
    text = _LINK.sub("(a link)", _INLINE.sub("(an inline image)", text))
    text = _KEY.sub("(a key)", _QUERY.sub("", text))
    text = _RUN.sub(lambda run: "…" if _is_random(run[0]) else run[0], text)
    text = _REQUEST_ID.sub("", " ".join(text.split()))
    return shortened(text, MESSAGE_LIMIT)


def _is_random(run: str) -> bool:
    """Tell a key, a signature or a request's id from names of models and files, whose parts are words or numbers."""
    parts = re.split(r"[-_/+=]", run)
    return any(len(part) > 6 and not part.isalpha() and not (part.isdigit() and len(part) < 9) for part in parts)


def shortened(text: str, limit: int) -> str:
    """Cut a text behind a word, with an ellipsis; inside the last one if that is very long."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    head, _, last = cut.rpartition(" ")
    return f"{head if head and len(last) < _LAST_WORD else cut}…"


def _as_json(value: object) -> str:
    try:
        return json.dumps(value, default=str, ensure_ascii=False)
    except RecursionError:
        return ""


def usd(value: object) -> Decimal | None:
    """Return an amount of money in USD; None for a value that cannot be one."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return None
    amount = Decimal(value)
    # Compared as it is: abs() would round, and 1e9999999 overflows there.
    return amount if amount.is_finite() and -USD_MOST < amount < USD_MOST else None


def bill(value: object) -> Decimal | None:
    """Return the cost of a job: USD in whole millionths, rounded up, so that no part is lost; None if it is no bill."""
    amount = usd(value)
    return None if amount is None or not 0 <= amount < BILL_MOST - 1 else amount.quantize(Decimal("0.000001"), ROUND_UP)


def is_name(text: str) -> bool:
    """Return whether it can be an id or a key."""
    return 0 < len(text) <= ID_LIMIT and text.isprintable()


def texts(value: object) -> tuple[str, ...]:
    """Return the strings of a list; nothing when it is no list."""
    return tuple(one for one in cast("list[object]", value) if isinstance(one, str)) if isinstance(value, list) else ()


def mapping(value: object) -> dict[str, Any]:
    """Return an object inside an answer; an empty one when it is anything else."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
