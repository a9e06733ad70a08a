"""Conversion of jobs to rows of the database, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import RowMapping

from dailies.catalog.options import OPTIONS, VideoRequest
from dailies.job import Job, Output, Place, State
from dailies.openrouter.pricing import Quote
from dailies.reason import Reason
from dailies.references.reference import Reference, Source, sent_of, thumbnail_of

_REQUEST = ("model", "model_name", *OPTIONS, "sent_prompt")
# Without new_status_id, which Library.moved writes and a running job would overwrite.
_PLACE = ("guild_id", "channel_id", "requester_id", "status_message_id", "token_only")
_SAME = (
    "id", "key", "created_at", "openrouter_id", "polling_url", "submitted_at", "callback_url", "send_at",
    "busy_seconds", "remote_status", "polls", "checked_at", "trouble", "is_byok", "video_message_id", "ended_at",
    "reason", "told", "locale",
    "file_removed_at", "forgotten_at", "upload_limit", "delivery_note", "video_channel_id",
    "follow_up_at", "running_at", "completed_at", "age_restricted",
)  # fmt: skip
"""Columns and fields of the same name and type."""


def as_row(job: Job) -> dict[str, Any]:
    """Return the columns of a job."""
    quote = job.quote.kept() if job.quote else None
    return {
        **{name: getattr(job, name) for name in _SAME},
        **{name: getattr(job.place, name) for name in _PLACE},
        **{name: getattr(job.request, name) for name in _REQUEST},
        "prompt": job.request.prompt or None,
        "notes": [note.to_json() for note in job.request.notes],
        # An attachment's signed link expires after a day; its name and marks are kept.
        "sources": [_source_row(one) for one in job.sources],
        "state": str(job.state),
        "quote_usd": quote and quote.usd,
        "quote_at_most": quote and quote.at_most,
        "quote_exact": quote and quote.exact,
        "quote_basis": quote and quote.basis,
        "cost": job.cost,
        "file": job.file.name if job.file else None,
        "outputs": output_rows(job.outputs),
    }


def output_rows(outputs: Sequence[Output]) -> list[dict[str, Any]]:
    """Return the form in which outputs are kept."""
    return [asdict(one) | {"problem": one.problem and one.problem.to_json()} for one in outputs]


def reference_rows(job: Job) -> list[dict[str, Any]]:
    """Return the columns of each of a job's references, in order."""
    return [
        {
            "job_id": job.id,
            "position": position,
            "name": one.name,
            "sha256": one.sha256,
            "media_type": one.media_type,
            "width": one.width,
            "height": one.height,
            "link": one.link,
            "page": one.page,
            "converted": one.converted,
            "notes": [note.to_json() for note in one.notes],
            "spoiler": one.spoiler,
            "description": one.description,
        }
        for position, one in enumerate(job.references)
    ]


def from_rows(row: RowMapping, used: Sequence[RowMapping], folder: Path) -> Job:
    """Return a job from its row and its references' rows, in order. folder: DATA_DIR, the parent of stored names."""
    return Job(
        **{name: row[name] for name in _SAME},
        place=Place(**{name: row[name] for name in (*_PLACE, "new_status_id")}),
        request=VideoRequest(
            **{name: row[name] for name in _REQUEST},
            prompt=row["prompt"] or "",
            notes=tuple(map(Reason.from_json, row["notes"])),
        ),
        sources=tuple(Source(**source) for source in row["sources"]),
        references=tuple(_reference(one, folder) for one in used),
        state=State(row["state"]),
        quote=_quote(row),
        cost=_usd(row["cost"]),
        file=folder / "videos" / row["file"] if row["file"] else None,
        outputs=tuple(map(_output, row["outputs"])),
    )


def _output(row: dict[str, Any]) -> Output:
    kept: dict[str, Any] = {**row, "problem": row["problem"] and Reason.from_json(row["problem"])}
    return Output(**kept)


def _reference(row: RowMapping, folder: Path) -> Reference:
    original = folder / "references" / row["sha256"]
    return Reference(
        name=row["name"],
        sha256=row["sha256"],
        path=sent_of(original, row["converted"]),
        thumbnail=thumbnail_of(original),
        media_type=row["media_type"],
        width=row["width"],
        height=row["height"],
        link=row["link"],
        page=row["page"],
        converted=row["converted"],
        notes=tuple(map(Reason.from_json, row["notes"])),
        spoiler=row["spoiler"],
        description=row["description"],
    )


def _source_row(source: Source) -> dict[str, Any]:
    row = asdict(source) | ({"url": ""} if source.attached else {})
    del row["kept"]
    return row


def _usd(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else Decimal(amount).normalize()


def _quote(row: RowMapping) -> Quote | None:
    if row["quote_basis"] is None:
        return None
    return Quote(_usd(row["quote_usd"]), row["quote_exact"], _usd(row["quote_at_most"]), row["quote_basis"])
