"""Access control of the page's server, and the content security policy of its pages.

The server acts for a person, so no other web site may reach it: a foreign `Host` is a rebound DNS name, a
foreign `Origin` is another site's script. Answers carry a content security policy, and errors are JSON.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from sandbox.discord import PersonError

log = logging.getLogger(__name__)


def error(status: int, text: str) -> web.Response:
    """A refusal as `{"error": text}`."""
    return web.json_response({"error": text}, status=status)


def policy(media_origin: str) -> str:
    """The page's content security policy; media also come from `media_origin`, the stand-in for Discord."""
    sources = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": f"'self' blob: {media_origin}",
        "media-src": f"'self' blob: {media_origin}",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in sources.items())


def headers(media_origin: str) -> dict[str, str]:
    """Headers of every answer."""
    return {
        "Content-Security-Policy": policy(media_origin),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": "no-cache",
    }


def refusal(request: web.Request, hosts: frozenset[str]) -> web.Response | None:
    """Return why a request may not be served; `hosts` are the server's own names with their port."""
    if request.headers.get("Host", "").lower() not in hosts:
        return error(403, "This server answers only under its own address.")
    origin = request.headers.get("Origin")
    changes = request.method not in ("GET", "HEAD") or "Upgrade" in request.headers
    if changes and origin is not None and origin.lower() not in {f"http://{host}" for host in hosts}:
        return error(403, "Requests from other sites are refused.")
    return None


def middleware(hosts: Callable[[], frozenset[str]], media_origin: Callable[[], str]) -> Middleware:
    """Apply both checks, the headers, and errors as JSON to every request."""

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = refusal(request, hosts()) or await _answer(request, handler)
        if not response.prepared:
            response.headers.update(headers(media_origin()))
        return response

    return guarded


async def _answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except PersonError as problem:
        return error(400, str(problem))
    except json.JSONDecodeError:
        return error(400, "The request is not JSON.")
    except TimeoutError:
        return error(504, "The application did not respond in time.")
    except web.HTTPException as problem:
        return error(problem.status, problem.text or problem.reason)
    except Exception:
        # The page shows this sentence instead of an empty answer; the log has the rest.
        log.exception("%s %s failed", request.method, request.path)
        return error(500, "The sandbox failed at this. Its log says why.")
