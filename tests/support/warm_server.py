"""A process that has loaded the bot's modules, and forks into bots: their start takes a tenth of the time then.

Everything else is as with `python -m sandbox.timelapse bot.py`. Reads a line of JSON for each bot, and writes one when
it was begun and one when it has ended. Run by tests/support/warm_bots.py.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import runpy
import select
import signal
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any

from sandbox import timelapse

_PR_SET_PDEATHSIG = 1


def serve(answers: int) -> dict[str, Any] | None:
    """Fork for each request; returns the request in the child, and None at the end of the requests."""
    woken, wakes = os.pipe()
    for end in (woken, wakes):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, _nothing)  # without a handler nothing is written to the pipe
    begun = b""
    while True:
        ready, _, _ = select.select([0, woken], [], [])
        if woken in ready:
            os.read(woken, 65_536)
            _reap(answers)
        if 0 not in ready:
            continue
        if not (read := os.read(0, 65_536)):
            return None
        *lines, begun = (begun + read).split(b"\n")
        for line in lines:
            request = json.loads(line)
            if not (pid := os.fork()):
                for end in (woken, wakes, answers):
                    os.close(end)
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                return request
            _say(answers, begun=request["number"], pid=pid)


def _nothing(_: int, __: FrameType | None) -> None:
    pass


def _reap(answers: int) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        _say(answers, ended=pid, code=os.waitstatus_to_exitcode(status))


def _say(answers: int, **words: int) -> None:
    os.write(answers, json.dumps(words).encode() + b"\n")


def become(request: dict[str, Any]) -> None:
    """Run the bot in this process, as sandbox.botprocess starts it."""
    server = os.getppid()
    os.setsid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != server:
        sys.exit("the server that forked this bot is gone")
    log = os.open(request["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    for number, file in enumerate((os.open(os.devnull, os.O_RDONLY), log, log)):
        os.dup2(file, number)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    script = Path(request["script"])
    sys.argv = [str(script), *request["arguments"]]
    sys.path[0] = str(script.parent)
    timelapse.install(request["speed"], request["epoch"])
    runpy.run_path(str(script), run_name="__main__")


def main() -> None:
    """Serve; in a child, become the bot."""
    answers = os.dup(1)
    os.dup2(2, 1)
    timelapse.install(1.0, 0.0)
    importlib.import_module("bot")
    assert threading.active_count() == 1, "a thread would not live on in the children"
    gc.collect()
    gc.freeze()
    request = serve(answers)
    if request is not None:
        become(request)


if __name__ == "__main__":
    main()
