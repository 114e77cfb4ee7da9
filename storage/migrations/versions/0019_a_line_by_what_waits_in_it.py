"""A line of the outbox is looked through by what waits in it, whatever it has sent

The number of a message at its provider is indexed where there is one: a row has none until it is sent.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

GIVEN = sa.text("provider_mac IS NOT NULL")


def upgrade() -> None:
    op.drop_index("ix_outbox_line", "outbox")
    op.create_index("ix_outbox_line", "outbox", ["line", "status", "seq"])
    op.drop_index("ix_outbox_provider", "outbox")
    op.create_index("ix_outbox_provider", "outbox", ["provider_mac"], sqlite_where=GIVEN, postgresql_where=GIVEN)


def downgrade() -> None:
    op.drop_index("ix_outbox_provider", "outbox")
    op.create_index("ix_outbox_provider", "outbox", ["provider_mac"])
    op.drop_index("ix_outbox_line", "outbox")
    op.create_index("ix_outbox_line", "outbox", ["line", "seq"])
