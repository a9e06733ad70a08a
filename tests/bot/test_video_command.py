"""/video in Discord: options, autocomplete, answers, and the status as a person reads it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from dailies.disk import Disk
from dailies.openrouter import client
from tests.bot.conftest import BotApp


async def test_the_command_is_registered_with_its_options(app: BotApp) -> None:
    command = app.bot.tree.get_command("video")
    assert command is not None
    payload = command.to_dict(app.bot.tree)

    assert [option["name"] for option in payload["options"]] == [
        "prompt", "reference", "reference2", "reference3", "reference4", "first_frame", "last_frame",
        "links", "model", "takes", "cast", "shot", "duration", "resolution", "aspect_ratio", "audio", "seed",
    ]  # fmt: skip
    assert [option["name"] for option in payload["options"] if option.get("required")] == ["prompt"]


@pytest.mark.slow
async def test_a_job_runs_from_the_command_to_the_posted_video(app: BotApp) -> None:
    result = await app.video(resolution="480p", duration=4)

    text = await app.finish(result)

    assert text.lstrip().startswith("### Done")
    last = app.channel.last_message
    assert last.attachments[0].filename.endswith(".mp4")
    assert (last.attachments[0].description or "").startswith("Video: ")
    assert last.content.startswith(f"<@{app.ann.id}>, your video is ready\n> A paper boat\n")


async def test_no_privileged_intent_is_asked_for(app: BotApp) -> None:
    intents = app.bot.intents

    assert not intents.message_content
    assert not intents.members
    assert not intents.presences


async def test_models_are_completed_from_the_live_list_with_the_default_first(app: BotApp) -> None:
    choices = await app.ann.autocomplete(app.channel, "video", "model", "seedance", prompt="x")

    assert choices[0]["value"] == "bytedance/seedance-2.0-fast"
    assert "$0.45 · up to 9 references · default" in choices[0]["name"]
    assert all("seedance" in choice["value"] for choice in choices)


async def test_models_are_priced_for_what_is_filled_in_already(app: BotApp) -> None:
    (choice,) = await app.ann.autocomplete(app.channel, "video", "model", "2.0-fast", prompt="x", duration=10)
    (referenced,) = await app.ann.autocomplete(
        app.channel, "video", "model", "veo lite", prompt="x", links="https://a.example/fox.png"
    )

    assert "$0.91 · up to 9 references · default" in choice["name"]
    assert referenced["name"].endswith(" · doesn't accept reference images")


async def test_an_empty_search_shows_twenty_five_models_at_most(app: BotApp) -> None:
    choices = await app.ann.autocomplete(app.channel, "video", "model", "", prompt="x")

    assert len(choices) == 25


async def test_lengths_are_those_of_the_chosen_model(app: BotApp) -> None:
    choices = await app.ann.autocomplete(app.channel, "video", "duration", "", prompt="x", model="alibaba/wan-2.6")

    assert [choice["value"] for choice in choices] == [5, 10]


async def test_lengths_with_references_are_fewer_where_the_model_says_so(app: BotApp) -> None:
    choices = await app.ann.autocomplete(
        app.channel, "video", "duration", "", prompt="x", model="google/veo-3.1", links="https://a.example/b.png"
    )

    assert [choice["value"] for choice in choices] == [8]


@pytest.mark.parametrize(
    ("option", "typed", "values"),
    [("resolution", "", ["480p", "720p"]), ("aspect_ratio", "9", ["9:16", "9:21"])],
)
async def test_sizes_are_those_of_the_default_model_when_none_is_chosen(
    app: BotApp, option: str, typed: str, values: list[str]
) -> None:
    choices = await app.ann.autocomplete(app.channel, "video", option, typed, prompt="x")

    assert [choice["value"] for choice in choices] == values


async def test_an_unknown_model_completes_to_nothing(app: BotApp) -> None:
    choices = await app.ann.autocomplete(app.channel, "video", "resolution", "", prompt="x", model="no/such")

    assert choices == []


async def test_a_refusal_is_for_the_requester_alone_and_pays_nothing(app: BotApp) -> None:
    result = await app.video(duration=99)

    assert result.ephemeral
    assert "duration: 99 isn't offered" in app.text(result)
    assert app.openrouter.submits == []


async def test_a_value_that_the_model_does_not_publish_is_left_out_and_said(app: BotApp) -> None:
    result = await app.video(model="x-ai/grok-imagine-video-1.5-lite", seed=3, duration=1, resolution="480p")

    assert "seed was left out: x-ai/grok-imagine-video-1.5-lite doesn't say whether it takes one." in app.text(result)
    assert "seed" not in app.openrouter.submits[0]["body"]


@pytest.mark.slow
async def test_two_commands_are_two_jobs(app: BotApp) -> None:
    first = await app.video("A boat", resolution="480p", duration=4)
    second = await app.video("A kite", resolution="480p", duration=4)

    assert "Done" in await app.finish(first)
    assert "Done" in await app.finish(second)
    assert len(app.openrouter.submits) == 2


@pytest.mark.slow
async def test_a_running_bot_keeps_the_last_good_list_when_a_refresh_fails(app: BotApp) -> None:
    app.openrouter.faults.answer("models", 500, times=None)

    refreshing = asyncio.create_task(app.bot.guide.refresh())
    await app.env.advance_time(30)

    assert await refreshing is False
    assert len(app.bot.guide.catalog) == 30


async def test_while_the_bot_stops_a_command_is_told_to_come_back(app: BotApp) -> None:
    app.bot.runner.stopping = True

    result = await app.video()

    assert result.ephemeral
    assert "The bot is restarting. Run the command again in a minute. You weren't charged." in app.text(result)


@pytest.mark.slow
async def test_a_bug_in_a_job_is_said_in_its_status(app: BotApp, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise LookupError("nobody thought of this")

    monkeypatch.setattr("dailies.jobs.life.Poll.ended", property(broken))

    result = await app.video()
    text = await app.finish(result)

    assert "The bot hit an error and picks this job up again at its next start." in text
    assert app.openrouter.submits[0]["id"] in text


@pytest.fixture
def one_try(monkeypatch: pytest.MonkeyPatch) -> None:
    """Further tries wait for seconds, sometimes longer than simcord waits for a bot to start."""
    monkeypatch.setattr(client, "GET_TRIES", 1)


@pytest.mark.usefixtures("one_try")
@pytest.mark.settings(OPENROUTER_API_BASE="http://127.0.0.1:9/api/v1", REQUEST_TIMEOUT_SECONDS="1")
async def test_without_any_list_a_command_is_told_to_come_back(app: BotApp) -> None:
    result = await app.video()

    assert result.ephemeral
    assert "The list of models hasn't loaded yet" in app.text(result)
    assert await app.ann.autocomplete(app.channel, "video", "model", "", prompt="x") == []
    assert await app.ann.autocomplete(app.channel, "video", "duration", "", prompt="x") == []


async def test_a_full_disk_refuses_a_command_before_it_is_paid(app: BotApp, tmp_path: Path) -> None:
    disk = Disk(tmp_path, least=500, free=lambda _: 20_000_000)
    app.bot.intake._disk = disk  # pyright: ignore[reportPrivateUsage]

    result = await app.video()

    assert result.ephemeral
    assert "The bot's disk is almost full (20.0 MB left, 500.0 MB needed)" in app.text(result)
    assert app.openrouter.submits == []


async def test_a_bug_in_a_command_is_told_to_the_requester_alone(app: BotApp, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise LookupError("nobody thought of this")

    monkeypatch.setattr(app.bot.intake, "submit", broken)
    result = await app.video()

    assert result.ephemeral
    assert (
        app.text(result) == "Something went wrong in the bot. Its operator can find it in the log. You weren't charged."
    )
    assert "nobody thought of this" in str(app.env.errors[-1])
