"""A P0 or P1 of a case: whose case it is hears that there is news, once an alert (Up2U: rising risk is told).

For who is not paged by the ladder at once. It is no page: it has no code, is answered by nobody and climbs no ladder.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.rota import called
from storage.conflicts import apart_from
from storage.schema import assignments
from storage.team import team
from storage.telling import tell
from storage.vault import Vault

NOTICE = "page/notice"
BEHIND_PAGES = "P3"  # as the last of the tiers in a phone's line: it holds up no page there

_WHOSE = sa.select(assignments.c.person_id, assignments.c.staff_id).where(
    assignments.c.person_id.in_(sa.bindparam("people", expanding=True)), assignments.c.to_at.is_(None)
)


def tell_whose_case(conn: Connection, vault: Vault, risen: Sequence[tuple[Any, datetime]]) -> None:
    """`risen`: rows of `alerts` that are urgent as of now and were not before, each with when. At any hour."""
    if not risen:
        return
    whose: dict[str, set[str]] = defaultdict(set)
    for one in conn.execute(_WHOSE, {"people": sorted({row.person_id for row, _ in risen})}):
        whose[one.person_id].add(one.staff_id)
    for row, now in risen:
        if row.person_id in whose:
            _tell(conn, vault, row, whose[row.person_id], now)


def _tell(conn: Connection, vault: Vault, row: Any, whose: set[str], now: datetime) -> None:
    apart = apart_from(conn, row.person_id)
    here = [person for person in team(conn, vault, now) if person.id not in apart]
    if row.state == "claimed":
        paged = {row.holder}
    else:
        paged = {person.id for person in called(here, vault.ladder.step(row.tier, row.level, now).who)}
    for person in here:
        if person.id in whose - paged:
            tell(conn, vault, person.id, NOTICE, {"ref": row.ref, "tier": BEHIND_PAGES}, now)
