"""Refusals of a paid request as OpenRouter documents them, by name ("Limits" and "Errors and Debugging")."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Refusal = Literal[
    "in-flight", "too-dear", "credits", "key-limit", "workspace-budget", "guardrail-budget", "rate-limit", "no-provider"
]


@dataclass(frozen=True)
class RefusalForm:
    """The status, words and metadata of a refusal. waits: it comes with Retry-After."""

    status: int
    message: str
    metadata: dict[str, Any] = field(default_factory=dict[str, Any])
    waits: bool = False


REFUSALS: dict[Refusal, RefusalForm] = {
    "in-flight": RefusalForm(
        402,
        "Requests in flight use up your available credits. Retry when they have finished",
        {"reason": "in_flight_budget_exhausted", "limit_source": "openrouter_in_flight_budget"},
        waits=True,
    ),
    "too-dear": RefusalForm(
        402,
        "This request requires more credits than you have",
        {"reason": "weight_exceeds_budget", "limit_source": "openrouter_credits"},
    ),
    "credits": RefusalForm(
        402,
        "Insufficient credits. Add more using https://openrouter.ai/credits",
        {"limit_source": "openrouter_credits"},
    ),
    # "this layer rejects requests with a 403" (KeyBudget in the SDK); the words as many clients report them.
    "key-limit": RefusalForm(
        403,
        "Key limit exceeded (total limit). Manage it using https://openrouter.ai/settings/keys",
        {"limit_source": "openrouter_key_limit"},
    ),
    "workspace-budget": RefusalForm(
        403, "Budget limit exceeded", {"limit_source": "openrouter_workspace_budget", "scope": "workspace"}
    ),
    "guardrail-budget": RefusalForm(
        403, "Budget limit exceeded", {"limit_source": "openrouter_guardrail_budget", "scope": "member"}
    ),
    "rate-limit": RefusalForm(429, "Rate limit exceeded", waits=True),
    "no-provider": RefusalForm(503, "There is no available model provider that meets your routing requirements"),
}
