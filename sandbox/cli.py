"""The command line: `python -m sandbox once | serve | demo`."""

from __future__ import annotations

import argparse
import asyncio
import errno
import json
import signal
import sys
from collections.abc import Coroutine, Sequence
from pathlib import Path

from sandbox.discord import Upload
from sandbox.once import Outcome, UsageError, origins, read_references, run_once
from sandbox.page.server import PageServer
from sandbox.stack import BotNotReadyError, Stack
from sandbox.view import LineView, choose_view

PORT = 8420
SPEED = 20.0
"""World seconds in a real second: a job of a minute and a half then takes less than ten seconds."""
INTERRUPTED = 130
"""The exit code of shells for an end by Ctrl-C."""
ASSETS = Path(__file__).with_name("assets")
DEMO_PROMPT = (
    "The fox from the second picture carries the lantern from the first through a misty forest at dusk, "
    "slow dolly in, warm light, shallow depth of field"
)


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox", description="Dailies, with stand-ins for Discord and OpenRouter. Costs nothing."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    once = commands.add_parser("once", help="use /video once and save the video")
    once.add_argument("--prompt", required=True)
    once.add_argument("--reference", action="append", default=[], metavar="FILE-OR-URL", help="up to four files")
    once.add_argument("--model")
    once.add_argument("--duration", type=int, metavar="SECONDS")
    once.add_argument("--resolution")
    once.add_argument("--aspect-ratio")
    once.add_argument("--audio", action=argparse.BooleanOptionalAction)
    once.add_argument("--seed", type=int)
    once.add_argument("--out", type=Path, required=True, metavar="FILE.mp4")
    once.add_argument("--json", action="store_true", help="one JSON object on stdout, all else on stderr")
    once.add_argument("--timeout", type=float, default=600.0, metavar="SECONDS", help="real seconds (%(default)g)")
    serve = commands.add_parser("serve", help="serve the page until Ctrl-C")
    demo = commands.add_parser("demo", help="make a video of two bundled pictures, then serve the page")
    demo.add_argument("--once", action="store_true", help="end after the video")
    for sub in (serve, demo):
        sub.add_argument("--port", type=int, default=PORT, help="of the page (%(default)s)")
    for sub in (once, serve, demo):
        sub.add_argument(
            "--speed", type=_speed, default=SPEED, help="world seconds in a real second (%(default)g; 1 is real time)"
        )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code: 0 done, 1 not done and said why, 2 wrong usage."""
    parser = build_parser()
    options = parser.parse_args(arguments)
    run = {"once": _once, "serve": _serve, "demo": _demo}[options.command]
    try:
        return asyncio.run(_until_stopped(run(options)))
    except UsageError as error:
        parser.error(str(error))
    except BotNotReadyError as error:
        _complain(str(error))
        return 1


async def _until_stopped(work: Coroutine[object, object, int]) -> int:
    """The work's exit code. SIGINT and SIGTERM end it in order: the bot first, then the stand-ins."""
    task = asyncio.ensure_future(work)

    def stop() -> None:
        # Only once: a second Ctrl-C would cut the orderly end short and leave files behind.
        if not task.cancelling():
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        # Also where a shell started this with SIGINT ignored, as it does for a job in the background.
        asyncio.get_running_loop().add_signal_handler(number, stop)
    try:
        return await task
    except asyncio.CancelledError:
        return INTERRUPTED


UNASKED = {"CONFIRM_ABOVE_USD": "never"}
"""Nobody is there to answer whether the price is agreed to."""


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
        outcome = await run_once(stack, command, view, out=options.out, timeout=options.timeout)
        if options.json:
            sys.stdout.write(json.dumps(outcome.to_json(stack), ensure_ascii=False) + "\n")
    return _report(outcome, quiet=options.json)


async def _demo(options: argparse.Namespace) -> int:
    uploads, _ = await asyncio.to_thread(read_references, [str(ASSETS / "lantern.jpg"), str(ASSETS / "fox.jpg")])
    async with Stack(speed=options.speed, environment=UNASKED) as stack:
        view, out = choose_view(sys.stdout), Path("demo") / "lantern-and-fox.mp4"
        outcome = await run_once(stack, {"prompt": DEMO_PROMPT, **uploads}, view, out=out, timeout=300)
        code = _report(outcome)
        if code == 0 and not options.once:
            return await _serve_page(stack, options.port)
    return code


async def _serve(options: argparse.Namespace) -> int:
    async with Stack(speed=options.speed) as stack:
        return await _serve_page(stack, options.port)


async def _serve_page(stack: Stack, port: int) -> int:
    """Serve until this is cancelled, which is the ordinary end of a server."""
    page = PageServer(stack)
    try:
        await page.start(port)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        _complain(f"Port {port} is in use. End what uses it, or choose another one: --port {port + 1}")
        return 1
    try:
        sys.stdout.write(f"The page is at {page.origin} (Ctrl-C ends it)\n")
        sys.stdout.flush()
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        return 0
    finally:
        await page.close()
    return 0


def _report(outcome: Outcome, *, quiet: bool = False) -> int:
    if outcome.error is not None:
        _complain(f"No video was posted. {outcome.error}")
        return 1
    if not quiet:
        sys.stdout.write(f"The video is in {outcome.file} ({outcome.seconds:.1f} s)\n")
        sys.stdout.flush()
    return 0


def _speed(text: str) -> float:
    speed = float(text)
    if not 1 <= speed <= 1000:
        raise argparse.ArgumentTypeError("must be from 1 to 1000")
    return speed


def _complain(text: str) -> None:
    sys.stderr.write(text + "\n")
