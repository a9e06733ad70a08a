"""Stands for the bot, as a process with a key in its environment, which starts a decoder that was taken over.

Run as a script: arguments are the folder to use, and `control` to start the intruder without any confinement. Prints
what the intruder got (tests/support/intruder.py). It needs the standard library alone.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from dailies import processes
from dailies.confinement.confined import Access, gaps, run_python
from dailies.confinement.kernel import hide_memory

INTRUDER = Path(__file__).with_name("intruder.py")
MEMORY = 400_000_000


async def main(folder: Path, *, control: bool) -> None:
    """Run the intruder and print its report, with what this system lacks."""
    given: dict[str, Any] = {
        "parent": os.getpid(),
        "address": id(None),
        "secrets": [str(folder / name) for name in (".env", "data/dailies.sqlite", "data/references/other")],
        "elsewhere": [str(folder), str(folder / "data"), "/tmp", "/dev/shm"],
        "input": str(folder / "data/references/given"),
        "folder": str(folder / "data/videos/fit-1"),
        "memory": MEMORY,
    }
    data = json.dumps(given).encode()
    if control:
        command = [sys.executable, "-I", str(INTRUDER), "--harmless"]
        ended = await processes.run(command, data=data, seconds=60, env=os.environ)
    else:
        reads, writes = (Path(given["input"]),), (Path(given["folder"]),)
        harmless = ("--harmless",) if len(gaps()) == 2 else ()
        ended = await run_python(INTRUDER, *harmless, access=Access(MEMORY, reads, writes), data=data, seconds=60)
    sys.stderr.write(ended.stderr.decode())
    report, _, after = ended.stdout.decode().partition("\n")
    found = json.loads(report) | {"gaps": [reason.code for reason in gaps()], "code": ended.returncode}
    found["refused"]["become another program"] = after or None
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    hide_memory()
    asyncio.run(main(Path(sys.argv[1]), control="control" in sys.argv))
