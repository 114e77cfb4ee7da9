"""What was decided about a case, and to whom what of it was given: append-only, one chain a person."""

from __future__ import annotations

import sqlalchemy as sa

from storage.schema.base import ID, metadata

decisions = sa.Table(
    "decisions",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("person_id", ID, nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),  # of the person, from 1
    sa.Column("kind", sa.String(10), nullable=False),  # decision | signed | returned | shared | received | told
    sa.Column("of_seq", sa.Integer, nullable=False),  # the entry it is about: signed, replaced, arrived; 0 for none
    sa.Column("tier", sa.String(2), nullable=False),  # of a decision, else ''
    sa.Column("staff_id", ID, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("mac", sa.LargeBinary(32), nullable=False),  # over the row as it stands here and the mac before it
    sa.UniqueConstraint("person_id", "seq"),
)
