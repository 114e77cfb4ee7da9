"""Pages that wait for one phone go out in one message: which row's"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

WITHIN = sa.text("lead IS NOT NULL")


def upgrade() -> None:
    """No row is in another's message yet."""
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("lead", sa.String(length=40), nullable=True))
        batch_op.create_index("ix_outbox_lead", ["lead"], unique=False, sqlite_where=WITHIN, postgresql_where=WITHIN)


def downgrade() -> None:
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_lead", sqlite_where=WITHIN, postgresql_where=WITHIN)
        batch_op.drop_column("lead")
