"""python -m dailies.openrouter.pricing: prices of one setting on the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dailies.openrouter.pricing.__main__ import main
from tests.unit.kit import CATALOG_FILE

USUAL = ["--catalog", str(CATALOG_FILE), "--resolution", "720p", "--aspect-ratio", "16:9"]


def lines(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    """Return the text printed for these arguments, beside the usual ones."""
    assert main([*USUAL, *arguments]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_one_model_is_one_line() -> None:
    command = [sys.executable, "-m", "dailies.openrouter.pricing", *USUAL]
    ran = subprocess.run(
        [*command, "--model", "bytedance/seedance-2.0-fast", "--duration", "4"], capture_output=True, check=True
    )
    assert json.loads(ran.stdout) == {
        "model": "bytedance/seedance-2.0-fast",
        "usd": "0.36288",
        "exact": True,
        "basis": "86,400 tokens × $0.0000042",
    }


def test_every_model_that_offers_the_setting_in_the_list_s_order(capsys: pytest.CaptureFixture[str]) -> None:
    found = [line["model"] for line in lines(capsys, "--duration", "6", "--no-audio")]
    assert found[:3] == [
        "x-ai/grok-imagine-video-1.5-lite",
        "black-forest-labs/flux-video-edit",  # publishes neither lengths nor resolutions, so nothing is held against it
        "alibaba/wan-3.0-prime",
    ]
    assert "heygen/heygen-video-1" not in found  # no 720p
    assert "kwaivgi/kling-video-o1" not in found  # no 6 s


def test_an_unknown_price_is_null(capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = lines(capsys, "--model", "black-forest-labs/flux-video-upscale", "--duration", "5")
    assert (line["usd"], line["exact"]) == (None, False)


def test_sound_is_on_where_the_model_makes_it(capsys: pytest.CaptureFixture[str]) -> None:
    kling = ["--model", "kwaivgi/kling-v3.0-std", "--duration", "5"]
    assert [lines(capsys, *kling, *one)[0]["usd"] for one in ([], ["--audio"], ["--no-audio"])] == [
        "0.63", "0.63", "0.42",
    ]  # fmt: skip


def test_a_resolution_in_any_case(capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = lines(capsys, "--model", "google/veo-3.1", "--duration", "8", "--resolution", "4k")
    assert line["usd"] == "4.80"


@pytest.mark.parametrize(
    ("arguments", "in_it", "not_in_it"),
    [
        (["--references", "1"], "bytedance/seedance-2.0", "google/veo-3.1-lite"),
        (["--references", "1"], "runway/gen-4.5", "black-forest-labs/flux-video-edit"),
        (["--references", "10"], "bytedance/seedance-2.5", "bytedance/seedance-2.0"),
        (["--frames", "2"], "google/veo-3.1-lite", "runway/gen-4.5"),
        (["--audio"], "x-ai/grok-imagine-video", "runway/gen-4.5"),
        (["--continue"], "black-forest-labs/flux-3-video", "bytedance/seedance-2.0"),
    ],
)
def test_only_models_that_take_what_is_asked(
    capsys: pytest.CaptureFixture[str], arguments: list[str], in_it: str, not_in_it: str
) -> None:
    found = {line["model"] for line in lines(capsys, "--duration", "8", *arguments)}
    assert in_it in found
    assert not_in_it not in found


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--model", "google/veo-3.1", "--duration", "5"], "google/veo-3.1 does not offer 5 s; it offers 4, 6, 8 s"),
        (["--model", "google/veo-3.1", "--duration", "8", "--resolution", "480p"], "480p; it offers 720p, 1080p, 4K"),
        (["--model", "google/veo-3.1", "--duration", "8", "--aspect-ratio", "1:1"], "1:1; it offers 16:9, 9:16"),
        (["--model", "google/veo-3.1", "--duration", "4", "--references", "1"], "4 s; it offers 8 s"),
        (["--model", "google/veo-3.1", "--duration", "4", "--resolution", "4k"], "4 s; it offers 8 s"),
        (["--model", "google/veo-3.1", "--duration", "8", "--references", "4"], "4 reference images; it takes 3"),
        (["--model", "runway/gen-4.5", "--duration", "5", "--audio"], "runway/gen-4.5 does not offer sound"),
        (["--model", "runway/gen-4.5", "--duration", "5", "--frames", "2"], "2 frame images; it takes first_frame"),
        (["--model", "runway/gen-4.5", "--duration", "5", "--continue"], "going on with a finished video"),
        (
            ["--model", "google/veo-3", "--duration", "5"],
            "There is no model google/veo-3 in the list. Similar: google/",
        ),
    ],
)
def test_a_named_model_that_does_not_offer_it_is_an_error(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert main([*USUAL, *arguments]) == 1
    printed = capsys.readouterr()
    assert said in printed.err
    assert printed.out == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "required: --duration"),
        (["--duration", "0"], "'0' is not a whole number from 1 to 86400"),
        (["--duration", "4.5"], "'4.5' is not a whole number"),
        (["--duration", "4", "--frames", "3"], "'3' is not a whole number from 0 to 2"),
        (["--duration", "4", "--frames", "1", "--references", "1"], "cannot be combined"),
        (["--duration", "4", "--audio", "--no-audio"], "not allowed with"),
        (["--duration", "4", "--catalog", "/nowhere/a.json"], "--catalog: /nowhere/a.json cannot be read"),
        (["--duration", "4", "--catalog", "/"], "--catalog: / cannot be read"),
    ],
)
def test_a_wrong_argument_is_named(capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*USUAL, *arguments])
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "said"), [("[]", "no answer of GET"), ('{"data": 3}', "no answer of GET"), ('{"data": []}', "no models")]
)
def test_a_file_that_is_no_list_of_models_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    file = tmp_path / "a.json"
    file.write_text(text)
    with pytest.raises(SystemExit) as ended:
        main([*USUAL, "--duration", "4", "--catalog", str(file)])
    assert ended.value.code == 2
    assert said in capsys.readouterr().err
