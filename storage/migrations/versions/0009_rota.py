"""The rota: calendars, shifts, covers, links to it, who is off cover, what was told"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = ("rota_alarms", "off_cover", "rota_links", "covers", "shifts", "calendars")
# Since when, nobody knows: at the latest since the last that was done.
OFF_COVER = """
    INSERT INTO off_cover (staff_id, since, why)
    SELECT owner_id, COALESCE((SELECT max(at) FROM audit), 0), 'shut' FROM addresses WHERE owner_kind = 'staff'
     GROUP BY owner_id HAVING sum(CASE WHEN state = 'active' THEN 1 ELSE 0 END) = 0"""


def upgrade() -> None:
    """Without a calendar everybody's duty is as it was set by hand. Whose phones have all shut is off cover at once."""
    op.create_table(
        "calendars",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("layer", sa.Integer(), nullable=False),
        sa.Column("duty", sa.String(length=16), nullable=False),
        sa.Column("read_at", sa.BigInteger(), nullable=False),
        sa.Column("fetch_at", sa.BigInteger(), nullable=True),
        sa.Column("fetched_at", sa.BigInteger(), nullable=True),
        sa.Column("failed_at", sa.BigInteger(), nullable=True),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendars")),
    )
    op.create_table(
        "shifts",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("calendar_id", sa.String(length=40), nullable=False),
        sa.Column("staff_id", sa.String(length=40), nullable=False),
        sa.Column("from_at", sa.BigInteger(), nullable=False),
        sa.Column("to_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shifts")),
    )
    op.create_index(op.f("ix_shifts_calendar_id"), "shifts", ["calendar_id"])
    op.create_index(op.f("ix_shifts_to_at"), "shifts", ["to_at"])
    op.create_table(
        "covers",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("promise", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("staff_id", sa.String(length=40), nullable=False),
        sa.Column("instead_id", sa.String(length=40), nullable=False),
        sa.Column("duty", sa.String(length=16), nullable=False),
        sa.Column("from_at", sa.BigInteger(), nullable=False),
        sa.Column("to_at", sa.BigInteger(), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_covers")),
    )
    op.create_index(op.f("ix_covers_promise"), "covers", ["promise"])
    op.create_index(op.f("ix_covers_to_at"), "covers", ["to_at"])
    op.create_table(
        "rota_links",
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("staff_id", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("mac", name=op.f("pk_rota_links")),
        sa.UniqueConstraint("staff_id", name=op.f("uq_rota_links_staff_id")),
    )
    op.create_table(
        "off_cover",
        sa.Column("staff_id", sa.String(length=40), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_off_cover")),
    )
    op.create_table(
        "rota_alarms",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("from_at", sa.BigInteger(), nullable=False),
        sa.Column("to_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rota_alarms")),
    )
    op.execute(OFF_COVER)


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
