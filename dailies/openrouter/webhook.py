"""OpenRouter's webhook without I/O: its authenticity, and the job that it reports.

Source: the webhook part of OpenRouter's guide to video generation. A delivery is signed when the workspace has a
signing secret: `X-OpenRouter-Signature: t=<Unix seconds>,v1=<hex>`, HMAC-SHA256 over `<t>,<raw body>`.

The signature proves that OpenRouter wrote the body within the last minutes; it covers neither the address that was
called nor the idempotency key. So a delivery only says "check now": the job's outcome is requested from OpenRouter.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from dailies.errors import WebhookRefused
from dailies.openrouter.fields import bill, is_name, json_object, mapping, texts, words
from dailies.openrouter.protocol import ENDED

TOLERANCE_SECONDS = 300.0
"""Maximum distance of a signature's time from ours, in either direction."""

SIGNATURE = "X-OpenRouter-Signature"
IDEMPOTENCY_KEY = "X-OpenRouter-Idempotency-Key"

_EVENTS = {f"video.generation.{status}": status for status in ENDED}


@dataclass(frozen=True)
class WebhookDelivery:
    """One call of OpenRouter's to the webhook. cost: USD.

    key: the idempotency key, `<OpenRouter's id>-<status>`; a retry has the same one. It is not signed.
    status: how the job ended. Empty for an event of a type that is not known here: there is nothing to do for it,
    and openrouter_id may be empty too.
    """

    key: str
    type: str
    openrouter_id: str
    status: str
    error: str | None = None
    unsigned_urls: tuple[str, ...] = ()
    cost: Decimal | None = None
    is_byok: bool = False


def verify(secret: str, headers: Mapping[str, str], body: bytes, now: float) -> WebhookDelivery:
    """Read a call to the webhook, if it is OpenRouter's. body: as it arrived, byte for byte. now: Unix seconds.

    Raises WebhookRefused, and nothing else, whatever was sent.
    """
    if not secret:
        raise WebhookRefused("there is no secret to check it with")
    _check_signature(secret, _header(headers, SIGNATURE), body, now)
    event = json_object(body)
    if event is None:
        raise WebhookRefused("its body is not a JSON object")
    kind = event.get("type")
    if not isinstance(kind, str) or not is_name(kind):
        raise WebhookRefused("its event has no type")
    key = _header(headers, IDEMPOTENCY_KEY)
    if not is_name(key):
        raise WebhookRefused("it has no idempotency key")
    status = _EVENTS.get(kind, "")
    data = mapping(event.get("data"))
    job_id = data.get("id")
    if not isinstance(job_id, str) or not is_name(job_id):
        if status:
            raise WebhookRefused("its event names no job")
        job_id = ""
    error = data.get("error")
    usage = mapping(data.get("usage"))
    return WebhookDelivery(
        key=key,
        type=kind,
        openrouter_id=job_id,
        status=status,
        error=words(error) or None if isinstance(error, str) else None,
        unsigned_urls=texts(data.get("unsigned_urls")),
        cost=bill(usage.get("cost")),
        is_byok=usage.get("is_byok") is True,
    )


def _check_signature(secret: str, header: str, body: bytes, now: float) -> None:
    parts = [part.partition("=") for part in header.split(",")]
    times = [value.strip() for name, _, value in parts if name.strip() == "t"]
    # There is more than one while OpenRouter changes from one secret to the next.
    given = [value.strip().lower() for name, _, value in parts if name.strip() == "v1"]
    if not given or len(times) != 1 or not re.fullmatch(r"[0-9]{1,12}", times[0]):
        raise WebhookRefused(f"its {SIGNATURE} is missing or unreadable")
    signed = times[0].encode() + b"," + body
    expected = hmac.new(secret.encode(errors="surrogateescape"), signed, hashlib.sha256).hexdigest().encode()
    # Compared in constant time; and as bytes, because compare_digest takes nothing but ASCII as text.
    if not any(hmac.compare_digest(expected, one.encode(errors="replace")) for one in given):
        raise WebhookRefused("its signature is wrong")
    if not abs(now - int(times[0])) <= TOLERANCE_SECONDS:
        raise WebhookRefused("it was signed too long ago, or a clock is wrong")


def _header(headers: Mapping[str, str], name: str) -> str:
    """Return a header's value, whatever the case of its name; one that came twice is joined, as HTTP has it."""
    return ",".join(value for key, value in headers.items() if key.lower() == name.lower()).strip()
