"""The benchmark of what metrics cost, on a small scale."""

from __future__ import annotations

import json
import re

import pytest

from benchmarks.metrics import main


def test_both_ways_are_timed_in_one_run(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["--looks", "100"])

    found = json.loads(capsys.readouterr().out)
    assert found["looks"] == 100
    assert found["without_us"] > 0 < found["with_us"]
    # So few looks may say anything; what is said has to follow from it.
    assert code == (0 if found["more_us"] <= 20 else 1)


def test_the_help_says_how_it_is_called(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])

    assert re.search(r"python -m benchmarks\.metrics .*--looks", capsys.readouterr().out)
