"""`python -m sandbox serve`."""

from __future__ import annotations

import re
import signal
import socket
import urllib.request
from pathlib import Path

import pytest

from tests.sandbox.command_kit import start
from tests.support.sandbox_command import ran

pytestmark = pytest.mark.slow


def test_the_page_is_served_until_sigterm(tmp_path: Path) -> None:
    process = start(tmp_path, "serve", "--port", "0")
    assert process.stdout is not None
    line = process.stdout.readline()
    address = re.search(r"http://127\.0\.0\.1:\d+", line)
    assert address, line + (process.stderr.read() if process.stderr and process.poll() is not None else "")
    with urllib.request.urlopen(address[0], timeout=30) as page:
        assert b"<html" in page.read().lower()
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")


def test_a_taken_port_is_said_with_what_to_do() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = ran("serve", "--port", str(port))
    assert ended.returncode == 1
    assert ended.stderr == f"Port {port} is in use. End what uses it, or choose another one: --port {port + 1}\n"


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--port", "65536", "'65536' is not a port from 0 to 65535"),
        ("--port", "web", "'web' is not a port from 0 to 65535"),
        ("--speed", "0", "'0' is not a number from 1 to 1000"),
        ("--speed", "fast", "'fast' is not a number from 1 to 1000"),
    ],
)
def test_a_wrong_option_is_named_with_what_it_takes(option: str, value: str, words: str) -> None:
    ended = ran("serve", option, value)
    assert ended.returncode == 2
    assert ended.stderr.endswith(f"error: argument {option}: {words}\n")
