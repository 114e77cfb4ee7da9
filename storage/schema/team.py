"""Who works here, and how they sign in."""

from __future__ import annotations

import sqlalchemy as sa

from storage.schema.base import ID, metadata

staff = sa.Table(
    "staff",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("username", sa.String(64), nullable=False, unique=True),
    sa.Column("name", sa.String(80), nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("duty", sa.String(16), nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("ver", sa.Integer, nullable=False),
    sa.Column("password", sa.String(200), nullable=False),
    sa.Column("totp", sa.LargeBinary),
    sa.Column("last_step", sa.BigInteger, nullable=False),
    sa.Column("language", sa.String(16), nullable=False, server_default=""),  # of the console; '' till chosen
    sa.Column("cues", sa.String(16), nullable=False, server_default="keys"),  # which of keys and sound, by spaces
)

staff_sessions = sa.Table(
    "staff_sessions",
    metadata,
    sa.Column("token_hash", sa.LargeBinary(32), primary_key=True),
    sa.Column("staff_id", ID, nullable=False, index=True),
    sa.Column("staff_ver", sa.Integer, nullable=False),
    sa.Column("csrf", sa.String(64), nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("seen_at", sa.BigInteger, nullable=False),
)

tokens = sa.Table(
    "tokens",
    metadata,
    sa.Column("mac", sa.LargeBinary(32), primary_key=True),
    sa.Column("staff_id", ID, nullable=False),
    sa.Column("label", sa.String(80), nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("revoked_at", sa.BigInteger),
)
