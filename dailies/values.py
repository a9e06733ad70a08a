"""Parsers of variables' texts. Each raises ValueError whose text ends the sentence "<value> …"."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, tzinfo
from decimal import Decimal, InvalidOperation
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from yarl import URL

T = TypeVar("T")
Network = IPv4Network | IPv6Network
USD_MOST = 1_000_000
"""Larger amounts count as typing errors."""


def optional(parse: Callable[[str], T]) -> Callable[[str], T | None]:
    """Return a parser that gives None for an empty text."""
    return lambda text: parse(text) if text else None


def secret(text: str) -> str:
    """Parse a token or key; refuse white space inside it and quotes around it, which some containers keep."""
    if any(character.isspace() for character in text) or text[:1] in ('"', "'"):
        raise ValueError("has white space or quotes in it; paste only the secret itself")
    return text


def model(text: str) -> str:
    """Parse a model's id: author/model."""
    author, slash, name = text.partition("/")
    if not (author and slash and name) or any(character.isspace() for character in text):
        raise ValueError("is not a model id; it has the form author/model, as on openrouter.ai/models")
    return text


def shard_ids(text: str) -> tuple[int, ...] | None:
    """Parse shards as in 0-3,7; return each once, in order."""
    ids: set[int] = set()
    for part in _parts(text):
        first, _, last = part.partition("-")
        if not first.isascii() or not first.isdigit() or (last and not (last.isascii() and last.isdigit())):
            raise ValueError("is not a list of shards such as 0-3,7")
        ids.update(range(int(first), min(int(last or first), 100_000) + 1))
    return tuple(sorted(ids)) or None


def _parts(text: str) -> list[str]:
    """Return the parts between commas that are not empty."""
    return [part for piece in text.split(",") if (part := piece.strip())]


def whole(least: int, most: int) -> Callable[[str], int]:
    """Return a parser of whole numbers from least to most."""

    def parse(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = None
        if number is None or not least <= number <= most:
            raise ValueError(f"is not a whole number from {least} to {most}")
        return number

    return parse


def number(least: float, most: float) -> Callable[[str], float]:
    """Return a parser of finite numbers from least to most."""

    def parse(text: str) -> float:
        try:
            number = Decimal(text)
        except InvalidOperation:
            number = None
        if number is None or not number.is_finite() or not Decimal(str(least)) <= number <= Decimal(str(most)):
            raise ValueError(f"is not a number from {least:g} to {most:g}")
        return float(number)

    return parse


def snowflake(what: str) -> Callable[[str], int]:
    """Return a parser of Discord ids. what: kind of id, as in "server"."""

    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and 15 <= len(text) <= 20):
            raise ValueError(
                f"is not a {what} id; with Discord's developer mode on, right-click the {what}, Copy {what.title()} ID"
            )
        return int(text)

    return parse


def level(text: str) -> str:
    """Parse the name of a logging level; return it in upper case."""
    if text.upper() not in logging.getLevelNamesMapping():
        raise ValueError("is not one of DEBUG, INFO, WARNING, ERROR")
    return text.upper()


def is_loopback(url: URL) -> bool:
    """Tell if a URL's host is this machine, by name or by a loopback address."""
    host = url.host or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def base(text: str) -> str:
    """Parse an API's base address: https, or http on this machine. Return it without the slash at its end."""
    url = _url(text)
    if url.scheme != "https" and not is_loopback(url):
        raise ValueError("is not https; a secret is sent there, so plain http is only for this machine")
    if url.query_string or url.fragment:
        raise ValueError("has a query or a fragment; give the API's base only")
    return text.rstrip("/")


def _url(text: str) -> URL:
    try:
        url = URL(text)
    except ValueError:
        url = URL()
    if url.scheme not in ("http", "https") or not url.host or url.user or url.password:
        raise ValueError("is not an address as in https://name.example, without a user name or password")
    return url


def origins(text: str) -> frozenset[str]:
    """Parse comma-separated origins. Refuse paths: they would look like a restriction and be none."""
    return frozenset(map(_origin, _parts(text)))


def _origin(text: str) -> str:
    url = _url(text)
    if url.path not in ("", "/") or url.query_string or url.fragment:
        raise ValueError(f"names more than an origin, and only whole origins can be trusted; write {url.origin()}")
    return str(url.origin())


def ports(text: str) -> frozenset[int]:
    """Parse comma-separated ports."""
    try:
        return frozenset(map(whole(1, 65535), _parts(text)))
    except ValueError:
        raise ValueError("is not a list of ports such as 443,8443") from None


def networks(text: str) -> tuple[Network, ...]:
    """Parse comma-separated addresses and networks, as in 127.0.0.1,172.16.0.0/12."""
    try:
        return tuple(map(ip_network, _parts(text)))
    except ValueError:
        raise ValueError("is not a list of addresses and networks such as 127.0.0.1,172.16.0.0/12") from None


def public_url(text: str) -> str:
    """Parse the address at which OpenRouter reaches this bot. Return it without the slash at its end."""
    url = _url(text)
    if url.scheme != "https":
        raise ValueError("is not https; OpenRouter calls no other address")
    if is_loopback(url):
        raise ValueError("is this machine only; OpenRouter has to reach it from outside")
    if url.query_string or url.fragment:
        raise ValueError("has a query or a fragment; give the address only")
    return str(url).rstrip("/")


Transport = Literal["auto", "url", "inline"]


def transport(text: str) -> Transport:
    """Parse the transport of reference images."""
    match text.lower():
        case "auto" | "url" | "inline" as known:
            return known
        case _:
            raise ValueError("is not one of auto, url, inline")


LogFormat = Literal["text", "json"]


def log_format(text: str) -> LogFormat:
    """Parse the form of log lines."""
    match text.lower():
        case "text" | "json" as known:
            return known
        case _:
            raise ValueError("is not one of text, json")


def switch(text: str) -> bool:
    """Parse on or off."""
    match text.lower():
        case "on":
            return True
        case "off":
            return False
        case _:
            raise ValueError("is neither on nor off")


def usd(text: str) -> Decimal:
    """Parse USD as in 0.50, to the millionth."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or not 0 <= amount <= USD_MOST or amount != amount.quantize(Decimal("0.000001")):
        raise ValueError(f"is not an amount of USD from 0 to {USD_MOST}, as in 0.50")
    return abs(amount)  # there is a negative zero


def usd_or_never(text: str) -> Decimal | None:
    """Parse USD; None for the word never."""
    return None if text.lower() == "never" else usd(text)


def snowflakes(what: str) -> Callable[[str], frozenset[int]]:
    """Return a parser of comma-separated Discord ids; none for an empty text. what: kind of id, as in "role"."""
    return lambda text: frozenset(map(snowflake(what), _parts(text)))


def zone(text: str) -> tzinfo:
    """Parse a time zone's name in the IANA database."""
    try:
        return UTC if text == "UTC" else ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("is not a time zone that this machine knows, as in Europe/Berlin") from None
