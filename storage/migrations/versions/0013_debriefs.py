"""That a worker is talked with after a P0"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """None is due for what was closed before: nobody was asked for it then."""
    op.create_table(
        "debriefs",
        sa.Column("alert_id", sa.String(length=40), nullable=False),
        sa.Column("staff_id", sa.String(length=40), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("own_at", sa.BigInteger(), nullable=True),
        sa.Column("other_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("alert_id", "staff_id", name=op.f("pk_debriefs")),
    )


def downgrade() -> None:
    op.drop_table("debriefs")
