"""Deliveries as OpenRouter makes them, for the tests of their readers."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

SECRET = "whsec-of-the-workspace"
NOW = 1_790_000_000.0

EVENT: dict[str, Any] = {
    "type": "video.generation.completed",
    "created_at": "2026-09-21T13:33:20.000Z",
    "data": {
        "id": "gen-vid-1",
        "status": "completed",
        "generation_id": "gen-xyz789",
        "model": "google/veo-3.1",
        "unsigned_urls": ["https://openrouter.ai/api/v1/videos/gen-vid-1/content?index=0"],
        "usage": {"cost": 0.4838, "is_byok": True},
    },
}


def an_event(status: str = "completed", **data: Any) -> dict[str, Any]:
    """Make the event of a job's end, with changes of its data."""
    return EVENT | {"type": f"video.generation.{status}", "data": EVENT["data"] | {"status": status} | data}


def encoded(event: object) -> bytes:
    """Make the body of a delivery."""
    return json.dumps(event).encode()


def digest(body: bytes, at: float = NOW, secret: str = SECRET) -> str:
    """Make v1 of a signature that is made at a time."""
    return hmac.new(secret.encode(), f"{int(at)},".encode() + body, hashlib.sha256).hexdigest()


def signed(body: bytes, at: float = NOW, secret: str = SECRET, key: str = "gen-vid-1-completed") -> dict[str, str]:
    """Make the headers of a delivery."""
    signature = f"t={int(at)},v1={digest(body, at, secret)}"
    return {
        "Content-Type": "application/json",
        "X-OpenRouter-Idempotency-Key": key,
        "X-OpenRouter-Signature": signature,
    }
