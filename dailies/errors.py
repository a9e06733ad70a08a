"""Every error Dailies raises on purpose, in one tree.

DailiesError
├── SettingsError            the environment is wrong; lists every variable that is
├── DatabaseError            the database is damaged, newer than the code, or out of reach
├── RefusedError             a request that is refused before anything is paid
│   ├── OptionRefused        an option's value is not what the model offers
│   │   ├── NoReferences     the model takes no reference images
│   │   └── TooManyReferences  more than the model takes
│   ├── ReferenceRefused     an attachment or a link cannot be used as a reference image
│   │   └── PageGiven        it is a web page, which may declare a picture
│   ├── DiskFull             there is no room for another video
│   ├── OverBudget           a budget has less left than the job would hold
│   └── CreditsShort         the OpenRouter key has less left than the job would hold
├── CatalogMissing           the list of models has not been loaded yet
├── OpenRouterError          OpenRouter did not do what was asked
│   ├── Unauthorized         401
│   ├── NoCredits            402, and 403 for a limit of the key that is spent
│   ├── Moderated            403 with the provider's reasons, 400 for a policy
│   ├── NotPermitted         any other 403
│   ├── UnknownModel         404 on a submit
│   ├── BadRequest           400, any other 4xx
│   ├── TooLarge             413
│   ├── Busy                 429, 503
│   ├── ServerFault          any other 5xx, 408, 499
│   ├── Unreachable          no connection: nothing was sent
│   ├── AnswerLost           sent, but no readable answer came: it may have been paid
│   └── BadAnswer            a GET was answered with something unreadable
├── WebhookRefused           a call to the webhook is not OpenRouter's, or not readable
├── NotYet                   a webhook came before its job can take it; it should come again
├── Stopping                 the bot stops, so no paid request may begin
├── Overtaken                another run has the job, so this one's paid request may not begin
├── MediaError               a file is not a video that can be posted
└── DeliveryError            the chat platform did not take the video
    ├── FileTooLarge         over the channel's limit
    ├── FileGone             the file is not on the disk any more
    ├── NotAllowed           the channel is gone, or the bot may not post there
    ├── PerhapsPosted        it was sent, but nobody knows whether it was posted
    └── ChatUnavailable      the platform failed; worth another try

Errors carry data. The sentence a person reads is made in one place: dailies/explain/.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal


class DailiesError(Exception):
    """Base of every error that Dailies raises on purpose."""


class SettingsError(DailiesError):
    """The environment is wrong.

    problems: one line for each variable that is missing or wrong.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class RefusedError(DailiesError):
    """A request that is refused before anything is paid. Its text is written for the requester."""


class OptionRefused(RefusedError):
    """An option's value is not what the model offers.

    option: the command's option. value: what was given. offers: what would be right.
    """

    def __init__(self, option: str, value: object, problem: str, offers: Sequence[object] = ()) -> None:
        self.option = option
        self.value = value
        self.problem = problem
        self.offers = tuple(offers)
        super().__init__(f"{option}={value!r}: {problem}")


class NoReferences(OptionRefused):
    """The model takes no reference images. offers: models that do. source: where this is known from."""

    def __init__(self, model_id: str, source: str, offers: Sequence[str]) -> None:
        self.source = source
        super().__init__("model", model_id, "takes no reference images", offers)


class TooManyReferences(OptionRefused):
    """More references than the model takes. most: how many it takes."""

    def __init__(self, model_id: str, count: int, most: int) -> None:
        self.most = most
        super().__init__("references", count, f"are too many: {model_id} takes up to {most} reference images")


class ReferenceRefused(RefusedError):
    """A reference cannot be used.

    name: a file's name or a link's host and path, never its query. problem: what is wrong and what to do.
    """

    def __init__(self, name: str, problem: str) -> None:
        self.name = name
        self.problem = problem
        super().__init__(f"{name}: {problem}")


class PageGiven(ReferenceRefused):
    """A web page where an image was expected."""


class DiskFull(RefusedError):
    """There is no room for another video. free: bytes, None when the disk cannot be looked at. least: bytes needed."""

    def __init__(self, free: int | None, least: int) -> None:
        self.free = free
        self.least = least
        super().__init__(f"{free} of {least} bytes are free")


class OverBudget(RefusedError):
    """A budget has less left than the job would hold. Amounts in USD.

    scope: whose budget, and period: day or month, as in dailies/money/budget.py. renews_in: seconds.
    fits: seconds of the longest video of the same settings that fits; None when none does, or nobody looked.
    """

    def __init__(
        self, *, scope: str, period: str, usd: Decimal, left: Decimal, needed: Decimal, renews_in: float
    ) -> None:
        self.scope = scope
        self.period = period
        self.usd = usd
        self.left = left
        self.needed = needed
        self.renews_in = renews_in
        self.fits: int | None = None
        super().__init__(f"{needed} USD are over what is left of the {scope}'s budget a {period}: {left} of {usd}")


class CreditsShort(RefusedError):
    """The OpenRouter key cannot pay a job.

    needed: USD. left: USD of its limit, None when it has none and OpenRouter said that there are no credits.
    """

    def __init__(self, needed: Decimal, left: Decimal | None) -> None:
        self.needed = needed
        self.left = left
        super().__init__(f"{needed} USD are needed, {left} are left")


class CatalogMissing(DailiesError):
    """OpenRouter's list of models has not been loaded since the start."""


class OpenRouterError(DailiesError):
    """OpenRouter did not do what was asked.

    status: the HTTP status, None without one. message: OpenRouter's own words, unescaped.
    reasons: moderation reasons. retry_after: seconds, None when not given.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        reasons: Sequence[str] = (),
        retry_after: float | None = None,
    ) -> None:
        self.message = message
        self.status = status
        self.reasons = tuple(reasons)
        self.retry_after = retry_after
        super().__init__(f"{status}: {message}" if status else message)


class Unauthorized(OpenRouterError):
    """401: no key, or a wrong one."""


class NoCredits(OpenRouterError):
    """402: the account has no credits left. 403 with a limit's name: the key has spent what it may."""


class Moderated(OpenRouterError):
    """403 or 400: the prompt or a reference was blocked; `reasons` says why, if OpenRouter does."""


class NotPermitted(OpenRouterError):
    """403: the key, the account's settings or a guardrail of it do not allow the request."""


class UnknownModel(OpenRouterError):
    """404 on a submit: no such model, or none that the account's settings allow."""


class BadRequest(OpenRouterError):
    """400 and every other 4xx: a parameter was rejected."""


class TooLarge(OpenRouterError):
    """413: the request's body is too large."""


class Busy(OpenRouterError):
    """429 or 503: try again later."""


class ServerFault(OpenRouterError):
    """408, 499 or any other 5xx: OpenRouter or the provider failed. For a submit: it may have been paid."""


class Unreachable(OpenRouterError):
    """No connection was made, so nothing was sent and nothing can have been paid."""


class AnswerLost(OpenRouterError):
    """The request was sent and no readable answer came. For a submit: it may have been paid."""


class BadAnswer(OpenRouterError):
    """A GET was answered with something that is not what the API documents."""


class WebhookRefused(DailiesError):
    """A call to the webhook is not OpenRouter's, is too old, or is unreadable. Its text is for the log only."""


class NotYet(DailiesError):
    """A webhook came before its job can take it: the answer to the paid request is still on its way."""


class Stopping(DailiesError):
    """The bot stops: a paid request that has not been sent is left to the next start."""


class Overtaken(DailiesError):
    """Another run has taken the job over, most likely in another process: this one must not pay for it."""


class MediaError(DailiesError):
    """A downloaded file is not an MP4 with a video stream and a duration above 0."""


class DeliveryError(DailiesError):
    """The chat platform did not take the video."""


class FileTooLarge(DeliveryError):
    """The file is over the channel's upload limit. size: bytes."""

    def __init__(self, size: int) -> None:
        self.size = size
        super().__init__(f"{size} bytes are over the channel's limit")


class FileGone(DeliveryError):
    """The file is not on the disk any more."""


class NotAllowed(DeliveryError):
    """The channel is gone or the bot may not post there; another try would not help."""


class PerhapsPosted(DeliveryError):
    """It was sent in a way that a platform does not recognise a second time, and no answer came. Never sent again."""


class ChatUnavailable(DeliveryError):
    """The platform failed or the connection broke; another try may help."""


class DatabaseError(DailiesError):
    """The database cannot be used: damaged, newer than the code, or out of reach. Its text says what to do."""
