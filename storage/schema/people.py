"""Who she is, which phones are hers, and what she agreed to."""

from __future__ import annotations

import sqlalchemy as sa

from storage.schema.base import ID, metadata

persons = sa.Table(
    "persons",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("ref", sa.String(16), nullable=False, unique=True),
    sa.Column("ver", sa.BigInteger, nullable=False),  # turns taken; the place of `state` and the next event's number
    sa.Column("wdek", sa.LargeBinary, nullable=False),
    sa.Column("state", sa.LargeBinary, nullable=False),
    sa.Column("since_day", sa.Integer, nullable=False),
)

addresses = sa.Table(
    "addresses",
    metadata,
    sa.Column("mac", sa.LargeBinary(32), primary_key=True),
    sa.Column("id", ID, nullable=False, unique=True),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("owner_kind", sa.String(8), nullable=False),  # person | staff
    sa.Column("owner_id", ID, nullable=False, index=True),
    sa.Column("state", sa.String(8), nullable=False),  # active | cover | shut: storage.phones
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("sender", sa.LargeBinary),  # sealed: the number of ours that this phone wrote to
)
_HERS_NOW = "owner_kind = 'person' AND state = 'active'"
sa.Index(
    "ix_addresses_one_active",
    addresses.c.owner_id,
    unique=True,
    sqlite_where=sa.text(_HERS_NOW),
    postgresql_where=sa.text(_HERS_NOW),
)

case_links = sa.Table(
    "case_links",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("person_id", ID, nullable=False, unique=True),
    sa.Column("mac", sa.LargeBinary(32), nullable=False, index=True),  # the same for all of one programme case
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

consents = sa.Table(
    "consents",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("person_id", ID, nullable=False, index=True),
    sa.Column("basis", sa.String(32), nullable=False),
    sa.Column("day", sa.Integer, nullable=False),
    sa.Column("ended_day", sa.Integer),
)

codes = sa.Table(
    "codes",
    metadata,
    sa.Column("mac", sa.LargeBinary(32), primary_key=True),
    sa.Column("staff_id", ID, nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
    sa.Column("person_id", ID),  # once used
    sa.Column("moves", ID),  # whose chat it moves to another phone; none: it lets a stranger join
    sa.Column("sealed", sa.LargeBinary, nullable=False),  # language and case number; of a move, whether it is one
)

tombstones = sa.Table(
    "tombstones",
    metadata,
    sa.Column("person_id", ID, primary_key=True),
    sa.Column("receipt", sa.String(32), nullable=False),
    sa.Column("day", sa.Integer, nullable=False),
    sa.Column("stays", sa.Integer, nullable=False, server_default="0"),  # messages that could not be wiped
    sa.Column("copies", sa.Integer, nullable=False, server_default="0"),  # of a provider, queued to be deleted
)
