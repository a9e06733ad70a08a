"""The sentences that rows held before reasons were data, and the codes and values that they stood for.

Of the day when migration 0010 was written, and independent of what dailies/explain/ says today. What is not known
stays as it was, as a reason of the code `text`: refusals of references, whose names cannot be told from the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

Json = dict[str, Any]
Known = tuple[str, str, Json]
"""Code; the sentence, with {name:type} where a value stands; values that do not stand in it."""

_UNPAID = " Nothing was paid."
_LOOK = (
    " Before you run the command again, look at openrouter.ai/activity, or ask the bot's operator to: it shows whether "
    "this was charged."
)
_BY_ID = "the bot's operator can look it up there by the job id."
_TO_HAND = (
    " It is kept on the bot's disk for a while: /jobs again tries once more, and /jobs original gives the file to you "
    "alone."
)
_AGAIN = " Run the command again to start a new one."
_SAYS = " OpenRouter says: {message:text}."
_CAUSES = {"restart": "was restarted", "stop": "was stopped", "bug": "had an error of its own"}
_ANSWER: Json = {"message": "", "status": None, "retry_after": None, "reasons": []}


def _answers(code: str, before: str, after: str) -> list[Known]:
    """Make the refusals of OpenRouter, with its words and without."""
    return [(code, f"{before}{said}{after}{_UNPAID}", _ANSWER) for said in (_SAYS, "")]


def _ends(code: str, before: str, after: str) -> list[Known]:
    """Make the ends of jobs at OpenRouter, with the provider's words and without."""
    return [
        (code, f"{before} It says: {{said:text}}.{after}", {}),
        (code, f"{before} It gave no reason.{after}", {"said": None}),
    ]


ENDS: list[Known] = [
    *(
        ("settled", f"{{before:end}} {who} looked there: {found}.", {"in_guild": here} | cost)
        for who, here in (("Somebody who manages this server", True), ("An operator of the bot", False))
        for found, cost in (("it was charged {usd:usd}", {}), ("it was not charged", {"usd": "0"}))
    ),
    *_answers("bad_request", "OpenRouter rejected the request.", " Change what it names and run the command again."),
    (
        "moderated",
        "The request was blocked by moderation. Reasons: {reasons:list}. Change the prompt or the references."
        + _UNPAID,
        _ANSWER,
    ),
    *_answers("moderated", "The request was blocked by moderation.", " Change the prompt or the references."),
    *_answers(
        "not_permitted",
        "OpenRouter does not allow this request.",
        " The bot's operator can look at the settings of the key and the account at openrouter.ai/settings.",
    ),
    *_answers(
        "unknown_model",
        "OpenRouter does not know this model any more, or the account's settings leave it out.",
        " Pick another one from the list.",
    ),
    *(
        ("busy", f"OpenRouter or the model is busy; run the command again in {when}.{said}{_UNPAID}", _ANSWER | after)
        for said in (_SAYS, "")
        for when, after in (("a few minutes", {}), ("{retry_after:int} s", {}), ("{retry_after:minutes} min", {}))
    ),
    (
        "unauthorized",
        "OpenRouter did not accept the bot's key; the bot's operator has to set a valid OPENROUTER_API_KEY." + _UNPAID,
        _ANSWER,
    ),
    (
        "too_large",
        "The request was too large for OpenRouter; use fewer or smaller reference images." + _UNPAID,
        _ANSWER,
    ),
    (
        "unreachable",
        "OpenRouter could not be reached, so nothing was sent; try again in a few minutes." + _UNPAID,
        _ANSWER,
    ),
    (
        "answer_lost",
        "The request was sent, but no answer came back: it may have been paid. It is not sent again by itself." + _LOOK,
        _ANSWER,
    ),
    (
        "server_fault",
        "OpenRouter had an error of its own (HTTP {status:int}) and named no job: it may have been paid. It is not "
        "sent again by itself." + _LOOK,
        _ANSWER,
    ),
    *_ends("job_cancelled", "The job was cancelled at OpenRouter.", _AGAIN),
    *_ends("job_expired", "The job expired at OpenRouter before it was finished.", _AGAIN),
    *(
        known
        for advice in (
            "Change the prompt or the references.",
            "A linked image could not be fetched by the model's provider; attach it instead.",
            "Use a smaller reference image.",
            "Use a larger reference image.",
            "Save the references as PNG or JPEG.",
            "Use fewer or smaller reference images.",
            "Try again, or change the prompt, the references or the model.",
        )
        for known in _ends("job_failed", "The model could not make this video.", f" {advice}")
    ),
    (
        "gave_up",
        "The bot stopped checking after {checks:int} checks. The job may still finish at OpenRouter and be paid: /jobs "
        f"again looks once more, and {_BY_ID}",
        {},
    ),
    (
        "dearer",
        "OpenRouter's price for this video rose from {before:usd} to {now:usd} before it was sent. Run the command "
        f"again if it is worth that.{_UNPAID}",
        {},
    ),
    (
        "queued_too_long",
        f"Its turn did not come within {{seconds:time}}; run the command again.{_UNPAID}",
        {},
    ),
    *(
        ("left_unsent", f"The bot {was} before the request was sent; run the command again.{_UNPAID}", {"cause": cause})
        for cause, was in _CAUSES.items()
    ),
    *(
        (
            "left_unanswered",
            f"The bot {was} before OpenRouter answered: the request may have been paid.{_LOOK}",
            {"cause": cause},
        )
        for cause, was in _CAUSES.items()
    ),
    ("reference_gone", f"A reference image is gone from the bot's disk; run the command again.{_UNPAID}", {}),
    (
        "reference_unreadable",
        f"The bot's disk could not read a reference image ({{problem:text}}); tell the bot's operator.{_UNPAID}",
        {},
    ),
    (
        "restored",
        "The bot's records were restored from a backup that is older than this request. It may have been sent, paid "
        f"and delivered since.{_LOOK}",
        {},
    ),
    (
        "never_reported",
        "OpenRouter named no job in answer to the request. It reports the end of every job to this bot and reported "
        "none for it in {seconds:time}: most likely it never took it, and nothing was paid. To be sure, look at "
        "openrouter.ai/activity, or ask the bot's operator to.",
        {},
    ),
    (
        "not_downloaded",
        "The video is finished and paid, but {downloads:int} downloads failed, the last one: {error:trouble}. It is "
        "not generated again: /jobs again downloads it once more, and the bot's operator can fetch it at OpenRouter by "
        "the job id.",
        {},
    ),
    ("away", f"The bot's database or network does not answer just now; try again in a minute.{_UNPAID}", {}),
    (
        "disk_full",
        "The bot's disk is almost full ({free:mb} are left, {least:mb} are needed); the bot's operator has to make "
        "room." + _UNPAID,
        {},
    ),
    (
        "file_too_large",
        "The video is {size:mb}, more than Discord takes in this channel, and could not be made to fit. It is kept on "
        "the bot's disk for a while: /jobs again tries once more, and the bot's operator has the file. Next time, "
        "choose a shorter length or a lower resolution.",
        {},
    ),
    (
        "file_gone",
        "The video's file is gone from the bot's disk; the bot's operator can fetch it at OpenRouter by the job id.",
        {},
    ),
    (
        "not_allowed",
        "The video could not be posted here: {why:reason}; and a direct message was refused: {direct:reason}."
        + _TO_HAND,
        {},
    ),
    ("not_allowed", "The video could not be posted here: {why:reason}." + _TO_HAND, {"direct": None}),
    (
        "perhaps_posted",
        "The video may have been posted where you asked for it: it was sent, but Discord's answer did not come. It is "
        "not sent a second time by itself. If you do not see it there, /jobs again shows it.",
        {},
    ),
    ("chat_unavailable", "Discord did not take the video after several tries." + _TO_HAND, {}),
]
TROUBLES: list[Known] = [
    ("download_failed", "download {download:int} failed: {error:trouble}", {}),
    ("server_fault", "OpenRouter answered HTTP {status:fault}", _ANSWER),
    ("bad_request", "OpenRouter answered HTTP {status:int}", _ANSWER),
    ("unreachable", "OpenRouter did not answer: {message:text}", _ANSWER),
    ("bad_answer", "OpenRouter's answer could not be used: {message:text}", _ANSWER),
    ("disk_refused", "the bot's disk refused it ({problem:text})", {}),
    ("no_video_file", "ffmpeg cannot read it to its end as an MP4 with a video stream", {}),
    ("no_duration", "its duration is 0", {}),
    ("ffmpeg_slow", "ffmpeg took over {seconds:float} s", {}),
    ("nothing_downloaded", "nothing was downloaded", {}),
]
OPTIONS: list[Known] = [
    ("audio_left_out", "audio was left out: {model:text} does not publish whether it makes sound", {}),
    ("seed_left_out", "seed was left out: {model:text} does not publish whether it takes one", {}),
    ("option_left_out", "{option:text} was left out: {model:text} does not publish what it takes", {}),
    ("default_gone", "the default model {model:text} is gone; {used:text} is used", {}),
    ("cheapest_with_references", "it is the cheapest that is known to take references in {resolution:text}", {}),
]
PICTURES: list[Known] = [
    ("converted", "converted to {form:text}", {}),
    ("first_page", "only the first of {pages:int} pages", {}),
    ("first_picture", "only the first of {pictures:int} pictures", {}),
    ("first_frame", "only the first frame of the animation", {}),
    ("turned", "turned upright", {}),
    ("from_cmyk", "colours turned from CMYK to sRGB", {}),
    ("to_srgb", "colours turned to sRGB", {}),
    ("to_8_bits", "reduced to 8 bits a colour", {}),
    ("scaled", "scaled to {width:int} × {height:int}", {}),
    ("scaled_together", "scaled to {scale:percent} with the others, to keep the request under {bytes:mb}", {}),
    ("tail_left_out", "what stood behind the picture left out", {}),
    ("saved_as", "saved as {form:text}", {}),
    ("place_inside", "sent as it is, with the place where it was taken in it", {}),
]
DELIVERIES: list[Known] = [
    ("sent_as_link", "{size:mb}, as a link", {}),
    ("made_to_fit", "{lines_before:int}p → {lines_after:int}p, {before:mb} → {after:mb}", {}),
    ("made_to_fit", "{before:mb} → {after:mb}", {"lines_before": 0, "lines_after": 0}),
]


def read(text: str, known: Iterable[Known]) -> Json:
    """The reason that a sentence stood for; the sentence itself, where it is not one of these."""
    for code, sentence, values in known:
        if found := _pattern(sentence).fullmatch(text):
            given = {name.partition("__") for name in found.groupdict()}
            read_ = {name: _TYPES[kind][1](found[f"{name}__{kind}"]) for name, _, kind in given}
            return {"code": code, **values, **read_}
    return {"code": "text", "text": text}


def _pattern(sentence: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+):(\w+)\}", sentence)
    groups = (f"(?P<{name}__{kind}>{_TYPES[kind][0]})" for name, kind in zip(parts[1::3], parts[2::3], strict=True))
    return re.compile("".join(f"{re.escape(text)}{next(groups, '')}" for text in parts[::3]), re.DOTALL)


def _seconds(text: str) -> int:
    sizes = {"s": 1, "min": 60, "h": 3600}
    return sum(int(number) * sizes[unit] for number, unit in re.findall(r"(\d+) (s|min|h)", text))


_TYPES: dict[str, tuple[str, Callable[[str], Any]]] = {
    "text": (".+?", str),
    "list": (".+?", lambda text: text.split(", ")),
    "int": (r"\d+", int),
    "fault": (r"5\d\d", int),
    "minutes": (r"\d+", lambda text: int(text) * 60),
    "float": (r"\d[\d.e+]*", float),
    "percent": (r"\d+%", lambda text: int(text[:-1]) / 100),
    "usd": (r"\$\d+\.\d+", lambda text: text[1:]),
    "mb": (r"\d[\d.e+]* MB", lambda text: round(float(text[:-3]) * 1_000_000)),
    "time": (r"\d+ (?:s|min|h)(?: \d+ (?:s|min))?", _seconds),
    "end": (".+?", lambda text: read(text, ENDS)),
    "trouble": (".+?", lambda text: read(text, TROUBLES)),
    "reason": (".+?", lambda text: {"code": "text", "text": text}),
}
"""Patterns of values in a sentence, and their readers."""
