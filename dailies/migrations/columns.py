"""Columns in the words of the steps; each has a comment that says what it means."""

from __future__ import annotations

from typing import Any, Literal

import sqlalchemy as sa
from alembic import op

Kind = sa.types.TypeEngine[Any] | type[sa.types.TypeEngine[Any]]


def required(
    name: str,
    kind: Kind,
    comment: str,
    *key: sa.ForeignKey,
    autoincrement: Literal["auto", False] = "auto",
    server_default: sa.ColumnElement[bool] | sa.TextClause | None = None,
) -> sa.Column[Any]:
    """Make a column that is never null. server_default: of the rows that are there already."""
    more: dict[str, Any] = {"autoincrement": autoincrement, "server_default": server_default}
    return sa.Column(name, kind, *key, nullable=False, comment=comment, **more)


def optional(name: str, kind: Kind, comment: str) -> sa.Column[Any]:
    """Make a column that may be null."""
    return sa.Column(name, kind, comment=comment)


def add(table: str, *columns: sa.Column[Any]) -> None:
    """Add columns to a table, in this order."""
    for column in columns:
        op.add_column(table, column)
