"""Refusals by a provider: its words, what can be done, and the run without sound."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
import simcord

from cogs.status.buttons import SILENT
from cogs.status.view import status_view
from dailies.job import Job, State
from dailies.reason import Reason, ReasonCode
from sandbox.openrouter.provider_words import OUTPUT_AUDIO, REAL_PERSON, SHAPES, body, job_error
from tests.bot import test_references
from tests.bot.composing import Panel
from tests.bot.conftest import Archive, BotApp
from tests.bot.test_run_again import listed
from tests.support.servers import Served

assets, settings = test_references.assets, test_references.settings
press, words = test_references.press, test_references.words

SEEDANCE = "bytedance/seedance-2.0-fast"
HINT = "ByteDance: Seedance 2.0 Fast refuses photos of real people"


def labels(result: Any) -> list[str]:
    """Return the labels of the buttons below a status, besides Edit, which stands below every end without a video."""
    (container,) = result.response.components
    rows = (part for part in container["components"] if part["type"] == 1)
    return [button["label"] for row in rows for button in row["components"] if button["label"] != "Edit"]


async def refused_for_sound(app: BotApp, **options: Any) -> simcord.InteractionResult:
    app.openrouter.faults.job("failed", error=job_error("error text", OUTPUT_AUDIO))
    result = await app.video(**options)
    assert (await app.finish(result)).lstrip().startswith("### Failed")
    return result


def silent_label(result: Any) -> str:
    (label,) = labels(result)
    assert label.startswith("Run again without sound")
    return label


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES)
async def test_a_photo_of_a_person_is_refused_in_the_provider_s_words_with_models_that_may_take_it(
    app: BotApp, assets: Served, shape: str
) -> None:
    app.openrouter.faults.answer("submit", 400, body=body(shape, REAL_PERSON))
    text = await app.finish(await app.video(links=f"{assets.origin}/red.png"))
    assert text.lstrip().startswith("### Failed") == shape.startswith("raw")
    assert "may contain real person" in text
    assert "Provider returned error" not in text
    assert f"{HINT}, and sometimes faces that only look real." in text
    advice = text.partition("aren't known to refuse them: ")[2].partition(". ")[0]
    assert advice.count(": ") == 3
    assert "seedance" not in advice
    assert ("You weren't charged." in text) == shape.startswith("raw")
    assert ("it may have been charged" in text) != shape.startswith("raw")


@pytest.mark.slow
async def test_a_run_without_sound_is_offered_with_its_price_and_made(app: BotApp) -> None:
    before = await refused_for_sound(app)
    text = app.text(before)
    assert "It says: The request failed because the output audio may be related to copyright restrictions." in text
    label = silent_label(before)
    price = Decimal(label.partition("$")[2])
    assert price > 0

    after = await press(app, before, label)
    assert (await app.finish(after)).lstrip().startswith("### Done")
    first, second = (entry["body"] for entry in app.openrouter.submits)
    assert (first["generate_audio"], second["generate_audio"]) == (True, False)
    assert f" · ${price:.2f}" in app.text(after)


@pytest.mark.slow
async def test_it_is_run_without_sound_once(app: BotApp) -> None:
    before = await refused_for_sound(app)
    await app.finish(await press(app, before, silent_label(before)))
    assert "already been run again" in words(await press(app, before, silent_label(before)))
    assert len(app.openrouter.submits) == 2


@pytest.mark.slow
async def test_whoever_presses_it_asks_for_it(archive: Archive) -> None:
    app = archive.app
    before: Any = await refused_for_sound(app)
    after = await archive.ben.click(before.response.message, label=silent_label(before))
    assert f"requested by <@{archive.ben.id}>" in await app.finish(after)


async def refused_earlier(archive: Archive, advice: ReasonCode) -> tuple[Job, Any]:
    """Return a job that failed before, and a channel elsewhere in which its status stands too."""
    request = replace((await archive.keep(number=1)).request, audio=True, model=SEEDANCE)
    reason = Reason(ReasonCode.JOB_FAILED, said="no", provider=None, advice=Reason(ReasonCode.ADVICE_SOUND, usd=None))
    failed = await archive.keep(state=State.FAILED, request=request, reason=reason, number=2)
    elsewhere = archive.app.channel.guild.create_text_channel("elsewhere")
    await archive.app.bot.get_partial_messageable(elsewhere.id).send(view=status_view(failed, []))
    store = archive.app.bot.intake._store  # pyright: ignore[reportPrivateUsage]
    await store.save(replace(failed, reason=reason.plus(advice=Reason(advice, usd=None))))
    return failed, elsewhere


async def test_people_elsewhere_cannot_run_it(archive: Archive) -> None:
    job, elsewhere = await refused_earlier(archive, ReasonCode.ADVICE_SOUND)
    refused = await archive.ben.click(elsewhere.last_message, custom_id=SILENT.of(job_id=job.id))
    assert "Only people in this job's channel" in words(refused)
    assert archive.app.openrouter.submits == []


async def test_a_job_that_was_refused_for_something_else_is_not_run_without_sound(archive: Archive) -> None:
    job, elsewhere = await refused_earlier(archive, ReasonCode.ADVICE_CONTENT)
    refused = await archive.app.ann.click(elsewhere.last_message, custom_id=SILENT.of(job_id=job.id))
    assert "This job's sound wasn't refused" in words(refused)
    assert archive.app.openrouter.submits == []


async def test_a_job_that_ordered_no_sound_is_offered_none(app: BotApp) -> None:
    result = await refused_for_sound(app, audio=False)
    assert labels(result) == []
    assert "without sound often passes" not in app.text(result)


@pytest.mark.slow
async def test_without_a_known_price_the_button_names_none(app: BotApp) -> None:
    await listed(app, lambda model: replace(model, pricing_skus={}))
    app.bot.intake._price_check._confirm_above = None  # pyright: ignore[reportPrivateUsage]
    app.openrouter.faults.job("failed", error=job_error("error string", OUTPUT_AUDIO))
    status = await app.video()
    await app.finish(status)
    assert silent_label(status) == "Run again without sound"


@pytest.mark.slow
async def test_a_hint_is_in_the_status_while_it_is_of_use(app: BotApp, assets: Served) -> None:
    result = await app.video(links=f"{assets.origin}/red.png")
    assert app.text(result).count(HINT) == 1
    assert "may take them" in app.text(result)
    assert HINT not in await app.finish(result)


@pytest.mark.slow
async def test_without_references_there_is_no_hint(app: BotApp) -> None:
    result = await app.video()
    assert HINT not in app.text(result)
    await app.finish(result)


@pytest.mark.slow
async def test_a_model_that_takes_people_has_no_hint(app: BotApp, assets: Served) -> None:
    result = await app.video(links=f"{assets.origin}/red.png", model="minimax/hailuo-3")
    assert "real people" not in app.text(result)
    await app.finish(result)


@pytest.mark.slow
async def test_a_question_about_the_price_says_the_hint_instead_of_the_status(app: BotApp, assets: Served) -> None:
    app.bot.intake._price_check._confirm_above = Decimal(0)  # pyright: ignore[reportPrivateUsage]
    panel = Panel(app, app.ann, await app.video(links=f"{assets.origin}/red.png"))
    assert panel.text.count(HINT) == 1
    await panel.press("Generate")
    assert HINT not in app.own_status
    await app.finish_own()


async def test_models_says_which_refuse_photos_of_people(app: BotApp) -> None:
    shown: Any = await app.ann.slash(app.channel, "models", references=True)
    seen = "\n".join(part.get("content", "") for part in shown.response.components).replace("\\", "")
    lines = {line.split(" · ")[0].removeprefix("-# "): line for line in seen.splitlines() if line.startswith("-# ")}
    assert lines
    for model, line in lines.items():
        assert ("no photos of real people" in line) == model.startswith("bytedance/seedance-2"), line


@pytest.mark.slow
async def test_openrouter_knows_the_job_the_person_and_the_app(archive: Archive) -> None:
    app = archive.app
    for person in (app.ann, archive.ben, app.ann):
        await app.finish(await person.slash(app.channel, "video", prompt="A kite"))
    entries = app.openrouter.submits
    sessions, users = ([entry["body"][name] for entry in entries] for name in ("session_id", "user"))
    assert len(set(sessions)) == 3
    assert users[0] == users[2] != users[1]
    assert all(str(app.ann.id) not in user for user in users)
    assert {entry["headers"]["x-openrouter-title"] for entry in entries} == {"Dailies"}
    assert all(entry["headers"]["http-referer"] for entry in entries)


async def test_a_request_without_an_answer_names_its_session(app: BotApp) -> None:
    app.openrouter.faults.answer("submit", drop=True, when="after")
    text = await app.finish(await app.video())
    (entry,) = app.openrouter.submits
    assert text.lstrip().startswith("### Sent, but not confirmed")
    assert f"check openrouter.ai/activity for the session {entry['body']['session_id']}, " in text
