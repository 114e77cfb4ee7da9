"""The rota: who is on when, where nobody is, and changing it between colleagues."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

from starlette.responses import Response

from escalation.console.doors import CASEWORK, SUPERVISION, TurnedAway, Visit
from escalation.console.pages import go, notice_of, page
from escalation.console.rota_rows import DAYS, days, first_day, midnight
from escalation.ports import Refused, Staff, Unknown
from escalation.rota import Cover, CoverKind, Gap, gaps, with_duties
from escalation.rota.asking import NOT_YOURS
from escalation.rota.duty import HEAVIEST
from escalation.rota.export import export
from escalation.rota.gaps import BEFORE
from escalation.rota.gaps import DAYS as GAP_DAYS
from escalation.rota.port import HIGHEST, Asked

FORWARD = timedelta(days=62)  # of a private link, and of changes that are listed
NO_TIME = "Give both times, as the calendar of your browser writes them."
KINDS: tuple[CoverKind, ...] = get_args(CoverKind)
FIELDS = (
    "kind",
    "staff",
    "instead",
    "duty",
    "from",
    "until",
    "back_from",
    "back_until",
    "name",
    "source",
    "zone",
    "layer",
    "kept",
)


@dataclass(frozen=True, slots=True)
class Change:
    """One promise, for the list: `mine` to accept, `may_end` to end it or to take it back."""

    cover: Cover
    back: Cover | None
    mine: bool
    may_end: bool


async def show(visit: Visit) -> Response:
    return await answer(visit)


async def ask(visit: Visit) -> Response:
    try:
        await visit.wiring.rotas.ask(_asked(visit), visit.staff.id, visit.now)
    except Refused as refused:
        return await answer(visit, refused.why, 409)
    return go(visit, "rota", "rota_set" if visit.staff.role in SUPERVISION else "rota_asked")


async def accept(visit: Visit) -> Response:
    return await _act(visit, visit.wiring.rotas.accept(visit.form.get("promise", ""), visit.staff.id, visit.now))


async def end(visit: Visit) -> Response:
    return await _act(visit, visit.wiring.rotas.end(visit.form.get("promise", ""), visit.staff.id, visit.now))


async def back(visit: Visit) -> Response:
    """Somebody can be paged again: said by themselves, or by a supervisor."""
    person = visit.form.get("person", "")
    if visit.staff.role not in SUPERVISION and person != visit.staff.id:
        return await answer(visit, NOT_YOURS, 409)
    return await _act(visit, visit.wiring.rotas.back(person, visit.staff.id, visit.now))


async def make_link(visit: Visit) -> Response:
    """Shown once, on the answer to the form."""
    token = await visit.wiring.rotas.link(visit.staff.id, visit.now)
    return await answer(visit, made=visit.wiring.settings.origin + visit.link("rota_feed", token=token))


async def revoke_link(visit: Visit) -> Response:
    return await _act(visit, visit.wiring.rotas.revoke_link(visit.staff.id, visit.now))


async def feed(visit: Visit) -> Response:
    """Whoever has the link sees its owner's shifts as iCal, and nothing else. It needs no session and makes none."""
    try:
        owner = await visit.wiring.rotas.by_link(visit.ref("token"))
    except Unknown:
        raise TurnedAway(404, "problem.no_such_page") from None
    rota = await visit.wiring.rotas.rota(visit.now, visit.now + FORWARD)
    names = await visit.wiring.staff_names()
    text = export(rota, names, visit.now, visit.now + FORWARD, visit.now, of=(owner,))
    return Response(text, media_type="text/calendar")


async def _act(visit: Visit, act: Awaitable[None]) -> Response:
    try:
        await act
    except Refused as refused:
        return await answer(visit, refused.why, 409)
    return go(visit, "rota", "rota_changed")


def _asked(visit: Visit) -> Asked:
    """Raises Refused, TurnedAway. A worker gives a shift of their own away; a supervisor says whose."""
    form, supervises = visit.form, visit.staff.role in SUPERVISION
    kind = next((one for one in KINDS if one == form.get("kind")), None)
    duty = next((one for one in HEAVIEST if one == form.get("duty", "on_call")), None)
    if kind is None or duty is None or (kind == "override" and not supervises):
        raise TurnedAway(422, "problem.not_valid")
    instead = form.get("instead", "") if supervises else visit.staff.id
    times = [_moment(visit, name) for name in ("from", "until", "back_from", "back_until")]
    start, end, back_start, back_end = times
    if start is None or end is None or (back_start is None) != (back_end is None):
        raise Refused(NO_TIME)
    back = (back_start, back_end) if back_start is not None and back_end is not None else None
    return Asked(kind, form.get("staff", ""), instead, start, end, duty, back)


def _moment(visit: Visit, name: str) -> datetime | None:
    """As `datetime-local` sends it, in the staff's zone; None where nothing was given. Raises Refused."""
    text = visit.form.get(name, "").strip()
    if not text:
        return None
    try:
        local = datetime.strptime(text[:16], "%Y-%m-%dT%H:%M")  # noqa: DTZ007 - it has no zone; the next line gives one
        return local.replace(tzinfo=ZoneInfo(visit.wiring.settings.zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refused(NO_TIME) from None


async def answer(visit: Visit, refused: str = "", status: int = 200, made: str = "") -> Response:
    wiring, now, zone = visit.wiring, visit.now, visit.wiring.settings.zone
    query = visit.request.query_params
    view = query.get("view", "") if query.get("view", "") in DAYS else "week"
    first = first_day(query.get("from", ""), view, now, zone)
    last = first + timedelta(days=DAYS[view])
    everybody = [person for person in await wiring.accounts.staff() if person.active]
    people = {person.id: person for person in everybody if person.role in CASEWORK}
    clock = wiring.times(now)
    looked_at = await wiring.rotas.rota(midnight(first, zone), midnight(last, zone))
    coming = await wiring.rotas.rota(now - BEFORE, now + FORWARD)
    # In a thread: thousands of shifts take seconds, and pages must not wait for them.
    rows = await asyncio.to_thread(days, looked_at, people, first, DAYS[view], clock)
    holes = await asyncio.to_thread(gaps, coming, now, GAP_DAYS)
    return page(
        visit,
        "rota.html",
        status,
        view=view,
        views=tuple(DAYS),
        days=rows,
        duties=HEAVIEST,
        shown=[duty for duty in HEAVIEST if duty == "on_call" or any(day.parts[duty] for day in rows)],
        earlier=(first - timedelta(days=DAYS[view])).isoformat(),
        later=last.isoformat(),
        first=first.isoformat(),
        now_on=[one for one in with_duties(everybody, coming, now) if one.duty != "off" and one.role in CASEWORK],
        people=people,
        gaps=named_gaps(holes, people),
        off={id: why for id, why in (await wiring.rotas.off_cover()).items() if id in people},
        calendars=await wiring.rotas.calendars(),
        changes=_changes(coming.covers, visit.staff, now),
        may_act=visit.staff.role in CASEWORK,
        supervises=visit.staff.role in SUPERVISION,
        linked=await wiring.rotas.linked_since(visit.staff.id),
        made=made,
        given={name: visit.form.get(name, "") for name in FIELDS},
        highest=HIGHEST,
        notice=notice_of(visit),
        refused=wiring.strings.told(refused) if refused else "",
        here="rota",
    )


def named_gaps(found: Sequence[Gap], people: dict[str, Staff]) -> list[tuple[Gap, str]]:
    return [(gap, ", ".join(people[id].name for id in gap.by_hand if id in people)) for gap in found]


def _changes(covers: Sequence[Cover], who: Staff, now: datetime) -> list[Change]:
    """What is not over, those that wait for somebody first, then by time."""
    promises: dict[str, list[Cover]] = {}
    for cover in sorted(covers, key=lambda c: c.id != c.promise):
        promises.setdefault(cover.promise, []).append(cover)
    standing = [both for both in promises.values() if any(cover.end > now for cover in both)]
    supervises = who.role in SUPERVISION
    found = []
    for first, *rest in standing:
        concerned = who.id in (first.staff, first.instead)
        waits = first.accepted_at is None
        mine = waits and (supervises or (concerned and first.asked_by != who.id))
        found.append(Change(first, rest[0] if rest else None, mine, supervises or (concerned and waits)))
    return sorted(found, key=lambda one: (one.cover.accepted_at is not None, one.cover.start))
