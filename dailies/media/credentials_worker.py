"""The process that reads the Content Credentials of one video. marks.py runs this script, confined.

Its argument is the video's path. It prints one JSON object: `state` is the library's validation state ("Valid",
"Trusted" or "Invalid"), `issuer` the organisation in the signing certificate or null, `codes` what failed, by C2PA's
status codes. Where there is no manifest that it can read, it ends with another exit code.
"""

from __future__ import annotations

import json
import resource
import sys
from typing import Any

PROCESSOR_SECONDS = 30
"""Beyond it the system ends the process. Hashing takes about 3 s a gigabyte."""
MOST_CODES = 8

SETTINGS = {"verify": {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_trust": False}}
"""Nothing is asked of the network, and no list says here whom to trust."""


def work(path: str) -> dict[str, Any]:
    """Read and check the credentials of a video; returns what is printed. Raises what the library raises."""
    import c2pa  # under the limits: it loads native code

    context = c2pa.Context.from_json(json.dumps(SETTINGS))
    with open(path, "rb") as file, context, c2pa.Reader("video/mp4", file, context=context) as reader:  # noqa: PTH123
        store: dict[str, Any] = json.loads(reader.json())
    signed: dict[str, Any] = store["manifests"][store["active_manifest"]].get("signature_info") or {}
    failed: list[dict[str, Any]] = store.get("validation_status") or []
    return {
        "state": store.get("validation_state"),
        "issuer": signed.get("issuer"),
        "codes": [one.get("code") for one in failed[:MOST_CODES]],
    }


def main() -> None:
    """Read the video that the first argument names and print the result as JSON."""
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    json.dump(work(sys.argv[1]), sys.stdout)


if __name__ == "__main__":
    main()
