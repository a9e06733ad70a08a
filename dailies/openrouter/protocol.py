"""OpenRouter's video protocol without I/O: build a request, read an answer.

Source: OpenRouter's OpenAPI document and its SDK's models (POST /videos, GET /videos/{id}, /videos/models, /key).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, cast

from dailies.errors import AnswerLost, BadAnswer, LimitSpent, OpenRouterError, ServerFault
from dailies.openrouter import refusals
from dailies.openrouter.fields import STATUS_LIMIT, bill, is_name, json_object, mapping, texts, usd, words
from dailies.openrouter.models import Catalog, VideoModel
from dailies.openrouter.payload import Inline, Role
from dailies.openrouter.provider_words import ProviderWords, provider_words
from dailies.openrouter.published import is_model_id
from dailies.openrouter.status import ENDED, read_status
from dailies.reason import Reason, ReasonCode, Value


@dataclass(frozen=True)
class Submitted:
    """The answer to a submit that was accepted."""

    id: str
    polling_url: str | None
    status: str


@dataclass(frozen=True)
class Poll:
    """The answer to one check of a job. cost: USD. error: the provider's words when it failed. provider: its name.

    cause: the code of the advice for such an error, as far as it is known what it is about.
    unsigned_urls: one for each output, which want the key. urls: OpenRouter's stored copies, signed, which open without
    the key to whoever has them: they are kept in memory only, and out of every text.
    """

    status: str
    error: str | None = None
    provider: str | None = None
    cause: ReasonCode | None = None
    unsigned_urls: tuple[str, ...] = field(default=(), repr=False)
    urls: tuple[str, ...] = field(default=(), repr=False)
    cost: Decimal | None = None
    is_byok: bool = False

    @property
    def ended(self) -> bool:
        """True if the job will not change any more."""
        return self.status in ENDED


@dataclass(frozen=True)
class KeyInfo:
    """The answer to GET /key.

    left: USD of its tightest limit, its own or a budget of its workspace or guardrails; None without any.
    management: it manages other keys and may not make videos. free: credits were never bought.
    """

    left: Decimal | None
    management: bool = False
    free: bool = False


def authorization(key: str) -> dict[str, str]:
    """Return the header that carries the key."""
    return {"Authorization": f"Bearer {key}"}


def app_headers(url: str | None) -> dict[str, str]:
    """Return the headers that name the app in OpenRouter's activity page. url: its address, None if it has none.

    Without an address OpenRouter shows no app at all; for a local one it shows the title ("App Attribution" in its
    documentation).
    """
    return {"HTTP-Referer": url or "http://localhost", "X-OpenRouter-Title": "Dailies"}


def image_reference(url: str | Inline) -> dict[str, Any]:
    """One entry of input_references. url: https, a data URL, or a file that becomes one when the body is written."""
    return {"type": "image_url", "image_url": {"url": url}}


def frame_image(role: Role, url: str | Inline) -> dict[str, Any]:
    """One entry of frame_images. role: FIRST or LAST. url: as for image_reference."""
    return image_reference(url) | {"frame_type": str(role)}


def read_submit(status: int, headers: Mapping[str, str], body: bytes) -> Submitted:
    """Read the answer to POST /videos.

    Raises the OpenRouterError of its status; ServerFault for an error that comes with 2xx; AnswerLost when it was
    accepted but names no job.
    """
    if not 200 <= status < 300:
        raise read_error(status, headers, body, submit=True)
    answer = json_object(body)
    if answer and answer.get("error") and not answer.get("id"):
        # "Errors and Debugging" in OpenRouter's documentation: requests that fail after they began answer 200.
        found = provider_words(answer)
        raise ServerFault(found.said, status=status, said=found.said)
    job_id = answer.get("id") if answer else None
    if answer is None or not isinstance(job_id, str) or not is_name(job_id):
        raise AnswerLost(Reason(ReasonCode.NO_JOB_NAMED), status=status)
    polling_url = answer.get("polling_url")
    return Submitted(
        id=job_id,
        polling_url=polling_url if isinstance(polling_url, str) and polling_url.isprintable() else None,
        status=words(answer.get("status"))[:STATUS_LIMIT] or "pending",
    )


def read_poll(status: int, headers: Mapping[str, str], body: bytes) -> Poll:
    """Read the answer to GET /videos/{id}. Raises the OpenRouterError of its status, or BadAnswer."""
    answer = _read_object(status, headers, body)
    word = answer.get("status")
    listed, stored = texts(answer.get("unsigned_urls")), texts(answer.get("urls"))
    if not (isinstance(word, str) and word) and not (listed or stored):
        raise BadAnswer(Reason(ReasonCode.NO_STATUS), status=status)
    usage = mapping(answer.get("usage"))
    end = read_status(word if isinstance(word, str) else "", outputs=bool(listed or stored))
    # A job that runs or has finished may have messages too, which are no errors.
    found = provider_words(answer) if end in ENDED - {"completed"} else ProviderWords()
    return Poll(
        status=end,
        error=found.said or None,
        provider=found.provider or None,
        cause=found.cause,
        unsigned_urls=listed,
        urls=stored,
        cost=bill(usage.get("cost")),
        is_byok=usage.get("is_byok") is True,
    )


def read_models(status: int, headers: Mapping[str, str], body: bytes) -> Catalog:
    """Read the answer to GET /videos/models; entries without a usable id are left out."""
    data = _read_object(status, headers, body).get("data")
    if not isinstance(data, list):
        raise BadAnswer(Reason(ReasonCode.NO_MODELS), status=status)
    entries = [cast("dict[str, Any]", item) for item in cast("list[object]", data) if isinstance(item, dict)]
    return Catalog(VideoModel.from_dict(entry) for entry in entries if is_model_id(entry.get("id")))


def read_inputs(status: int, headers: Mapping[str, str], body: bytes) -> dict[str, tuple[str, ...]]:
    """Read the answer to GET /models: each model's input types (text, image, video, audio), by id."""
    data = _read_object(status, headers, body).get("data")
    entries = [mapping(item) for item in cast("list[object]", data)] if isinstance(data, list) else []
    inputs = {entry.get("id"): texts(mapping(entry.get("architecture")).get("input_modalities")) for entry in entries}
    return {model: kinds for model, kinds in inputs.items() if isinstance(model, str) and kinds}


def read_key(status: int, headers: Mapping[str, str], body: bytes) -> KeyInfo:
    """Read the answer to GET /key."""
    data = _read_object(status, headers, body).get("data")
    if not isinstance(data, dict):
        raise BadAnswer(Reason(ReasonCode.NO_KEY_DATA), status=status)
    about = cast("dict[str, Any]", data)
    # limit_remaining speaks of the key's own limit alone.
    limits = (about.get("limit_remaining"), mapping(about.get("effective_budget")).get("remaining_usd"))
    return KeyInfo(
        left=min((left for left in map(usd, limits) if left is not None), default=None),
        management=about.get("is_management_key") is True,
        free=about.get("is_free_tier") is True,
    )


def read_error(status: int, headers: Mapping[str, str], body: bytes, *, submit: bool = False) -> OpenRouterError:
    """Return the typed error of an answer outside 2xx. A body that is not the documented JSON is not kept."""
    answer = json_object(body) or {}
    detail = mapping(answer.get("error"))
    metadata = mapping(detail.get("metadata"))
    found = provider_words(answer)
    message = found.said or f"HTTP {status}"
    reasons = metadata.get("reasons")
    kind = refusals.kind(status, message, detail, metadata, submit=submit)
    own: dict[str, Value] = refusals.spent_limit(metadata) if issubclass(kind, LimitSpent) else {}
    own |= {"said": found.said or None} if kind is ServerFault else {}
    return kind(
        message,
        status=status,
        provider=found.provider,
        cause=found.cause,
        reasons=[words(reason) for reason in cast("list[object]", reasons)] if isinstance(reasons, list) else (),
        retry_after=refusals.retry_after(headers),
        **own,
    )


def _read_object(status: int, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    if not 200 <= status < 300:
        raise read_error(status, headers, body)
    answer = json_object(body)
    if answer is None:
        raise BadAnswer(Reason(ReasonCode.NOT_JSON), status=status)
    return answer


def submit_body(
    *,
    model: str,
    prompt: str,
    references: Sequence[str | Inline],
    settings: Mapping[str, object],
    frames: Mapping[Role, str | Inline] | None = None,
    previous_job_id: str | None = None,
    provider: Mapping[str, Any] | None = None,
    callback_url: str | None = None,
    session_id: str | None = None,
    user: str | None = None,
) -> dict[str, Any]:
    """Build the body of POST /videos. None leaves a field out. references: from image_reference, in order.

    settings: duration, resolution and the like, by the API's names of them.
    callback_url: https; OpenRouter posts there when the job has ended, and webhook.py reads it.
    session_id: at most 256 characters; OpenRouter's activity page shows it. user: a stable name of the person, which
    OpenRouter uses against abuse. Neither reaches the provider.

    References go into input_references, and a first and a last frame into frame_images: frames fix pictures instead of
    guiding the subject. Raises ValueError for both together: some models refuse that, others drop the references.
    previous_job_id: OpenRouter's id of the finished job that the video continues. provider: parameters of providers,
    by the provider's slug; of those that do not make the video, and of unknown ones, OpenRouter says nothing.
    """
    if references and frames:
        raise ValueError("references and frames cannot be sent together")
    optional = {
        **settings,
        "input_references": [image_reference(url) for url in references] or None,
        "frame_images": [frame_image(role, url) for role, url in (frames or {}).items()] or None,
        "previous_job_id": previous_job_id,
        "provider": {"options": provider} if provider else None,
        "callback_url": callback_url,
        "session_id": session_id,
        "user": user,
    }
    return {"model": model, "prompt": prompt} | {k: v for k, v in optional.items() if v is not None}
