"""Mentions and notifications of a message (Discord's documentation, "Allowed Mentions Object")."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sandbox.discord.errors import FormErrors
from sandbox.discord.jsontypes import is_list, is_object
from sandbox.discord.model import Pinged

_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


@dataclass
class Allowed:
    """The mentions that an `allowed_mentions` object lets through; without one, all of them."""

    everyone: bool = True
    users: bool = True
    roles: bool = True
    user_ids: set[str] = field(default_factory=set[str])
    role_ids: set[str] = field(default_factory=set[str])
    replied_user: bool = True


def read_allowed(errors: FormErrors, value: object) -> Allowed:
    """Read an `allowed_mentions` object."""
    if not is_object(value):
        return Allowed()
    parse = value.get("parse")
    kinds = set(map(str, parse)) if is_list(parse) else set[str]()
    for at, kind in enumerate(sorted(kinds - {"users", "roles", "everyone"})):
        errors.add(
            f"allowed_mentions.parse.{at}",
            "BASE_TYPE_CHOICES",
            f"Value must be one of ('users', 'roles', 'everyone'), not {kind}.",
        )
    ids: dict[str, set[str]] = {}
    for key in ("users", "roles"):
        listed = value.get(key)
        ids[key] = set(map(str, listed)) if is_list(listed) else set()
        if len(ids[key]) > 100:
            errors.too_long(f"allowed_mentions.{key}", 100)
        if ids[key] and key in kinds:
            errors.add(
                "allowed_mentions",
                "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
                f'parse:["{key}"] and {key}: [ids...] are mutually exclusive.',
            )
    return Allowed(
        everyone="everyone" in kinds,
        users="users" in kinds,
        roles="roles" in kinds,
        user_ids=ids["users"],
        role_ids=ids["roles"],
        replied_user=bool(value.get("replied_user", False)),
    )


def find(
    texts: list[str],
    allowed: Allowed,
    *,
    user_ids: set[str],
    role_ids: set[str],
    may_everyone: bool,
) -> Pinged:
    """Return the known users, the mentionable roles and everyone that the texts mention. Code is no mention."""
    text = _CODE.sub("", "\n".join(texts))
    users = [u for u in dict.fromkeys(re.findall(r"<@!?(\d+)>", text)) if u in user_ids]
    roles = [r for r in dict.fromkeys(re.findall(r"<@&(\d+)>", text)) if r in role_ids]
    everyone = re.search(r"@(everyone|here)\b", text) is not None
    return Pinged(
        users=[user for user in users if allowed.users or user in allowed.user_ids],
        roles=[role for role in roles if allowed.roles or role in allowed.role_ids],
        everyone=everyone and allowed.everyone and may_everyone,
    )
