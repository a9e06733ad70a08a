"""Everything that is kept of a job, as the text of a file: its fields have English names, and words in the reader's
language.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from yarl import URL

from cogs.jobs.marks import marks_found
from cogs.status.roles import ROLE_NAMES
from cogs.status.summary import sent_directly
from cogs.status.view import title
from dailies.catalog.facts import option_words
from dailies.catalog.options import OPTIONS, Option
from dailies.explain import sentence, short
from dailies.formatting import figure
from dailies.job import Job, Output
from dailies.jobs.order import difference
from dailies.language import ENGLISH, gettext, speaking
from dailies.openrouter.pricing import Quote
from dailies.reason import Reason
from dailies.references.reference import Reference, link_name
from dailies.review import Decision
from dailies.shot import ShotTake


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
        ("Prompt", gettext("(forgotten)") if job.forgotten_at is not None else request.prompt),
        ("Model", f"{request.model_name} ({request.model})"),
        *((option.label, _setting(option, getattr(request, name))) for name, option in OPTIONS.items()),
        *(option_words(*one) for one in request.provider_options.items()),
        *(("Note", sentence(note)) for note in request.notes),
        *(("Given", f"{one.name}{_link(one.url, own=own)}") for one in job.sources),
        *(
            (
                ROLE_NAMES[one.role].capitalize(),
                f"{one.name}, {one.media_type}, {one.width} × {one.height}, SHA-256 {one.sha256}"
                + f", {_sent(one, own=own)}"
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
        ("Server", place.guild_id or gettext("none, a direct message")),
        ("Channel", place.channel_id),
        ("Status message", _or_none(place.status_id)),
        ("Video message", _or_none(job.video_message_id)),
        ("Interaction", job.key if job.key != job.id else gettext("not kept, because the request was refused")),
    ]


def _lineage(job: Job) -> list[tuple[str, object]]:
    origin, together = job.origin, job.take_set
    of = None
    if together:
        of = gettext("{place} of {size}, {id}", place=together.place, size=together.size, id=together.id)
    return [
        ("Shot", _shot(job.shot) if job.shot else gettext("none")),
        ("Take", job.take),
        ("First of its lineage", _or_none(job.root_id)),
        ("Came from", f"{origin.job_id}, {origin.how.replace('_', ' ')}" if origin else gettext("none")),
        ("Last frames in a row", origin.hops if origin else 0),
        ("Requested together", of or gettext("no")),
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
        ("Last problem", short(job.trouble) if job.trouble else gettext("none")),
        ("Finished at OpenRouter", _time(job.completed_at)),
    ]


def _result(job: Job) -> list[tuple[str, object]]:
    return [
        ("Quote", _quote(job.quote) if job.quote else gettext("none")),
        ("Cost", _cost(job)),
        ("Own provider key", _yes_or_no(job.is_byok)),
        ("Video file", job.file.name if job.file else gettext("none")),
        *((f"File {number} as it came", _figures(one)) for number, one in enumerate(job.outputs, 1)),
        ("Differs from the order", _words(difference(job))),
        ("Delivered as", _words(job.delivery_note)),
        *_marks(job),
        ("Sent as a direct message", _yes_or_no(sent_directly(job))),
        ("Sent with the command's token", _time(job.follow_up_at)),
        ("Own upload limit", _bytes(job.upload_limit)),
        ("Video removed", _time(job.file_removed_at)),
        ("Ended", _time(job.ended_at)),
        ("End told", _yes_or_no(job.told)),
        ("Forgotten", _time(job.forgotten_at)),
    ]


def _said(said: Sequence[Decision]) -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for one in said:
        by = gettext("someone who was forgotten") if one.by_id is None else one.by_id
        by = gettext("by {person}", person=by)
        at = [] if one.at_seconds is None else [gettext("at {seconds} s", seconds=figure(one.at_seconds))]
        note = f": {one.note}" if one.note else ""
        said_so = ", ".join([_time(one.decided_at), by, one.verdict, *at])
        found.append((f"Said about video {one.output}", said_so + note))
    return found


def _sent(picture: Reference, *, own: bool) -> str:
    if picture.link:
        return gettext("sent as a link") + _link(picture.link, own=own)
    return gettext("sent inline")


def _shot(shot: ShotTake) -> str:
    return gettext("{shot}, take {n}, {id}", shot=shot.name, n=shot.number, id=shot.shot_id)


def _cost(job: Job) -> str:
    if job.blind:
        return gettext("secret until the vote ends")
    return gettext("not known") if job.cost is None else f"{job.cost} USD"


def _marks(job: Job) -> list[tuple[str, str]]:
    with speaking(ENGLISH):
        names = [name for name, _ in marks_found(job)]
    return [(name, words) for name, (_, words) in zip(names, marks_found(job), strict=True)]


def _setting(option: Option, value: object) -> str:
    if value is None:
        return gettext(option.unset)
    return _yes_or_no(value) if isinstance(value, bool) else f"{value}{option.unit}"


def _quote(quote: Quote) -> str:
    amount = gettext("not known") if quote.usd is None else f"{quote.usd} USD"
    bound = [] if quote.at_most in (None, quote.usd) else [gettext("at most {usd} USD", usd=quote.at_most)]
    return f"{', '.join([amount, *bound])}: {sentence(quote.basis)}"


def _figures(output: Output) -> str:
    if output.problem and not output.came:
        return _words(output.problem)
    if output.seconds is None:
        return gettext("could not be read") if output.came else gettext("not downloaded")
    sound = gettext("sound not known")
    if output.sound is not None:
        sound = gettext("with sound") if output.sound else gettext("without sound")
    problem = f"; {_words(output.problem)}" if output.problem else ""
    return f"{figure(output.seconds)} s, {output.width} × {output.height}, {sound}{problem}"


def _words(reason: Reason | None) -> str:
    return sentence(reason) if reason else gettext("none")


def _yes_or_no(value: object) -> str:
    return gettext("yes") if value else gettext("no")


def _bytes(size: int | None) -> str:
    return gettext("{size} bytes", size=size) if size else gettext("not known")


def _or_none(value: object) -> object:
    return gettext("none") if value is None else value


def _time(seconds: float | None) -> str:
    return gettext("never") if seconds is None else f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"


def _link(url: str, *, own: bool) -> str:
    if not url:
        return ""
    return f" {url}" if own else f" {link_name(URL(url))}"
