"""Scripted endings for the next job, so that a newcomer sees how the bot describes each of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.discord.faults import DiscordFaults
from sandbox.discord.jsontypes import JsonObject
from sandbox.openrouter import OpenRouterFaults, provider_words

DEFAULT = "complete"


@dataclass(frozen=True)
class Outcome:
    """One ending: its name in the interface, its words on the page, and how it is scripted."""

    id: str
    label: str
    hint: str
    arm: Callable[[OpenRouterFaults, DiscordFaults], object]

    def to_json(self) -> JsonObject:
        """Return the page's JSON of it."""
        return {"id": self.id, "label": self.label, "hint": self.hint}


def _nothing(_openrouter: OpenRouterFaults, _discord: DiscordFaults) -> None:
    """Nothing goes wrong by itself."""


def _blocked(openrouter: OpenRouterFaults, _: DiscordFaults) -> object:
    reasons = {"reasons": ["violence"], "flagged_input": "the prompt", "provider_name": "Seed"}
    return openrouter.answer("submit", 403, metadata=reasons)


def _real_person(openrouter: OpenRouterFaults, _: DiscordFaults) -> object:
    return openrouter.answer("submit", 400, body=provider_words.body("raw text", provider_words.REAL_PERSON))


def _output_audio(openrouter: OpenRouterFaults, _: DiscordFaults) -> object:
    return openrouter.job("failed", error=provider_words.job_error("error string", provider_words.OUTPUT_AUDIO))


def _too_large(_: OpenRouterFaults, discord: DiscordFaults) -> object:
    body = {"code": 40005, "message": "Request entity too large"}
    return discord.add(method="POST", path=r"/channels/\d+/messages$", status=413, body=body, files=True)


OUTCOMES = (
    Outcome(DEFAULT, "Completes", "The video is made and posted.", _nothing),
    Outcome(
        "fail",
        "Fails",
        "The provider takes the job and gives up on it.",
        lambda openrouter, _: openrouter.job("failed", error="The provider could not generate this video."),
    ),
    Outcome(
        "short-and-silent",
        "Comes short and silent",
        "A second without sound, whatever was ordered and billed.",
        lambda openrouter, _: openrouter.job(seconds=1, sound=False),
    ),
    Outcome(
        "three-outputs",
        "Makes three videos",
        "Three outputs are listed, and the second one is dead.",
        lambda openrouter, _: openrouter.job(outputs=3, dead_outputs=(1,)),
    ),
    Outcome("moderation", "Is blocked by moderation", "The request is refused: HTTP 403.", _blocked),
    Outcome("real-person", "Shows a real person", "The provider refuses a reference: HTTP 400.", _real_person),
    Outcome("output-audio", "Is refused for its sound", "The provider holds the finished video back.", _output_audio),
    Outcome(
        "no-credits",
        "Has no credits",
        "The account is empty: HTTP 402.",
        lambda openrouter, _: openrouter.answer("submit", 402),
    ),
    Outcome(
        "wrong-key",
        "Meets a wrong key",
        "The bot's API key is refused: HTTP 401.",
        lambda openrouter, _: openrouter.answer("submit", 401, message="User not found."),
    ),
    Outcome(
        "busy",
        "Finds OpenRouter busy",
        "One HTTP 429, asking to come back in 5 seconds; the bot does.",
        lambda openrouter, _: openrouter.refuse("rate-limit", retry_after="5"),
    ),
    Outcome(
        "in-flight",
        "Finds earlier videos in its way",
        "Two HTTP 402 until requests in flight have ended; the bot sends it again.",
        lambda openrouter, _: openrouter.refuse("in-flight", times=2),
    ),
    Outcome(
        "too-dear",
        "Costs more than the account has",
        "The account can pay smaller ones: HTTP 402.",
        lambda openrouter, _: openrouter.refuse("too-dear"),
    ),
    Outcome(
        "gateway",
        "Is taken behind an error page",
        "A gateway answers HTTP 503, and nobody knows whether it is paid.",
        lambda openrouter, _: openrouter.gateway_page(),
    ),
    Outcome(
        "cancelled",
        "Is cancelled",
        "The provider stops the job.",
        lambda openrouter, _: openrouter.job("cancelled", error="Stopped by the provider."),
    ),
    Outcome(
        "expired",
        "Expires",
        "The provider lets the job lie for too long.",
        lambda openrouter, _: openrouter.job("expired", error="No worker took it in time."),
    ),
    Outcome(
        "broken-download",
        "Breaks off its download once",
        "The bot fetches the video again.",
        lambda openrouter, _: openrouter.job(broken_downloads=1),
    ),
    Outcome(
        "too-large",
        "Is too large for the channel",
        "Discord refuses the file once: HTTP 413.",
        _too_large,
    ),
)


class NextJob:
    """Chooses the outcome of the next job; it is `DEFAULT` again once a job has met it."""

    def __init__(self, openrouter: OpenRouterFaults, discord: DiscordFaults) -> None:
        self._openrouter, self._discord = openrouter, discord
        self._chosen = DEFAULT
        self._armed: list[object] = []

    def choose(self, outcome_id: str) -> None:
        """Script an outcome instead of the one chosen before; ValueError for an unknown one."""
        outcome = next((outcome for outcome in OUTCOMES if outcome.id == outcome_id), None)
        if outcome is None:
            raise ValueError(f"There is no outcome {outcome_id!r}.")
        self._disarm()
        before = self._identities()
        outcome.arm(self._openrouter, self._discord)
        self._armed = [fault for queue in self._queues() for fault in queue if id(fault) not in before]
        self._chosen = outcome.id

    def current(self) -> str:
        """Return the id of the outcome that the next job will have."""
        if not any(id(fault) in self._identities() for fault in self._armed):
            self._chosen, self._armed = DEFAULT, []
        return self._chosen

    def _queues(self) -> tuple[list[object], ...]:
        return (
            self._openrouter.answers,  # pyright: ignore[reportReturnType]  # read and removed from, never added to
            self._openrouter.scripts,
            self._discord.pending,
        )

    def _identities(self) -> set[int]:
        return {id(fault) for queue in self._queues() for fault in queue}

    def _disarm(self) -> None:
        mine = {id(fault) for fault in self._armed}
        for queue in self._queues():
            queue[:] = [fault for fault in queue if id(fault) not in mine]
        self._armed = []
