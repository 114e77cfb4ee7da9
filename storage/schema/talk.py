"""What came in, what is to go out, and what is where on her phone."""

from __future__ import annotations

import sqlalchemy as sa

from storage.schema.base import ID, metadata

inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("mac", sa.LargeBinary(32), primary_key=True),
    sa.Column("day", sa.Integer, nullable=False, index=True),
    sa.Column("owner_id", ID),
    sa.Column("state", sa.String(8), nullable=False),  # done | failed | stranger
    sa.Column("sealed", sa.LargeBinary),  # the message itself, only when it failed
)

events = sa.Table(
    "events",
    metadata,
    sa.Column("person_id", ID, primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True),
    sa.Column("kind", sa.String(8), primary_key=True),  # talk (short retention) | record
    sa.Column("day", sa.Integer, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("owner_kind", sa.String(8), nullable=False),  # person | staff | agency: of a person, to somebody else
    sa.Column("owner_id", ID, nullable=False),
    sa.Column("address_id", ID, nullable=False),  # the one phone that it may go to; of an agency, its entry
    sa.Column("line", ID, nullable=False),  # sent in order: her talk, her exits' covers, her wipes, a worker's phone
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.String(8), nullable=False),  # cover | exit | session | notice | page | wipe | news
    sa.Column("policy", sa.String(10), nullable=False),  # repeat | reconcile | drop
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("status", sa.String(10), nullable=False),
    sa.Column("due_at", sa.BigInteger, nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
    sa.Column("lease_until", sa.BigInteger),
    sa.Column("claim", sa.Integer, nullable=False, default=0),  # fencing: a late mark under an old number is refused
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("code", sa.String(32)),
    sa.Column("provider_mac", sa.LargeBinary(32)),
    sa.Column("alert_id", ID),
    sa.Column("session", ID, nullable=False),  # opaque; '' outside a session
    sa.Column("claimed_at", sa.BigInteger),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("lead", ID),  # of a page that goes out within another's message: that one's row
)
sa.Index(
    "ix_outbox_lead",
    outbox.c.lead,
    sqlite_where=outbox.c.lead.is_not(None),
    postgresql_where=outbox.c.lead.is_not(None),
)
sa.Index(
    "ix_outbox_due",
    outbox.c.priority,
    outbox.c.due_at,
    sqlite_where=outbox.c.status == "due",
    postgresql_where=outbox.c.status == "due",
)
sa.Index(
    "ix_outbox_one_in_flight",
    outbox.c.line,
    unique=True,
    sqlite_where=outbox.c.status == "sending",
    postgresql_where=outbox.c.status == "sending",
)
sa.Index("ix_outbox_line", outbox.c.line, outbox.c.status, outbox.c.seq)  # what of a line still waits, then in order
sa.Index(
    "ix_outbox_provider",
    outbox.c.provider_mac,
    sqlite_where=outbox.c.provider_mac.is_not(None),
    postgresql_where=outbox.c.provider_mac.is_not(None),
)

phone_messages = sa.Table(
    "phone_messages",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("person_id", ID, nullable=False),
    sa.Column("address_id", ID, nullable=False),  # on which phone
    sa.Column("session", ID, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("state", sa.String(8), nullable=False),  # there | stuck
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)
sa.Index("ix_phone_messages_person_session", phone_messages.c.person_id, phone_messages.c.session)

copies = sa.Table(
    "copies",
    metadata,
    sa.Column("id", ID, primary_key=True),  # of the keyed hash of the provider's id
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("inbound", sa.Boolean, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("due_at", sa.BigInteger, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),  # the provider's id
)
sa.Index("ix_copies_due", copies.c.channel, copies.c.due_at)

farewells = sa.Table(
    "farewells",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("receipt", sa.String(32), nullable=False, index=True),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("due_at", sa.BigInteger, nullable=False),
    sa.Column("until", sa.BigInteger, nullable=False),  # when the provider will delete them no more
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),  # an erased person's chat, and its messages' ids
)
