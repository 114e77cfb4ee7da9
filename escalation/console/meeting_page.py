"""The sheet of the weekly safety-planning meeting: what changed in each case, what is said of it, who does what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from starlette.responses import Response

from escalation.console.doors import CASEWORK, SUPERVISION, Door, TurnedAway, Visit
from escalation.console.pages import go, notice_of, page, refusal
from escalation.console.rota_rows import first_day, midnight
from escalation.meeting import LONGEST_SAID, MOST, Reviewed, Week
from escalation.ports import Refused, Unknown
from escalation.tasks import LONGEST_WORDS, NewTask

SEVEN = timedelta(days=7)
BY = time(17)  # a task that is agreed for a day is due at the end of that working day


async def show(visit: Visit) -> Response:
    return await _page(visit, _week(visit, visit.request.query_params.get("week", "")))


async def say(visit: Visit) -> Response:
    """What was written stays in its box when it is refused."""
    week, text = _week(visit, visit.form.get("week", "")), visit.form.get("said", "")
    try:
        await visit.wiring.meetings.say(visit.ref("person"), visit.staff.id, week, text, visit.now)
    except Refused as refused:
        return await _refused(visit, week, refused)
    return _back(visit, week, "meeting_said")


async def agree(visit: Visit) -> Response:
    week, who = _week(visit, visit.form.get("week", "")), visit.form.get("staff", "")
    task = NewTask("meeting", _due(visit), visit.form.get("what", ""), who)
    try:
        await visit.wiring.meetings.agree(visit.ref("person"), visit.staff.id, week, task, visit.now)
    except Refused as refused:
        return await _refused(visit, week, refused)
    return _back(visit, week, "meeting_agreed")


def _due(visit: Visit) -> datetime:
    try:
        day = date.fromisoformat(visit.form.get("by", ""))
        return datetime.combine(day, BY, ZoneInfo(visit.wiring.settings.zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise TurnedAway(422, "problem.not_valid") from None


def _week(visit: Visit, asked: str) -> Week:
    zone = visit.wiring.settings.zone
    first = first_day(asked, "week", visit.now, zone)
    return Week(first, midnight(first - SEVEN, zone), midnight(first, zone), midnight(first + SEVEN, zone))


def _back(visit: Visit, week: Week, notice: str) -> Response:
    return go(visit, "meeting", notice, f"&week={week.name}#case-{visit.ref('person')}")


async def _refused(visit: Visit, week: Week, refused: Refused) -> Response:
    if isinstance(refused, Unknown):
        raise refused
    return await _page(visit, week, refused)


async def _page(visit: Visit, week: Week, refused: Refused | None = None) -> Response:
    cases: Sequence[Reviewed] = await visit.wiring.meetings.sheet(visit.staff.id, week, visit.now)
    everybody = await visit.wiring.accounts.staff()
    return page(
        visit,
        "meeting.html",
        409 if refused else 200,
        week=week,
        last=week.end - timedelta(hours=1),
        earlier=(week.first - SEVEN).isoformat(),
        later=(week.first + SEVEN).isoformat() if week.end <= visit.now else "",
        cases=cases,
        names={one.id: one.name for one in everybody},
        colleagues=[one for one in everybody if one.active and one.role in CASEWORK],
        written=visit.request.path_params.get("person", "").upper() if refused else "",
        kept=visit.form,
        most=MOST,
        longest=LONGEST_SAID,
        longest_words=LONGEST_WORDS,
        notice=notice_of(visit),
        refused=refusal(visit, refused) if refused else "",
        here="meeting",
    )


DOORS = (
    Door("GET", "/meeting", "meeting", show, SUPERVISION),
    Door("POST", "/meeting/{person}/say", "meeting_say", say, SUPERVISION, "act"),
    Door("POST", "/meeting/{person}/agree", "meeting_agree", agree, SUPERVISION, "act"),
)
