"""What a colleague has that opens doors or rings, and taking it from them: a lost phone, a token, somebody who left."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import get_args

from starlette.responses import Response

from escalation.console.doors import CASES, TurnedAway, Visit
from escalation.console.pages import go, notice_of, page
from escalation.ports import Refused, Role, Staff, Unknown

ROLES: tuple[Role, ...] = get_args(Role)


async def show(visit: Visit) -> Response:
    return await of_account(visit, await colleague(visit))


async def remove_phone(visit: Visit) -> Response:
    phone, take = visit.form.get("phone", ""), visit.wiring.accounts.remove_phone
    return await _act(visit, lambda staff: take(staff, phone, visit.staff.id, visit.now))


async def revoke(visit: Visit) -> Response:
    token, take = visit.form.get("token", ""), visit.wiring.accounts.revoke
    return await _act(visit, lambda staff: take(staff, token, visit.staff.id, visit.now))


async def sign_out(visit: Visit) -> Response:
    end = visit.wiring.accounts.end_sessions
    return await _act(visit, lambda staff: end(staff, visit.staff.id, visit.now))


async def deactivate(visit: Visit) -> Response:
    person, end = await colleague(visit), visit.wiring.accounts.deactivate
    try:
        await end(person.id, visit.staff.id, visit.now)
    except Refused as refused:
        return await of_account(visit, person, visit.wiring.strings.told(refused.why), 409)
    return go(visit, "staff", "deactivated")


async def _act(visit: Visit, act: Callable[[str], Awaitable[None]]) -> Response:
    person = await colleague(visit)
    try:
        await act(person.id)
    except Unknown:
        raise TurnedAway(422, "problem.not_valid") from None
    return go(visit, "account", "taken", staff=person.id)


async def colleague(visit: Visit) -> Staff:
    """Raises TurnedAway. Supervisors take from those who do casework; from the others an administrator does."""
    person = next((p for p in await visit.wiring.accounts.staff() if p.id == visit.ref("staff") and p.active), None)
    if person is None:
        raise TurnedAway(404, "problem.no_such_staff")
    if visit.staff.role != "administrator" and person.role not in CASES:
        raise TurnedAway(403, "problem.not_your_role")
    return person


async def of_account(visit: Visit, person: Staff, refused: str = "", status: int = 200) -> Response:
    has = await visit.wiring.accounts.belongings(person.id)
    themselves = person.id == visit.staff.id
    context = {"person": person, "has": has, "themselves": themselves, "refused": refused, "here": "staff"}
    return page(visit, "account.html", status, notice=notice_of(visit), roles=ROLES, **context)
