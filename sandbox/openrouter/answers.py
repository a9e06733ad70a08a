"""The JSON of a job and of the key, with the changes that a job's script makes to it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sandbox.openrouter.jobs import Job


def job_answer(origin: str, job: Job, signature: Callable[[str, int], str]) -> dict[str, Any]:
    """The answer to a submit and to a poll. `signature` makes the signed part of a job's URL."""
    script = job.script
    answer: dict[str, Any] = {"id": job.id}
    if script.polling_url is not None:
        host = origin if script.polling_url == "own" else script.polling_url
        answer["polling_url"] = f"{host}/api/v1/videos/{job.id}"
    answer["status"] = _status(job)
    if not job.ended:
        return answer
    if job.error is not None:
        answer["error"] = job.error
    if job.status != "completed":
        return answer
    answer["generation_id"] = job.generation_id
    if script.unsigned_urls is not None:
        host = origin if script.unsigned_urls == "own" else script.unsigned_urls
        answer["unsigned_urls"] = [
            f"{host}/api/v1/videos/{job.id}/content?index={index}" for index in range(script.outputs)
        ]
    if script.urls and job.expires_at is not None:
        query = f"expires={job.expires_at}&signature={signature(job.id, job.expires_at)}"
        answer["urls"] = [f"{origin}/signed/videos/{job.id}/{index}.mp4?{query}" for index in range(script.outputs)]
        answer["expires_at"] = job.expires_at
    if script.usage:
        cost = None if job.usage_cost is None else float(job.usage_cost)
        answer["usage"] = {"cost": cost, "is_byok": False}
    return answer


def _status(job: Job) -> str:
    words = job.script.status_words
    if job.ended:
        return job.script.end_word or job.status
    if not words or job.polled == 0:
        return job.status
    return words[min(job.polled, len(words)) - 1]


def key_answer(limit: float | None, spent: Decimal) -> dict[str, Any]:
    """Build GET /key. Amounts in USD."""
    used = float(spent)
    own = None if limit is None else _own_budget(limit, used)
    return {
        "data": {
            "label": "sk-or-v1-san...box",
            "limit": limit,
            "limit_remaining": None if limit is None else max(0.0, limit - used),
            "limit_reset": None,
            "usage": used,
            "usage_daily": used,
            "usage_weekly": used,
            "usage_monthly": used,
            "byok_usage": 0,
            "byok_usage_daily": 0,
            "byok_usage_weekly": 0,
            "byok_usage_monthly": 0,
            "include_byok_in_limit": False,
            "is_free_tier": False,
            "is_management_key": False,
            "is_provisioning_key": False,
            "creator_user_id": "user_sandbox",
            "organization_id": None,
            "workspace_id": None,
            "allowed_data_regions": ["global"],
            "budgets": [own] if own else [],
            "effective_budget": own,
            "free_model_daily_requests": {"limit": 50, "remaining": 50, "used": 0},
            "rate_limit": {"requests": -1, "interval": "10s", "note": "This field is deprecated"},
            "expires_at": None,
        }
    }


def _own_budget(limit: float, used: float) -> dict[str, Any]:
    """Return the key's own limit as a budget."""
    return {
        "scope": "key_limit",
        "limit_usd": limit,
        "spend_usd": used,
        "remaining_usd": limit - used,
        "include_byok": False,
        "reset_interval": None,
        "resets_at": None,
        "budget_id": None,
        "guardrail_id": None,
    }
