"""Who is on call now, and who may change it."""

from __future__ import annotations

from typing import get_args

from starlette.responses import Response

from escalation.console.doors import ACCOUNTS, CASES, CASEWORK, SUPERVISION, TurnedAway, Visit
from escalation.console.pages import go, notice_of, page
from escalation.console.rota_rows import on_now
from escalation.ports import Duty, Staff

DUTIES: tuple[Duty, ...] = get_args(Duty)


async def show(visit: Visit) -> Response:
    everybody = sorted(await visit.wiring.accounts.staff(), key=lambda p: (DUTIES.index(p.duty), p.name))
    may_change = visit.staff.role in SUPERVISION
    return page(
        visit,
        "staff.html",
        people=[person for person in everybody if person.active],
        duties=DUTIES,
        now_on={one.id: one.duty for one in await on_now(visit)},
        on_duty=CASEWORK,
        may_change=may_change,
        may_open={p.id for p in everybody if _may_open(visit, p)},
        notice=notice_of(visit),
        here="staff",
    )


def _may_open(visit: Visit, person: Staff) -> bool:
    """As `account_page` has it."""
    return visit.staff.role in ACCOUNTS and (visit.staff.role == "administrator" or person.role in CASES)


async def change_duty(visit: Visit) -> Response:
    wanted, staff = visit.form.get("duty", ""), visit.ref("staff")
    if wanted not in DUTIES:
        raise TurnedAway(422, "problem.not_valid")
    person = next((p for p in await visit.wiring.accounts.staff() if p.id == staff and p.active), None)
    if person is None:
        raise TurnedAway(404, "problem.no_such_staff")
    if person.role not in CASEWORK:
        raise TurnedAway(422, "problem.not_valid")
    await visit.wiring.accounts.duty(staff, wanted, visit.now)
    await visit.wiring.accounts.record(visit.staff.id, f"duty.{wanted}", staff, visit.now)
    return go(visit, "staff", "duty_changed")
