"""The tables. In clear stand only opaque ids, due times of what is pending, coarse states and days (SECURITY 2.1).

Times are whole milliseconds since 1970 UTC, days whole days since then: the same on SQLite and PostgreSQL, and no
naive datetime can slip in. Every `sealed` and `state` column is an AEAD value, bound to its place and its version.
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
ID = sa.String(40)
DAY_MS = 86_400_000


def stamp(at: datetime) -> int:
    """Milliseconds since 1970. Raises ValueError for a naive datetime."""
    if at.tzinfo is None:
        raise ValueError("a naive datetime: times are aware everywhere")
    return round(at.timestamp() * 1000)


def moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def day(ms: int) -> int:
    return ms // DAY_MS


meta = sa.Table(
    "meta",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("value", sa.LargeBinary, nullable=False),
)

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
    sa.Column("owner_kind", sa.String(8), nullable=False),  # person | staff
    sa.Column("owner_id", ID, nullable=False),
    sa.Column("address_id", ID, nullable=False),  # the one phone that it may go to
    sa.Column("line", ID, nullable=False),  # sent in order: her talk, her exits' covers, her wipes, a worker's phone
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.String(8), nullable=False),  # cover | exit | session | notice | page | wipe
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
sa.Index("ix_outbox_line", outbox.c.line, outbox.c.seq)
sa.Index("ix_outbox_provider", outbox.c.provider_mac)

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
    sa.Column("resolved_at", sa.BigInteger),
    sa.Column("ver", sa.Integer, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),  # the title, of which no word is hers or a worker's
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
)

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

tombstones = sa.Table(
    "tombstones",
    metadata,
    sa.Column("person_id", ID, primary_key=True),
    sa.Column("receipt", sa.String(32), nullable=False),
    sa.Column("day", sa.Integer, nullable=False),
    sa.Column("stays", sa.Integer, nullable=False, server_default="0"),  # messages that could not be wiped
    sa.Column("copies", sa.Integer, nullable=False, server_default="0"),  # of a provider, queued to be deleted
)

watermarks = sa.Table(
    "watermarks",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)
