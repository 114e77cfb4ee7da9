"""What supervisors keep track of: that a worker is talked with after a P0."""

from __future__ import annotations

import sqlalchemy as sa

from storage.schema.base import ID, metadata

debriefs = sa.Table(
    "debriefs",
    metadata,
    sa.Column("alert_id", ID, primary_key=True),
    sa.Column("staff_id", ID, primary_key=True),  # who held it
    sa.Column("at", sa.BigInteger, nullable=False),  # when it was closed
    sa.Column("own_at", sa.BigInteger),  # when the worker said that it has been talked through
    sa.Column("other_at", sa.BigInteger),  # when a supervisor did; with both the row goes
)

samples = sa.Table(
    "samples",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("person_id", ID, nullable=False, index=True),
    sa.Column("alert_id", ID, nullable=False, unique=True),  # none is drawn twice
    sa.Column("staff_id", ID, nullable=False),  # the supervisor who drew it
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("done_at", sa.BigInteger),
    sa.Column("ver", sa.Integer, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),  # what the supervisor answered about the work with her
)
