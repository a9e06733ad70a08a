"""Everything that is kept of a job, as the text of a file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from yarl import URL

from cogs.jobs.marks import marks_found
from cogs.status.blind import HIDDEN_UNTIL
from cogs.status.roles import ROLE_NAMES
from cogs.status.summary import sent_directly
from cogs.status.view import title
from dailies.catalog.facts import option_words
from dailies.catalog.options import OPTIONS, Option
from dailies.explain import sentence, short
from dailies.job import Job, Output
from dailies.jobs.order import difference
from dailies.openrouter.pricing import Quote
from dailies.reason import Reason
from dailies.references.reference import link_name
from dailies.review import Decision


def record(job: Job, said: Sequence[Decision] = (), *, own: bool) -> str:
    """Return every field in words, one a line. said: about its videos. own: for the requester; others see links without
    their signed query.
    """
    fields = [*_asked(job, own=own), *_where(job), *_lineage(job), *_course(job), *_result(job), *_said(said)]
    return "\n".join(f"{name}: {value}" for name, value in fields) + "\n"


def _asked(job: Job, *, own: bool) -> list[tuple[str, object]]:
    request = job.request
    return [
        ("Job", job.id),
        ("State", f"{title(job)} ({job.state})"),
        ("Reason", _words(job.reason)),
        ("Prompt", "(forgotten)" if job.forgotten_at is not None else request.prompt),
        ("Model", f"{request.model_name} ({request.model})"),
        *((option.label, _setting(option, getattr(request, name))) for name, option in OPTIONS.items()),
        *(option_words(*one) for one in request.provider_options.items()),
        *(("Note", sentence(note)) for note in request.notes),
        *(("Given", f"{one.name}{_link(one.url, own=own)}") for one in job.sources),
        *(
            (
                ROLE_NAMES[one.role].capitalize(),
                f"{one.name}, {one.media_type}, {one.width} × {one.height}, SHA-256 {one.sha256}"
                + (f", sent as a link{_link(one.link, own=own)}" if one.link else ", sent inline")
                + "".join(f", {sentence(note)}" for note in one.notes)
                + "".join(f", @{name}" for name in one.cast),
            )
            for one in job.references
        ),
    ]


def _where(job: Job) -> list[tuple[str, object]]:
    place = job.place
    return [
        ("Requester", place.requester_id),
        ("Language", _or_none(job.locale)),
        ("Server", place.guild_id or "none, a direct message"),
        ("Channel", place.channel_id),
        ("Status message", _or_none(place.status_id)),
        ("Video message", _or_none(job.video_message_id)),
        ("Interaction", job.key if job.key != job.id else "not kept, because the request was refused"),
    ]


def _lineage(job: Job) -> list[tuple[str, object]]:
    origin, together = job.origin, job.take_set
    return [
        ("Shot", f"{job.shot.name}, take {job.shot.number}, {job.shot.shot_id}" if job.shot else "none"),
        ("Take", job.take),
        ("First of its lineage", _or_none(job.root_id)),
        ("Came from", f"{origin.job_id}, {origin.how.replace('_', ' ')}" if origin else "none"),
        ("Last frames in a row", origin.hops if origin else 0),
        ("Requested together", f"{together.place} of {together.size}, {together.id}" if together else "no"),
        ("Continues at OpenRouter", _or_none(job.request.continues)),
    ]


def _course(job: Job) -> list[tuple[str, object]]:
    return [
        ("Requested", _time(job.created_at)),
        ("Submitted", _time(job.submitted_at)),
        ("At OpenRouter", _or_none(job.openrouter_id)),
        ("Checked at", _or_none(job.polling_url)),
        ("Last status at OpenRouter", _or_none(job.remote_status)),
        ("Checks", job.polls),
        ("Last checked", _time(job.checked_at)),
        ("Last problem", short(job.trouble) if job.trouble else "none"),
        ("Finished at OpenRouter", _time(job.completed_at)),
    ]


def _result(job: Job) -> list[tuple[str, object]]:
    return [
        ("Quote", _quote(job.quote) if job.quote else "none"),
        ("Cost", HIDDEN_UNTIL if job.blind else f"{job.cost} USD" if job.cost is not None else "not known"),
        ("Own provider key", "yes" if job.is_byok else "no"),
        ("Video file", job.file.name if job.file else "none"),
        *((f"File {number} as it came", _figures(one)) for number, one in enumerate(job.outputs, 1)),
        ("Differs from the order", _words(difference(job))),
        ("Delivered as", _words(job.delivery_note)),
        *marks_found(job),
        ("Sent as a direct message", "yes" if sent_directly(job) else "no"),
        ("Sent with the command's token", _time(job.follow_up_at)),
        ("Own upload limit", f"{job.upload_limit} bytes" if job.upload_limit else "not known"),
        ("Video removed", _time(job.file_removed_at)),
        ("Ended", _time(job.ended_at)),
        ("End told", "yes" if job.told else "no"),
        ("Forgotten", _time(job.forgotten_at)),
    ]


def _said(said: Sequence[Decision]) -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for one in said:
        by = "someone who was forgotten" if one.by_id is None else one.by_id
        at = "" if one.at_seconds is None else f", at {one.at_seconds:g} s"
        note = f": {one.note}" if one.note else ""
        found.append((f"Said about video {one.output}", f"{_time(one.decided_at)}, by {by}, {one.verdict}{at}{note}"))
    return found


def _setting(option: Option, value: object) -> str:
    if value is None:
        return option.unset
    return ("yes" if value else "no") if isinstance(value, bool) else f"{value}{option.unit}"


def _quote(quote: Quote) -> str:
    amount = "not known" if quote.usd is None else f"{quote.usd} USD"
    bound = "" if quote.at_most in (None, quote.usd) else f", at most {quote.at_most} USD"
    return f"{amount}{bound}: {sentence(quote.basis)}"


def _figures(output: Output) -> str:
    if output.problem and not output.came:
        return _words(output.problem)
    if output.seconds is None:
        return "could not be read" if output.came else "not downloaded"
    sound = {True: "with sound", False: "without sound", None: "sound not known"}[output.sound]
    problem = f"; {_words(output.problem)}" if output.problem else ""
    return f"{output.seconds:g} s, {output.width} × {output.height}, {sound}{problem}"


def _words(reason: Reason | None) -> str:
    return sentence(reason) if reason else "none"


def _or_none(value: object) -> object:
    return "none" if value is None else value


def _time(seconds: float | None) -> str:
    return "never" if seconds is None else f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"


def _link(url: str, *, own: bool) -> str:
    if not url:
        return ""
    return f" {url}" if own else f" {link_name(URL(url))}"
