"""Who works here and whose case is whose, how they sign in, and what proves how they are paged."""

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

assignments = sa.Table(
    "assignments",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("person_id", ID, nullable=False, index=True),
    sa.Column("staff_id", ID, nullable=False, index=True),
    sa.Column("as_", sa.String(16), nullable=False),  # partner_support | key_worker
    sa.Column("from_at", sa.BigInteger, nullable=False),
    sa.Column("to_at", sa.BigInteger),  # none: it is theirs now
)

proofs = sa.Table(
    "proofs",
    metadata,
    sa.Column("address_id", ID, primary_key=True),  # of a method that is not proven yet
    sa.Column("mac", sa.LargeBinary(32), nullable=False),  # of its code
    sa.Column("until", sa.BigInteger, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
)

calls = sa.Table(
    "calls",
    metadata,
    sa.Column("mac", sa.LargeBinary(32), primary_key=True),  # of the token in the call's address
    sa.Column("page_id", ID, nullable=False, index=True),  # the outbox row that is spoken
    sa.Column("until", sa.BigInteger, nullable=False),
    sa.Column("used", sa.Boolean, nullable=False),  # a key was pressed
)
