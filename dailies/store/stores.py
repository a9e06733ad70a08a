"""Everything that the database keeps."""

from __future__ import annotations

from dataclasses import dataclass

from dailies.store.budgets import BudgetStore
from dailies.store.cast import CastStore
from dailies.store.drafts import DraftStore
from dailies.store.library import Library
from dailies.store.reviews import ReviewStore
from dailies.store.screenings import ScreeningStore
from dailies.store.server_settings import ServerSettingStore
from dailies.store.shot_forums import ShotForumStore
from dailies.store.shots import ShotStore
from dailies.store.sql import SqlStore


@dataclass(frozen=True)
class Stores:
    """The stores of one database."""

    jobs: SqlStore
    library: Library
    budgets: BudgetStore
    drafts: DraftStore
    cast: CastStore
    servers: ServerSettingStore
    shots: ShotStore
    forums: ShotForumStore
    reviews: ReviewStore
    screenings: ScreeningStore
