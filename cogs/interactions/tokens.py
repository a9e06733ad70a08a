"""Interaction tokens: each can edit its command's answer for fifteen minutes, with a rate limit of its own.

They are kept in memory only, never in a row or a log: a token lets anyone answer in the bot's name.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import discord

LIFE_SECONDS = 15 * 60.0
"""Discord's documentation, "Receiving and Responding to Interactions"."""
MARGIN_SECONDS = 60.0
"""Tokens are not used in their last minute: clocks differ, and a request takes time."""


@dataclass(frozen=True)
class _Token:
    webhook: discord.Webhook
    ends: float


class Tokens:
    """The tokens of running jobs, by the job's id."""

    def __init__(self) -> None:
        self._tokens: dict[str, _Token] = {}

    def hold(self, job_id: str, interaction: discord.Interaction) -> None:
        """Keep the token of the command that was just answered."""
        loop = asyncio.get_running_loop()
        age = (discord.utils.utcnow() - interaction.created_at).total_seconds()
        ends = loop.time() + LIFE_SECONDS - MARGIN_SECONDS - max(0.0, age)
        self._tokens[job_id] = _Token(interaction.followup, ends)

    def get(self, job_id: str) -> discord.Webhook | None:
        """Return the webhook that edits and follows up with the token; None when no token is left alive."""
        token = self._tokens.get(job_id)
        if token is None:
            return None
        if asyncio.get_running_loop().time() < token.ends:
            return token.webhook
        del self._tokens[job_id]
        return None

    def drop(self, job_id: str) -> None:
        """Forget the token: the job has ended, or Discord no longer accepts it."""
        self._tokens.pop(job_id, None)
