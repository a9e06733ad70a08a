"""The tables. Comments explain every table and column.

Migrations (dailies/migrations) bring an existing database to this schema; a test compares the two.
Times are Unix seconds. Ids of guilds, channels, messages and users are Discord's snowflakes.
"""

from dailies.schema.base import metadata
from dailies.schema.cast import cast_entries, cast_pictures, job_cast
from dailies.schema.comparisons import comparison_votes, comparisons
from dailies.schema.delivery import shared_files, upload_limits
from dailies.schema.drafts import drafts
from dailies.schema.jobs import job_references, jobs
from dailies.schema.money import budgets, job_accounts, job_limits, ledger
from dailies.schema.servers import server_settings
from dailies.schema.shots import (
    approved_posts,
    chosen_shots,
    decisions,
    screening_schedules,
    screenings,
    shared_screenings,
    shot_forums,
    shots,
)

__all__ = [
    "approved_posts",
    "budgets",
    "cast_entries",
    "cast_pictures",
    "chosen_shots",
    "comparison_votes",
    "comparisons",
    "decisions",
    "drafts",
    "job_accounts",
    "job_cast",
    "job_limits",
    "job_references",
    "jobs",
    "ledger",
    "metadata",
    "screening_schedules",
    "screenings",
    "server_settings",
    "shared_files",
    "shared_screenings",
    "shot_forums",
    "shots",
    "upload_limits",
]
