"""When each alert was first claimed and she was answered; the queue's index in its whole order"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_STANDS = sa.text("state != 'resolved'")


def upgrade() -> None:
    """Of what is claimed now nobody knows since when: since it was raised. Of answers nothing is known."""
    with op.batch_alter_table("alerts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("claimed_at", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("answered_at", sa.BigInteger(), nullable=True))
    op.execute("UPDATE alerts SET claimed_at = raised_at WHERE claim > 0 AND state <> 'resolved'")
    op.drop_index("ix_alerts_queue", table_name="alerts")
    _index("tier", "breach_at", "raised_at", "ref")


def downgrade() -> None:
    op.drop_index("ix_alerts_queue", table_name="alerts")
    with op.batch_alter_table("alerts", schema=None) as batch_op:
        batch_op.drop_column("answered_at")
        batch_op.drop_column("claimed_at")
    _index("tier", "breach_at")


def _index(*columns: str) -> None:
    op.create_index("ix_alerts_queue", "alerts", columns, sqlite_where=_STANDS, postgresql_where=_STANDS)
