"""What a worker does on a case: claim, release, resolve, note, change the plan, and talk through the gate.

Each act is one POST.

Acts on the page itself answer with the page (opened as it was); acts that leave it go on to the queue.
"""

from __future__ import annotations

from collections.abc import Awaitable
from contextlib import suppress
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from starlette.responses import Response

from escalation.claims import LONGEST_WORD, TooMany
from escalation.console.case_page import OUTCOMES, Opening, Telling, case
from escalation.console.doors import TurnedAway, Visit
from escalation.console.pages import front, go, refusal
from escalation.console.queue_page import refused_here
from escalation.console.records import FACTS
from escalation.ports import Alert, PlanChange, Refused, StageSeen, Unconfirmed, Unknown
from flows.engine.conversation import Status
from flows.engine.crisis_plan import STATUSES
from flows.engine.goals import STAGES
from flows.engine.worker import LONGEST_SAID

LONGEST_NOTE = 4000  # characters
LONGEST_NONCE = 64


async def claim(visit: Visit) -> Response:
    alert = await _alert(visit)
    reason = visit.form.get("third", "").strip()[:LONGEST_WORD]
    try:
        claimed = await visit.wiring.desk.claim(alert.ref, visit.staff.id, visit.now, reason)
    except TooMany as many:
        return await refused_here(visit, many, third=alert.ref)
    except Refused as refused:
        return await refused_here(visit, refused)
    return go(visit, "case", person=claimed.person)


async def renew(visit: Visit) -> Response:
    """`quiet` is set by the script, for which the worker's own typing is a sign of life."""
    alert = await _alert(visit)
    try:
        await visit.wiring.desk.renew(alert.ref, visit.staff.id, _number(visit), visit.now)
    except Refused as refused:
        return Response(status_code=409) if visit.form.get("quiet") else await refused_here(visit, refused)
    return Response(status_code=204) if visit.form.get("quiet") else go(visit, "case", person=alert.person)


async def release(visit: Visit) -> Response:
    alert = await _alert(visit)
    try:
        await visit.wiring.desk.release(alert.ref, visit.staff.id, _number(visit), visit.now)
    except Refused as refused:
        return await refused_here(visit, refused)
    return front(visit, "released")


async def resolve(visit: Visit) -> Response:
    """The desk refuses a P0 or P1 without a note; what was written stays on the page then."""
    alert = await _alert(visit)
    outcome, note = visit.form.get("outcome", ""), visit.form.get("closing", "").strip()
    if outcome not in OUTCOMES:
        return await _again(visit, alert.person, 422, visit.wiring.strings.say("resolve.choose"))
    if len(note) > LONGEST_NOTE:
        return await _again(visit, alert.person, 422, visit.wiring.strings.say("note.too_long", most=LONGEST_NOTE))
    try:
        done = await visit.wiring.desk.resolve(alert.ref, visit.staff.id, _number(visit), outcome, note, visit.now)
    except Refused as refused:
        return await _again(visit, alert.person, 409, refusal(visit, refused))
    return front(visit, "closing" if done.state == "closing" else "resolved")


async def note(visit: Visit) -> Response:
    text = visit.form.get("note", "").strip()
    if not text or len(text) > LONGEST_NOTE:
        message = visit.wiring.strings.say("note.too_long" if text else "note.empty", most=LONGEST_NOTE)
        return await _again(visit, visit.ref("person"), 422, message)
    person, reason = visit.ref("person"), Opening.of(visit.form).reason
    noting = visit.wiring.desk.note(person, visit.staff.id, text, visit.now, reason)
    return await _attempt(visit, noting) or await _done(visit, "noted")


async def record(visit: Visit) -> Response:
    """A fact of the two of them: both agreed, an order stands, news of the programme; an empty value takes it back."""
    fact = next((each for each in FACTS if each == visit.form.get("fact", "")), None)
    if fact is None:
        raise TurnedAway(422, "problem.not_valid")
    value, reason = visit.form.get("value", ""), Opening.of(visit.form).reason
    recording = visit.wiring.chat.record(visit.ref("person"), visit.staff.id, fact, value, reason)
    return await _attempt(visit, recording) or await _done(visit, "recorded")


async def number(visit: Visit) -> Response:
    """The programme's own number of the case, by which recipients of one case are linked for staff."""
    person, given, reason = visit.ref("person"), visit.form.get("number", ""), Opening.of(visit.form).reason
    numbering = visit.wiring.desk.number(person, visit.staff.id, given, visit.now, reason)
    return await _attempt(visit, numbering) or await _done(visit, "numbered")


async def stage(visit: Visit) -> Response:
    """The stage of change that the worker sees at one of her goals. For staff only."""
    form = visit.form
    seen = next((each for each in STAGES if each == form.get("stage")), None)
    if seen is None:
        return await _again(visit, visit.ref("person"), 422, visit.wiring.strings.say("stage.choose"))
    try:
        set_at = datetime.fromisoformat(form.get("set_at", ""))
    except ValueError as wrong:
        raise TurnedAway(422, "problem.not_valid") from wrong
    goal, reason = StageSeen(form.get("goal", ""), set_at, seen), Opening.of(form).reason
    staging = visit.wiring.chat.stage(visit.ref("person"), visit.staff.id, goal, reason)
    return await _attempt(visit, staging) or await _done(visit, "staged")


async def join(visit: Visit) -> Response:
    """Start the chat, or be in it as soon as she opens it: a worker never opens it herself.

    Whoever talks with her must read what was said: the conversation opens with it, audited.
    """
    joining = visit.wiring.chat.join(visit.ref("person"), visit.staff.id, _confirmed(visit))
    refused = await _attempt(visit, joining)
    if refused is None and visit.form.get("waiting"):
        return await _still_here(visit, notice=visit.wiring.strings.say("notice.waiting_for_her"))
    return refused or await _still_here(visit, talk=True)


async def hand_back(visit: Visit) -> Response:
    refused = await _attempt(visit, visit.wiring.chat.hand_back(visit.ref("person"), visit.staff.id))
    return refused or await _still_here(visit)


async def verified(visit: Visit) -> Response:
    """It is her: she answered the agreed question."""
    refused = await _attempt(visit, visit.wiring.chat.verified(visit.ref("person"), visit.staff.id))
    return refused or await _still_here(visit)


async def say(visit: Visit) -> Response:
    """One message to her phone. Refused is told truthfully, and the words stay in the box."""
    picked, nonce = visit.form.get("phrase", ""), visit.form.get("nonce", "")[:LONGEST_NONCE]
    text = _picked(visit, picked) if picked else visit.form.get("text", "").strip()
    if not text or not nonce or len(text) > LONGEST_SAID:
        message = visit.wiring.strings.say("say.too_long" if text else "say.empty", most=LONGEST_SAID)
        return await _again(visit, visit.ref("person"), 422, message)
    saying = visit.wiring.chat.say(visit.ref("person"), visit.staff.id, text, nonce, _confirmed(visit))
    refused = await _attempt(visit, saying)
    return refused or await _still_here(visit, talk=True)


def _picked(visit: Visit, name: str) -> str:
    """The phrase in her language, as the picker showed it. Raises TurnedAway for none of ours."""
    text = visit.wiring.phrases.said(name, visit.form.get("language", ""))
    if not text:
        raise TurnedAway(422, "problem.not_valid")
    return text


def _confirmed(visit: Visit) -> bool:
    return visit.form.get("confirmed") == "1"


async def plan(visit: Visit) -> Response:
    """One item of her plan as it is from now on: its state, its words, the day of its review."""
    change, nonce = _plan_change(visit), visit.form.get("nonce", "")[:LONGEST_NONCE]
    changing = visit.wiring.chat.plan(visit.ref("person"), visit.staff.id, change, nonce)
    refused = await _attempt(visit, changing)
    return refused or await _done(visit, "planned")


def _plan_change(visit: Visit) -> PlanChange:
    """Raises TurnedAway when a field is not as our own form has it."""
    form = visit.form
    try:
        status: Status = next(each for each in STATUSES if each == form.get("status"))
        day = date.fromisoformat(form["review_on"]) if form.get("review_on") else None
        was, seen = (datetime.fromisoformat(form[key]) if form.get(key) else None for key in ("review_was", "seen"))
    except (StopIteration, ValueError) as wrong:
        raise TurnedAway(422, "problem.not_valid") from wrong
    return PlanChange(form.get("item", ""), status, form.get("words", ""), _review_on(visit, day, was), seen)


def _review_on(visit: Visit, day: date | None, was: datetime | None) -> datetime | None:
    """When that day begins for the staff; a day that was left as it was stays the moment that it was."""
    zone = ZoneInfo(visit.wiring.settings.zone)
    if day is None or (was is not None and was.astimezone(zone).date() == day):
        return was if day else None
    return datetime.combine(day, time(), zone).astimezone(UTC)


async def _attempt(visit: Visit, act: Awaitable[None]) -> Response | None:
    """None when it happened; else the page with the reason. Raises Unknown."""
    try:
        await act
    except Unknown:
        raise
    except Refused as refused:
        confirm = isinstance(refused, Unconfirmed)
        return await _again(visit, visit.ref("person"), 409, refusal(visit, refused), confirm)
    return None


async def _still_here(visit: Visit, talk: bool = False, notice: str = "") -> Response:
    await _sign_of_life(visit)
    return await case(visit, visit.ref("person"), _opening(visit, talk), Telling(notice=notice))


async def _sign_of_life(visit: Visit) -> None:
    """Work on the case renews the claim. That a claim was lost is seen on the page, which says who has it now."""
    ref, number = visit.form.get("alert", ""), visit.form.get("claim", "")
    if ref and number.isdecimal():
        with suppress(Refused):
            await visit.wiring.desk.renew(ref, visit.staff.id, int(number), visit.now)


def _opening(visit: Visit, talk: bool = False) -> Opening:
    was = Opening.of(visit.form)
    return Opening(was.reason, was.talk or talk)


async def _again(visit: Visit, person: str, status: int, why: str, confirm: bool = False) -> Response:
    """The page with what is wrong on top; what was written stays in its box."""
    return await case(visit, person, _opening(visit), Telling(status, refused=why, confirm=confirm))


async def _done(visit: Visit, notice: str) -> Response:
    """By GET, so that reloading does not repeat the act; with a reason or an open conversation the page itself."""
    opening, person = _opening(visit), visit.ref("person")
    if opening.reason or opening.talk:
        return await case(visit, person, opening, Telling(notice=visit.wiring.strings.say(f"notice.{notice}")))
    return go(visit, "case", notice, person=person)


async def _alert(visit: Visit) -> Alert:
    alert = await visit.wiring.desk.alert(visit.ref("ref"), visit.now)
    if alert is None:
        raise TurnedAway(404, "problem.no_such_alert")
    return alert


def _number(visit: Visit) -> int:
    """The claim's number as the page had it; an act under an old one is refused by the desk."""
    number = visit.form.get("claim", "")
    if not number.isdecimal() or len(number) > 9:
        raise TurnedAway(422, "problem.not_valid")
    return int(number)
