"""The codes of dailies/reason.py, with the values that each has."""

from __future__ import annotations

from enum import StrEnum, auto


class ReasonCode(StrEnum):
    """What is the case. Rows hold the names in lower case: one that was ever kept is never changed."""

    TEXT = auto()  # text: a sentence that was kept before reasons were data
    # The end of a job.
    AWAY = auto()
    DEARER = auto()  # before, now: USD
    DISK_FULL = auto()  # free: bytes or None; least: bytes
    GAVE_UP = auto()  # checks
    JOB_CANCELLED = auto()  # said: the provider's words or None; so for the next two
    JOB_EXPIRED = auto()
    JOB_FAILED = auto()
    LEFT_UNANSWERED = auto()  # cause: restart, stop or bug
    LEFT_UNSENT = auto()  # cause: restart, stop or bug
    NEVER_REPORTED = auto()  # seconds
    NOT_DOWNLOADED = auto()  # downloads; error: the last one's reason
    PAGES_GIVEN = auto()  # pages: host and path
    QUEUED_TOO_LONG = auto()  # seconds
    REFERENCE_GONE = auto()
    REFERENCE_UNREADABLE = auto()  # problem: the system's words
    RESTORED = auto()
    SETTLED = auto()  # before: reason or None; usd; in_guild
    STRANDED = auto()
    # While it goes on.
    DOWNLOAD_FAILED = auto()  # download: its number; error: reason
    WAITS_FOR_CREDITS = auto()
    TOO_DEAR = auto()
    ENCODING = auto()  # limit: bytes; percent
    ENCODING_QUEUED = auto()  # limit: bytes
    # OpenRouter's answers: message, status, retry_after (seconds), reasons.
    UNAUTHORIZED = auto()
    NO_CREDITS = auto()
    MODERATED = auto()
    NOT_PERMITTED = auto()
    UNKNOWN_MODEL = auto()
    BAD_REQUEST = auto()
    TOO_LARGE = auto()
    BUSY = auto()
    SERVER_FAULT = auto()
    UNREACHABLE = auto()
    ANSWER_LOST = auto()
    BAD_ANSWER = auto()
    # What operators are told of the credits.
    NOTHING_SENT = auto()
    ONLY_CHEAP_ONES = auto()
    CREDITS_AGAIN = auto()
    CREDITS_LOW = auto()  # left, low: USD
    # What was wrong with an answer of OpenRouter's, as a value of the above.
    NO_CONNECTION = auto()  # error: the kind of exception; so for the next two
    ANSWER_BROKE_OFF = auto()
    DOWNLOAD_BROKE_OFF = auto()
    NO_ANSWER = auto()  # seconds
    DOWNLOAD_SLOW = auto()  # seconds
    ANSWER_BEYOND = auto()  # bytes
    VIDEO_BEYOND = auto()  # bytes
    NO_JOB_NAMED = auto()
    NO_STATUS = auto()
    NO_MODELS = auto()
    NO_KEY_DATA = auto()
    NOT_JSON = auto()
    ADDRESS_NOT_HTTPS = auto()
    ADDRESS_REFUSED = auto()  # problem: reason
    REDIRECT_UNREAD = auto()
    REDIRECTED_TOO_OFTEN = auto()  # most
    # Files and their delivery.
    NOTHING_DOWNLOADED = auto()
    DISK_REFUSED = auto()  # problem: the system's words
    NO_VIDEO_FILE = auto()
    NO_DURATION = auto()
    CANNOT_RUN = auto()  # program; problem: the system's words
    SETTING_CANNOT_RUN = auto()  # program
    PROGRAM_ENDED = auto()  # program; exit_code
    FFMPEG_SLOW = auto()  # seconds
    TOO_LONG_TO_FIT = auto()  # seconds; limit: bytes
    TOO_LARGE_TO_ENCODE = auto()
    ENCODING_SLOW = auto()  # seconds
    NOT_SMALL_ENOUGH = auto()
    ENCODING_FAILED = auto()
    FILE_TOO_LARGE = auto()  # size: bytes
    FILE_GONE = auto()
    NOT_ALLOWED = auto()  # why: reason; direct: reason or None
    PERHAPS_POSTED = auto()
    CHAT_UNAVAILABLE = auto()
    MADE_TO_FIT = auto()  # lines_before, lines_after: of the shorter side; before, after: bytes
    SENT_AS_LINK = auto()  # size: bytes
    # What the message with a video says.
    READY = auto()
    POSTED_AGAIN = auto()
    ORIGINAL = auto()
    POSTED_ELSEWHERE = auto()  # channel: id; why: reason
    POSTED_SMALLER = auto()  # change: reason
    POSTED_AS_LINK = auto()  # size: bytes; url; until: Unix seconds
    # The chat platform's refusals.
    TIME_OVER = auto()
    TIME_OVER_UNREACHED = auto()
    CHANNEL_GONE = auto()
    SERVER_LEFT = auto()
    STATUS_GONE = auto()
    PERSON_GONE = auto()
    SLOW_MODE = auto()
    EDITED_TOO_OFTEN = auto()
    CHANNEL_UNSEEN = auto()
    NO_DIRECT_MESSAGES = auto()
    LACKS_PERMISSION = auto()
    LACKS_PERMISSIONS = auto()  # names
    ARCHIVED = auto()
    NO_SHARED_SERVER = auto()
    LOCKED = auto()
    CHAT_ANSWERED = auto()  # status; error_code
    # Answers to commands and buttons.
    BUG = auto()
    RESTARTING = auto()
    SEVERAL_PROCESSES = auto()
    NO_FILES_HERE = auto()
    NO_POSTING_HERE = auto()  # names: of permissions
    NO_IMAGE_IN_MESSAGE = auto()
    IMAGES_USED = auto()
    RUN_AGAIN_ALREADY = auto()
    ONLY_REQUESTER_USES = auto()
    NO_IMAGES_TO_USE = auto()
    ONLY_REQUESTER_RUNS = auto()
    OUTCOME_KNOWN = auto()
    JOB_UNKNOWN = auto()
    JOB_FORGOTTEN = auto()
    IMAGES_GONE = auto()
    OTHERS_HIDDEN = auto()
    OTHERS_SPENDING_HIDDEN = auto()
    NO_SUCH_JOB = auto()  # typed
    STILL_RUNNING = auto()
    BEING_POSTED = auto()
    NOT_YOURS = auto()
    NOT_HERE = auto()
    VIDEO_FORGOTTEN = auto()
    VIDEO_REMOVED = auto()
    NEVER_DOWNLOADED = auto()
    WITHOUT_VIDEO = auto()
    NOT_POSTED_AGAIN = auto()  # error: reason
    STILL_WORKED_ON = auto()
    NOTHING_IN_DOUBT = auto()  # usd: or None
    ONE_OF_FOUR = auto()
    SERVER_ONLY = auto()
    MANAGERS_ONLY = auto()
    NOT_USD = auto()  # problem
    # Refused before anything is paid.
    CATALOG_MISSING = auto()
    OVER_BUDGET = auto()  # scope; period; usd, left, needed: USD; renews_in: seconds; fits: seconds or None
    CREDITS_SHORT = auto()  # needed; left: USD or None
    OPTION_REFUSED = auto()  # option; value; problem: reason; offers
    NO_REFERENCES = auto()  # the same; problem: where it is known from
    REFERENCE_REFUSED = auto()  # name; problem: reason
    # What is wrong with an option.
    EMPTY_PROMPT = auto()
    NOT_A_MODEL = auto()
    NOT_OFFERED = auto()  # model
    NOT_OFFERED_ANYWHERE = auto()
    SILENT_MODEL = auto()  # model
    SEED_NOT_TAKEN = auto()  # model
    SEED_OUT_OF_RANGE = auto()  # most
    TOO_MANY_REFERENCES = auto()  # model; most
    MORE_THAN_ANY_TAKES = auto()  # most
    TOO_MANY_LINKS = auto()  # most
    NOT_A_LINK = auto()
    LINK_WITH_USER = auto()
    SEVERAL_LINKS = auto()  # links
    MESSAGE_LINK = auto()
    NUMBER_WITHOUT_IMAGE = auto()  # references
    NUMBERS_SHIFTED = auto()
    # What a person should know of how their options were taken.
    OPTION_LEFT_OUT = auto()  # option; model
    AUDIO_LEFT_OUT = auto()  # model
    SEED_LEFT_OUT = auto()  # model
    DEFAULT_GONE = auto()  # model, used: models
    CHEAPEST_WITH_REFERENCES = auto()  # resolution
    # What is wrong with a reference.
    TOO_MANY_PIXELS = auto()  # megapixels
    PIXELS_BEYOND = auto()  # width, height; megapixels
    RAW_PREVIEW = auto()
    PIXELS_UNREAD = auto()
    PICTURE_SLOW = auto()  # seconds
    PICTURE_HUNGRY = auto()
    PICTURE_BROKEN = auto()
    WRONG_SHAPE = auto()  # wide; ratio, low, high: width to height
    TOO_SMALL = auto()  # width, height, least: pixels
    BYTES_BEYOND = auto()  # bytes
    REQUEST_FULL = auto()  # bytes
    LINKS_ONLY = auto()  # why: reason
    FILE_MISSING = auto()
    FILE_UNREADABLE = auto()  # problem: the system's words
    FETCH_SLOW = auto()  # seconds
    CONNECTION_BROKE = auto()
    NAME_NOT_FOUND = auto()
    CERTIFICATE_WRONG = auto()
    SITE_UNREACHED = auto()
    NOT_A_WEB_SITE = auto()
    REDIRECTS_TO = auto()  # host; problem: reason
    REDIRECTS_TOO_OFTEN = auto()  # most
    REDIRECT_UNREADABLE = auto()
    ANSWERED_ATTACHMENT = auto()  # status
    ANSWERED_PRIVATE = auto()  # status
    ANSWERED_LATER = auto()  # status
    ANSWERED = auto()  # status
    LINK_EXPIRED = auto()  # at: Unix seconds
    LINK_CUT = auto()
    LINK_DEAD = auto()
    LINK_TOO_LONG = auto()  # most
    LINK_UNREADABLE = auto()
    NOT_HTTPS = auto()
    PORT_REFUSED = auto()  # port; allowed: ports, none for the usual one alone
    NUMERIC_HOST = auto()
    NO_SITE = auto()
    PRIVATE_ADDRESS = auto()
    WEB_PAGE = auto()
    SVG = auto()
    XML = auto()
    VIDEO_GIVEN = auto()
    KIND_UNREAD = auto()
    NOT_AN_IMAGE = auto()
    MESSAGE_SLOW = auto()
    MESSAGE_UNREADABLE = auto()
    MESSAGE_UNSEEN = auto()
    MESSAGE_EMPTY = auto()
    MESSAGE_LINK_INCOMPLETE = auto()
    # Why a reference's bytes are sent and not its link.
    SENT_INLINE_BEFORE = auto()
    NO_LINKS_SENT = auto()
    WAS_CHANGED = auto()  # changes: reasons
    LINK_REDIRECTS = auto()
    LINK_ENDS = auto()
    MISNAMED = auto()  # media_type
    TRUSTED_ORIGIN = auto()
    # What was done to a picture.
    CONVERTED = auto()  # form
    FIRST_PAGE = auto()  # pages
    FIRST_PICTURE = auto()  # pictures
    FIRST_FRAME = auto()
    TURNED = auto()
    FROM_CMYK = auto()
    TO_SRGB = auto()
    TO_8_BITS = auto()
    SCALED = auto()  # width, height
    SCALED_TOGETHER = auto()  # scale: of both sides; bytes: of the request
    TAIL_LEFT_OUT = auto()
    SAVED_AS = auto()  # form
    METADATA_LEFT_OUT = auto()
    PLACE_INSIDE = auto()
    # Where it is known from whether a model takes references.
    NO_IMAGE_INPUT = auto()
    DESCRIPTION = auto()
    PRICE_FOR_REFERENCES = auto()
    FINISHED_HERE = auto()  # jobs; most
    NOT_TRIED = auto()
    REFUSED_HERE = auto()  # times
    # How a price was found.
    BY_SECOND = auto()  # seconds; each: USD; resolution, kind, audio: that the price names; images: count and USD each
    BY_TOKEN = auto()  # tokens; width, height: of a picture that is assumed, or None; the rest as above
    LEAST = auto()  # least: USD; basis: reason
    UNKNOWN_EXTRA = auto()  # basis: reason
    SOUND_EXTRA = auto()  # basis: reason
    PRICE_UNKNOWN = auto()  # why: reason; at_most: USD or None
    NO_LENGTHS = auto()
    MODEL_CHOOSES = auto()
    NO_AMOUNT = auto()
    NO_PRICE = auto()
    BY_MEGAPIXEL = auto()
    NOTHING_FITS = auto()  # resolution, kind, audio
    PRICE_UNREADABLE = auto()
    PICTURE_SIZE_UNKNOWN = auto()
    IMAGE_PRICE_UNREADABLE = auto()
    LEAST_UNREADABLE = auto()
