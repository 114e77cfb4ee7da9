"""Methods that are proven by a code, pages that know their phone and their paging, calls"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_PHONE = "SELECT o.address_id FROM outbox o WHERE o.id = pages.id"
_REF = "SELECT a.ref FROM alerts a WHERE a.id = pages.alert_id"
_PAGING = (
    "SELECT CASE WHEN a.state = 'claimed' THEN a.claim - 1 ELSE a.claim END FROM alerts a WHERE a.id = pages.alert_id"
)


def upgrade() -> None:
    """Phones that are there count as proven. A page that is out stays good on the phone that it went to."""
    op.create_table(
        "proofs",
        sa.Column("address_id", sa.String(length=40), nullable=False),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("address_id", name=op.f("pk_proofs")),
    )
    op.create_table(
        "calls",
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("page_id", sa.String(length=40), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("mac", name=op.f("pk_calls")),
    )
    with op.batch_alter_table("calls", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_calls_page_id"), ["page_id"], unique=False)
    with op.batch_alter_table("pages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("address_id", sa.String(length=40), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("code", sa.String(length=8), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("paging", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("rest", sa.String(length=40), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("slipped", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(
        f"UPDATE pages SET address_id = coalesce(({_PHONE}), ''), code = coalesce(({_REF}), ''),"  # noqa: S608
        f" paging = coalesce(({_PAGING}), 0)"
    )
    with op.batch_alter_table("pages", schema=None) as batch_op:
        for name, kind in (
            ("address_id", sa.String(length=40)),
            ("code", sa.String(length=8)),
            ("paging", sa.Integer()),
            ("rest", sa.String(length=40)),
            ("slipped", sa.Boolean()),
        ):
            batch_op.alter_column(name, existing_type=kind, server_default=None)
        batch_op.create_index(batch_op.f("ix_pages_code"), ["code"], unique=False)


def downgrade() -> None:
    """The last release pages every phone that it knows: those that nobody has proven are forgotten, and what rings."""
    op.execute("DELETE FROM addresses WHERE owner_kind = 'staff' AND (state = 'new' OR channel IN ('voice', 'email'))")
    op.execute("DELETE FROM timers WHERE kind = 'receipt'")
    with op.batch_alter_table("pages", schema=None) as batch_op:
        batch_op.drop_index("ix_pages_code")
        for name in ("address_id", "code", "paging", "rest", "slipped"):
            batch_op.drop_column(name)
    op.drop_table("calls")
    op.drop_table("proofs")
