"""Provenance of an approved video, as a JSON file beside it: how it came to be, without any link or token."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dailies.catalog.options import OPTIONS
from dailies.delivery.reviewed import Provenance
from dailies.job import Job
from dailies.review import Decision


def provenance_name(job_id: str, output: int) -> str:
    """Return the name of the file, which no other message has."""
    return f"{job_id}-{output}-provenance.json"


def provenance(job: Job, decision: Decision, path: Path) -> Provenance:
    """Return how a video came to be. path: of the file as the model made it. Blocks: it reads that file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = file.tell()
    request = job.request
    told: dict[str, Any] = {
        "job": job.id,
        "output": decision.output,
        "original": {"sha256": digest, "bytes": size},
        "prompt": None if job.forgotten_at is not None else request.prompt,
        "model": {"id": request.model, "name": request.model_name},
        "settings": _settings(job),
        "pictures": [{"sha256": one.sha256, "role": str(one.role), "cast": list(one.cast)} for one in job.references],
        "lineage": _lineage(job),
        "openrouter": job.openrouter_id,
        "cost_usd": None if job.cost is None else f"{job.cost:f}",
        "own_provider_key": job.is_byok,
        "requested": _by(job.place.requester_id, job.created_at),
        "approved": _by(decision.by_id, decision.decided_at),
    }
    text = json.dumps(told, ensure_ascii=False, indent=2)
    return Provenance(provenance_name(job.id, decision.output), text + "\n")


def _settings(job: Job) -> dict[str, Any]:
    values = {name: getattr(job.request, name) for name in OPTIONS}
    set_values = {name: value for name, value in values.items() if value is not None}
    # A negative prompt is among the provider's options: words that go with the person who wrote them.
    own = {} if job.forgotten_at is not None else dict(job.request.provider_options)
    return set_values | ({"provider_options": own} if own else {})


def _lineage(job: Job) -> dict[str, Any]:
    return {
        "first": job.root_id,
        "take": job.take,
        "from": None if job.origin is None else {"job": job.origin.job_id, "how": str(job.origin.how)},
        "set": None if job.take_set is None else job.take_set.id,
        "shot": None if job.shot is None else {"name": job.shot.name, "take": job.shot.number},
    }


def _by(person: int | None, at: float) -> dict[str, Any]:
    return {"by": None if person is None else str(person), "at": datetime.fromtimestamp(at, UTC).isoformat()}
