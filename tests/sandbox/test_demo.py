"""`python -m sandbox demo`."""

from __future__ import annotations

import re
import signal
import urllib.request
from pathlib import Path

from tests.sandbox.command_kit import start


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
    with urllib.request.urlopen(f"{address[0]}/api/state", timeout=30) as state:
        assert b".mp4" in state.read()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")
