"""`python -m sandbox demo`."""

from __future__ import annotations

import json
import re
import signal
import socket
import time
import urllib.request
from pathlib import Path

import pytest

from tests.sandbox.command_kit import start
from tests.support.sandbox_command import ran

pytestmark = pytest.mark.slow


def seen(origin: str) -> str:
    """Everything that Ann sees, as JSON."""
    with urllib.request.urlopen(f"{origin}/api/state", timeout=30) as state:
        return state.read().decode()


def ask(origin: str, options: dict[str, object]) -> None:
    """Use /video as the page does."""
    channel = next(one["id"] for one in json.loads(seen(origin))["channels"] if one["name"] == "dailies")
    payload = json.dumps({"channel_id": channel, "command": "video", "options": options})
    form = f'--b\r\nContent-Disposition: form-data; name="payload"\r\n\r\n{payload}\r\n--b--\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    request = urllib.request.Request(f"{origin}/api/command", form.encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status == 200


def test_a_taken_port_is_said_before_anything_is_made() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = ran("demo", "--port", str(port))
    assert (ended.returncode, ended.stdout) == (1, "")
    assert re.fullmatch(rf"Port {port} is in use\. .* choose another one: make demo PORT=\d+\n", ended.stderr)


def test_the_demo_makes_a_video_of_the_bundled_pictures_and_serves_the_same_world_afterwards(tmp_path: Path) -> None:
    process = start(tmp_path, "demo", "--speed", "60", "--port", "0")
    assert process.stdout is not None
    address, said = None, ""
    for line in process.stdout:
        said += line
        if address := re.search(r"http://127\.0\.0\.1:\d+", line):
            break
    assert address is not None
    assert "The video is in demo/lantern-and-fox.mp4" in said
    assert (tmp_path / "demo" / "lantern-and-fox.mp4").read_bytes()[4:8] == b"ftyp"
    assert ".mp4" in seen(address[0])
    # Eight seconds cost more than the bot's own limit: it asks, as it would in Discord.
    ask(address[0], {"prompt": "A fox", "duration": 8})
    deadline = time.monotonic() + 60
    while "$0.73" not in seen(address[0]) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert "$0.73" in seen(address[0])
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")
