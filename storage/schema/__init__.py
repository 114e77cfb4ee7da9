"""The tables. In clear stand only opaque ids, due times of what is pending, coarse states and days (SECURITY 2.1).

Times are whole milliseconds since 1970 UTC, days whole days since then: the same on SQLite and PostgreSQL, and no
naive datetime can slip in. Every `sealed` and `state` column is an AEAD value, bound to its place and its version.
"""

from __future__ import annotations

from storage.schema.base import DAY_MS, ID, day, metadata, moment, stamp
from storage.schema.casework import casefile, tasks
from storage.schema.decisions import decisions
from storage.schema.desk import alerts, conflicts, notes, pages, reasons, timers
from storage.schema.people import addresses, case_links, codes, consents, persons, tombstones
from storage.schema.rota import calendars, covers, off_cover, rota_alarms, rota_links, shifts
from storage.schema.service import audit, buckets, meta, revisions, watermarks
from storage.schema.supervision import debriefs, samples
from storage.schema.talk import copies, events, farewells, inbox, outbox, phone_messages
from storage.schema.team import assignments, calls, proofs, staff, staff_sessions, tokens

__all__ = [
    "DAY_MS",
    "ID",
    "addresses",
    "alerts",
    "assignments",
    "audit",
    "buckets",
    "calendars",
    "calls",
    "case_links",
    "casefile",
    "codes",
    "conflicts",
    "consents",
    "copies",
    "covers",
    "day",
    "debriefs",
    "decisions",
    "events",
    "farewells",
    "inbox",
    "meta",
    "metadata",
    "moment",
    "notes",
    "off_cover",
    "outbox",
    "pages",
    "persons",
    "phone_messages",
    "proofs",
    "reasons",
    "revisions",
    "rota_alarms",
    "rota_links",
    "samples",
    "shifts",
    "staff",
    "staff_sessions",
    "stamp",
    "tasks",
    "timers",
    "tokens",
    "tombstones",
    "watermarks",
]
