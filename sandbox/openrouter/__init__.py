"""A loopback stand-in for OpenRouter's video API. It renders real MP4 files and costs nothing."""

from sandbox.openrouter.faults import JobScript, OpenRouterFaults, WebhookScript
from sandbox.openrouter.foreign import ForeignServer
from sandbox.openrouter.references import ReferenceLimits
from sandbox.openrouter.server import OpenRouterServer

__all__ = [
    "ForeignServer",
    "JobScript",
    "OpenRouterFaults",
    "OpenRouterServer",
    "ReferenceLimits",
    "WebhookScript",
]
