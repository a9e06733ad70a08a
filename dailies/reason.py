"""Reasons as data: why a job ended, what fails while it goes on, what was changed, how a price was found.

A reason is a code with its values. It is kept so, and becomes a sentence in dailies/explain/ and nowhere else; the
placeholders of dailies/explain/english.toml name each code's values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeAlias, cast

ReasonCode = StrEnum(
    "ReasonCode",
    """
    ADDRESS_NOT_HTTPS ADDRESS_REFUSED ADVICE_CONTENT ADVICE_COPYRIGHT ADVICE_DOWNLOAD ADVICE_FORMAT ADVICE_LARGE
    ADVICE_OUTPUT ADVICE_PEOPLE ADVICE_PICTURE ADVICE_PROMPT ADVICE_REQUEST ADVICE_SETTING ADVICE_SHAPE ADVICE_SMALL
    ADVICE_SOUND AGE_RESTRICTION_GONE ANSWERED ANSWERED_ATTACHMENT ANSWERED_LATER ANSWERED_PRIVATE ANSWER_BEYOND
    ANSWER_BROKE_OFF ANSWER_LOST ARCHIVED AS_IT_CAME AUDIO_LEFT_OUT AWAY BAD_ANSWER BAD_REQUEST BEING_POSTED
    BUDGET_CEILING BUG BUSY BUSY_TOO_LONG BYTES_BEYOND BY_MEGAPIXEL BY_SECOND BY_TOKEN CANCELLED_WAITING CANCEL_DONE
    CANCEL_ENDED CANCEL_TOO_LATE CANNOT_RUN CATALOG_MISSING CERTIFICATE_WRONG CHANGED_TWICE CHANNEL_GONE
    CHANNEL_UNSEEN CHAT_ANSWERED CHAT_AWAY CHAT_UNAVAILABLE CHEAPEST_WITH_REFERENCES CHECKS_ENDED CONNECTION_BROKE
    CONVERTED CONVERTING CONVERTING_QUEUED CREDITS_AGAIN CREDITS_LOW CREDITS_SHORT DEARER DEFAULT_GONE DESCRIPTION
    DISK_FULL DISK_REFUSED DOWNLOAD_BROKE_OFF DOWNLOAD_DELAYED DOWNLOAD_FAILED DOWNLOAD_SLOW EDITED_TOO_OFTEN
    EMPTY_PROMPT ENCODING ENCODING_FAILED ENCODING_QUEUED ENCODING_SLOW FETCH_SLOW FFMPEG_SLOW FILE_DAMAGED
    FILE_GONE FILE_MISSING FILE_TOO_LARGE FILE_UNREADABLE FINISHED_HERE FIRST_FRAME FIRST_PAGE FIRST_PICTURE
    FROM_AGE_RESTRICTED FROM_CMYK GAVE_UP GIVEN_AS_FILE IMAGES_GONE IMAGES_USED IMAGE_PRICE_UNREADABLE IN_FLIGHT
    JOBS_CEILING JOB_CANCELLED JOB_EXPIRED JOB_FAILED JOB_FORGOTTEN JOB_UNKNOWN KIND_UNREAD LACKS_PERMISSION
    LACKS_PERMISSIONS LEAST LEAST_UNREADABLE LEFT_UNANSWERED LEFT_UNSENT LIMIT_SPENT LINKS_ONLY LINK_CUT LINK_DEAD
    LINK_ENDS LINK_EXPIRED LINK_REDIRECTS LINK_TOO_LONG LINK_UNREADABLE LINK_WITH_USER LISTED_REFERENCES LOCKED
    LOOKS_AGAIN MADE_PLAYABLE MADE_TO_FIT MANAGERS_ONLY MESSAGE_EMPTY MESSAGE_IMAGES_GONE MESSAGE_LINK
    MESSAGE_LINK_INCOMPLETE MESSAGE_SLOW MESSAGE_STICKER MESSAGE_UNREADABLE MESSAGE_UNSEEN METADATA_LEFT_OUT
    MISNAMED MODEL_CHOOSES MODERATED MORE_THAN_ANY_TAKES NAME_NOT_FOUND NEEDS_INPUT NEVER_DOWNLOADED NEVER_REPORTED
    NOTHING_DOWNLOADED NOTHING_FITS NOTHING_IN_DOUBT NOTHING_SENT NOTHING_SENT_LIMIT NOT_ALLOWED NOT_AN_IMAGE
    NOT_A_LINK NOT_A_MEMBER NOT_A_MODEL NOT_A_VIDEO NOT_A_WEB_SITE NOT_CONVERTED NOT_DOWNLOADED NOT_GIVEN NOT_HERE
    NOT_HTTPS NOT_JSON NOT_OFFERED NOT_OFFERED_ANYWHERE NOT_OFFERED_NEAR NOT_OFFERED_SO NOT_PERMITTED
    NOT_POSTED_AGAIN NOT_SMALL_ENOUGH NOT_TRIED NOT_USD NOT_YOURS NO_AMOUNT NO_ANSWER NO_CONNECTION NO_CREDITS
    NO_DIRECT_MESSAGES NO_DURATION NO_FILES_HERE NO_IMAGES_TO_USE NO_IMAGE_INPUT NO_IMAGE_IN_MESSAGE NO_JOB_NAMED
    NO_KEY_DATA NO_LANDLOCK NO_LENGTHS NO_LINKS_SENT NO_MODELS NO_ORIGINAL NO_POSTING_HERE NO_PRICE NO_REFERENCES
    NO_RIGHTS_HERE NO_RIGHTS_THERE NO_SECCOMP NO_SHARED_SERVER NO_SITE NO_STATUS NO_SUCH_JOB NO_VIDEO_FILE
    NUMBERS_SHIFTED NUMBER_WITHOUT_IMAGE NUMERIC_HOST ONE_OF_FOUR ONLY_CHEAP_ONES ONLY_HERE ONLY_REQUESTER_RUNS
    ONLY_REQUESTER_USES OPTION_LEFT_OUT OPTION_REFUSED ORIGINAL OTHERS_HIDDEN OTHERS_SPENDING_HIDDEN OTHER_SERVER
    OUTCOME_KNOWN OVER_BUDGET PAGES_GIVEN PERHAPS_POSTED PERSON_GONE PICTURE_BROKEN PICTURE_HUNGRY
    PICTURE_SIZE_UNKNOWN PICTURE_SLOW PIXELS_BEYOND PIXELS_UNREAD PLACE_INSIDE PORT_REFUSED POSTED_AGAIN
    POSTED_AS_LINK POSTED_CONVERTED POSTED_ELSEWHERE POSTED_SMALLER PRICED_IMAGES PRICE_FOR_REFERENCES
    PRICE_FROM_IMAGE PRICE_UNKNOWN PRICE_UNREADABLE PRIVATE_ADDRESS PROGRAM_ENDED QUEUED_TOO_LONG RAW_PREVIEW READY
    REDIRECTED_TOO_OFTEN REDIRECTS_TO REDIRECTS_TOO_OFTEN REDIRECT_UNREAD REDIRECT_UNREADABLE REFERENCE_DAMAGED
    REFERENCE_GONE REFERENCE_REFUSED REFERENCE_SUPPORT REFERENCE_UNREADABLE REFUSED_HERE REFUSES_PEOPLE REPEATS_BUSY
    REPEATS_SPENT REPORTED_AFTER_ALL REQUEST_FULL RESTARTING RESTORED RIGHTS_UNANSWERED RUN_AGAIN_ALREADY SAVED_AS
    SCALED SCALED_TOGETHER SEED_LEFT_OUT SEED_NOT_TAKEN SEED_OUT_OF_RANGE SENDS_AGAIN SENT_AS_LINK
    SENT_INLINE_BEFORE SERVER_FAULT SERVER_LEFT SERVER_ONLY SETTING_CANNOT_RUN SETTLED SEVERAL_LINKS
    SEVERAL_PROCESSES SHOWN_AGE_RESTRICTED SILENT_MODEL SITE_UNREACHED SLOW_MODE SOUND_ALONE SOUND_EXTRA
    SOUND_NOT_REFUSED STATUS_GONE STAYS_AGE_RESTRICTED STILL_PICTURE STILL_RUNNING STILL_WORKED_ON STRANDED SVG
    TAIL_LEFT_OUT TEXT TIME_OVER TIME_OVER_UNREACHED TOO_DEAR TOO_LARGE TOO_LARGE_TO_ENCODE TOO_LONG_TO_FIT
    TOO_MANY_LINKS TOO_MANY_PIXELS TOO_MANY_REFERENCES TOO_SMALL TO_8_BITS TO_SRGB TRUSTED_ORIGIN TURNED
    UNAFFORDABLE UNAUTHORIZED UNKNOWN_EXTRA UNKNOWN_MODEL UNREACHABLE VIDEO_BEYOND VIDEO_EMPTY VIDEO_FORGOTTEN
    VIDEO_GIVEN VIDEO_REMOVED WAITS_FOR_CREDITS WAS_CHANGED WEB_PAGE WITHOUT_VIDEO WRONG_SHAPE XML
""",
)
"""Rows hold the names in lower case: one that was ever kept is never changed."""

Value: TypeAlias = "str | int | float | Decimal | Reason | Sequence[Value] | None"
"""Numbers as numbers, amounts of USD as decimal strings, other people's words and names as they came."""


@dataclass(frozen=True, init=False, slots=True)
class Reason:
    """A code with its values. Sequences become tuples."""

    code: ReasonCode
    values: Mapping[str, Any] = field(hash=False)

    def __init__(self, code: ReasonCode, /, **values: Value) -> None:
        object.__setattr__(self, "code", code)
        object.__setattr__(self, "values", {name: _frozen(value) for name, value in values.items()})

    def __str__(self) -> str:
        """Words for the log."""
        return " ".join([self.code, *(f"{name}={value}" for name, value in self.values.items())])

    def plus(self, **values: Value) -> Reason:
        """Return the reason with more values, or other ones."""
        return Reason(self.code, **{**self.values, **values})

    def to_json(self) -> dict[str, Any]:
        """The form in which it is kept: {"code": …, and its values}."""
        return {"code": str(self.code), **{name: _plain(value) for name, value in self.values.items()}}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Reason:
        """The reason that `to_json` made. A code of a newer version of Dailies is shown as it is."""
        values = {name: _read(value) for name, value in kept.items() if name != "code"}
        try:
            return cls(ReasonCode(kept["code"]), **values)
        except ValueError:
            return cls(ReasonCode.TEXT, text=str(kept["code"]))


def _frozen(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, str):
        return str(value)  # of an enum too
    if isinstance(value, Sequence):
        return tuple(_frozen(one) for one in cast("Sequence[object]", value))
    return value


def _plain(value: object) -> object:
    if isinstance(value, Reason):
        return value.to_json()
    return [_plain(one) for one in cast("tuple[object, ...]", value)] if isinstance(value, tuple) else value


def _read(value: object) -> Value:
    if isinstance(value, dict):
        return Reason.from_json(cast("dict[str, Any]", value))
    if isinstance(value, list):
        return [_read(one) for one in cast("list[object]", value)]
    return cast("Value", value)
