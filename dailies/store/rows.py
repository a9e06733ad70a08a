"""Conversion of jobs to rows of the database, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import RowMapping

from dailies.catalog.options import OPTIONS, VideoRequest
from dailies.job import How, Job, Origin, Output, Place, State, TakeSet
from dailies.marks import marks_of, marks_row
from dailies.openrouter.payload import Fitting, Role
from dailies.openrouter.pricing import Quote
from dailies.reason import Reason
from dailies.references.reference import Reference, Source, sent_of, thumbnail_of
from dailies.shot import ShotTake

_REQUEST = ("model", "model_name", *OPTIONS, "sent_prompt", "continues", "provider_options")
# Without new_status_id, which Library.moved writes and a running job would overwrite.
_PLACE = ("guild_id", "channel_id", "requester_id", "status_message_id", "token_only")
_LINEAGE = ("root_id", "take")
"""Read from the row, and written only as the job is created (dailies/store/lineage.py)."""
_SAME = (
    "id", "key", "created_at", "openrouter_id", "polling_url", "submitted_at", "callback_url", "send_at",
    "busy_seconds", "remote_status", "polls", "checked_at", "trouble", "is_byok", "video_message_id", "ended_at",
    "reason", "told", "locale", "language",
    "file_removed_at", "forgotten_at", "upload_limit", "delivery_note", "video_channel_id",
    "follow_up_at", "running_at", "completed_at", "age_restricted", "post_id",
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
        "marks": marks_row(job.marks),
        "origin_id": job.origin and job.origin.job_id,
        "origin_how": job.origin and str(job.origin.how),
        "origin_hops": job.origin and job.origin.hops,
        "set_id": job.take_set and job.take_set.id,
        "set_place": job.take_set and job.take_set.place,
        "set_size": job.take_set and job.take_set.size,
        "compared": job.take_set is not None and job.take_set.compared,
        "shot_id": job.shot and job.shot.shot_id,
        "shot": job.shot and job.shot.name,
        "shot_take": job.shot and job.shot.number,
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
            "role": str(one.role),
            "fitting": one.fitting and str(one.fitting),
            "cast": list(one.cast),
        }
        for position, one in enumerate(job.references)
    ]


def from_rows(row: RowMapping, used: Sequence[RowMapping], folder: Path) -> Job:
    """Return a job from its row and its references' rows, in order. folder: DATA_DIR, the parent of stored names."""
    return Job(
        **{name: row[name] for name in (*_SAME, *_LINEAGE)},
        place=Place(**{name: row[name] for name in (*_PLACE, "new_status_id")}),
        request=VideoRequest(
            **{name: row[name] for name in _REQUEST},
            prompt=row["prompt"] or "",
            notes=tuple(map(Reason.from_json, row["notes"])),
        ),
        sources=tuple(map(_source, row["sources"])),
        references=tuple(_reference(one, folder) for one in used),
        state=State(row["state"]),
        quote=_quote(row),
        cost=_usd(row["cost"]),
        file=folder / "videos" / row["file"] if row["file"] else None,
        outputs=tuple(map(_output, row["outputs"])),
        marks=marks_of(row["marks"]),
        origin=_origin(row),
        take_set=_take_set(row),
        shot=ShotTake(row["shot_id"], row["shot"], row["shot_take"]) if row["shot_id"] else None,
    )


def _take_set(row: RowMapping) -> TakeSet | None:
    # The votes are written as they are counted (dailies/store/comparisons.py), and by no run, which would undo that.
    names = ("set_id", "set_place", "set_size", "compared", "votes")
    return TakeSet(*(row[name] for name in names)) if row["set_id"] else None


def _origin(row: RowMapping) -> Origin | None:
    return Origin(row["origin_id"], How(row["origin_how"]), row["origin_hops"]) if row["origin_id"] else None


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
        role=Role(row["role"]),
        fitting=Fitting(row["fitting"]) if row["fitting"] else None,
        cast=tuple(row["cast"]),
    )


def _source(row: dict[str, Any]) -> Source:
    fitting = row.get("fitting")
    roles: dict[str, Any] = {
        "role": Role(row.get("role", Role.REFERENCE)),
        "fitting": Fitting(fitting) if fitting else None,
        "cast": tuple(row.get("cast", ())),
    }
    return Source(**row | roles)


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
