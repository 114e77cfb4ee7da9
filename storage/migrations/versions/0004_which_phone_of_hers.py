"""Which phone: each message knows its own, a phone may be left, and a code moves the chat to another"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ONE = "SELECT min(a.id) FROM addresses a WHERE a.owner_kind = 'person' AND a.owner_id ="
_HERS_NOW = sa.text("owner_kind = 'person' AND state = 'active'")


def upgrade() -> None:
    """Until now each recipient had one phone, so what waits or stands on it is that one's."""
    with op.batch_alter_table("addresses", schema=None) as batch_op:
        batch_op.add_column(sa.Column("state", sa.String(length=8), nullable=False, server_default="active"))
        batch_op.add_column(sa.Column("sender", sa.LargeBinary(), nullable=True))
    op.execute("UPDATE addresses SET state = 'shut' WHERE NOT active")
    with op.batch_alter_table("addresses", schema=None) as batch_op:
        batch_op.drop_column("active")
        batch_op.alter_column("state", existing_type=sa.String(length=8), server_default=None)
        batch_op.create_index(
            "ix_addresses_one_active",
            ["owner_id"],
            unique=True,
            sqlite_where=_HERS_NOW,
            postgresql_where=_HERS_NOW,
        )
    with op.batch_alter_table("codes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("moves", sa.String(length=40), nullable=True))
    for table in ("outbox", "phone_messages"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("address_id", sa.String(length=40), nullable=False, server_default=""))
    op.execute("UPDATE outbox SET address_id = line WHERE owner_kind = 'staff'")
    op.execute(f"UPDATE outbox SET address_id = coalesce(({_ONE} outbox.owner_id), '') WHERE owner_kind = 'person'")  # noqa: S608
    op.execute(f"UPDATE phone_messages SET address_id = coalesce(({_ONE} phone_messages.person_id), '')")  # noqa: S608
    for table in ("outbox", "phone_messages"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.alter_column("address_id", existing_type=sa.String(length=40), server_default=None)


def downgrade() -> None:
    """The last release knows one phone a recipient: those that she has left are forgotten, or it would write there."""
    op.execute("DELETE FROM addresses WHERE owner_kind = 'person' AND state <> 'active'")
    op.execute("DELETE FROM codes WHERE moves IS NOT NULL")
    for table in ("outbox", "phone_messages"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column("address_id")
    with op.batch_alter_table("codes", schema=None) as batch_op:
        batch_op.drop_column("moves")
    with op.batch_alter_table("addresses", schema=None) as batch_op:
        batch_op.drop_index("ix_addresses_one_active")
        batch_op.add_column(sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.execute("UPDATE addresses SET active = false WHERE state = 'shut'")
    with op.batch_alter_table("addresses", schema=None) as batch_op:
        batch_op.drop_column("state")
        batch_op.drop_column("sender")
        batch_op.alter_column("active", existing_type=sa.Boolean(), server_default=None)
