"""Every error Dailies raises on purpose, in one tree.

DailiesError
├── SettingsError            the environment is wrong; lists every variable that is
├── DatabaseError            the database is damaged, newer than the code, or out of reach
├── RefusedError             a request that is refused before anything is paid; a class for each way, below
├── CatalogMissing           the list of models has not been loaded yet
├── OpenRouterError          OpenRouter did not do what was asked; a class for each way, below
├── WebhookRefused           a call to the webhook is not OpenRouter's, or not readable
├── NotYet                   a webhook came before its job can take it; it should come again
├── Stopping                 the bot stops, so no paid request may begin
├── Overtaken                another run has the job, so this one's paid request may not begin
├── MediaError               a file is not a video that can be posted
└── DeliveryError            the chat platform did not take the video; a class for each way, below

Errors carry data, which `reason` has as it is kept. dailies/explain/ makes sentences of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar

from dailies.reason import Reason, ReasonCode, Value


class DailiesError(Exception):
    """Base of every error that Dailies raises on purpose. One that only operators read has no code but a text."""

    code: ClassVar = ReasonCode.TEXT

    def __init_subclass__(cls, *, code: ReasonCode | None = None) -> None:
        if code is not None:
            cls.code = code

    @property
    def reason(self) -> Reason:
        """The code with its values, or the text."""
        return Reason(self.code, text=str(self))


class SettingsError(DailiesError):
    """The environment is wrong. problems: one line for each variable that is missing or wrong."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class CodedError(DailiesError):
    """Says by a code, its kind's unless another one is given, and by values what is the case."""

    def __init__(self, code: ReasonCode | None = None, /, **values: Value) -> None:
        self._reason = Reason(code or self.code, **values)
        super().__init__(self._reason)

    @property
    def reason(self) -> Reason:
        """The code with its values."""
        return self._reason


class RefusedError(CodedError):
    """A request that is refused before anything is paid."""


class OptionRefused(RefusedError, code=ReasonCode.OPTION_REFUSED):
    """An option's value is not what the model offers. option: its name. value: as given. offers: what is right."""

    def __init__(self, option: str, value: Value, problem: Reason, offers: Sequence[Value] = ()) -> None:
        self.problem = problem
        self.offers = tuple(offers)
        super().__init__(option=option, value=value, problem=problem, offers=offers)


class NoReferences(OptionRefused, code=ReasonCode.NO_REFERENCES):
    """The model doesn't accept reference images. offers: models that do. source: where this is known from."""

    def __init__(self, model_id: str, source: Reason, offers: Sequence[str]) -> None:
        super().__init__("model", model_id, source, offers)


class TooManyReferences(OptionRefused):
    """More references than the model takes. most: how many it takes."""

    def __init__(self, model_id: str, count: int, most: int) -> None:
        self.most = most
        super().__init__("references", count, Reason(ReasonCode.TOO_MANY_REFERENCES, model=model_id, most=most))


class ReferenceRefused(RefusedError, code=ReasonCode.REFERENCE_REFUSED):
    """A reference cannot be used. name: a file's name or a link's host and path, never its query."""

    def __init__(self, name: str, problem: Reason) -> None:
        self.name = name
        self.problem = problem
        super().__init__(name=name, problem=problem)


class PageGiven(ReferenceRefused):
    """A web page where an image was expected."""


class DiskFull(RefusedError, code=ReasonCode.DISK_FULL):
    """No room for another video. free: bytes, None if not known. least: bytes needed, 0 when a write failed."""

    def __init__(self, free: int | None, least: int) -> None:
        super().__init__(free=free, least=least)


class OverBudget(RefusedError, code=ReasonCode.OVER_BUDGET):
    """A budget has less left than a job, or a set of takes, would hold. Amounts in USD.

    scope, period: as in dailies/money/budget.py. usd: the whole budget. renews_in: seconds. takes_fit: how many fit.
    fits: seconds of the longest video of the same settings that fits; None when none does, or nobody looked.
    """

    def __init__(
        self, *, scope: str, period: str, usd: Decimal, left: Decimal, needed: Decimal, renews_in: float
    ) -> None:
        self.left, self.takes, self.takes_fit = left, 1, 0
        self.fits: int | None = None
        super().__init__(scope=scope, period=period, usd=usd, left=left, needed=needed, renews_in=renews_in)

    @property
    def reason(self) -> Reason:
        """The code with its values, and what would fit, as far as somebody looked."""
        return self._reason.plus(takes=self.takes, takes_fit=self.takes_fit, fits=self.fits)


class CreditsShort(RefusedError, code=ReasonCode.CREDITS_SHORT):
    """The OpenRouter key cannot pay a job. Both in USD; left None: OpenRouter said that there are no credits.

    limit: reason of the LimitSpent that OpenRouter answered with, which is given instead.
    """

    def __init__(self, needed: Decimal, left: Decimal | None, limit: Reason | None = None) -> None:
        super().__init__(needed=needed, left=left)
        self._reason = limit or self._reason


class CatalogMissing(CodedError, code=ReasonCode.CATALOG_MISSING):
    """OpenRouter's list of models has not been loaded since the start."""


class OpenRouterError(DailiesError, code=ReasonCode.BAD_REQUEST):
    """OpenRouter did not do what was asked. status: of HTTP, None without one. retry_after: seconds, None if not given.

    message: others' words, unescaped, which `str` and so the log lack, or what was wrong. provider: the model's.
    reasons: of moderation. cause: code of the advice on it, if any. own: values of the class's `names`, or None.
    """

    names: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        message: str | Reason,
        *,
        status: int | None = None,
        reasons: Sequence[str] = (),
        retry_after: float | None = None,
        provider: str = "",
        cause: ReasonCode | None = None,
        **own: Value,
    ) -> None:
        self.own: dict[str, Value] = {**dict.fromkeys(self.names), **own}
        self.message, self.status, self.retry_after = message, status, retry_after
        self.reasons, self.provider, self.cause = tuple(reasons), provider, cause
        super().__init__(f"{status or ''} {message.codes if isinstance(message, Reason) else self.code}".lstrip())

    @property
    def reason(self) -> Reason:
        """The code of the kind of error, and what was said. Advice and session are added by whoever knows the job."""
        said = {"message": self.message, "provider": self.provider, "reasons": self.reasons, "status": self.status}
        return Reason(self.code, **said, retry_after=self.retry_after, advice=None, session=None, **self.own)


class Unauthorized(OpenRouterError, code=ReasonCode.UNAUTHORIZED):
    """401: no key, or a wrong one."""


class NoCredits(OpenRouterError, code=ReasonCode.NO_CREDITS):
    """402: the account has no credits left. 403 that speaks of a limit: the key has spent what it may."""


class LimitSpent(NoCredits, code=ReasonCode.LIMIT_SPENT):
    """It names the limit: the key's, or a budget of its workspace or guardrails. own: `spent_limit` in refusals.py."""

    names = ("source", "scope", "limit_usd", "spend_usd", "resets_at")


class Unaffordable(OpenRouterError, code=ReasonCode.UNAFFORDABLE):
    """402: this request alone costs more than the account has. own: USD and, for what fits, seconds of video."""

    names = ("needed", "left", "fits")


class Moderated(OpenRouterError, code=ReasonCode.MODERATED):
    """403 or 400: the prompt or a reference was blocked; `reasons` says why, if OpenRouter does."""


class NotPermitted(OpenRouterError, code=ReasonCode.NOT_PERMITTED):
    """403: the key, the account's settings or a guardrail of it do not allow the request."""


class UnknownModel(OpenRouterError, code=ReasonCode.UNKNOWN_MODEL):
    """404 on a submit: no such model, or none that the account's settings allow."""


class BadRequest(OpenRouterError):
    """400 and every other 4xx: a parameter was rejected."""


class TooLarge(OpenRouterError, code=ReasonCode.TOO_LARGE):
    """413: the request's body is too large."""


class Busy(OpenRouterError, code=ReasonCode.BUSY):
    """429 or 503: try again later."""


class InFlight(Busy, code=ReasonCode.IN_FLIGHT):
    """402: requests in flight use up what the account may have open; there are credits, and they are free later."""


class ServerFault(OpenRouterError, code=ReasonCode.SERVER_FAULT):
    """408, 499, another 5xx, and for a submit any answer that does not say that nothing was begun. own: its words."""

    names = ("said",)


class Unreachable(OpenRouterError, code=ReasonCode.UNREACHABLE):
    """No connection was made, so nothing was sent and nothing can have been paid."""


class AnswerLost(OpenRouterError, code=ReasonCode.ANSWER_LOST):
    """The request was sent and no readable answer came. For a submit: it may have been paid."""


class BadAnswer(OpenRouterError, code=ReasonCode.BAD_ANSWER):
    """A GET was answered with something that is not what the API documents."""


class WebhookRefused(DailiesError):
    """A call to the webhook is not OpenRouter's, is too old, or is unreadable. Its text is for the log only."""


class NotYet(DailiesError):
    """A webhook came before its job can take it: the answer to the paid request is still on its way."""


class Stopping(DailiesError):
    """The bot stops: a paid request that has not been sent is left to the next start."""


class Overtaken(DailiesError):
    """Another run has taken the job over, most likely in another process: this one must not pay for it."""


class MediaError(CodedError):
    """A downloaded file is not an MP4 with a video stream and a duration above 0."""


class DeliveryError(CodedError):
    """The chat platform did not take the video."""


class FileTooLarge(DeliveryError, code=ReasonCode.FILE_TOO_LARGE):
    """The file is over the channel's upload limit. size: bytes."""

    def __init__(self, size: int) -> None:
        super().__init__(size=size)


class FileGone(DeliveryError, code=ReasonCode.FILE_GONE):
    """The file is not on the disk any more."""


class NotAllowed(DeliveryError, code=ReasonCode.NOT_ALLOWED):
    """The channel is gone or the bot may not post there. direct: why a direct message was refused, if one was."""

    def __init__(self, why: Reason, direct: Reason | None = None) -> None:
        self.why = why
        super().__init__(why=why, direct=direct)


class PerhapsPosted(DeliveryError, code=ReasonCode.PERHAPS_POSTED):
    """It was sent in a way that a platform does not recognise a second time, and no answer came. Never sent again."""


class ChatUnavailable(DeliveryError, code=ReasonCode.CHAT_UNAVAILABLE):
    """The platform failed or the connection broke; another try may help. cause: for the log."""

    def __init__(self, cause: str | Reason) -> None:
        super().__init__(cause=cause)


class DatabaseError(DailiesError):
    """The database cannot be used: damaged, newer than the code, or out of reach. Its text says what to do."""
