"""What workers keep and plan for a case beside what she said herself."""

from __future__ import annotations

import sqlalchemy as sa

from storage.schema.base import ID, metadata

tasks = sa.Table(
    "tasks",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("person_id", ID, index=True),  # none: about no recipient, sealed under the service's own key
    sa.Column("staff_id", ID, index=True),  # whose; none: whoever is on duty
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("about", ID, index=True),  # the id of what ends it: a decision, an entry on file, an alert; none: by hand
    sa.Column("due_at", sa.BigInteger, nullable=False),
    sa.Column("made_at", sa.BigInteger, nullable=False),
    sa.Column("made_by", ID, nullable=False),
    sa.Column("done_at", sa.BigInteger),
    sa.Column("done_by", ID),
    sa.Column("sealed", sa.LargeBinary, nullable=False),  # what is to be done
)

casefile = sa.Table(
    "casefile",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("person_id", ID, nullable=False, index=True),
    sa.Column("staff_id", ID, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("ended_at", sa.BigInteger),
    sa.Column("ended_by", ID),
    sa.Column("sealed", sa.LargeBinary, nullable=False),  # an order, an agency or an item
)
