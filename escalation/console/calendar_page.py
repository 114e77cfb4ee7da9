"""A calendar of the rota: seen with what it would change before it counts, changed, taken away. For supervisors.

Nothing is kept in between. What was given comes back with the form, a feed is asked anew, one that is there is named.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from starlette.responses import Response

from escalation.console import rota_page
from escalation.console.doors import CASEWORK, SUPERVISION, Door, TurnedAway, Visit
from escalation.console.pages import go, page
from escalation.console.rota_rows import days, midnight
from escalation.ports import Refused, Staff
from escalation.rota import Rota, Shift, gaps
from escalation.rota.duty import HEAVIEST
from escalation.rota.gaps import BEFORE
from escalation.rota.gaps import DAYS as AHEAD
from escalation.rota.port import HIGHEST, LONGEST_NAME, Calendar, Proposed
from escalation.rota.reading import LONGEST_CALLED, NO_CALENDAR, TOO_LARGE, Reading, folded

LARGEST = 1_000_000  # bytes, its lines ended as browsers end them: with the form around it the body still passes
MOST_NAMES = 60  # of one form, each of two fields: what goes beyond them is matched when these are
NO_NAME = f"Give the calendar a name of at most {LONGEST_NAME} letters."
NO_ZONE = "There is no such zone. One is Europe/London."
ONE_OF_TWO = "Give one of the two: a file, or the address of a feed."


@dataclass(frozen=True, slots=True)
class Named:
    """A name in the calendar, and whose it is: a staff id, '' for nobody's."""

    name: str
    staff: str


@dataclass(frozen=True, slots=True)
class Place:
    """A calendar of the same duty in the order in which they hold. `this`: the one that is looked at."""

    name: str
    layer: int
    this: bool


async def look(visit: Visit) -> Response:
    try:
        proposed = await _proposed(visit)
        reading = await visit.wiring.rotas.read(proposed, visit.now)
    except Refused as refused:
        return await rota_page.answer(visit, refused.why, 409)
    return await _page(visit, proposed, reading)


async def take(visit: Visit) -> Response:
    try:
        await visit.wiring.rotas.take(await _proposed(visit), visit.staff.id, visit.now)
    except Refused as refused:
        return await rota_page.answer(visit, refused.why, 409)
    return go(visit, "rota", "calendar_taken")


async def look_without(visit: Visit) -> Response:
    """The rota as it would be without it."""
    name = visit.form.get("name", "")
    there = next((one for one in await visit.wiring.rotas.calendars() if one.name == name), None)
    if there is None:
        return await rota_page.answer(visit, f"There is no calendar {name}.", 409)
    return await _page(visit, Proposed(name, there.duty, there.layer, there.zone), None)


async def remove(visit: Visit) -> Response:
    try:
        await visit.wiring.rotas.remove(visit.form.get("name", ""), visit.staff.id, visit.now)
    except Refused as refused:
        return await rota_page.answer(visit, refused.why, 409)
    return go(visit, "rota", "calendar_gone")


# what was sent


async def _proposed(visit: Visit) -> Proposed:
    """Raises Refused, TurnedAway. `kept`: it is in the rota already."""
    form = visit.form
    duty = next((one for one in HEAVIEST if one == form.get("duty")), None)
    layer = form.get("layer", "").strip()
    if duty is None or not (layer.isascii() and layer.isdigit() and int(layer[:9]) <= HIGHEST):
        raise TurnedAway(422, "problem.not_valid")
    called = await _called(visit)
    if form.get("kept") == "1":
        return Proposed(form.get("name", ""), duty, int(layer), "", called=called)
    name, source = " ".join(form.get("name", "").split()), form.get("source", "").strip()
    if not 1 <= len(name) <= LONGEST_NAME:
        raise Refused(NO_NAME)
    return Proposed(name, duty, int(layer), _zone(visit), source, await _text(visit, source), called)


def _zone(visit: Visit) -> str:
    """Raises Refused."""
    zone = visit.form.get("zone", "").strip() or visit.wiring.settings.zone
    if zone not in available_timezones():
        raise Refused(NO_ZONE)
    return zone


async def _text(visit: Visit, source: str) -> str:
    """Never empty. Raises Refused."""
    text = visit.form.get("file") or visit.form.get("text", "")
    if bool(source) == bool(text):
        raise Refused(ONE_OF_TWO)
    if text and len(text.encode()) + text.count("\n") > LARGEST:
        raise Refused(TOO_LARGE)
    text = text or await visit.wiring.feed(source)
    if not text.strip():
        raise Refused(NO_CALENDAR)
    return text


async def _called(visit: Visit) -> dict[str, str]:
    usernames = {"": ""} | {one.id: one.username for one in await _team(visit)}
    pairs = [(visit.form.get(f"name{n}", ""), visit.form.get(f"who{n}", "")) for n in range(MOST_NAMES)]
    if any(who not in usernames or len(name) > LONGEST_CALLED for name, who in pairs):
        raise TurnedAway(422, "problem.not_valid")
    return {name: usernames[who] for name, who in pairs if name}


async def _team(visit: Visit) -> list[Staff]:
    return [one for one in await visit.wiring.accounts.staff() if one.active and one.role in CASEWORK]


# the page


async def _page(visit: Visit, proposed: Proposed, reading: Reading | None) -> Response:
    """`reading`: None where it is to be taken away."""
    wiring, now, zone = visit.wiring, visit.now, visit.wiring.settings.zone
    there = await wiring.rotas.calendars()
    before = next((one for one in there if one.name == proposed.name), None)
    team = await _team(visit)
    people = {one.id: one for one in team}
    first = now.astimezone(ZoneInfo(zone)).date()
    start, end = now - BEFORE, midnight(first + timedelta(days=AHEAD + 1), zone)
    shifts = _shifts(proposed, reading, start, end)
    rota = _after(await wiring.rotas.rota(start, end), before, shifts)
    # In a thread: thousands of shifts take seconds, and pages must not wait for them.
    rows = await asyncio.to_thread(days, rota, people, first, AHEAD, wiring.times(now))
    holes = await asyncio.to_thread(gaps, rota, now, AHEAD)
    return page(
        visit,
        "calendar.html",
        proposed=proposed,
        kept=before is not None and not proposed.text,
        replaces=before is not None and bool(proposed.text),
        away=reading is None,
        findings=reading.findings if reading else (),
        found=len(shifts),
        names=_names(proposed, before, reading, team) if reading else (),
        order=_order(proposed, there),
        days=rows,
        shown=[duty for duty in HEAVIEST if duty == "on_call" or any(day.parts[duty] for day in rows)],
        gaps=rota_page.named_gaps(holes, people),
        people=sorted(team, key=lambda one: one.name),
        duties=HEAVIEST,
        highest=HIGHEST,
        here="rota",
    )


def _shifts(proposed: Proposed, reading: Reading | None, start: datetime, end: datetime) -> tuple[Shift, ...]:
    turns = [turn for turn in reading.turns if turn.end > start and turn.start < end] if reading else []
    return tuple(Shift(turn.staff, proposed.duty, proposed.layer, turn.start, turn.end) for turn in turns)


def _after(rota: Rota, before: Calendar | None, shifts: tuple[Shift, ...]) -> Rota:
    others = (one for one in rota.shifts if before is None or one.calendar != before.id)
    return replace(rota, shifts=(*others, *shifts))


def _names(proposed: Proposed, before: Calendar | None, reading: Reading, team: Sequence[Staff]) -> list[Named]:
    """Those that are nobody's first, then those that somebody has matched."""
    ids = {one.username: one.id for one in team}
    matched: Mapping[str, str] = before.called if before else {}
    said = {name: ids.get(username, "") for name, username in {**matched, **proposed.called}.items()}
    known = {folded(name) for name in said}
    rows = [Named(name, "") for name in reading.unknown if folded(name) not in known]
    rows += [Named(name, staff) for name, staff in said.items()]
    return sorted(rows, key=lambda one: one.staff != "")[:MOST_NAMES]


def _order(proposed: Proposed, there: Sequence[Calendar]) -> list[Place]:
    others = [one for one in there if one.duty == proposed.duty and one.name != proposed.name]
    places = [Place(one.name, one.layer, False) for one in others] + [Place(proposed.name, proposed.layer, True)]
    return sorted(places, key=lambda one: (-one.layer, one.name))


DOORS = (
    Door("POST", "/rota/calendar", "calendar", look, SUPERVISION, "act", file=True),
    Door("POST", "/rota/calendar/take", "calendar_take", take, SUPERVISION, "act", file=True),
    Door("POST", "/rota/calendar/without", "calendar_without", look_without, SUPERVISION, "act"),
    Door("POST", "/rota/calendar/remove", "calendar_remove", remove, SUPERVISION, "act"),
)
