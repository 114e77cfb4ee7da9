"""The case page: how it is safe to write, then what may be done, then why, then everything else.

Opening a case is audited by the desk. A case that is not the worker's wants a reason ("break glass"); the reason, and
whether the conversation is open, travel in the page's own forms, never in an address, so that no log keeps them.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args
from zoneinfo import ZoneInfo

from starlette.responses import Response

from escalation.answering import answer_by
from escalation.claims import LONGEST_WORD, SAID
from escalation.console import safe_hours
from escalation.console.assigned import assigned
from escalation.console.banner import banner, confirmed, word
from escalation.console.charts import goal_trend
from escalation.console.doors import CASEWORK, Visit
from escalation.console.drawing import drawing
from escalation.console.file_rows import on_file, sort_of
from escalation.console.handing import handing
from escalation.console.news_rows import news_rows
from escalation.console.pages import notice_of, page, refusal
from escalation.console.queue_rows import answered, is_silent
from escalation.console.records import records
from escalation.console.sheet_rows import listed
from escalation.console.task_rows import board
from escalation.console.trends import trends
from escalation.held_words import held_words
from escalation.order import is_held
from escalation.ports import LONGEST_NUMBER, Alert, Case, Line, Outcome, Refused, Unknown, Why
from flows.engine.conversation import PlanItem, Status
from flows.engine.crisis_plan import LONGEST_WORDS, overdue
from flows.engine.goals import STAGES
from flows.engine.worker import LONGEST_SAID

LONGEST_REASON = 500  # characters, for the supervisor to read
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
NONCE = 12  # bytes; tells a double click from a second message
OPEN_PLAN: tuple[Status, ...] = ("todo", "unsafe", "worker", "done", "unneeded")  # what still matters first
MOST_VERSIONS = 50  # of the plan's items, latest first: two years of reviews


@dataclass(frozen=True, slots=True)
class Opening:
    """How this worker has the case open. `talk`: with the conversation."""

    reason: str = ""
    talk: bool = False

    @classmethod
    def of(cls, form: Mapping[str, str]) -> Opening:
        return cls(form.get("reason", "").strip()[:LONGEST_REASON], form.get("talk") == "1")


@dataclass(frozen=True, slots=True)
class Telling:
    """What the page says about the act before it. `confirm`: the message may go if she asked for what is in it.

    `unsaved`: what came with the form was not kept yet and stays in its boxes.
    """

    status: int = 200
    notice: str = ""
    refused: str = ""
    confirm: bool = False
    unsaved: bool = False


async def show(visit: Visit) -> Response:
    return await case(visit, visit.ref("person"), Opening(), Telling(notice=notice_of(visit)))


async def open_with_reason(visit: Visit) -> Response:
    """Break glass. Without a reason the question is asked again."""
    opening, person = Opening.of(visit.form), visit.ref("person")
    if not opening.reason:
        return ask_reason(visit, person, visit.wiring.strings.say("reason.missing"), 422)
    return await case(visit, person, opening, Telling(unsaved=True))


async def open_talk(visit: Visit) -> Response:
    opening = Opening(Opening.of(visit.form).reason, talk=True)
    return await case(visit, visit.ref("person"), opening, Telling())


async def live(visit: Visit) -> Response:
    """The page's moving parts, as it has them open now."""
    return await case(visit, visit.ref("person"), Opening.of(visit.form), Telling(), template="case_live.html")


async def case(visit: Visit, person: str, opening: Opening, telling: Telling, template: str = "case.html") -> Response:
    """The case as this worker may see it, or the question for a reason. Raises Unknown when there is none."""
    desk = visit.wiring.desk
    try:
        opened = await desk.case(person, visit.staff.id, opening.reason, visit.now)
        talk = await desk.transcript(person, visit.staff.id, opening.reason, visit.now) if opening.talk else None
    except Unknown:
        raise
    except Refused as refused:
        return ask_reason(visit, person, telling.refused or refusal(visit, refused), 403)
    context = await _context(visit, opened, talk)
    kept = visit.form if telling.refused or telling.unsaved else {}
    return page(visit, template, telling.status, opening=opening, telling=telling, kept=kept, here="case", **context)


def ask_reason(visit: Visit, person: str, why: str, status: int, action: str = "") -> Response:
    """`action`: where the reason leads, the case unless said. A note that was being written goes with it.

    Who can give none is told so.
    """
    if visit.staff.role not in CASEWORK:
        return page(visit, "problem.html", 403, code=403, message="problem.not_your_case", why="")
    action, note = action or visit.link("case", person=person), visit.form.get("note", "")
    return page(visit, "reason.html", status, why=why, action=action, note=note, longest=LONGEST_REASON, here="case")


async def _context(visit: Visit, opened: Case, talk: Sequence[Line] | None) -> dict[str, object]:
    clock = visit.wiring.times(visit.now)
    alerts = in_order([alert for alert in opened.alerts if alert.state != "resolved"], visit)
    first = alerts[0] if alerts else None
    everybody = await visit.wiring.accounts.staff()
    apart = await visit.wiring.claims.apart(opened.ref)
    standing = await visit.wiring.access.assigned(opened.ref)
    file = on_file(await visit.wiring.casefile.of_person(opened.ref), visit.now)
    told = await visit.wiring.casefile.told(opened.ref)
    return {
        "case": opened,
        "banner": banner(opened, clock),
        "hours": safe_hours.in_words(opened.contact.windows, clock.strings),
        "confirmed": confirmed(opened, clock, visit.wiring.settings.confirm_every),
        "alert": first,
        "others": alerts[1:],
        "mine": first is not None and first.holder == visit.staff.id and is_held(first, visit.now),
        "held": first is not None and is_held(first, visit.now),
        "silent": first is not None and is_silent(first, visit.now),
        "answer_by": answer_by(first) if first is not None and first.answered_at is None else None,
        "answered": answered(first, clock, "her.had") if first is not None else "",
        "why": [(alert, opened.why.get(alert.ref, ())) for alert in alerts],
        "saw": _saw(opened.why.values()) if talk is not None else (),
        "drawing": drawing(opened, visit.now),
        "title_of": visit.wiring.title,
        "listed": listed(visit.wiring.forms, opened, visit.now, visit.wiring.title),
        "told": visit.wiring.strings.told,
        "trends": trends(opened, visit.wiring.forms, visit.wiring.title),
        "plan": sorted(opened.plan, key=lambda item: OPEN_PLAN.index(item.status)),
        "overdue": {item.name for item in opened.plan if overdue(item, visit.now)},
        "review_day": lambda item: review_day(item, visit.wiring.settings.zone),
        "kept_words": held_words(opened.plan_versions),
        "plan_versions": opened.plan_versions[::-1][:MOST_VERSIONS],
        "statuses": OPEN_PLAN,
        "longest_words": LONGEST_WORDS,
        "goals": [(goal, goal_trend(goal)) for goal in opened.goals if goal.ended is None],
        "past_goals": [(goal, goal_trend(goal)) for goal in reversed(opened.goals) if goal.ended is not None],
        "stages": STAGES,
        "records": records(opened),
        "recordings": tuple(reversed(opened.recordings)),
        "talk": talk,
        "in_chat": opened.worker_in == visit.staff.id,
        "names": {person.id: person.name for person in everybody},
        "hand": handing(first, apart, everybody, visit.staff, clock),
        "assigned": assigned(alerts, standing, [one.staff for one in apart], everybody, visit.staff, visit.now),
        "file": file,
        "news": news_rows(visit.wiring, file.agencies, told, first, visit.staff.id, visit.now),
        "sort_of": sort_of,
        "tasks": board(
            await visit.wiring.tasks.of_person(opened.ref, visit.now), visit.now, visit.wiring.settings.zone
        ),
        "phrases": visit.wiring.phrases.offered(opened.contact.language, visit.wiring.strings.language),
        "same_language": opened.contact.language == visit.wiring.strings.language,
        "said_of_alert": SAID,
        "longest_word": LONGEST_WORD,
        "flow_name": visit.wiring.name,
        "word": lambda family, value: word(clock, family, value),
        "language": clock.strings.locale.languages.get(opened.contact.language, opened.contact.language),
        "nonce": secrets.token_urlsafe(NONCE),
        "outcomes": OUTCOMES,
        "longest": LONGEST_SAID,
        "longest_number": LONGEST_NUMBER,
    }


def in_order(alerts: Sequence[Alert], visit: Visit) -> list[Alert]:
    """Those this worker holds first, then by tier and age: the first is the one that the buttons act on."""
    staff, now = visit.staff.id, visit.now
    rest = ("snoozed", "closing")  # nobody need act on these now
    return sorted(
        alerts, key=lambda a: (not (a.holder == staff and is_held(a, now)), a.state in rest, a.tier, a.raised_at)
    )


def review_day(item: PlanItem, zone: str) -> str:
    """The day of its review as a form's date field wants it, in the staff's zone; '' without one."""
    return item.review_on.astimezone(ZoneInfo(zone)).date().isoformat() if item.review_on else ""


def _saw(whys: Iterable[Sequence[Why]]) -> tuple[str, ...]:
    """Her own words that raised the alerts, once each. Shown only with the conversation, under the same audit."""
    return tuple(dict.fromkeys(words for raised in whys for why in raised for words in why.saw))
