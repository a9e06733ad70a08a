"""Custom ids of /cast. Each names an entry and the revision that was shown, or what a window is meant for.

They are claims: what holds there, and who may change it, is checked when one is used.
"""

from __future__ import annotations

from typing import Any

from cogs.interactions.buttons import CustomId
from cogs.interactions.windows import WindowId
from dailies.cast.entry import CastEntry

SERVER, CHANNEL = "s", "c"
"""Scopes of a new name, short because an id takes 100 characters."""
PICTURES, WORDS, CONSENT = "pictures", "words", "consent"
"""Windows that change an entry."""
_WHAT = f"{PICTURES}|{WORDS}|{CONSENT}"
_KEY = r"\d{1,20}"
NO_KEY = "0"
_ENTRY = {"entry_id": "[0-9a-z]{1,25}", "revision": r"\d{1,9}"}

ADD = WindowId("cast:add:{scope}:{key}:{name}", scope=f"{SERVER}|{CHANNEL}", key=_KEY, name=".{1,65}")
"""The window of a new name, sent. key: of what was typed before (cogs/cast/forms.py), or NO_KEY."""
CHANGE = WindowId("cast:change:{what}:{entry_id}:{revision}:{key}", what=_WHAT, key=_KEY, **_ENTRY)
"""A window that changes an entry, sent."""
OPEN = CustomId("cast:open:{what}:{entry_id}:{revision}", what=_WHAT, **_ENTRY)
"""A button that opens such a window."""
AGAIN = CustomId("cast:again:{key}", key=_KEY)
"""Opens a window once more, with what was typed."""
REMOVE = CustomId("cast:remove:{answer}:{entry_id}:{revision}", answer="ask|yes|no", **_ENTRY)
LIST = CustomId("cast:list:{page}", page=r"\d{1,4}")


def of(entry: CastEntry) -> dict[str, Any]:
    """Return the parts that name an entry as it is shown."""
    return {"entry_id": entry.id, "revision": entry.revision}
