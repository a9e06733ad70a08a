"""Gateway events that discord.py cannot read. An error in one of its parsers would end the whole process."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any, cast

import aiohttp
import discord
from discord.gateway import DiscordWebSocket
from discord.http import HTTPClient, Route

from dailies.errors import RefusedError
from dailies.explain import explain
from dailies.language import known, speaking
from dailies.openrouter.fields import mapping
from dailies.reason import ReasonCode

log = logging.getLogger(__name__)

Parsers = Mapping[str, Callable[[Any], Any]]

_MESSAGE = 4  # the type of an interaction's response that is a new message
_EPHEMERAL = 1 << 6
_AUTOCOMPLETE = 4


class GuardedEvents:
    """Skips an event that cannot be read: everything else goes on, and the log names its kind, never its content."""

    def __init__(self, http: HTTPClient) -> None:
        self._http = http
        self._answers: set[asyncio.Task[None]] = set()

    def guarded(self, parsers: Parsers) -> dict[str, Callable[[Any], None]]:
        """Return discord.py's parsers by events, each of which raises nothing any more.

        From then on, a frame that discord.py itself cannot read ends its connection, and not the process.
        """
        DiscordWebSocket.received_message = _guarded_frame
        return {event: self._guarded(event, parse) for event, parse in parsers.items()}

    def _guarded(self, event: str, parse: Callable[[Any], Any]) -> Callable[[Any], None]:
        def read(data: Any) -> None:  # noqa: ANN401 (JSON of Discord's)
            # discord.py begins a task for each interaction: what the person sees is in their language.
            with speaking(known(_locale(data))):
                try:
                    parse(_readable(data) if event == "READY" else data)
                except Exception as error:  # noqa: BLE001 (any bug in a parser ends here, logged and told)
                    # The message could hold a part of the event, so only the place in the code is named.
                    log.error("Discord's event %s could not be read and was skipped: %s", event, _place(error))  # noqa: TRY400
                    if event == "INTERACTION_CREATE":
                        self._answer(data)

        return read

    def _answer(self, data: object) -> None:
        """Tell the person, if the event says where to."""
        given = cast("dict[str, object]", data) if isinstance(data, dict) else {}
        given_id, token = given.get("id"), given.get("token")
        if not (isinstance(given_id, str) and given_id.isdecimal() and isinstance(token, str) and token.isprintable()):
            return
        if given.get("type") == _AUTOCOMPLETE:
            return  # autocomplete cannot show text
        route = Route("POST", "/interactions/{interaction_id}/{token}/callback", interaction_id=given_id, token=token)
        task = asyncio.get_running_loop().create_task(self._send(route))
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)

    async def _send(self, route: Route) -> None:
        text = explain(RefusedError(ReasonCode.BUG))
        answer: dict[str, Any] = {
            "type": _MESSAGE,
            "data": {"content": text, "flags": _EPHEMERAL, "allowed_mentions": {"parse": []}},
        }
        try:
            await self._http.request(route, json=answer)
        except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
            log.warning("who used it could not be told: %s", type(error).__name__)


def _locale(event: object) -> str | None:
    locale = mapping(event).get("locale")
    return locale if isinstance(locale, str) else None


_received = DiscordWebSocket.received_message


async def _guarded_frame(socket: DiscordWebSocket, frame: Any, /) -> None:  # noqa: ANN401 (text or bytes)
    try:
        await _received(socket, frame)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        log.error("a frame of Discord's gateway could not be read, so a new connection is made: %s", _place(error))  # noqa: TRY400
        # One of the errors after which discord.py connects again, with growing pauses.
        raise aiohttp.ClientPayloadError("an unreadable frame") from None


def _readable(ready: object) -> object:
    """Return the first event of a connection without servers that are not named: the others must not wait for them."""
    given = mapping(ready)
    servers = given.get("guilds")
    if not isinstance(servers, list):
        return ready
    all_of_them = cast("list[object]", servers)
    named = [one for one in all_of_them if str(mapping(one).get("id")).isdecimal()]
    if left := len(all_of_them) - len(named):
        log.error("Discord's event READY has %d servers without an id, which are left out", left)
    return {**given, "guilds": named}


def _place(error: Exception) -> str:
    """Name an error's type and the line that raised it."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_qualname}, line {trace.tb_lineno}" if trace else "?"
    return f"{type(error).__name__} in {where}"
