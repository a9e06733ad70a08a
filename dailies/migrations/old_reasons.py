"""Reader of the sentences that rows held before reasons were data; old_sentences.toml beside this has them.

Neither depends on what dailies/explain/ says today. What is not known stays as it was, as a reason of the code `text`:
refusals of references, whose names cannot be told from the rest.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

Json = dict[str, Any]

_OLD = tomllib.loads(Path(__file__).with_name("old_sentences.toml").read_text(encoding="utf-8"))
_ANSWER = ("message", "status", "retry_after", "reasons")
_UNSAID: Json = {"message": "", "reasons": [], "lines_before": 0, "lines_after": 0}
"""Values that are not null where a sentence does not hold them."""
_CAUSES = {"was restarted": "restart", "was stopped": "stop", "had an error of its own": "bug"}
_WHO = {"Somebody who manages this server": True, "An operator of the bot": False}
_KINDS = {"from text": "text", "from frames": "frames", "with references": "references", "continued": "continuation"}
_COUNTED = re.compile(
    r"(?:(?P<seconds>\d+) s|(?P<tokens>[\d,.]+) tokens) × \$(?P<each>[\d.]+)(?:/s)?"
    r"(?:, if it is (?P<width>\d+)x(?P<height>\d+))?(?:, (?P<named>[^+]+?))?(?P<images>(?: \+ \d+ images? × \$[\d.]+)*)"
)


def read(text: str, group: str) -> Json:
    """Return the reason that a sentence of the group stood for; the sentence itself, where it is not known."""
    for code, sentences in _OLD[group].items():
        patterns = [_pattern(one) for one in ([sentences] if isinstance(sentences, str) else sentences)]
        if found := next(filter(None, (pattern.fullmatch(text) for pattern in patterns)), None):
            names = {name.partition("__")[0] for pattern in patterns for name in pattern.groupindex}
            unsaid = {name: _UNSAID.get(name) for name in (*names, *(_ANSWER if code in _OLD["answers"] else ()))}
            said = [(*name.split("__"), value) for name, value in found.groupdict().items()]
            try:
                return {"code": code, **unsaid, **{name: _TYPES[kind][1](value) for name, kind, value in said}}
            except ValueError:  # no number that the bot writes; it must not keep the bot from starting
                break
    return (_counted(text) if group == "prices" else None) or {"code": "text", "text": text}


def _pattern(sentence: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+):(\w+)\}", sentence)
    groups = (f"(?P<{name}__{kind}>{_TYPES[kind][0]})" for name, kind in zip(parts[1::3], parts[2::3], strict=True))
    return re.compile("".join(f"{re.escape(text)}{next(groups, '')}" for text in parts[::3]), re.DOTALL)


def _seconds(text: str) -> int:
    sizes = {"s": 1, "min": 60, "h": 3600}
    return sum(int(number) * sizes[unit] for number, unit in re.findall(r"(\d+) (s|min|h)", text))


def _why(text: str) -> Json:
    none = "no published price fits "
    if text.startswith(none):
        return {"code": "nothing_fits", **_named(text.removeprefix(none))}
    return read(text, "unpriced")


def _counted(text: str) -> Json | None:
    """Read a price by the second or the token: 6 s × $0.10/s, 720p with sound + 1 image × $0.002."""
    found = _COUNTED.fullmatch(text)
    if found is None:
        return None
    images = [[int(number), each] for number, each in re.findall(r" \+ (\d+) images? × \$([\d.]+)", found["images"])]
    basis = {"each": found["each"], **_named(found["named"] or ""), "images": images}
    if found["seconds"]:
        return {"code": "by_second", "seconds": int(found["seconds"]), **basis}
    size = {name: int(found[name]) if found[name] else None for name in ("width", "height")}
    return {"code": "by_token", "tokens": found["tokens"].replace(",", ""), **size, **basis}


def _named(text: str) -> Json:
    """Read the settings of a price: 720p with references without sound."""
    audio = False if text.endswith("without sound") else True if text.endswith("with sound") else None
    text = re.sub(r" ?with(?:out)? sound$", "", text)
    kind = next((kind for words, kind in _KINDS.items() if text.endswith(words)), None)
    resolution = re.sub(rf" ?(?:{'|'.join(_KINDS)})$", "", text)
    return {"resolution": resolution or None, "kind": kind, "audio": audio}


_TYPES: dict[str, tuple[str, Callable[[str], Any]]] = {
    "text": (".+?", str),
    "list": (".+?", lambda text: text.split(", ")),
    "int": (r"\d+", int),
    "fault": (r"5\d\d", int),
    "minutes": (r"\d+", lambda text: int(text) * 60),
    "float": (r"\d[\d.e+]*", float),
    "percent": (r"\d+%", lambda text: int(text[:-1]) / 100),
    "usd": (r"\$\d+\.\d+", lambda text: text[1:]),
    "amount": (r"[\d.]+", str),
    "charged": (r"charged \$\d+\.\d+|not charged", lambda text: text.partition("$")[2] or "0"),
    "mb": (r"\d[\d.e+]* MB", lambda text: round(float(text[:-3]) * 1_000_000)),
    "time": (r"\d+ (?:s|min|h)(?: \d+ (?:s|min))?", _seconds),
    "cause": ("|".join(_CAUSES), _CAUSES.__getitem__),
    "who": ("|".join(_WHO), _WHO.__getitem__),
    "end": (".+?", lambda text: read(text, "ends")),
    "trouble": (".+?", lambda text: read(text, "troubles")),
    "reason": (".+?", lambda text: {"code": "text", "text": text}),
    "price": (".*", lambda text: read(text, "prices")),
    "lesser": (r"[^\n]+", lambda text: read(text, "prices")),
    "why": (r"[^\n]+?", _why),
}
"""Patterns of values in a sentence, and their readers."""
