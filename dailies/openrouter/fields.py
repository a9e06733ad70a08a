"""The parts of OpenRouter's JSON, read without believing that they are what is documented."""

from __future__ import annotations

import json
import re
from decimal import ROUND_UP, Decimal
from typing import Any, cast

MESSAGE_LIMIT = 400
"""Characters of OpenRouter's own words that are kept of an error."""

ID_LIMIT = 200
"""Characters of an id or a key; longer ones are nothing that OpenRouter gives out."""
STATUS_LIMIT = 64
"""Characters of a status that are kept."""

USD_MOST = 10**12
"""An amount beyond this is not money but a mistake, and takes more digits than Decimal's rounding has."""


BILL_MOST = 10**8
"""Of a bill the database keeps eight digits before the point and six behind it."""


def json_object(body: bytes) -> dict[str, Any] | None:
    """The object that a body is, numbers with a point as Decimal; None when it is anything else."""
    try:
        value = json.loads(body, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError):
        # ArithmeticError: Decimal refuses an exponent of 20 digits.
        return None
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def words(value: object) -> str:
    """OpenRouter's words on one line, without links (a signed URL is a secret), bounded in length.

    Without what no database takes: half an emoji, as a message that was cut off may end with, and zero bytes.
    """
    text = value if isinstance(value, str) else json.dumps(value, default=str) if value else ""
    text = text.replace("\0", " ").encode(errors="replace").decode()
    text = re.sub(r"data:[^\s\"']+", "(an inline image)", text)
    text = re.sub(r"(https?://[^\s\"'?#]+)[?#][^\s\"']*", r"\1", text)
    text = " ".join(text.split())
    return text if len(text) <= MESSAGE_LIMIT else text[: MESSAGE_LIMIT - 1] + "…"


def usd(value: object) -> Decimal | None:
    """An amount of money in USD; None for whatever cannot be one."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return None
    amount = Decimal(value)
    # Compared as it is: abs() would round, and 1e9999999 overflows there.
    return amount if amount.is_finite() and -USD_MOST < amount < USD_MOST else None


def bill(value: object) -> Decimal | None:
    """What a job cost: USD in whole millionths, rounded up, so that no part of it is lost; None for what is no bill."""
    amount = usd(value)
    return None if amount is None or not 0 <= amount < BILL_MOST - 1 else amount.quantize(Decimal("0.000001"), ROUND_UP)


def is_name(text: str) -> bool:
    """Whether it can be an id or a key."""
    return 0 < len(text) <= ID_LIMIT and text.isprintable()


def texts(value: object) -> tuple[str, ...]:
    """The strings of a list; nothing when it is no list."""
    return tuple(one for one in cast("list[object]", value) if isinstance(one, str)) if isinstance(value, list) else ()


def mapping(value: object) -> dict[str, Any]:
    """An object inside an answer; an empty one when it is anything else."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
