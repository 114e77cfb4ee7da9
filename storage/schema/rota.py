"""Who is on duty when: calendars with the shifts read from them, covers between colleagues, links, who is off cover.

Ids of staff and times stand in clear, as in the audit log; where a calendar comes from and what it says are sealed.
"""

from __future__ import annotations

import sqlalchemy as sa

from storage.schema.base import ID, metadata

calendars = sa.Table(
    "calendars",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("layer", sa.Integer, nullable=False),
    sa.Column("duty", sa.String(16), nullable=False),
    sa.Column("read_at", sa.BigInteger, nullable=False),  # when shifts were last made of it
    sa.Column("fetch_at", sa.BigInteger),  # of a feed: when it is asked next
    sa.Column("fetched_at", sa.BigInteger),  # and when it last answered with a calendar
    sa.Column("failed_at", sa.BigInteger),  # since when it has not
    sa.Column("ver", sa.Integer, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),  # name, source, zone, other names of people, the text itself
)

shifts = sa.Table(
    "shifts",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("calendar_id", ID, nullable=False, index=True),
    sa.Column("staff_id", ID, nullable=False),
    sa.Column("from_at", sa.BigInteger, nullable=False),
    sa.Column("to_at", sa.BigInteger, nullable=False, index=True),
)

covers = sa.Table(
    "covers",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("promise", ID, nullable=False, index=True),  # the same for both halves of a swap
    sa.Column("kind", sa.String(10), nullable=False),  # override | swap | holiday
    sa.Column("staff_id", ID, nullable=False),  # '': nobody
    sa.Column("instead_id", ID, nullable=False),  # '': beside the others
    sa.Column("duty", sa.String(16), nullable=False),
    sa.Column("from_at", sa.BigInteger, nullable=False),
    sa.Column("to_at", sa.BigInteger, nullable=False, index=True),
    sa.Column("asked_by", ID, nullable=False),
    sa.Column("asked_at", sa.BigInteger, nullable=False),
    sa.Column("accepted_at", sa.BigInteger),
    sa.Column("ended_at", sa.BigInteger),
)

rota_links = sa.Table(
    "rota_links",
    metadata,
    sa.Column("mac", sa.LargeBinary(32), primary_key=True),
    sa.Column("staff_id", ID, nullable=False, unique=True),
    sa.Column("created_at", sa.BigInteger, nullable=False),
)

off_cover = sa.Table(
    "off_cover",
    metadata,
    sa.Column("staff_id", ID, primary_key=True),
    sa.Column("since", sa.BigInteger, nullable=False),
    sa.Column("why", sa.String(8), nullable=False),  # shut | failed
)

rota_alarms = sa.Table(
    "rota_alarms",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("kind", sa.String(8), nullable=False),  # storage.rota_alarms.Kind
    sa.Column("subject", ID, nullable=False),  # a calendar's id, '' for a gap
    sa.Column("from_at", sa.BigInteger, nullable=False),
    sa.Column("to_at", sa.BigInteger, nullable=False),
)
