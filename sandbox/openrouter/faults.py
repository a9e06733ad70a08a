"""Failures that a test scripts at the OpenRouter stand-in.

Three kinds. `answer` changes how one HTTP request is answered: a status, a lost answer, a slow one; `refuse` and
`gateway_page` are the refusals of a paid request that OpenRouter documents, and one of somebody else's. `job` changes
the fate of the next accepted job: how it ends, what its status says, what its file is. `webhook` changes how the end of
the next job with a callback_url is reported. All are used up in the order in which they were added.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sandbox.openrouter.errors import error_body
from sandbox.openrouter.refusals import REFUSALS, Refusal

Route = Literal["submit", "poll", "content", "stored", "models", "key"]
"""`models` stands for both catalogues, `content` for downloads with the key, `stored` for those of signed `urls`."""
STORED_SECONDS = 24 * 3600
"""World seconds for which a signed URL works after the answer that named it."""

End = Literal["completed", "failed", "cancelled", "expired"]


@dataclass
class AnswerFault:
    """One scripted change of an HTTP answer; OpenRouterFaults.answer explains the fields."""

    route: Route
    status: int | None
    body: bytes
    headers: Mapping[str, str]
    drop: bool
    when: Literal["before", "after"]
    delay: float
    left: int | None
    skip: int


@dataclass
class JobScript:
    """The script of one accepted job.

    end, error: the terminal status and its `error`: documented as a string, passed on by some as an object.
    status_words: words said instead of pending/in_progress, one for each poll, the last one repeated.
    polling_url, unsigned_urls: "own", None (the field is missing), or an origin such as
        "http://127.0.0.1:P" that takes the place of the server's own.
    urls: whether a completed job has signed `urls` and `expires_at`.
    usage: whether a completed job has `usage`; cost: USD in it instead of the catalogue's.
    file, content_type: bytes served instead of the rendering (a PNG, a web page).
    truncate_at: the download ends after so many bytes, with the full Content-Length, or, without
        declare_full_length, as if that were all.
    redirect_to: a URL or origin the download is redirected to (302); an origin gets the same path.
    queue_seconds, work_seconds: world seconds instead of the server's; a queue of math.inf ends with end_queue().
    end_word: said instead of `end` when the job has ended ("Succeeded", "Job completed").
    stored_seconds: world seconds for which a signed URL works after the answer that named it.
    form: of the video, by a name in forms.py: another codec or container, or a web page.
    seconds, sound, size: of the rendering, whatever was ordered; sound: False leaves it out. size: even pixels.
    outputs: how many the job lists, all of the same video. dead_outputs: indexes, from 0, that answer 404.
    broken_downloads: how many downloads with the key are broken off soon after they began.
    """

    end: End = "completed"
    error: object = None
    status_words: tuple[str, ...] = ()
    polling_url: str | None = "own"
    unsigned_urls: str | None = "own"
    urls: bool = True
    usage: bool = True
    cost: float | None = None
    file: bytes | None = None
    content_type: str = "video/mp4"
    truncate_at: int | None = None
    declare_full_length: bool = True
    redirect_to: str | None = None
    queue_seconds: float | None = None
    work_seconds: float | None = None
    end_word: str | None = None
    stored_seconds: float = STORED_SECONDS
    form: str | None = None
    seconds: float | None = None
    sound: bool = True
    size: tuple[int, int] | None = None
    outputs: int = 1
    dead_outputs: tuple[int, ...] = ()
    broken_downloads: int = 0


@dataclass
class WebhookScript:
    """The way in which one job's end is reported; OpenRouterFaults.webhook explains the fields."""

    copies: int = 1
    signature: Literal["right", "wrong", "missing"] = "right"
    age: float = 0.0
    delay: float = 0.0
    lost: bool = False


@dataclass
class OpenRouterFaults:
    """The faults still to come. Every method may be called at any time, from the loop's thread."""

    answers: list[AnswerFault] = field(default_factory=list[AnswerFault])
    scripts: list[JobScript] = field(default_factory=list[JobScript])
    webhooks: list[WebhookScript] = field(default_factory=list[WebhookScript])

    def answer(
        self,
        route: Route,
        status: int | None = None,
        *,
        message: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        drop: bool = False,
        when: Literal["before", "after"] = "before",
        delay: float = 0.0,
        times: int | None = 1,
        after: int = 0,
    ) -> AnswerFault:
        """Script the answer to the next `times` requests of a route (None: every one from now on).

        status: HTTP status to answer with, in OpenRouter's error body with `message` and `metadata`
            (moderation: `{"reasons": […], "flagged_input": …}`), or with `body` as it is.
        headers: added to that answer, such as `{"Retry-After": "7"}`.
        drop: close the connection instead of answering.
        when: "before" does nothing else; "after" lets the request take effect first, so that with `drop`
            (or a 5xx status) a submit is accepted and charged although its answer is lost.
        delay: real seconds to wait before answering.
        after: so many requests of that route pass unharmed first.
        """
        if body is None:
            body = error_body(status or 200, message, metadata) if status else b""
        fault = AnswerFault(route, status, body, dict(headers or {}), drop, when, delay, times, after)
        self.answers.append(fault)
        return fault

    def refuse(
        self,
        refusal: Refusal,
        *,
        times: int | None = 1,
        retry_after: str | None = None,
        after: int = 0,
        **limit: float | str | None,
    ) -> AnswerFault:
        """Script a documented refusal of the next `times` paid requests (None: of every one from now on).

        refusal: a name in REFUSALS: of requests in flight, a price above the credits, spent credits, a spent limit of
            the key, its workspace or a guardrail, too many requests, no provider.
        retry_after: the header as it is; by default "4" where such a refusal comes with one.
        after: as for `answer`.
        limit: further metadata, such as limit_usd, spend_usd and resets_at (ISO 8601).
        """
        form = REFUSALS[refusal]
        wait = retry_after if retry_after is not None else "4" if form.waits else None
        return self.answer(
            "submit",
            form.status,
            message=form.message,
            metadata={**form.metadata, **limit} or None,
            headers=None if wait is None else {"Retry-After": wait},
            times=times,
            after=after,
        )

    def gateway_page(self, status: int = 503, *, retry_after: str | None = None, times: int = 1) -> AnswerFault:
        """Script a gateway's HTML page in answer to the next `times` paid requests, each accepted behind it."""
        body = b"<html><body><h1>%d</h1>upstream connect error</body></html>" % status
        headers = None if retry_after is None else {"Retry-After": retry_after}
        return self.answer("submit", status, body=body, headers=headers, when="after", times=times)

    def job(
        self,
        end: End = "completed",
        *,
        error: object = None,
        status_words: tuple[str, ...] = (),
        polling_url: str | None = "own",
        unsigned_urls: str | None = "own",
        urls: bool = True,
        usage: bool = True,
        cost: float | None = None,
        file: bytes | None = None,
        content_type: str = "video/mp4",
        truncate_at: int | None = None,
        declare_full_length: bool = True,
        redirect_to: str | None = None,
        queue_seconds: float | None = None,
        work_seconds: float | None = None,
        end_word: str | None = None,
        stored_seconds: float = STORED_SECONDS,
        form: str | None = None,
        seconds: float | None = None,
        sound: bool = True,
        size: tuple[int, int] | None = None,
        outputs: int = 1,
        dead_outputs: tuple[int, ...] = (),
        broken_downloads: int = 0,
        times: int = 1,
    ) -> None:
        """Script the next `times` accepted jobs. The fields are those of JobScript."""
        script = JobScript(
            end, error, status_words, polling_url, unsigned_urls, urls, usage, cost, file, content_type,
            truncate_at, declare_full_length, redirect_to, queue_seconds, work_seconds, end_word, stored_seconds, form,
            seconds, sound, size, outputs, dead_outputs, broken_downloads,
        )  # fmt: skip
        self.scripts.extend([script] * times)

    def webhook(
        self,
        *,
        copies: int = 1,
        signature: Literal["right", "wrong", "missing"] = "right",
        age: float = 0.0,
        delay: float = 0.0,
        lost: bool = False,
        times: int = 1,
    ) -> None:
        """Script how the ends of the next `times` accepted jobs with a callback_url are reported.

        copies: how often each is delivered, one after the other, all with the same idempotency key.
        signature: "wrong" is made with another secret; "missing" leaves the header out.
        age: world seconds that the signature's time lies in the past (below 0: in the future).
        delay: world seconds between the job's end and the first try.
        lost: it is never delivered.
        """
        self.webhooks.extend([WebhookScript(copies, signature, age, delay, lost)] * times)

    def clear(self) -> None:
        """Forget every fault still to come; jobs accepted already keep their script."""
        self.answers.clear()
        self.scripts.clear()
        self.webhooks.clear()

    def take_answer(self, route: Route) -> AnswerFault | None:
        """Return the fault for this request, counted down; the server asks once for each request."""
        for fault in list(self.answers):
            if fault.route != route:
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            if fault.left is not None:
                fault.left -= 1
                if fault.left == 0:
                    self.answers.remove(fault)
            return fault
        return None

    def take_script(self) -> JobScript:
        """Return the script of the job being accepted; an ordinary one if none was added."""
        return self.scripts.pop(0) if self.scripts else JobScript()

    def take_webhook(self) -> WebhookScript:
        """Return how the job being accepted will be reported; in the ordinary way if nothing was added."""
        return self.webhooks.pop(0) if self.webhooks else WebhookScript()
