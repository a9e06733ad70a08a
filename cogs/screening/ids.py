"""Custom ids of screenings and cuts."""

from __future__ import annotations

from cogs.interactions.buttons import CustomId
from cogs.interactions.windows import WindowId

SCREENING_ID = "[0-9a-z]{1,25}"
REEL = "[1-9][0-9]?"

TAKE = CustomId("screening:take:{screening_id}:{reel}", screening_id=SCREENING_ID, reel=REEL)
"""A menu of the takes of a reel; values are the job and the number of the output."""

RETAKES = CustomId("screening:retakes:{screening_id}:{reel}", screening_id=SCREENING_ID, reel=REEL)
"""Lists the retakes of a screening with their prices. It stands below every reel, and says which one that is."""

COMPOSE = CustomId("screening:compose:{screening_id}", screening_id=SCREENING_ID)
"""A menu of retakes, each of which opens the composer."""

CUT = CustomId("cut:{what}", what="make|order")
"""Makes the cut, or opens the window with its order."""

ORDER = WindowId("cut:order:sent:{count}", count="[0-9]{1,4}")
"""The window with the order. count: number of shots that it was opened with."""
