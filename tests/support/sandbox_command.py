"""The sandbox's command line in the tests' own process, where its bots start warm (tests/support/warm_bots.py).

A process that starts `python -m sandbox`, and the bot in it, takes two seconds of a processor for its imports alone.
"""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass

from sandbox.botprocess import ROOT
from sandbox.cli import main


@dataclass(frozen=True)
class Ran:
    """The end of a command, and what it printed."""

    returncode: int
    stdout: str
    stderr: str


def ran(*arguments: str) -> Ran:
    """Run `python -m sandbox` with these arguments, in the project's folder, to its end."""
    stdout, stderr = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr), contextlib.chdir(ROOT):
        try:
            code = main(arguments)
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 1
    return Ran(code, stdout.getvalue(), stderr.getvalue())
