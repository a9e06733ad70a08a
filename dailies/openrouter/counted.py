"""Counting of requests to OpenRouter, and of the errors that they end with."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Generator

from dailies.errors import OpenRouterError
from dailies.metrics.port import Metrics

log = logging.getLogger(__name__)


@contextlib.contextmanager
def counted(metrics: Metrics, call: str) -> Generator[None]:
    """Count the request that is made inside the block. call: its kind, as in "poll"."""
    began = time.monotonic()
    try:
        yield
    except OpenRouterError as error:
        metrics.openrouter_failed(call, error.status, str(error.code))
        # Others' words, which may quote a prompt, are nowhere else in the log.
        log.debug("OpenRouter on a %s: %s: %s", call, error, error.message)
        raise
    finally:
        metrics.openrouter_called(call, time.monotonic() - began)
