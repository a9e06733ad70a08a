"""/jobs resend over real sockets, and a backup of a database that the bot is using."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from sandbox.discord import Interaction
from tests.e2e.scene import Scene, shown, text_of
from tests.support.warm_bots import bot_command

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]


async def answered(scene: Scene, word: str, **options: object) -> str:
    """Type /jobs WORD as Ann; returns the answer, which only she can see."""
    interaction = await scene.stack.discord.person().command(scene.channel, f"jobs {word}", options)
    await interaction.wait(25)
    assert interaction.ephemeral
    async with asyncio.timeout(30):
        while not (text := said(scene, interaction)):  # noqa: ASYNC110 (a deferred answer has no event of its own)
            await asyncio.sleep(0.02)
    if text.startswith("This job is still running"):
        # Its end was shown; the bot is about to record that.
        await asyncio.sleep(0.1)
        return await answered(scene, word, **options)
    return text


def said(scene: Scene, interaction: Interaction) -> str:
    """Return the answer's text now; nothing while the bot is thinking."""
    message = interaction.response_message
    if message is None:
        return ""
    return text_of(scene.stack.discord.message_json(message["id"])).strip()


def parts(components: Any) -> Iterator[dict[str, Any]]:
    """Yield every component, nested ones included."""
    for component in components:
        yield component
        yield from parts(component.get("components") or [])


def names(message: Mapping[str, Any]) -> list[str]:
    """Return the names of a message's files."""
    files: list[dict[str, str]] = message.get("attachments") or []
    return [file["filename"] for file in files]


async def backup(target: Path, environment: Mapping[str, str]) -> tuple[int, str]:
    """Run `python bot.py backup FILE` with nothing else set; returns its exit code and what it printed."""
    return await bot_command("backup", str(target), environment=environment, folder=target.parent)


async def test_a_video_is_posted_again_on_purpose(scene: Scene) -> None:
    story = await scene.ask()
    assert story.video is not None
    video = shown(story.video)
    assert video is not None

    answer = await answered(scene, "resend", job=video[0])

    assert answer.startswith("Posted again: https://discord.com/channels/")
    messages: list[dict[str, Any]] = scene.stack.discord.person().messages(scene.channel)
    posted = [message for message in messages if shown(message) == video]
    assert len(posted) == 2
    assert answer.endswith(posted[1]["id"])
    assert await scene.download(posted[1]["attachments"][0]) == await scene.download(story.video["attachments"][0])
    assert len(story.submits) == 1


async def test_a_video_that_could_not_be_posted_is_delivered_by_again(scene: Scene) -> None:
    path = r"/channels/\d+/messages$"
    body = {"code": 50013, "message": "Missing Permissions"}
    scene.stack.discord.faults.add(method="POST", path=path, status=403, body=body, times=2)  # a direct message too
    story = await scene.ask()
    assert story.end.startswith("### Finished, but not delivered\n")
    assert "/jobs resend" in story.end
    job_id = story.end.rpartition("-# Job ")[2].split()[0]

    assert (await answered(scene, "resend", job=job_id)).startswith("Posted again")

    status = text_of(scene.stack.discord.message_json(story.status["id"])).strip()
    assert status.startswith("### Done\n")


async def test_again_says_that_discord_fails_and_keeps_the_video(scene: Scene) -> None:
    story = await scene.ask()
    assert story.video is not None
    job_id, _ = shown(story.video) or ("", 0)
    scene.stack.discord.faults.add(method="POST", path=r"/channels/\d+/messages$", status=503, times=6)

    assert (await answered(scene, "resend", job=job_id)).startswith("Discord didn't accept the video")
    assert (await answered(scene, "resend", job=job_id)).startswith("Posted again")


async def test_buttons_work_after_the_bot_was_killed(scene: Scene) -> None:
    person = scene.stack.discord.person()
    asking = await person.command(scene.channel, "jobs forget", {})
    await asking.wait(5)
    assert asking.response_message is not None
    await scene.stack.bot.kill()
    await scene.stack.start_bot()
    buttons: list[dict[str, Any]] = [
        part for part in parts(asking.response_message["components"]) if part.get("type") == 2
    ]
    decline = next(button for button in buttons if "forget" not in button["label"].lower())
    clicked = await person.click(asking.response_message["id"], decline["custom_id"])
    await clicked.wait(5)
    async with asyncio.timeout(30):
        while "Nothing was removed." not in said(scene, asking):  # noqa: ASYNC110 (an edit has no event of its own)
            await asyncio.sleep(0.02)


async def test_show_hands_out_all_that_is_kept(scene: Scene) -> None:
    story = await scene.ask("A kite over the sea")
    job_id = story.end.rpartition("-# Job ")[2].split()[0]
    assert "**A kite over the sea**" in await answered(scene, "list")

    text = await answered(scene, "show", job=job_id)

    assert text.startswith("### Done\n> A kite over the sea\n")


async def test_forgetting_empties_the_disk(scene: Scene) -> None:
    await scene.ask()
    await asyncio.sleep(0.5)  # its end was shown; the bot is about to record that
    stack = scene.stack
    interaction = await stack.discord.person().command(scene.channel, "jobs forget", {})
    await interaction.wait(25)
    assert interaction.response_message is not None

    pressed = await stack.discord.person().click(interaction.response_message["id"], "jobs:forget:yes")
    await pressed.wait(5)
    async with asyncio.timeout(30):
        while "forgotten" not in said(scene, interaction):  # noqa: ASYNC110 (the edit has no event of its own)
            await asyncio.sleep(0.02)

    folder = Path(stack.bot_environment()["DATA_DIR"]) / "videos"
    assert list(await asyncio.to_thread(lambda: list(folder.iterdir()))) == []


async def test_a_running_bot_s_database_is_copied(scene: Scene, tmp_path: Path) -> None:
    scene.stack.openrouter.faults.job(work_seconds=30)  # it runs meanwhile
    asking = asyncio.create_task(scene.ask("A boat to be copied"))
    copy = tmp_path / "copy.sqlite"
    code, printed = await backup(copy, {"DATA_DIR": scene.stack.bot_environment()["DATA_DIR"]})
    story = await asking

    assert code == 0, printed
    assert f"{copy} is a copy of the database" in printed
    with sqlite3.connect(copy) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("SELECT count(*) FROM jobs").fetchone()[0] >= 1
    assert story.end.startswith("### Done\n")


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"DATABASE_URL": "postgresql+asyncpg://a:secret@localhost/x"}, "use pg_dump for PostgreSQL"),
        ({"DATA_DIR": "nowhere"}, "There is no database"),
    ],
)
async def test_a_backup_that_cannot_be_made_says_why(tmp_path: Path, environment: dict[str, str], words: str) -> None:
    code, printed = await backup(tmp_path / "copy.sqlite", environment)

    assert code == 1
    assert words in printed
    assert "secret" not in printed
    assert "Traceback" not in printed
    assert not (tmp_path / "copy.sqlite").exists()


async def test_a_backup_never_writes_over_a_file(scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    code, printed = await backup(tmp_path / "mine", {"DATA_DIR": scene.stack.bot_environment()["DATA_DIR"]})

    assert code == 1
    assert "exists already" in printed
    assert (tmp_path / "mine").read_text() == "mine"
