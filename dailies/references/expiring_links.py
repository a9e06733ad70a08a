"""Links that die. Discord signs its own, for about a day; `ex` says until when (Unix seconds, hexadecimal)."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from yarl import URL

from dailies.reason import Reason, ReasonCode

HOSTS = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
_ENDS = frozenset({"exp", "se", "oe", "policy", "q-sign-time"})
"""Parameters by which others say when a link ends, besides those with "expir" in them (Amazon S3, Google Cloud,
Alibaba, Volcengine, whose Seedream makes such links, and more): Azure, Instagram, CloudFront, Tencent."""
_WEB_SIGNED = "eyJ"
"""Beginning of a JSON web token, which holds its expiry (Supabase)."""
_SIGNATURE = ("ex", "is", "hm")
"""The parameters of a signed link (Discord's reference, Signed Attachment CDN URLs)."""


def original(url: URL) -> URL:
    """Return the picture itself where a link leads to Discord's preview of it; any other link as it is.

    Parameters of its proxy only ask for a size and a format: those of the other site are in the path.
    """
    if url.host == "media.discordapp.net" and url.path.startswith(("/attachments/", "/ephemeral-attachments/")):
        signature = [(name, value) for name, value in url.query.items() if name in _SIGNATURE]
        return url.with_host("cdn.discordapp.com").with_query(signature)
    proxy = re.fullmatch(r"(media|images-ext-\d+)\.discordapp\.net", url.host or "")
    return url.with_query(None) if proxy and url.path.startswith("/external/") else url


def dies_at(url: URL) -> float | None:
    """Read when a signed link expires, in Unix seconds; None when it does not say so in a readable way."""
    try:
        return float(int(url.query.get("ex", ""), 16))
    except (ValueError, OverflowError):
        return None


def ends(url: URL) -> bool:
    """Tell if a link shows that it will expire, whenever that is."""
    given = ((name.lower(), value) for name, value in url.query.items())
    return any("expir" in name or name in _ENDS or value.startswith(_WEB_SIGNED) for name, value in given)


def expired(url: URL, now: float) -> Reason | None:
    """Report that a Discord link has expired; None when it has not, or is not Discord's."""
    dead = dies_at(url)
    if url.host not in HOSTS or dead is None or dead > now:
        return None
    try:
        datetime.fromtimestamp(dead, UTC)
    except (ValueError, OverflowError, OSError):
        return None  # no time of this calendar
    return Reason(ReasonCode.LINK_EXPIRED, at=dead)


def gone(url: URL) -> Reason | None:
    """Explain Discord's 404; None when the link is not Discord's.

    Discord answers so for a link that expired, was not copied whole, or whose message was deleted.
    """
    if url.host not in HOSTS:
        return None
    if "ex" not in url.query:
        return Reason(ReasonCode.LINK_CUT)
    return Reason(ReasonCode.LINK_DEAD)
