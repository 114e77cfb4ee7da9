"""Who may open a case, to read in it or to write into it: the one place that decides, records and tells (SAFETY 32)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.engine import Connection, Row

from escalation.ports import Reading, Refused
from storage import audit
from storage.access import stance
from storage.claims import renew_all
from storage.team import tell_who_looks_over
from storage.vault import Vault

READING = "case.read"  # in the audit; whoever writes into a case opens it
TIMELINE = "timeline.read"
ONE_READING = timedelta(minutes=10)  # a page that refreshes itself is read once
BY_REASON = ".break_glass"
LONGEST_REASON = 500  # characters


def may_read(
    conn: Connection, vault: Vault, person: Row[Any], worker: str, reason: str, what: str, now: datetime
) -> None:
    """Opening is audited; a case that is not one's own needs a reason, and somebody who looks over it is told.

    Raises Refused without one, and nothing is recorded then; also, whatever the reason, to whom `escalation.access`
    gives none: who is kept apart from her, or is of partner support and not assigned to her.
    """
    lately = audit.lately(conn, vault, worker, person.ref, now - ONE_READING)
    stands = stance(conn, person.id, worker, now)
    if stands.may("read"):
        opened = (what, "") not in lately
        if opened:
            audit.record(conn, vault, worker, what, person.ref, now)
        renew_all(conn, vault, worker, person.id, now, act=opened)
        return
    if not stands.may("break_glass"):
        raise Refused(stands.refuses("read"))
    given, by_reason = reason.strip()[:LONGEST_REASON], f"{what}{BY_REASON}"
    if not given:
        raise Refused(stands.refuses("read"))
    if (by_reason, given) in lately:
        return
    audit.record(conn, vault, worker, by_reason, person.ref, now, given)
    if all(given != detail for _, detail in lately):
        # the page of supervision lists the reading in any case
        tell_who_looks_over(conn, vault, worker, "page/opened", {"ref": person.ref}, now)


def once(conn: Connection, vault: Vault, worker: str, what: str, ref: str, now: datetime) -> None:
    """A reading beside that of the case, recorded once."""
    if (what, "") not in audit.lately(conn, vault, worker, ref, now - ONE_READING):
        audit.record(conn, vault, worker, what, ref, now)


def opened_by_reason(conn: Connection, vault: Vault, most: int) -> list[Reading]:
    """Cases and timelines that were opened by somebody who did not hold them, latest first."""
    return audit.with_reason(conn, vault, (f"{READING}{BY_REASON}", f"{TIMELINE}{BY_REASON}"), most)
