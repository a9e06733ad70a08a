"""Custom ids of /settings. None names a server: they act on the one in which they are pressed.

They are claims: who may change its settings is checked when one is used, and so is every value.
"""

from __future__ import annotations

from cogs.interactions.buttons import CustomId
from cogs.interactions.windows import WindowId
from dailies.server_settings import SERVER_SETTINGS

_NAME = "|".join(SERVER_SETTINGS)
VALUE_MOST = 55
"""Maximum characters of a value in an id, which has 100 in all."""

SHOW = CustomId("settings:show")
CHANGE = CustomId("settings:change:{name}", name=_NAME)
"""Opens the window of a setting."""
SENT = WindowId("settings:sent:{name}", name=_NAME)
"""That window, sent."""
SAVE = CustomId("settings:save:{name}:{value}", name=_NAME, value=rf".{{1,{VALUE_MOST}}}")
"""Saves a value of which was said what the default model makes otherwise."""
RESET = CustomId("settings:reset:{name}", name=_NAME)
