"""What a task is about, so that its end ends the task"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("tasks", schema=None) as batch_op:
        batch_op.add_column(sa.Column("about", sa.String(length=40), nullable=True))
        batch_op.create_index(batch_op.f("ix_tasks_about"), ["about"], unique=False)


def downgrade() -> None:
    """The last release knows no such kinds."""
    op.execute(
        "DELETE FROM timers WHERE kind = 'task'"
        " AND key IN (SELECT id FROM tasks WHERE kind IN ('sign', 'talk', 'sample'))"
    )
    op.execute("DELETE FROM tasks WHERE kind IN ('sign', 'talk', 'sample')")
    with op.batch_alter_table("tasks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tasks_about"))
        batch_op.drop_column("about")
