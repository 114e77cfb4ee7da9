"""What waits for a worker, and when something is due."""

from __future__ import annotations

import sqlalchemy as sa

from storage.schema.base import ID, metadata

timers = sa.Table(
    "timers",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("due_at", sa.BigInteger, nullable=False, index=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("owner_id", ID, nullable=False),  # a person, an alert, or '' for the service
    sa.Column("key", ID, nullable=False),
    sa.UniqueConstraint("kind", "owner_id", "key"),
)

alerts = sa.Table(
    "alerts",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("ref", sa.String(8), nullable=False, unique=True),
    sa.Column("person_id", ID, nullable=False, index=True),
    sa.Column("key", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("tier", sa.String(2), nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("raised_at", sa.BigInteger, nullable=False),
    sa.Column("breach_at", sa.BigInteger, nullable=False),
    sa.Column("level", sa.Integer, nullable=False),  # steps of the ladder already taken
    sa.Column("next_page_at", sa.BigInteger),
    sa.Column("holder", ID),
    sa.Column("claim", sa.Integer, nullable=False),  # grows with every claim
    sa.Column("claim_until", sa.BigInteger),
    sa.Column("resolved_at", sa.BigInteger),  # of one that waits for a second person: when it was closed
    sa.Column("ver", sa.Integer, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),  # the title, of which no word is hers or a worker's
    sa.Column("offered_to", ID),  # a worker who may accept it
    sa.Column("claimed_at", sa.BigInteger),  # first; since it was raised, or woken
    sa.Column("answered_at", sa.BigInteger),  # when she first heard from a worker; since then, or since the last lift
)
sa.Index(
    "ix_alerts_one_open",
    alerts.c.person_id,
    alerts.c.key,
    unique=True,
    sqlite_where=alerts.c.state != "resolved",
    postgresql_where=alerts.c.state != "resolved",
)
sa.Index(
    "ix_alerts_queue",
    alerts.c.tier,
    alerts.c.breach_at,
    alerts.c.raised_at,
    alerts.c.ref,
    sqlite_where=alerts.c.state != "resolved",
    postgresql_where=alerts.c.state != "resolved",
)

reasons = sa.Table(
    "reasons",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("alert_id", ID, nullable=False, index=True),
    sa.Column("person_id", ID, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("tier", sa.String(2), nullable=False),
    sa.Column("own", sa.Boolean, nullable=False),  # sealed under her key; false: a reason of the service's own
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

notes = sa.Table(
    "notes",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("person_id", ID, nullable=False, index=True),
    sa.Column("staff_id", ID, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

pages = sa.Table(
    "pages",
    metadata,
    sa.Column("id", ID, primary_key=True),  # the outbox row's id
    sa.Column("alert_id", ID, nullable=False, index=True),
    sa.Column("staff_id", ID, nullable=False, index=True),
    sa.Column("level", sa.Integer, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("address_id", ID, nullable=False),  # the phone that its code is good on
    sa.Column("code", sa.String(8), nullable=False, index=True),
    sa.Column("paging", sa.Integer, nullable=False),  # the alert's claim number then: a claim ends the paging
    sa.Column("rest", sa.String(40), nullable=False),  # methods that are tried after this one, in order
    sa.Column("slipped", sa.Boolean, nullable=False),  # it did not get there in time: others were tried
)

conflicts = sa.Table(
    "conflicts",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("person_id", ID, nullable=False),
    sa.Column("staff_id", ID, nullable=False),  # who is kept apart from her
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),  # why
    sa.UniqueConstraint("person_id", "staff_id"),
)
