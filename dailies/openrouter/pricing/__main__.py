"""Prices of one setting, for every model of a list that offers it, or for one model.

python -m dailies.openrouter.pricing --catalog FILE [--model M] --duration S --resolution R --aspect-ratio A
    [--audio | --no-audio] [--references N | --frames N] [--continue]

FILE is a saved answer of GET /videos/models. Prints one JSON object a line: model; usd, a decimal string, null when the
price is not known; exact; basis. Without --audio and --no-audio: with sound where the model makes it.
Exit 0; 1 when the model of --model does not offer the setting; 2 for a wrong argument or an unreadable file.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from dailies.catalog.offers import Setting, missing
from dailies.errors import OpenRouterError
from dailies.explain import sentence
from dailies.formatting import price
from dailies.openrouter.models import Catalog
from dailies.openrouter.protocol import read_models

SECONDS_MOST = 86_400
FRAMES_MOST = 2
"""Maximum frames: a first and a last one."""


def main(arguments: Sequence[str]) -> int:
    """Print prices as the module's docstring says; returns the exit code. argparse exits with 2 itself."""
    parser = _parser()
    given = vars(parser.parse_args(arguments))
    file, model_id = given.pop("catalog"), given.pop("model")
    if given["references"] and given["frames"]:
        parser.error("--references and --frames cannot be combined: models take one or the other")
    logging.basicConfig(format="%(message)s", stream=sys.stderr, level=logging.WARNING)
    try:
        catalog = read_models(200, {}, Path(file).read_bytes())
    except OSError as error:
        parser.error(f"--catalog: {file} cannot be read ({error.strerror})")
    except OpenRouterError as error:
        parser.error(f"--catalog: {file} is no answer of GET /videos/models ({error.message})")
    if not len(catalog):
        parser.error(f"--catalog: {file} has no models")
    setting = Setting(**given)  # the arguments that are left have the names of its fields
    return _one(catalog, model_id, setting) if model_id is not None else _all(catalog, setting)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m dailies.openrouter.pricing",
        description="Prices of video models for one setting, one JSON object a line.",
    )
    parser.add_argument("--catalog", required=True, metavar="FILE", help="a saved answer of GET /videos/models")
    parser.add_argument("--model", metavar="M", help="this model alone")
    parser.add_argument("--duration", required=True, type=_number(1, SECONDS_MOST), metavar="S", help="seconds")
    parser.add_argument("--resolution", required=True, type=_word, metavar="R", help="as in 720p")
    parser.add_argument("--aspect-ratio", required=True, type=_word, metavar="A", help="as in 16:9")
    sound = parser.add_mutually_exclusive_group()
    sound.add_argument("--audio", action="store_const", const=True, help="with sound")
    sound.add_argument("--no-audio", action="store_const", const=False, dest="audio", help="without sound")
    parser.add_argument("--references", type=_number(0, 1000), default=0, metavar="N", help="reference images")
    parser.add_argument("--frames", type=_number(0, FRAMES_MOST), default=0, metavar="N", help="frame images")
    parser.add_argument("--continue", action="store_true", dest="continuation", help="go on with a finished video")
    return parser


def _number(least: int, most: int) -> Callable[[str], int]:
    def whole_number(text: str) -> int:
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
        if not least <= number <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least} to {most}")
        return number

    return whole_number


def _word(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("is empty")
    return text.strip()


def _one(catalog: Catalog, model_id: str, setting: Setting) -> int:
    model = catalog.get(model_id)
    if model is None:
        similar = ", ".join(catalog.similar(model_id))
        print(f"There is no model {model_id} in the list.{f' Similar: {similar}' if similar else ''}", file=sys.stderr)
        return 1
    if lacks := missing(model, setting):
        print(f"{model_id} does not offer {lacks}", file=sys.stderr)
        return 1
    return _all(Catalog([model]), setting)


def _all(catalog: Catalog, setting: Setting) -> int:
    for model in catalog:
        if missing(model, setting) is None:
            quote = setting.quote(model)
            usd = None if quote.usd is None else price(quote.usd).removeprefix("$")
            line = {"model": model.id, "usd": usd, "exact": quote.exact, "basis": sentence(quote.basis)}
            print(json.dumps(line, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
