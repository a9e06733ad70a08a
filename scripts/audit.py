"""Audits the pinned packages: asks OSV, the open database of vulnerabilities, about each of them, with pip-audit.

Usage: python scripts/audit.py [FILE …], by default requirements-dev.txt, which has the bot's packages too. Exit status:
0, no vulnerability is known; 1, some are; 3, not known, because there was no answer, or not one for every package.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NotRequired, TypedDict

ROOT = Path(__file__).parent.parent
OSV = "https://api.osv.dev/v1/query"
CONTROL = "pyyaml==5.3"
"""A release with known vulnerabilities, which is not installed: an answer that has none for it is worth nothing."""
ANSWER_SECONDS = 15
WHOLE_SECONDS = 600.0
SOME, UNKNOWN = 1, 3

_PIN = re.compile(r"^([a-z0-9-]+)==([^ \\]+)", re.MULTILINE)


class Vulnerability(TypedDict):
    """An entry of pip-audit's answer, as far as it is used."""

    id: str
    aliases: list[str]
    fix_versions: list[str]


class Package(TypedDict):
    """A package of pip-audit's answer. A skipped one has neither version nor list."""

    name: str
    version: NotRequired[str]
    vulns: NotRequired[list[Vulnerability]]


class NoAnswer(Exception):
    """pip-audit got no answer; says why."""


def ask(pins: set[str], osv: str) -> list[Package]:
    """Return pip-audit's answer on pins in the form name==version. Raises NoAnswer."""
    with tempfile.TemporaryDirectory() as folder:
        # Without the conditions: packages of other systems and Pythons are of interest too.
        asked, answer = Path(folder, "asked.txt"), Path(folder, "answer.json")
        asked.write_text("\n".join(sorted(pins)), encoding="utf-8")
        command = [sys.executable, "-m", "pip_audit", "--requirement", str(asked), "--no-deps", "--disable-pip"]
        command += ["--vulnerability-service", "osv", "--osv-url", osv, "--timeout", str(ANSWER_SECONDS)]
        command += ["--format", "json", "--output", str(answer), "--progress-spinner", "off"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=WHOLE_SECONDS)  # noqa: S603
        except subprocess.TimeoutExpired as error:
            raise NoAnswer(f"no answer within {WHOLE_SECONDS:.0f} s") from error
        # It ends with 1 for vulnerabilities and for its own errors; only the former leave an answer.
        if not answer.exists():
            raise NoAnswer((done.stderr.strip().splitlines() or [f"pip-audit ended with {done.returncode}"])[-1])
        return json.loads(answer.read_text(encoding="utf-8"))["dependencies"]


def audit(pins: set[str], osv: str) -> int:
    """Print what is known of the pins; return the exit status."""
    try:
        packages = ask(pins | {CONTROL}, osv)
    except NoAnswer as error:
        print(f"NOT AUDITED: {osv} gave no answer, so nothing is known about vulnerabilities. {error}")
        return UNKNOWN
    answered = {f"{one['name']}=={one.get('version')}": one["vulns"] for one in packages if "vulns" in one}
    if not answered.pop(CONTROL, None):
        print(f"NOT AUDITED: {osv} answers, but knows nothing of {CONTROL}'s vulnerabilities, so it proves nothing.")
        return UNKNOWN
    found = {pin: entries for pin, entries in sorted(answered.items()) if entries}
    for pin, entries in found.items():
        for entry in entries:
            names = ", ".join([entry["id"], *entry["aliases"]])
            print(f"{pin}: {names}; fixed in {', '.join(entry['fix_versions']) or 'no version yet'}")
    silent = sorted(pins - answered.keys())
    if silent:
        print(f"NOT AUDITED, for want of an answer: {', '.join(silent)}")
    elif not found:
        print(f"No known vulnerabilities in {len(pins)} packages.")
    if found:
        print(f"Known vulnerabilities in {len(found)} of {len(pins)} packages. docs/operations.md says how to update.")
    return SOME if found else UNKNOWN if silent else 0


def main() -> int:
    """Audit the files of the command line."""
    parser = argparse.ArgumentParser(description="Audit the pinned packages for known vulnerabilities.")
    parser.add_argument("files", nargs="*", type=Path, default=[ROOT / "requirements-dev.txt"], metavar="FILE")
    parser.add_argument("--osv", default=OSV, metavar="URL", help="where to ask (default: %(default)s)")
    given = parser.parse_args()
    pins = {f"{name}=={version}" for file in given.files for name, version in _PIN.findall(file.read_text("utf-8"))}
    if not pins:
        parser.error("no package is pinned there")
    return audit(pins, given.osv)


if __name__ == "__main__":
    sys.exit(main())
