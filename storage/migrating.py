"""Bringing a database up to date: Alembic's revisions, run at start and by `rowan db upgrade`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from storage.database import DatabaseProblem

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATING = 0x526F77616E  # any number of our own: the advisory lock of a migration
HEAD = "0019"  # the newest of migrations/versions
FOLDER = Path(__file__).resolve().parent / "migrations"


def config(conn: Connection | None = None) -> Config:
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    made.attributes["connection"] = conn
    return made


def upgrade(engine: Engine) -> None:
    """To this release's schema, in one transaction. Raises DatabaseProblem for a database of a later release."""
    with engine.begin() as conn:
        _alone(conn)
        current = revision(conn)
        if current == HEAD:
            return
        from alembic import command  # a start that changes nothing does without it
        from alembic.script import ScriptDirectory

        script = ScriptDirectory.from_config(config())
        if current is not None and current not in {r.revision for r in script.walk_revisions()}:
            raise DatabaseProblem(
                f"This database is of a later release (revision {current}). Run that release, or restore a backup."
            )
        command.upgrade(config(conn), "head")


def _alone(conn: Connection) -> None:
    """Two replicas that start together must not both make the tables; SQLite has one process anyway."""
    if conn.dialect.name == "postgresql":
        conn.execute(sa.text("SELECT pg_advisory_xact_lock(:number)"), {"number": MIGRATING})


def revision(conn: Connection) -> str | None:
    """None for a database without tables."""
    if not sa.inspect(conn).has_table("alembic_version"):
        return None
    return conn.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
