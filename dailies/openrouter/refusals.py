"""Classification of OpenRouter's refusals: by the reason that an answer names, then by its status.

Sources: "Errors and Debugging" and "Limits" in OpenRouter's documentation; its SDK's KeyBudget.
"""

from __future__ import annotations

import email.utils
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from dailies.errors import (
    BadRequest,
    Busy,
    InFlight,
    LimitSpent,
    Moderated,
    NoCredits,
    NotPermitted,
    OpenRouterError,
    ServerFault,
    TooLarge,
    Unaffordable,
    Unauthorized,
    UnknownModel,
)
from dailies.openrouter.fields import STATUS_LIMIT, usd, words
from dailies.reason import Value

RETRY_AFTER_MOST = 86_400.0
"""Seconds; a longer Retry-After counts as this."""

_REASONS: dict[str, type[OpenRouterError]] = {
    "in_flight_budget_exhausted": InFlight,
    "weight_exceeds_budget": Unaffordable,
}
"""metadata.reason of a refusal about money."""
_SOURCES: dict[str, type[OpenRouterError]] = {
    "openrouter_in_flight_budget": InFlight,
    "openrouter_credits": NoCredits,
    **dict.fromkeys(("openrouter_key_limit", "openrouter_workspace_budget", "openrouter_guardrail_budget"), LimitSpent),
}
"""metadata.limit_source of a refusal about money."""
_ABOUT_MONEY = frozenset({402, 403, 429, 503})

_KINDS: dict[int, type[OpenRouterError]] = {
    401: Unauthorized,
    402: NoCredits,
    403: NotPermitted,
    413: TooLarge,
    429: Busy,
    503: Busy,
}
_MODERATED = frozenset({"content_policy_violation", "refusal"})
"""OpenRouter's error_type of answers with 400 ("Errors and Debugging" in its documentation)."""

_MILLISECONDS = 10**11
"""A time from which on it is not in seconds: as such it would be in the year 5138."""
_LAST_SECOND = 253_402_300_799
"""Of the year 9999, the last that dates and Discord know."""


def kind(
    status: int, message: str, detail: Mapping[str, Any], metadata: Mapping[str, Any], *, submit: bool
) -> type[OpenRouterError]:
    """Return the class of error of an answer outside 2xx. detail: its `error` object, empty without one.

    submit: it answers the paid request, which counts as unpaid only if OpenRouter itself says so.
    """
    if submit and not _says_unpaid(status, detail):
        return ServerFault
    error_type = metadata.get("error_type")
    if status in _ABOUT_MONEY and (found := _about_money(metadata)):
        return found
    if status == 403 and ("limit_source" in metadata or "limit exceeded" in message.lower()):
        # A limit of the key, its workspace or guardrails that is not named as documented; 402 is the account's credits.
        return NoCredits
    if (status == 403 and metadata.get("reasons")) or (
        status == 400 and isinstance(error_type, str) and error_type in _MODERATED
    ):
        return Moderated
    if status == 404 and submit and error_type != "image_not_found":
        # "Video job … not found": the one that the request continues.
        return BadRequest if " job " in f" {message.lower()} " else UnknownModel
    # A redirect of a request is no answer: nobody said that it was refused.
    return _KINDS.get(status) or (BadRequest if _refuses(status) else ServerFault)


def _says_unpaid(status: int, detail: Mapping[str, Any]) -> bool:
    """Tell if this is OpenRouter's own error, whose code, too, says that nothing was begun; a gateway cannot know."""
    code = detail.get("code")
    return isinstance(code, int) and all(map(_refuses, (status, code)))


def _refuses(status: int) -> bool:
    """Tell if a status says that nothing was begun. 408 and 499 are a timeout somewhere behind OpenRouter."""
    return status == 503 or (400 <= status < 500 and status not in (408, 499))


def _about_money(metadata: Mapping[str, Any]) -> type[OpenRouterError] | None:
    reason, source = (_name(metadata.get(name)) for name in ("reason", "limit_source"))
    return _REASONS.get(reason) or _SOURCES.get(source)


def _name(value: object) -> str:
    return value.strip().lower() if isinstance(value, str) else ""


def spent_limit(metadata: Mapping[str, Any]) -> dict[str, Value]:
    """Return the values of a LimitSpent: source, scope, limit_usd, spend_usd, and resets_at in Unix seconds."""
    scope = metadata.get("scope")
    return {
        "source": _name(metadata.get("limit_source")),
        "scope": words(scope)[:STATUS_LIMIT] if isinstance(scope, str) and scope.strip() else None,
        "limit_usd": _amount(metadata.get("limit_usd")),
        "spend_usd": _amount(metadata.get("spend_usd")),
        "resets_at": moment(metadata.get("resets_at")),
    }


def _amount(value: object) -> Decimal | None:
    amount = usd(value)
    return None if amount is None or amount < 0 else amount.quantize(Decimal("0.000001"), ROUND_HALF_UP)


def moment(value: object) -> int | None:
    """Return a time in Unix seconds; None for a value that is none.

    Read are ISO 8601, in UTC unless it says otherwise, and numbers of seconds or of milliseconds since 1970.
    """
    number: object = value
    if isinstance(value, str):
        text = value.strip()
        if text.isascii() and text.isdigit():
            number = int(text[:20])
        else:
            try:
                at = datetime.fromisoformat(text)
                number = int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())
            except (ValueError, OverflowError):
                return None
    if isinstance(number, bool) or not isinstance(number, (int, Decimal)) or not 0 < number < _LAST_SECOND * 1000:
        return None
    seconds = int(number / 1000 if number >= _MILLISECONDS else number)
    return seconds if 0 < seconds <= _LAST_SECOND else None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Read Retry-After in seconds, given as seconds or as an HTTP date."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text), RETRY_AFTER_MOST)
    try:
        then = email.utils.parsedate_to_datetime(text)
        now = email.utils.parsedate_to_datetime(headers.get("Date", ""))
        return min(max(0.0, (then - now).total_seconds()), RETRY_AFTER_MOST)
    except (ValueError, TypeError, OverflowError):
        return None
