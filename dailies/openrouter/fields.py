"""Fields of OpenRouter's JSON, read without trusting that they are as documented."""

from __future__ import annotations

import json
import re
from decimal import ROUND_UP, Decimal
from typing import Any, cast

MESSAGE_LIMIT = 400
"""Maximum characters of OpenRouter's own words kept from an error."""

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


def _integer(digits: str) -> int | Decimal:
    # Python refuses to make an int of over 4,300 digits, which would make one odd number lose the whole answer.
    return int(digits) if len(digits) < 40 else Decimal(digits)


def words(value: object) -> str:
    """Return OpenRouter's words on one line, without links (a signed URL is a secret), bounded in length.

    Drops characters that no database takes: half an emoji, which a cut-off message may end with, and zero bytes.
    """
    text = value if isinstance(value, str) else json.dumps(value, default=str) if value else ""
    text = text.replace("\0", " ").encode(errors="replace").decode()
    text = re.sub(r"data:[^\s\"']+", "(an inline image)", text)
    text = re.sub(r"(https?://[^\s\"'?#]+)[?#][^\s\"']*", r"\1", text)
    text = " ".join(text.split())
    return text if len(text) <= MESSAGE_LIMIT else text[: MESSAGE_LIMIT - 1] + "…"


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
