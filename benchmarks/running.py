"""What the benchmarks have in common while they run: the bot's process, and words for whoever watches."""

from __future__ import annotations

import sys

from sandbox.stack import Stack


def bot_pid(stack: Stack) -> int:
    """The bot's process. Raises RuntimeError with the end of its log when it has ended."""
    if stack.bot.pid is None:
        raise RuntimeError(f"the bot ended; its log ends with:\n{stack.bot.log_tail()}")
    return stack.bot.pid


def say(text: str) -> None:
    """To stderr: stdout has the one JSON object."""
    print(text, file=sys.stderr, flush=True)
