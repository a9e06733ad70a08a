"""Bringing a database to today's schema. A new one gets all tables at once, an older one the steps that it lacks."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from dailies.errors import DatabaseError
from dailies.schema import metadata

REVISION = "0026"
"""The newest step in dailies/migrations/versions."""

_VERSION_TABLE = """
CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
)
"""
"""As alembic makes it."""


def migrate(connection: Connection) -> None:
    """Bring the schema to REVISION. Raises DatabaseError when a newer version of Dailies has been here."""
    revision = revision_of(connection)
    if revision == REVISION:
        return
    if revision is None:
        metadata.create_all(connection)
        connection.execute(text(_VERSION_TABLE))
        connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": REVISION})
        return
    upgrade(connection, REVISION)


def upgrade(connection: Connection, to: str) -> None:
    """Run the steps up to a revision. Raises DatabaseError when a newer version of Dailies has been here."""
    # Loaded only where there is something to do: it takes a fifth of the bot's start.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    revision = revision_of(connection)
    if revision is not None and revision not in known:
        raise DatabaseError(
            f"The database is of a newer version of Dailies (schema {revision}) than this one. "
            "Update the code; the database was left as it is."
        )
    command.upgrade(config, to)


def revision_of(connection: Connection) -> str | None:
    """Return the last step that the database has seen; None for a new one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.scalar(text("SELECT version_num FROM alembic_version"))
