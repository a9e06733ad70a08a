"""Reading what a person says about a likeness: whose it is, and until when it may be used."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from dailies.cast.entry import CastEntry, Consent
from dailies.errors import RefusedError
from dailies.reason import ReasonCode

_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d %B %Y", "%d %b %Y", "%B %d, %Y", "%b %d, %Y", "%B %d %Y")
"""Ways to write a day that mean one day to everybody."""
_TYPED_SHOWN = 40
LAST_YEAR = 9000
"""Last year of a consent: beyond it a date cannot be shown."""


def read_consent(*, real: bool | None, person: str, until: str, by: int, now: float) -> Consent | None:
    """Return the record of a consent; None when the pictures show nobody's likeness.

    real: whether they show a real person, who agreed; None: it was not said. person: whose likeness it is. until: the
    last day of the agreement, in UTC; empty: it has no end. by: id of who says so. Raises RefusedError.
    """
    if real is None:
        raise RefusedError(ReasonCode.CAST_LIKENESS_UNSAID)
    if not real:
        if person:
            raise RefusedError(ReasonCode.CAST_PERSON_UNCHOSEN)
        return None
    if not person:
        raise RefusedError(ReasonCode.CAST_PERSON_MISSING)
    return Consent(person, _end_of(until, now) if until else None, by, now)


def day_of(until: float) -> date:
    """Return the last day of a consent that ends at this time."""
    return datetime.fromtimestamp(until, UTC).date() - timedelta(days=1)


def _end_of(typed: str, now: float) -> float:
    today = datetime.fromtimestamp(now, UTC).date()
    day = next(filter(None, (_read(typed, one) for one in _FORMATS)), None)
    if day is None or day.year > LAST_YEAR:
        example = today.replace(year=today.year + 1, day=min(today.day, 28)).isoformat()
        raise RefusedError(ReasonCode.CAST_DATE_UNREAD, typed=typed[:_TYPED_SHOWN], example=example)
    if day < today:
        raise RefusedError(ReasonCode.CAST_DATE_PAST, date=day.isoformat())
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() + 86_400


def _read(typed: str, form: str) -> date | None:
    try:
        return datetime.strptime(typed.strip(), form).replace(tzinfo=UTC).date()
    except ValueError:
        return None


def consent_ended(entry: CastEntry) -> RefusedError:
    """Return the refusal of an entry whose consent has ended, with the last second of its last day."""
    consent = entry.consent
    return RefusedError(
        ReasonCode.CONSENT_ENDED,
        name=f"@{entry.name}",
        person=consent.person if consent else "",
        until=int((consent and consent.until) or 1) - 1,  # its last day, as it was typed
    )
