"""python -m dailies.references says what would be sent and why, as the bot would do it."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from PIL import Image

from dailies.references.cli import main
from dailies.references.inspector import AT_ONCE
from tests.support.images import endless, image, saved
from tests.support.servers import serving

ROOT = Path(__file__).parents[2]
FOX = image("orange")
PAGES = {
    path: f'<meta property="og:image" content="{address}">'
    for path, address in {
        "/pictured": "/fox.png?sig=secret",
        "/of-inside": "https://169.254.169.254/latest?token=secret",
        "/of-a-page": "/page",
    }.items()
} | {"/bare": ""}


PAGE = "is a web page, not an image; open it, copy the address of the picture itself, and use that. "


async def answer(request: web.Request) -> web.StreamResponse:
    if request.path == "/moved":
        return web.Response(status=302, headers={"Location": "/fox.png"})
    if request.path == "/inside":
        return web.Response(status=302, headers={"Location": "https://169.254.169.254/latest?token=1"})
    if request.path == "/unnamed":
        return web.Response(body=FOX, content_type="application/octet-stream")
    if request.path in PAGES:
        return web.Response(text=f"<html><head>{PAGES[request.path]}</head>", content_type="text/html")
    page = request.path == "/page"
    return web.Response(body=b"<html>" if page else FOX, content_type="text/html" if page else "image/png")


async def looked(*arguments: str, **environment: str) -> tuple[int, list[str]]:
    """Return the exit code, and the text written."""
    output = io.StringIO()
    code = await asyncio.to_thread(main, arguments, environment, output)
    return code, output.getvalue().splitlines()


async def findings(*checks: str, **environment: str) -> tuple[int, list[dict[str, Any]]]:
    code, lines = await looked("--json", *checks, **environment)
    return code, [json.loads(line) for line in lines]


async def test_a_file_that_can_be_used_goes_along_inline(tmp_path: Path) -> None:
    fox = tmp_path / "fox.png"
    await asyncio.to_thread(fox.write_bytes, FOX)
    code, [found] = await findings(str(fox))
    assert code == 0
    assert found.pop("reason").startswith("its bytes are sent, as those of an attachment")
    assert found == {
        "check": str(fox),
        "usable": True,
        "transport": "inline",
        "media_type": "image/png",
        "width": 400,
        "height": 300,
        "bytes": len(FOX),
        "changed": False,
        "preview": None,
    }


async def test_links_are_fetched_as_the_settings_allow(tmp_path: Path) -> None:
    async with serving(answer) as server:
        links = [f"{server.origin}/fox.png?sig=1", f"{server.origin}/moved", f"{server.origin}/page"]
        code, found = await findings(*links, REFERENCE_TRUSTED_ORIGINS=server.origin)
        assert (await findings(links[0]))[1][0]["reason"] == "isn't an https link; only https links are fetched"
    assert code == 1
    assert [one["check"] for one in found] == links
    assert [one["usable"] for one in found] == [True, True, False]
    assert "trusted origin" in found[0]["reason"]
    assert "redirects" in found[1]["reason"]
    assert "is a web page" in found[2]["reason"]


@pytest.mark.slow
async def test_why_bytes_go_along_is_said() -> None:
    async with serving(answer) as server:
        links = [f"{server.origin}/{path}" for path in ("moved", "fox.png?X-Tos-Expires=86400", "unnamed", "fox.png")]
        trusted = {"REFERENCE_TRUSTED_ORIGINS": server.origin}
        _, found = await findings(*links, **trusted)
        _, (inline,) = await findings(links[-1], REFERENCE_TRANSPORT="inline", **trusted)
    assert [one["reason"] for one in [*found, inline]] == [
        "its link redirects, so its bytes are sent",
        "its link doesn't last, so its bytes are sent",
        "its site doesn't call it image/png, so its bytes are sent",
        "its link is on a trusted origin, which others may not reach, so its bytes are sent",
        "this bot sends no links, so its bytes are sent",
    ]


async def test_refused_addresses_are_refused_here_too() -> None:
    links = [
        "https://127.0.0.1/x",
        "https://[::ffff:10.0.0.1]/x",
        "https://localhost/x",
        "https://0x7f.1/",
        "file:///x",
    ]
    code, found = await findings(*links)
    assert code == 1
    assert not any(one["usable"] for one in found)
    assert {one["transport"] for one in found} == {None}


@pytest.mark.slow
async def test_a_page_is_refused_with_the_picture_that_it_declares() -> None:
    async with serving(answer) as server:
        links = [f"{server.origin}{path}" for path in PAGES]
        code, found = await findings(*links, REFERENCE_TRUSTED_ORIGINS=server.origin)
        _, lines = await looked(*links, REFERENCE_TRUSTED_ORIGINS=server.origin)
    assert code == 1
    assert not any(one["usable"] for one in found)
    said = [one["reason"].removeprefix(PAGE) for one in found]
    assert said == [
        "The picture that it declares, 127.0.0.1/fox.png, can be used",
        "The picture that it declares, 169.254.169.254/latest, points to a private address; only public links are "
        "fetched",
        f"The picture that it declares, 127.0.0.1/page, {PAGE.removesuffix('. ')}",
        "It declares no picture (og:image, twitter:image)",
    ]
    assert [one["preview"] for one in found] == [
        f"{server.origin}/fox.png?sig=secret",
        "https://169.254.169.254/latest?token=secret",
        f"{server.origin}/page",
        None,
    ]
    assert "secret" not in "".join(lines)


async def test_limits_are_those_of_the_settings(tmp_path: Path) -> None:
    fox = tmp_path / "fox.png"
    await asyncio.to_thread(fox.write_bytes, FOX + bytes(200_000))
    assert "over 0.1 MB" in (await findings(str(fox), REFERENCE_MAX_MB="0.1"))[1][0]["reason"]


async def test_a_line_for_people_never_shows_a_query(tmp_path: Path) -> None:
    fox = tmp_path / "what?.png"
    await asyncio.to_thread(fox.write_bytes, FOX)
    async with serving(answer) as server:
        links = [f"{server.origin}/{path}?sig=secret" for path in ("fox.png", "inside", "page")]
        code, lines = await looked(*links, str(fox), REFERENCE_TRUSTED_ORIGINS=server.origin)
    assert code == 1
    assert lines[0].startswith(f"ok       {server.origin}/fox.png?…: image/png, 400 × 300, {len(FOX)} bytes, as it is")
    assert lines[1].startswith(
        f"refused  {server.origin}/inside?…: redirects to 169.254.169.254, which points to a priv"
    )
    assert lines[3].startswith(f"ok       {fox}: ")
    assert "secret" not in "".join(lines)
    assert "token" not in "".join(lines)


@pytest.mark.parametrize(
    ("check", "reason"),
    [
        ("nothing.png", "isn't there"),
        (".", "isn't there, or isn't a file"),
        ("https://a.example/1,https://a.example/2", "holds 2 links"),
        ("ftp://a.example/x", "isn't a link"),
        ("https://ann:pw@a.example/x", "user name or password"),
        ("https://discord.com/channels/1/2/3", "only the running bot can see"),
    ],
)
async def test_what_cannot_be_looked_at_says_why(check: str, reason: str) -> None:
    code, [found] = await findings(check)
    assert code == 1
    assert reason in found["reason"]


async def test_a_line_for_people_never_shows_a_password() -> None:
    _, (line,) = await looked("https://ann:secret@a.example/x")
    assert line.startswith("refused  https://…@a.example/x: has a user name")


@pytest.mark.slow
async def test_all_of_them_fit_into_one_request_as_the_bot_would_send_it(tmp_path: Path) -> None:
    noise = [saved(Image.effect_noise(size, 60), "JPEG", quality=95) for size in ((1600, 1200), (1200, 900))]
    paths = [tmp_path / f"{number}.jpg" for number in range(2)]
    for path, data in zip(paths, noise, strict=True):
        await asyncio.to_thread(path.write_bytes, data)
    _, alone = await findings(str(paths[1]), REQUEST_MAX_MB="2")
    code, found = await findings(*map(str, paths), str(paths[1]), REQUEST_MAX_MB="2")
    assert (alone[0]["width"], alone[0]["changed"]) == (1200, False)
    assert code == 0
    assert all(one["changed"] and "to keep the request under 2 MB" in one["reason"] for one in found)
    assert found[1] == found[2]
    assert (found[0]["bytes"] + found[1]["bytes"]) * 4 / 3 < 2_000_000


@pytest.mark.slow
async def test_a_model_s_limits_count_when_it_is_named(tmp_path: Path) -> None:
    wide = tmp_path / "wide.png"
    await asyncio.to_thread(wide.write_bytes, image("red", size=(1200, 400)))
    assert (await findings(str(wide)))[0] == 0
    code, [found] = await findings(str(wide), "--model", "bytedance/seedance-2.0")
    assert (code, found["reason"].split(":")[0]) == (1, "is too wide for this model")


@pytest.mark.slow
async def test_more_than_the_named_model_takes_cannot_be_used(tmp_path: Path) -> None:
    paths = [tmp_path / f"{colour}.png" for colour in ("red", "green", "blue", "white")]
    for path in paths:
        await asyncio.to_thread(path.write_bytes, image(path.stem))
    code, found = await findings(*map(str, paths), "--model", "google/veo-3.1")
    assert (code, [one["usable"] for one in found]) == (1, [True, True, True, False])
    assert found[3]["reason"] == "is one too many: google/veo-3.1 takes up to 3 reference images"


async def test_a_model_that_takes_none_gets_none(tmp_path: Path) -> None:
    fox = tmp_path / "fox.png"
    await asyncio.to_thread(fox.write_bytes, FOX)
    code, [found] = await findings(str(fox), "--model", "google/veo-3.1-lite")
    assert (code, found["usable"]) == (1, False)
    assert found["reason"].startswith("is not sent: google/veo-3.1-lite doesn't accept reference images (pages of")


async def test_links_only_means_links_only_here_too(tmp_path: Path) -> None:
    async with serving(answer) as server:
        trusted = {"REFERENCE_TRUSTED_ORIGINS": server.origin, "REFERENCE_TRANSPORT": "url"}
        code, found = await findings(f"{server.origin}/fox.png", f"{server.origin}/moved", **trusted)
    assert code == 1
    assert found[0]["transport"] == "url"
    assert "its link redirects, and this bot sends links only" in found[1]["reason"]


@pytest.mark.parametrize("arguments", [[], ["--json"], ["--what", "fox.png"], ["--model", "a/b", "fox.png"]])
async def test_wrong_usage_is_2(arguments: list[str]) -> None:
    assert await looked(*arguments) == (2, [])


async def test_wrong_settings_are_2() -> None:
    assert await looked("fox.png", REFERENCE_MAX_MB="much") == (2, [])


@pytest.mark.slow
async def test_the_command_reads_env_and_needs_no_token(tmp_path: Path) -> None:
    """Run it as an operator does: a process of its own, in a folder with an .env."""
    environment = {
        name: text for name, text in os.environ.items() if name not in ("DISCORD_TOKEN", "OPENROUTER_API_KEY")
    }
    async with serving(answer) as server:
        await asyncio.to_thread((tmp_path / ".env").write_text, f"REFERENCE_TRUSTED_ORIGINS={server.origin}\n")
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "dailies.references", f"{server.origin}/fox.png", os.fsdecode(b"\xff.png")],
            cwd=tmp_path,
            env=environment | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode == 1, done.stderr
    assert done.stdout.splitlines()[0].startswith(f"ok       {server.origin}/fox.png: image/png")
    assert done.stdout.splitlines()[1].startswith("refused  \\udcff.png: isn't there")


@pytest.mark.slow
async def test_any_number_of_files_needs_few_of_them_open(tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.png" for number in range(100)]
    for file in files:
        await asyncio.to_thread(file.write_bytes, b"no image")
    done = await asyncio.to_thread(
        subprocess.run,
        ["sh", "-c", 'ulimit -n 64; exec "$@"', "sh", sys.executable, "-m", "dailies.references", *map(str, files)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    said = done.stdout.splitlines()
    assert len(said) == len(files), done.stderr
    assert [line for line in said if "isn't an image" not in line] == []


@pytest.mark.slow
async def test_ctrl_c_ends_it_without_a_word(tmp_path: Path) -> None:
    """Interrupt it among several pictures; the exit code is the one that a shell expects."""
    picture = await asyncio.to_thread(endless)
    files = [tmp_path / f"{number}.jpg" for number in range(4)]
    for number, file in enumerate(files):
        await asyncio.to_thread(file.write_bytes, picture + bytes(number))
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "dailies.references", *map(str, files),
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        # A shell lets what it starts in the background ignore the signal, and a run of the tests may be that.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    children = Path(f"/proc/{running.pid}/task/{running.pid}/children")
    while len((await asyncio.to_thread(children.read_text)).split()) < AT_ONCE:  # noqa: ASYNC110 (nothing tells of it)
        await asyncio.sleep(0.01)
    running.send_signal(signal.SIGINT)
    assert await running.communicate() == (b"", b"")
    assert running.returncode == 128 + signal.SIGINT
