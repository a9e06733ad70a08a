"""Settings that need one another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def shard_problems(settings: Mapping[str, Any]) -> list[str]:
    """Return problems of shard ids without a count, beyond it, or without a database that the processes share."""
    ids, count = settings.get("shard_ids"), settings.get("shard_count")
    if (ids is None) != (count is None):
        return ["SHARD_IDS and SHARD_COUNT need each other; leave both empty when one process serves all servers."]
    if ids and count and ids[-1] >= count:
        return [f"SHARD_IDS: {ids[-1]} is not below SHARD_COUNT, which is {count}; shards count from 0."]
    if ids and count and len(ids) < count and not str(settings.get("database_url") or "").startswith("postgresql"):
        return [
            f"DATABASE_URL has to name a PostgreSQL: SHARD_IDS leaves some of the {count} shards to another process, "
            "and with SQLite that one would know nothing of their servers' jobs and budgets."
        ]
    return []


def webhook_problems(env: Mapping[str, str]) -> list[str]:
    """Return the problem of a webhook secret without an address. An address alone is fine: files are served there."""
    if env.get("OPENROUTER_WEBHOOK_SECRET", "").strip() and not env.get("PUBLIC_URL", "").strip():
        return ["PUBLIC_URL is missing: OPENROUTER_WEBHOOK_SECRET is set, and webhooks need both."]
    return []
