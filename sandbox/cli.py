"""The command line: `python -m sandbox once | play | serve | demo`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import errno
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from sandbox.discord import Upload
from sandbox.once import Outcome, UsageError, origins, read_references, run_once
from sandbox.openrouter import forms
from sandbox.page.server import PageServer
from sandbox.page.welcome import WELCOME
from sandbox.play.command import play
from sandbox.play.strict import StoryError
from sandbox.stack import BotNotReadyError, Stack
from sandbox.view import LineView, choose_view

PORT = 8420
MOST_PORT = 65535
SPEED = 20.0
"""World seconds per real second: a job of a minute and a half then takes less than ten seconds."""
INTERRUPTED = 130
"""The exit code that shells use for an end by Ctrl-C."""
ASSETS = Path(__file__).with_name("assets")
DEMO_PROMPT = "The fox carries the lantern through a misty forest at dusk. Slow dolly in, warm light."


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox", description="Dailies, with stand-ins for Discord and OpenRouter. Costs nothing."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    once = commands.add_parser("once", help="use /video once and save the video")
    once.add_argument("--prompt", required=True, help="what happens in the video; {1}, {2} … name the references")
    once.add_argument(
        "--reference",
        action="append",
        default=[],
        metavar="FILE-OR-URL",
        help="a reference image; up to four files, and links on this machine; give the option again for each",
    )
    once.add_argument("--model", help="as on openrouter.ai/models, author/model; by default the bot's own default")
    once.add_argument("--duration", type=int, metavar="SECONDS", help="length of the video")
    once.add_argument("--resolution", help="as in 720p")
    once.add_argument("--aspect-ratio", metavar="RATIO", help="as in 16:9")
    once.add_argument("--audio", action=argparse.BooleanOptionalAction, help="with or without sound")
    once.add_argument("--seed", type=int, metavar="NUMBER", help="the same seed and settings give a similar video")
    once.add_argument("--out", type=Path, required=True, metavar="FILE.mp4", help="where the video is saved")
    once.add_argument("--form", choices=forms.NAMES, help="what the model delivers instead of an ordinary MP4")
    once.add_argument("--json", action="store_true", help="one JSON object on stdout, all else on stderr")
    once.add_argument(
        "--timeout", type=float, default=600.0, metavar="SECONDS", help="give up after this (%(default)g)"
    )
    story = commands.add_parser("play", help="play a story (docs/stories.md) and say what came of it")
    story.add_argument("story", type=Path, metavar="STORY.toml")
    story.add_argument("--json", action="store_true", help="one JSON object on stdout, all else on stderr")
    story.add_argument("--out", type=Path, metavar="FOLDER", help="where its videos are saved; by default play/STORY")
    serve = commands.add_parser("serve", help="serve the page until Ctrl-C")
    demo = commands.add_parser("demo", help="make a video of two bundled pictures, then serve the page")
    demo.add_argument("--once", action="store_true", help="end after the video")
    for sub in (serve, demo):
        sub.add_argument("--port", type=_port, default=PORT, help="of the page (%(default)s; 0: any free one)")
    for sub in (once, serve, demo):
        sub.add_argument(
            "--speed",
            type=_speed,
            default=SPEED,
            metavar="TIMES",
            help="how many times as fast the sandbox's clock runs, 1 to 1000 (%(default)g)",
        )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code: 0 done, 1 failed with an explanation, 2 wrong usage."""
    parser = build_parser()
    options = parser.parse_args(arguments)
    run = {"once": _once, "play": _play, "serve": _serve, "demo": _demo}[options.command]
    try:
        return asyncio.run(_until_stopped(run(options)))
    except UsageError as error:
        parser.error(str(error))
    except (BotNotReadyError, _PortError) as error:
        _complain(str(error))
        return 1


async def _until_stopped(work: Coroutine[object, object, int]) -> int:
    """Return the work's exit code. SIGINT and SIGTERM end it in order: the bot first, then the stand-ins."""
    task = asyncio.ensure_future(work)

    def stop() -> None:
        # Only once: a second Ctrl-C would cut the orderly shutdown short and leave files behind.
        if not task.cancelling():
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        # Also if a shell started this with SIGINT ignored, as it does for a background job.
        asyncio.get_running_loop().add_signal_handler(number, stop)
    try:
        return await task
    except asyncio.CancelledError:
        return INTERRUPTED


UNASKED = {"CONFIRM_ABOVE_USD": "never"}
"""Turn off the price question: nobody is there to answer it."""


async def _once(options: argparse.Namespace) -> int:
    uploads, links = await asyncio.to_thread(read_references, options.reference)
    command: dict[str, object | Upload] = {"prompt": options.prompt, **uploads}
    if links:
        command["links"] = " ".join(links)
    for name in ("model", "duration", "resolution", "aspect_ratio", "audio", "seed"):
        if getattr(options, name) is not None:
            command[name] = getattr(options, name)
    view = LineView(sys.stderr) if options.json else choose_view(sys.stdout)
    async with Stack(speed=options.speed, trusted_origins=origins(links), environment=UNASKED) as stack:
        if options.form:
            stack.openrouter.faults.job(form=options.form)
        outcome = await run_once(stack, command, view, out=options.out, timeout=options.timeout)
        if options.json:
            sys.stdout.write(json.dumps(outcome.to_json(stack), ensure_ascii=False) + "\n")
    return _report(outcome, options.speed, quiet=options.json)


async def _play(options: argparse.Namespace) -> int:
    try:
        return await play(options.story, out=options.out, as_json=options.json, stdout=sys.stdout, stderr=sys.stderr)
    except StoryError as error:
        _complain(str(error))
        return 2
    except OSError as error:
        _complain(f"The story was played, but its videos could not be saved: {error}")
        return 1


async def _demo(options: argparse.Namespace) -> int:
    uploads, _ = await asyncio.to_thread(read_references, [str(ASSETS / "lantern.jpg"), str(ASSETS / "fox.jpg")])
    view, out = choose_view(sys.stdout), Path("demo") / "lantern-and-fox.mp4"
    async with Stack(speed=options.speed, start_bot=False) as stack, AsyncExitStack() as pages:
        # The port first: a newcomer should not watch a whole job before the page turns out to have no place.
        page = (
            None
            if options.once
            else await pages.enter_async_context(_listening(stack, options.port, "make demo PORT="))
        )
        await stack.start_bot()
        outcome = await run_once(stack, {"prompt": DEMO_PROMPT, **uploads}, view, out=out, timeout=300)
        code = _report(outcome, options.speed)
        return code if page is None or code else await _serve_until_stopped(page)


async def _serve(options: argparse.Namespace) -> int:
    async with Stack(speed=options.speed, start_bot=False) as stack, _listening(stack, options.port, "--port ") as page:
        await stack.start_bot()
        return await _serve_until_stopped(page)


class _PortError(Exception):
    """The page cannot listen; the text says why, and what to do."""


@asynccontextmanager
async def _listening(stack: Stack, port: int, option: str) -> AsyncGenerator[PageServer]:
    """Listen for browsers. option: how another port is chosen, up to its number. Raises _PortError."""
    page = PageServer(stack, WELCOME)
    try:
        await page.start(port)
    except OSError as error:
        other = port + 1 if 1024 <= port < MOST_PORT else PORT
        if error.errno == errno.EADDRINUSE:
            problem = "is in use. End what uses it, or choose another one"
        else:
            problem = f"cannot be used ({os.strerror(error.errno or 0)}). Choose another one"
        raise _PortError(f"Port {port} {problem}: {option}{other}") from None
    try:
        yield page
    finally:
        await page.close()


async def _serve_until_stopped(page: PageServer) -> int:
    """Serve until cancelled, which is how a server normally ends."""
    sys.stdout.write(f"Open {page.origin} in your browser and use the bot yourself. Ctrl-C ends it.\n")
    sys.stdout.flush()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.Event().wait()
    return 0


def _report(outcome: Outcome, speed: float, *, quiet: bool = False) -> int:
    if outcome.error is not None:
        _complain(outcome.error if outcome.posted_message else f"No video was posted. {outcome.error}")
        return 1
    if not quiet:
        clock = f"; the sandbox's clock runs {speed:g} times as fast" if speed != 1 else ""
        sys.stdout.write(f"The video is in {outcome.file}\nThis took {outcome.seconds:.1f} s{clock}.\n")
        sys.stdout.flush()
    return 0


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 1 <= speed <= 1000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 1000")
    return speed


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= MOST_PORT):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port from 0 to {MOST_PORT}")
    return int(text)


def _complain(text: str) -> None:
    sys.stderr.write(text + "\n")
