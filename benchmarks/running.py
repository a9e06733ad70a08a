"""Helpers that the benchmarks share while they run: the bot's process, and progress messages."""

from __future__ import annotations

import sys

from sandbox.stack import Stack


def bot_pid(stack: Stack) -> int:
    """Return the bot's process id. Raises RuntimeError with the end of its log when it has ended."""
    if stack.bot.pid is None:
        raise RuntimeError(f"the bot ended; its log ends with:\n{stack.bot.log_tail()}")
    return stack.bot.pid


def say(text: str) -> None:
    """Print to stderr: stdout has the one JSON object."""
    print(text, file=sys.stderr, flush=True)
