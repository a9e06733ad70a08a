"""The HTTP routes: the key, validation, answers, downloads, and the scripted faults on the way."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from aiohttp import hdrs, web

from sandbox.openrouter.account import Account
from sandbox.openrouter.answers import job_answer, key_answer
from sandbox.openrouter.catalog import models_answer, videos_models_answer
from sandbox.openrouter.download import send_video
from sandbox.openrouter.errors import ApiError, error_body
from sandbox.openrouter.faults import AnswerFault, JobScript, Route
from sandbox.openrouter.jobs import Job, Jobs
from sandbox.openrouter.prices import cost
from sandbox.openrouter.validate import VideoRequest, validate

_BROKEN_AT = 1024
"""Bytes after which a scripted download is broken off: a client that had none would ask again by itself."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Submit:
    """The outcome of a POST, for the record."""

    body: object = None
    job: Job | None = None


class Routes:
    """Handlers over one account's jobs."""

    def __init__(self, account: Account, jobs: Jobs) -> None:
        self._account = account
        self._jobs = jobs

    def add_to(self, app: web.Application) -> None:
        router = app.router
        router.add_post("/api/v1/videos", self._recorded_submit)
        # Before /videos/{id}, which would match it too.
        router.add_get("/api/v1/videos/models", self._get("models", self._video_models), allow_head=False)
        router.add_get("/api/v1/videos/{id}", self._get("poll", self._poll), allow_head=False)
        router.add_get("/api/v1/videos/{id}/content", self._get("content", self._content), allow_head=False)
        router.add_get("/signed/videos/{id}/{index}.mp4", self._get("stored", self._signed), allow_head=False)
        router.add_get("/api/v1/models", self._get("models", self._models), allow_head=False)
        router.add_get("/api/v1/key", self._get("key", self._key), allow_head=False)
        app.middlewares.append(_json_errors)

    def signature(self, job_id: str, expires: int) -> str:
        """Return the token that a signed URL carries instead of the key."""
        text = f"{job_id}/{expires}".encode()
        return hmac.new(self._account.key.encode(), text, hashlib.sha256).hexdigest()

    def _get(self, route: Route, handler: Handler) -> Handler:
        async def recorded(request: web.Request) -> web.StreamResponse:
            entry = {
                "route": route,
                "path": request.path_qs,
                "authorization": self._authorization(request),
                "status": None,
                "time": self._account.clock.time(),
            }
            self._account.gets.append(entry)
            if route == "poll":
                self._account.polls += 1
            response = await self._with_fault(request, self._account.faults.take_answer(route), handler)
            entry["status"] = response.status
            return response

        return recorded

    async def _recorded_submit(self, request: web.Request) -> web.StreamResponse:
        fault = self._account.faults.take_answer("submit")
        submit = Submit()
        entry: dict[str, Any] = {
            "body": None,
            "headers": {
                "authorization": self._authorization(request),
                "content-type": request.headers.get(hdrs.CONTENT_TYPE),
                "http-referer": request.headers.get("HTTP-Referer"),
                "x-openrouter-title": request.headers.get("X-OpenRouter-Title"),
            },
            "status": None,
            "id": None,
            "lost": fault is not None and fault.drop,
            "time": self._account.clock.time(),
        }
        self._account.submits.append(entry)

        async def handler(request: web.Request) -> web.StreamResponse:
            return await self._submit(request, submit)

        try:
            if fault is not None and fault.when == "before" and (fault.status or fault.drop):
                # Read for the record, and so that the client can finish; mistakes in it do not matter here.
                with contextlib.suppress(ApiError):
                    submit.body = await _json_body(request)
            response = await self._with_fault(request, fault, handler)
            entry["status"] = response.status
            return response
        finally:
            entry["body"] = submit.body
            entry["id"] = submit.job.id if submit.job is not None else None

    async def _with_fault(
        self, request: web.Request, fault: AnswerFault | None, handler: Handler
    ) -> web.StreamResponse:
        if fault is None:
            return await _answered(handler, request)
        scripted = web.Response(status=fault.status or 200, body=fault.body, headers=fault.headers)
        scripted.content_type = "application/json" if fault.body[:1] == b"{" else "text/html"
        ordinary: web.StreamResponse | None = None
        if fault.when == "after" or not (fault.status or fault.drop):
            ordinary = await _answered(handler, request)
        if fault.delay:
            await asyncio.sleep(fault.delay)
        if fault.drop:
            if request.transport is not None:
                request.transport.abort()
            return ordinary or scripted
        return scripted if fault.status or ordinary is None else ordinary

    def _authorization(self, request: web.Request) -> str:
        header = request.headers.get(hdrs.AUTHORIZATION)
        if header is None:
            return "absent"
        right = hmac.compare_digest(header.encode(), f"Bearer {self._account.key}".encode())
        return "present" if right else "wrong"

    def _require_key(self, request: web.Request) -> None:
        state = self._authorization(request)
        if state != "present":
            raise ApiError(401, "Missing Authentication header" if state == "absent" else "User not found.")

    async def _submit(self, request: web.Request, submit: Submit) -> web.Response:
        submit.body = await _json_body(request)
        self._require_key(request)
        video = validate(submit.body)
        self._check_previous(video)
        self._check_credit(video)
        faults = self._account.faults
        webhook = faults.take_webhook() if video.callback_url else None
        submit.job = self._jobs.accept(video, faults.take_script(), webhook)
        return web.json_response(job_answer(self._account.origin, submit.job, self.signature), status=202)

    def _check_previous(self, video: VideoRequest) -> None:
        if video.previous_job_id is None:
            return
        previous = self._jobs.by_id.get(video.previous_job_id)
        if previous is None:
            raise ApiError(404, f"Video job {video.previous_job_id} not found")
        if previous.status != "completed" or previous.request.model.id != video.model.id:
            raise ApiError(400, "previous_job_id: must be a completed job of the same model")

    def _check_credit(self, video: VideoRequest) -> None:
        unfinished = [job.request for job in self._jobs.by_id.values() if not job.ended]
        running = sum((cost(one.model, one.work) or Decimal(0) for one in unfinished), Decimal(0))
        price = cost(video.model, video.work) or Decimal(0)
        spent = self._jobs.spent
        if self._account.limit_usd is not None and spent + running + price > Decimal(str(self._account.limit_usd)):
            raise ApiError.of("key-limit")
        if self._account.credits_usd is None:
            return
        left = Decimal(str(self._account.credits_usd)) - spent
        if left <= 0:
            raise ApiError.of("credits")
        if price > left:
            raise ApiError.of("too-dear")
        if running + price > left:
            raise ApiError.of("in-flight")

    async def _poll(self, request: web.Request) -> web.Response:
        self._require_key(request)
        job = self._job(request)
        job.polled += 1
        job.told = job.ended
        self._jobs.sign_anew(job)
        return web.json_response(job_answer(self._account.origin, job, self.signature))

    async def _content(self, request: web.Request) -> web.StreamResponse:
        self._require_key(request)
        index = request.query.get("index", "0")
        if not index.isdecimal():
            raise ApiError(400, "Invalid request parameters: index: must be an integer from 0 on")
        job = self._job(request)
        job.downloads += 1
        if job.downloads <= job.script.broken_downloads:
            return await self._video(request, int(index), replace(job.script, truncate_at=_BROKEN_AT))
        return await self._video(request, int(index), job.script)

    async def _signed(self, request: web.Request) -> web.StreamResponse:
        expires, signature = request.query.get("expires", ""), request.query.get("signature", "")
        if not expires.isdecimal() or self._account.clock.time() > int(expires):
            raise ApiError(403, "This link has expired")
        if not hmac.compare_digest(signature, self.signature(request.match_info["id"], int(expires))):
            raise ApiError(403, "The signature of this link is wrong")
        return await self._video(request, int(request.match_info["index"]), self._job(request).script)

    async def _video(self, request: web.Request, index: int, script: JobScript) -> web.StreamResponse:
        job = self._job(request)
        if job.path is None or index >= job.script.outputs or index in job.script.dead_outputs:
            raise ApiError(404)
        return await send_video(request, job.path, script)

    def _job(self, request: web.Request) -> Job:
        job = self._jobs.by_id.get(request.match_info["id"])
        if job is None:
            raise ApiError(404)
        return job

    async def _video_models(self, _: web.Request) -> web.Response:
        return web.json_response(videos_models_answer())

    async def _models(self, request: web.Request) -> web.Response:
        wanted = request.query.get("output_modalities", "text").split(",")
        none: dict[str, Any] = {"data": [], "total_count": 0, "links": {"next": None}}
        return web.json_response(models_answer() if {"video", "all"} & set(wanted) else none)

    async def _key(self, request: web.Request) -> web.Response:
        self._require_key(request)
        return web.json_response(key_answer(self._account.limit_usd, self._jobs.spent))


async def _json_body(request: web.Request) -> object:
    try:
        return json.loads(await request.read())
    except web.HTTPRequestEntityTooLarge:
        raise ApiError(413) from None
    except ValueError:
        raise ApiError(400, "Invalid JSON in request body") from None


async def _answered(handler: Handler, request: web.Request) -> web.StreamResponse:
    try:
        return await handler(request)
    except ApiError as error:
        return web.Response(
            status=error.status, body=error.body(), headers=error.headers, content_type="application/json"
        )


@web.middleware
async def _json_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer unknown paths and methods in OpenRouter's shape, not aiohttp's plain text."""
    try:
        return await handler(request)
    except (web.HTTPNotFound, web.HTTPMethodNotAllowed) as error:
        body = error_body(error.status)
        return web.Response(status=error.status, body=body, content_type="application/json")
