"""Who is kept apart from whom; an alert that is offered to a colleague"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Alerts that are resolved stay so: they were closed when one person was enough."""
    op.add_column("alerts", sa.Column("offered_to", sa.String(length=40), nullable=True))
    op.create_table(
        "conflicts",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=False),
        sa.Column("staff_id", sa.String(length=40), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflicts")),
        sa.UniqueConstraint("person_id", "staff_id", name=op.f("uq_conflicts_person_id_staff_id")),
    )


def downgrade() -> None:
    """What waits for a second person, or sleeps, is open again: the release before knows neither."""
    op.execute(
        "UPDATE alerts SET state = 'open', holder = NULL, claim_until = NULL, resolved_at = NULL"
        " WHERE state IN ('closing', 'snoozed')"
    )
    op.drop_table("conflicts")
    op.drop_column("alerts", "offered_to")
