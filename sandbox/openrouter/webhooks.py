"""Webhooks: a job that was submitted with a callback_url has its end posted there, signed.

Documented by OpenRouter: the events, their body, the idempotency key, the signature, and that callback_url is https.
Not documented, so chosen here: the number of tries, the waits between them, the time a receiver has, the User-Agent.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import aiohttp

from sandbox.clock import Clock
from sandbox.openrouter.answers import job_answer
from sandbox.openrouter.faults import WebhookScript
from sandbox.openrouter.jobs import Job

WAITS = (5.0, 25.0, 125.0)
"""Default world seconds before the second, third and fourth try."""

_ANSWER_SECONDS = 10.0
"""Real seconds a receiver has to answer."""
_USER_AGENT = "OpenRouter-Sandbox-Webhooks/1.0"
_WORDS = {"cancelled": "Job was cancelled", "expired": "Job exceeded maximum time to live"}


class Webhooks:
    """Posts the ends of jobs.

    secret: the workspace's signing secret; with None deliveries are not signed, as documented.
    routes: the real address of a callback_url's https origin, as {"https://bot.sandbox": "http://127.0.0.1:P"}. Any
        other origin counts as unreachable: the stand-in speaks to loopback only.
    waits: world seconds before each further try.
    attempts: every try in order: `id` of the job, `url`, `key`, `headers`, `body` (decoded), `attempt` from 1 on,
        `status` of the answer or None, `problem` in words or None, `time` (world).
    """

    def __init__(
        self,
        clock: Clock,
        *,
        origin: Callable[[], str],
        secret: str | None,
        routes: Mapping[str, str],
    ) -> None:
        self.attempts: list[dict[str, Any]] = []
        self.waits: tuple[float, ...] = WAITS
        self.secret = secret
        self.routes = dict(routes)
        self._clock = clock
        self._origin = origin
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def ended(self, job: Job) -> None:
        """Begin to report a job that has ended, if it asked for it."""
        if job.request.callback_url is None or job.webhook is None or job.webhook.lost:
            return
        task = asyncio.create_task(self._report(job, job.request.callback_url, job.webhook))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Give up undelivered reports."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _report(self, job: Job, url: str, script: WebhookScript) -> None:
        body = json.dumps(event(job, self._origin(), self._clock.time())).encode()
        await self._clock.sleep(script.delay)
        for _ in range(script.copies):
            await self._deliver(job, url, body, script)

    async def _deliver(self, job: Job, url: str, body: bytes, script: WebhookScript) -> None:
        for attempt, wait in enumerate((0.0, *self.waits), start=1):
            await self._clock.sleep(wait)
            headers = self._headers(job, body, script)
            entry: dict[str, Any] = {
                "id": job.id,
                "url": url,
                "key": headers["X-OpenRouter-Idempotency-Key"],
                "headers": headers,
                "body": json.loads(body),
                "attempt": attempt,
                "status": None,
                "problem": None,
                "time": self._clock.time(),
            }
            self.attempts.append(entry)
            try:
                entry["status"] = await self._post(url, body, headers)
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                entry["problem"] = str(error) or type(error).__name__
            if entry["status"] is not None and 200 <= entry["status"] < 300:
                return

    async def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Return the answer's status. Raises what aiohttp raises; ConnectionError for an origin without a route."""
        target = self._target(url)
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=_ANSWER_SECONDS)
            self._session = aiohttp.ClientSession(timeout=timeout, trust_env=False)
        async with self._session.post(target, data=body, headers=headers, allow_redirects=False) as response:
            await response.read()
            return response.status

    def _target(self, url: str) -> str:
        for origin, real in self.routes.items():
            if url == origin or url.startswith(f"{origin}/"):
                return real + url.removeprefix(origin)
        raise ConnectionError("the sandbox has no route to this address")

    def _headers(self, job: Job, body: bytes, script: WebhookScript) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json",
            "User-Agent": _USER_AGENT,
            "X-OpenRouter-Idempotency-Key": f"{job.id}-{job.status}",
        }
        if self.secret is not None and script.signature != "missing":
            at = int(self._clock.time() - script.age)
            secret = self.secret if script.signature == "right" else f"not {self.secret}"
            headers["X-OpenRouter-Signature"] = f"t={at},v1={sign(secret, at, body)}"
        return headers


def sign(secret: str, at: int, body: bytes) -> str:
    """v1 of the signature: HMAC-SHA256 in hex over `<t>,<raw body>`. at: Unix seconds."""
    return hmac.new(secret.encode(), f"{at},".encode() + body, hashlib.sha256).hexdigest()


def event(job: Job, origin: str, now: float) -> dict[str, Any]:
    """The body of a delivery for a job that has ended."""
    answer = job_answer(origin, job, lambda _id, _expires: "")
    data: dict[str, Any] = {
        "id": job.id,
        "status": job.status,
        "generation_id": job.generation_id,
        "model": job.request.model.id,
    }
    data |= {name: answer[name] for name in ("unsigned_urls", "usage") if name in answer}
    if job.status != "completed":
        data["error"] = job.error or _WORDS.get(job.status, "Video generation failed")
    created = datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"type": f"video.generation.{job.status}", "created_at": created, "data": data}
