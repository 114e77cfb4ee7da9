"""What an erased person's chat is still to be rid of, and what a receipt says of it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "farewells",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("receipt", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_farewells")),
    )
    with op.batch_alter_table("farewells", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_farewells_receipt"), ["receipt"], unique=False)
    with op.batch_alter_table("tombstones", schema=None) as batch_op:
        batch_op.add_column(sa.Column("stays", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("copies", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("tombstones", schema=None) as batch_op:
        batch_op.drop_column("copies")
        batch_op.drop_column("stays")
    op.drop_table("farewells")
