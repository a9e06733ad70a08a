"""Custom ids of the panel and its windows. Each names a draft and the revision that its panel showed.

They are claims: whose draft it is, and whether that is still its revision, is checked when one is used.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from cogs.interactions.buttons import CustomId
from cogs.interactions.windows import WindowId
from dailies.draft import Draft

PARTS = {"draft_id": "[0-9a-z]{1,25}", "revision": r"\d{1,9}"}
MICROS = Decimal(1_000_000)
UNKNOWN = "unknown"
PRICE = rf"\d{{1,15}}|{UNKNOWN}"
"""USD for all takes, in millionths; or that nobody knows."""

CHOOSE = CustomId("draft:choose:{what}:{draft_id}:{revision}", what="[a-z_]{1,30}", **PARTS)
"""A menu: of models, or of a setting's values, by its name."""
OPEN = CustomId("draft:open:{what}:{draft_id}:{revision}", what="[a-z_]{1,30}", **PARTS)
"""A button that opens a window."""
SENT = WindowId("draft:sent:{what}:{draft_id}:{revision}", what="[a-z_]{1,30}", **PARTS)
"""That window, sent."""
PICTURES = CustomId("draft:pictures:{what}:{draft_id}:{revision}", what="[a-z_]{1,30}", **PARTS)
"""A button under the pictures: cogs/composer/pictures.py names what it does."""
TAKES = CustomId("draft:takes:{draft_id}:{revision}", **PARTS)
FINAL = CustomId("draft:final:{draft_id}:{revision}", **PARTS)
"""Carries the draft over to the final model and resolution."""
SHOT = CustomId("draft:shot:{draft_id}:{revision}", **PARTS)
"""Opens the window of the shot."""
SHOT_SENT = WindowId("draft:shot_sent:{draft_id}:{revision}", **PARTS)
GENERATE = CustomId("draft:generate:{draft_id}:{revision}:{price}", price=PRICE, **PARTS)
"""Names the price on its label: who presses it agrees to that one alone."""
CLOSE = CustomId("draft:close:{draft_id}:{revision}", **PARTS)


def of(draft: Draft) -> dict[str, Any]:
    """Return the parts that name a draft as it is shown."""
    return {"draft_id": draft.id, "revision": draft.revision}
