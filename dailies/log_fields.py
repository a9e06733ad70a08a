"""Fields of log lines: what happened, by a name, with its values. docs/logs.md lists them.

A line without fields is a sentence for people; one with fields can be counted and searched as well. Lines about a job
begin with "job", its id and a colon, fields or not.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any, cast

_ABOUT_A_JOB = re.compile(r"(?:webhook for )?job ([0-9a-z]{1,25}): ")


def fields(event: str, /, **values: object) -> dict[str, Any]:
    """Return `extra` for a line of logging's. event: name of what happened. Values that are None are left out."""
    return {"fields": {"event": event, **{name: value for name, value in values.items() if value is not None}}}


def fields_of(record: logging.LogRecord) -> Mapping[str, object]:
    """Return the fields that a line was given."""
    return cast("Mapping[str, object]", getattr(record, "fields", {}))


def job_of(message: str) -> str | None:
    """Return the id of the job that a line is about, by its text; None if it is about none."""
    found = _ABOUT_A_JOB.match(message)
    return found and found[1]
