"""Posting a finished video as a follow-up, with the command's token, where the bot is not a member.

Follow-ups have no nonce, and discord.py repeats them after 500, 502 and 504. So they are sent here instead, once; the
outcome of a request without a readable answer is unknown.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from http import HTTPStatus
from typing import Any, cast

import aiohttp
import discord
from discord.http import Route

from cogs.delivery.attachment import alt_text, file_name
from cogs.delivery.message import PriceOf, message_buttons, message_text
from cogs.interactions.discord_errors import TOO_LARGE, passing, reason
from cogs.interactions.pause import LONGEST_WAIT, Pause
from cogs.interactions.tokens import Tokens
from cogs.status.review import ReviewOf, reviewed, unreviewed
from dailies.delivery.chat import Posted, Upload
from dailies.errors import ChatUnavailable, FileGone, FileTooLarge, NotAllowed, PerhapsPosted
from dailies.job import Job
from dailies.reason import Reason, ReasonCode
from dailies.retry import retry

WAITS = 5
"""Maximum tries of a request that Discord puts off (429), and so has not accepted."""
CONNECT_SECONDS = 10.0


class FollowUps:
    """Posts follow-ups. seconds: limit of one upload, including waits for Discord's rate limit. ai_label: the messages
    say that AI made the videos.
    """

    def __init__(
        self,
        client: discord.Client,
        tokens: Tokens,
        *,
        seconds: float,
        price: PriceOf,
        pause: Pause | None = None,
        ai_label: bool = True,
        review: ReviewOf = unreviewed,
    ) -> None:
        self._client = client
        self._pause = pause or Pause()
        self._tokens = tokens
        self._seconds = seconds
        self._price = price
        self._ai_label = ai_label
        self._review = review

    async def post(self, job: Job, upload: Upload, begun: Callable[[], Awaitable[None]]) -> Posted:
        webhook = self._tokens.get(job.id)
        if webhook is None:
            raise NotAllowed(Reason(ReasonCode.TIME_OVER))
        size = 0
        if upload.file:
            try:
                size = (await asyncio.to_thread(upload.file.stat)).st_size
            except FileNotFoundError as error:
                raise FileGone from error
        await begun()
        try:
            async with asyncio.timeout(self._seconds):
                return Posted(await self._send(webhook, job, upload))
        except aiohttp.ClientConnectorError as error:
            # No connection, so nothing was sent.
            raise NotAllowed(Reason(ReasonCode.TIME_OVER_UNREACHED)) from error
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise PerhapsPosted from error
        except discord.HTTPException as error:
            if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                raise PerhapsPosted from error
            if error.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE or error.code == TOO_LARGE:
                raise FileTooLarge(size) from error
            if passing(error):
                raise ChatUnavailable(reason(error)) from error
            raise NotAllowed(reason(error)) from error

    async def _send(self, webhook: discord.Webhook, job: Job, upload: Upload) -> int:
        """Return the message's id. Raises discord.HTTPException, aiohttp's errors, ValueError for a missing id."""
        url = f"{Route.BASE}/webhooks/{webhook.id}/{webhook.token}?wait=true"
        headers = {"User-Agent": self._client.http.user_agent}
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS)
        text = message_text(job, upload, ai_label=self._ai_label)
        view = message_buttons(job, upload, self._price)
        text, view = reviewed(text, view, job, upload.number, await self._review(job, upload.number))
        async with aiohttp.ClientSession(headers=headers, timeout=timeout) as session:
            wait: float | None = None

            async def post(_: int) -> int:
                nonlocal wait
                with ExitStack() as opened:
                    form = await asyncio.to_thread(_form, job, upload, text, view.to_components(), opened)
                    async with session.post(url, data=form) as response:
                        self._pause.note(response.status, response.headers)
                        said = _object(await response.text())
                if response.status < HTTPStatus.BAD_REQUEST:
                    return int(said.get("id", ""))
                put_off = response.status == HTTPStatus.TOO_MANY_REQUESTS and said.get("retry_after") is not None
                wait = float(said["retry_after"]) if put_off and said["retry_after"] <= LONGEST_WAIT else None
                raise discord.HTTPException(response, said)

            what = f"job {job.id}: its follow-up"
            return await retry(post, discord.HTTPException, what=what, tries=WAITS, pause=lambda _, __: wait)


def _object(text: str) -> dict[str, Any]:
    """Parse a JSON object; empty for anything else, such as an error page of a proxy in front of Discord."""
    try:
        said = json.loads(text)
    except ValueError:
        return {}
    return cast("dict[str, Any]", said) if isinstance(said, dict) else {}


def _form(job: Job, upload: Upload, text: str, buttons: list[dict[str, Any]], opened: ExitStack) -> aiohttp.FormData:
    """Build the request's body; a file is read while it is sent."""
    requester = str(job.place.requester_id)
    payload: dict[str, Any] = {
        "content": text,
        "components": buttons,
        "allowed_mentions": {"parse": [], "users": [requester], "replied_user": False},
    }
    form = aiohttp.FormData(quote_fields=False)
    if upload.file:
        described = {"id": 0, "filename": file_name(job, upload), "description": alt_text(job, upload)}
        payload["attachments"] = [{key: value for key, value in described.items() if value is not None}]
    form.add_field("payload_json", json.dumps(payload), content_type="application/json")
    if upload.file:
        file = opened.enter_context(upload.file.open("rb"))
        form.add_field("files[0]", file, filename=file_name(job, upload), content_type="application/octet-stream")
    return form
