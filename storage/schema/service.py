"""The service's own: keys and settings of the store, the audit, flow revisions, throttling."""

from __future__ import annotations

import sqlalchemy as sa

from storage.schema.base import ID, metadata

meta = sa.Table(
    "meta",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("value", sa.LargeBinary, nullable=False),
)

buckets = sa.Table(
    "buckets",
    metadata,
    sa.Column("mac", sa.LargeBinary(32), primary_key=True),
    sa.Column("level", sa.Float, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("actor", ID, nullable=False),
    sa.Column("action", sa.String(64), nullable=False),
    sa.Column("subject", sa.String(64), nullable=False),
    sa.Column("detail", sa.LargeBinary),  # a reason, sealed under the system's key
    sa.Column("mac", sa.LargeBinary(32), nullable=False),
)

sa.Index("ix_audit_actor", audit.c.actor, audit.c.at)
sa.Index("ix_audit_action", audit.c.action, audit.c.seq)

revisions = sa.Table(
    "revisions",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("revision", sa.String(16), primary_key=True),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)

watermarks = sa.Table(
    "watermarks",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)
