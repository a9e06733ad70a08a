"""Each failure of a job ends as one sentence that says what to do next, and nothing is paid twice."""

from __future__ import annotations

import re
from typing import Any

import pytest
from aiohttp import web

from sandbox.discord import Permission, Upload
from sandbox.openrouter import ForeignServer
from tests.e2e.conftest import quick_stack
from tests.e2e.scene import Scene, Story, attached, shown
from tests.support.images import image

pytestmark = pytest.mark.asyncio(loop_scope="module")


REFUSED_BY_OPENROUTER: list[tuple[int, dict[str, Any], str]] = [
    (401, {"message": "User not found."}, "didn't accept the bot's key. The bot's operator has to set"),
    (
        403,
        {"message": "flagged", "metadata": {"reasons": ["violence", "likeness"]}},
        "safety filter: violence, likeness.",
    ),
    (404, {"message": "No endpoints found"}, "no longer has this model"),
    (400, {"message": "duration: must be one of 5, 10"}, "OpenRouter says: duration: must be one of 5, 10."),
    (413, {"message": "too large"}, "Use fewer or smaller reference images"),
    (429, {"message": "slow down", "headers": {"Retry-After": "3600"}}, "Run the command again in 60 min"),
    (503, {"message": "no provider", "headers": {"Retry-After": "86400"}}, "Run the command again in"),
]


@pytest.mark.parametrize(("status", "answer", "sentence"), REFUSED_BY_OPENROUTER, ids=lambda value: str(value)[:3])
async def test_a_refused_request_says_what_to_do_and_is_sent_once(
    scene: Scene, status: int, answer: dict[str, Any], sentence: str
) -> None:
    scene.stack.openrouter.faults.answer("submit", status, **answer)

    story = await scene.ask()

    assert story.end.startswith("### Failed")
    assert sentence in story.end
    assert "You weren't charged." in story.end
    assert len(story.submits) == 1
    _says_nothing_secret(story)


@pytest.mark.parametrize("status", [500, 502])
async def test_an_error_of_openrouter_s_own_does_not_promise_that_nothing_was_paid(scene: Scene, status: int) -> None:
    page = b"<html><h1>upstream error</h1></html>"
    scene.stack.openrouter.faults.answer("submit", status, body=page, headers={"Content-Type": "text/html"})

    story = await scene.ask()

    assert "Before you run the command again, check openrouter.ai/activity" in story.end
    assert "You weren't charged" not in story.end
    assert len(story.submits) == 1
    _says_nothing_secret(story)


async def test_a_lost_answer_may_have_been_paid_and_is_never_sent_again(scene: Scene) -> None:
    scene.stack.openrouter.faults.answer("submit", drop=True, when="after")

    story = await scene.ask()

    assert story.end.startswith("### Sent, but not confirmed")
    assert "so it may have been charged. It isn't sent again automatically." in story.end
    assert len(story.submits) == 1


ENDED_AT_OPENROUTER = [
    ("failed", "content_policy_violation: face of a real person", "### Failed", "Change the prompt or the references."),
    ("failed", "image_download_failed", "### Failed", "attach it instead"),
    ("cancelled", "stopped by the provider", "### Cancelled", "stopped by the provider"),
    ("expired", None, "### Expired", "No reason was given."),
]


@pytest.mark.parametrize(("end", "error", "title", "sentence"), ENDED_AT_OPENROUTER)
async def test_a_job_that_openrouter_ended_says_why(
    scene: Scene, end: Any, error: str | None, title: str, sentence: str
) -> None:
    scene.stack.openrouter.faults.job(end, error=error)

    story = await scene.ask()

    assert story.end.startswith(title)
    assert sentence in story.end
    if error:
        assert error in story.end
    assert story.video is None


async def test_a_check_that_fails_is_said_and_tried_again(scene: Scene) -> None:
    scene.stack.openrouter.faults.answer("poll", 500, message="oops", times=3)

    story = await scene.ask()

    assert any("Last try: OpenRouter answered HTTP 500. Trying again." in text for text in story.statuses)
    assert story.end.startswith("### Done")


async def test_a_status_word_that_is_new_is_still_running(scene: Scene) -> None:
    scene.stack.openrouter.faults.job(status_words=("warming_up",), work_seconds=15)

    story = await scene.ask()

    assert any("OpenRouter says “warming_up”" in text for text in story.statuses)
    assert story.end.startswith("### Done")


async def test_a_missing_polling_url_is_replaced(scene: Scene) -> None:
    scene.stack.openrouter.faults.job(polling_url=None)

    story = await scene.ask()

    assert story.end.startswith("### Done")


async def test_a_foreign_polling_url_that_asks_for_the_key_does_not_get_it(scene: Scene) -> None:
    async with ForeignServer() as foreign:
        scene.stack.openrouter.faults.job(polling_url=foreign.origin)
        story = await scene.ask()

        assert not foreign.key_leaked
    assert story.end.startswith("### Done")


async def test_a_download_that_redirects_elsewhere_does_not_take_the_key_along(scene: Scene) -> None:
    async with ForeignServer() as foreign:
        scene.stack.openrouter.faults.job(redirect_to=foreign.origin)
        await scene.ask()

        assert foreign.requests
        assert not foreign.key_leaked


async def test_a_truncated_download_is_downloaded_again_and_never_generated_again(scene: Scene) -> None:
    first = await scene.ask()
    assert first.video is not None
    whole = await scene.download(first.video["attachments"][0])
    scene.stack.openrouter.faults.answer("content", 200, body=whole[: len(whole) * 6 // 10])

    story = await scene.ask()

    assert story.end.startswith("### Done")
    assert len(story.submits) == 1


@pytest.mark.parametrize("status", [404, 409, 410, 502])
async def test_a_provider_s_copy_that_is_gone_is_replaced_by_the_stored_one_without_the_key(
    scene: Scene, status: int
) -> None:
    openrouter = scene.stack.openrouter
    openrouter.faults.answer("content", status, headers={"Retry-After": "120"}, times=None)
    before = len(openrouter.gets)

    story = await scene.ask()

    assert story.end.startswith("### Done")
    stored = [entry for entry in openrouter.gets[before:] if entry["route"] == "stored"]
    assert [(entry["status"], entry["authorization"]) for entry in stored] == [(200, "absent")]
    _says_nothing_secret(story)
    assert not re.search(r"signature=[0-9a-f]", scene.stack.bot.log_tail())


async def test_a_download_that_is_delayed_says_when_it_is_tried_again(scene: Scene) -> None:
    scene.stack.openrouter.faults.job(urls=False)
    scene.stack.openrouter.faults.answer("content", 502, headers={"Retry-After": "60"}, times=3)

    story = await scene.ask()

    delayed = r"copy can't be fetched yet: OpenRouter answered HTTP 502\. Trying again <t:\d+:R>\."
    assert any(re.search(delayed, text) for text in story.statuses)
    assert story.end.startswith("### Done")


@pytest.mark.parametrize(
    "script", [{"end_word": "Job completed"}, {"end_word": "warming_down", "unsigned_urls": None}], ids=["word", "urls"]
)
async def test_an_end_in_other_words_is_an_end(scene: Scene, script: dict[str, Any]) -> None:
    scene.stack.openrouter.faults.job(**script)

    assert (await scene.ask()).end.startswith("### Done")


async def test_a_link_that_is_a_page_says_so_in_the_status() -> None:
    async def page(_: web.Request) -> web.Response:
        return web.Response(text="<!doctype html><title>Cats</title>", content_type="text/html")

    app = web.Application()
    app.router.add_get("/cats", page)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
    stack = quick_stack()
    stack.trusted_origins.append(origin)
    async with stack:
        story = await Scene(stack).ask(links=f"{origin}/cats?signature=secret")
    await runner.cleanup()

    assert story.end.startswith("### Not started")
    assert "127.0.0.1/cats is a web page, not an image" in story.end
    assert "secret" not in story.end
    assert story.submits == []


async def test_a_link_to_a_private_address_is_not_fetched(scene: Scene) -> None:
    story = await scene.ask(links="https://127.0.0.1/a.png")

    assert "127.0.0.1/a.png points to a private address" in story.end
    assert story.submits == []


REFUSED_AT_ONCE: list[tuple[dict[str, Any], str]] = [
    ({"links": "cat.png"}, "links: cat.png isn't a link"),
    ({"model": "nobody/nothing"}, "model: nobody/nothing isn't a video model on OpenRouter"),
    ({"model": "bytedance/seedance-2.0-fst"}, "Did you mean bytedance/seedance-2.0-fast"),
    ({"duration": 99}, "It offers every whole number from 4 to 15."),
    ({"resolution": "4K"}, "It offers 480p and 720p."),
    ({"aspect_ratio": "5:4"}, "aspect_ratio: 5:4 isn't offered by bytedance/seedance-2.0-fast."),
    ({"seed": -1}, "seed: -1 is out of range"),
    ({"model": "runway/gen-4.5", "audio": True}, "it makes silent videos"),
    (
        {"model": "google/veo-3.1", "links": " ".join(f"https://example.com/{n}.png" for n in range(4))},
        "google/veo-3.1 takes up to 3 reference images",
    ),
]


@pytest.mark.parametrize(("options", "sentence"), REFUSED_AT_ONCE, ids=lambda value: str(value)[:40])
async def test_what_can_be_seen_at_once_is_refused_to_the_requester_alone(
    scene: Scene, options: dict[str, Any], sentence: str
) -> None:
    story = await scene.ask(**options)

    assert story.refusal is not None
    assert sentence in story.refusal
    assert "You weren't charged." in story.refusal
    assert story.submits == []


async def test_an_attachment_that_is_no_image_is_refused_to_the_requester_alone(scene: Scene) -> None:
    story = await scene.ask(**attached(image("red"), Upload("notes.png", b"just words " * 40, "image/png")))

    assert story.refusal is not None
    assert "notes.png isn't an image; references are PNG, JPEG, WebP, HEIC, AVIF" in story.refusal
    assert story.submits == []


async def test_a_missing_permission_is_named_before_anything_is_paid(scene: Scene) -> None:
    world = scene.stack.discord.world
    world.deny(scene.channel, Permission.ATTACH_FILES)
    try:
        story = await scene.ask()
    finally:
        world.allow(scene.channel, Permission.ATTACH_FILES)

    assert story.refusal is not None
    assert "it's missing Attach Files" in story.refusal
    assert story.submits == []


async def test_a_post_whose_answer_is_lost_is_not_posted_twice(scene: Scene) -> None:
    scene.stack.discord.faults.add(method="POST", path=r"/channels/\d+/messages$", drop=True, when="after")

    story = await scene.ask()

    assert story.end.startswith("### Done")
    assert story.video is not None
    everything = scene.stack.discord.person().messages(scene.channel)
    assert [shown(one) for one in everything].count(shown(story.video)) == 1


async def test_a_deleted_status_does_not_keep_the_video_back(scene: Scene) -> None:
    scene.stack.discord.faults.add(
        method="PATCH", path="/messages/", status=404, body={"code": 10008, "message": "Unknown Message"}, times=2
    )

    story = await scene.ask()

    assert story.video is not None


def _says_nothing_secret(story: Story) -> None:
    """Check that nothing shown has a traceback, key, signed link or raw HTML."""
    shown = "\n".join(story.statuses)
    assert not re.search(r"Traceback|sk-or|<html|[?&](hm|sig|signature)=", shown)
