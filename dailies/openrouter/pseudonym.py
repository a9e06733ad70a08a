"""Names of people at OpenRouter, which cannot be turned back into their Discord ids."""

from __future__ import annotations

import hashlib
import hmac

_LABEL = b"dailies: users at OpenRouter"


def pseudonym(secret: str, user_id: int) -> str:
    """Return a person's name: 32 hexadecimal digits, the same in every process and after every restart.

    secret: one that OpenRouter never sees. Discord's ids can be tried one by one, so a bare hash of one could be turned
    back, and so could one with the OpenRouter key by whoever sees that key with each request.
    """
    key = hmac.digest(secret.encode(errors="surrogateescape"), _LABEL, hashlib.sha256)
    return hmac.new(key, str(user_id).encode(), hashlib.sha256).hexdigest()[:32]
