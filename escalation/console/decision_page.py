"""The record of decisions of a case: what was decided and why, written once, signed by a second person."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence

from starlette.responses import Response

from escalation.basis import BASES
from escalation.claims import LONGEST_WORD
from escalation.console.case_page import Opening, Telling, ask_reason
from escalation.console.doors import CASES, CASEWORK, Door, TurnedAway, Visit
from escalation.console.pages import go, notice_of, page, refusal
from escalation.console.referral_page import called
from escalation.decisions import LONGEST, TIERS, Decision, Draft, Entry, Received, Review, Shared, Standing, standing
from escalation.news import Told
from escalation.ports import Case, Refused, Unknown
from flows.engine.model import Tier

PLACE = "decisions"  # the door of the page itself


async def show(visit: Visit) -> Response:
    return await _page(visit, Opening(), Telling(notice=notice_of(visit)))


async def open_with_reason(visit: Visit) -> Response:
    opening, person = Opening.of(visit.form), visit.ref("person")
    if not opening.reason:
        return ask_reason(visit, person, visit.wiring.strings.say("reason.missing"), 422, _here(visit))
    return await _page(visit, opening, Telling())


async def write(visit: Visit) -> Response:
    """What was written stays in its boxes when it is refused."""
    opening = Opening.of(visit.form)
    who = (visit.ref("person"), visit.staff.id)
    return await _on(visit, visit.wiring.decisions.decide(*who, draft(visit), visit.now, opening.reason), "decided")


async def sign(visit: Visit) -> Response:
    opening, agreed = Opening.of(visit.form), visit.form.get("agreed") == "1"
    which, word = number(visit, "number"), visit.form.get("word", "")
    signing = visit.wiring.decisions.sign(
        visit.ref("person"), visit.staff.id, which, agreed, word, visit.now, opening.reason
    )
    return await _on(visit, signing, "decision_signed" if agreed else "decision_returned")


async def received(visit: Visit) -> Response:
    """The receiver of what was given has said that it is there."""
    opening = Opening.of(visit.form)
    who = (visit.ref("person"), visit.staff.id)
    said = (number(visit, "number"), visit.form.get("word", ""))
    return await _on(visit, visit.wiring.decisions.received(*who, *said, visit.now, opening.reason), "receipt_kept")


async def to_sign(visit: Visit) -> Response:
    """What waits for a second person: refs only; to read one is to open its case."""
    waiting = await visit.wiring.decisions.to_sign(visit.staff.id, visit.now)
    names = await visit.wiring.staff_names()
    return page(visit, "to_sign.html", waiting=waiting, names=names, here="to_sign")


def draft(visit: Visit) -> Draft:
    form = visit.form
    tier = next((tier for tier in TIERS if tier == form.get("tier")), None)
    if tier is None:
        raise TurnedAway(422, "problem.not_valid")
    return Draft(
        form.get("facts", ""),
        form.get("options", ""),
        form.get("decision", ""),
        next((basis for basis in BASES if basis == form.get("basis")), ""),  # type: ignore[arg-type]
        tier,
        form.get("why", ""),
        form.get("shared_with", ""),
        number(visit, "instead") if form.get("instead") else 0,
    )


def number(visit: Visit, field: str) -> int:
    """Raises TurnedAway where it is none."""
    given = visit.form.get(field, "")
    if not given.isdecimal() or len(given) > 6:
        raise TurnedAway(422, "problem.not_valid")
    return int(given)


# the page


async def _on(visit: Visit, act: Awaitable[object], notice: str) -> Response:
    """By GET, so that reloading repeats nothing; with a reason the page itself."""
    opening = Opening.of(visit.form)
    try:
        await act
    except Unknown:
        raise
    except Refused as refused:
        return await _page(visit, opening, Telling(409, refused=refusal(visit, refused)))
    if opening.reason:
        return await _page(visit, opening, Telling(notice=visit.wiring.strings.say(f"notice.{notice}")))
    return go(visit, PLACE, notice, person=visit.ref("person"))


async def _page(visit: Visit, opening: Opening, telling: Telling) -> Response:
    """For whoever may open the case. Raises Unknown where nobody is there."""
    person = visit.ref("person")
    try:
        case = await visit.wiring.desk.case(person, visit.staff.id, opening.reason, visit.now)
        entries = await visit.wiring.decisions.of(person, visit.staff.id, visit.now, opening.reason)
    except Unknown:
        raise
    except Refused as closed:
        return ask_reason(visit, person, telling.refused or refusal(visit, closed), 403, _here(visit))
    context = {
        "case": case,
        "opening": opening,
        "telling": telling,
        "kept": visit.form if telling.refused else to_mend(entries, visit.staff.id),
        "rows": rows(entries),
        "shared": shared(entries),
        "told_news": [entry for entry in reversed(entries) if isinstance(entry, Told)],
        "called": lambda receiver: called(visit, receiver),
        "today": visit.now.date(),
        "names": await visit.wiring.staff_names(),
        "may_sign": visit.staff.role in CASEWORK,
        "bases": BASES,
        "tiers": TIERS,
        "stands": _most_urgent(case),
        "longest": LONGEST,
        "longest_word": LONGEST_WORD,
    }
    return page(visit, "decisions.html", telling.status, here="case", **context)


def rows(entries: Sequence[Entry]) -> list[tuple[Decision, Standing, list[Review]]]:
    """Each decision with how it stands and what was said of it, latest first."""
    reviews = [entry for entry in entries if isinstance(entry, Review)]
    return [
        (entry, standing(entries, entry), [one for one in reviews if one.of == entry.number])
        for entry in reversed(entries)
        if isinstance(entry, Decision)
    ]


def to_mend(entries: Sequence[Entry], staff: str) -> dict[str, str]:
    """What the form begins with: the words of their latest that was given back, as of another in its place."""
    for decision, stands, _ in rows(entries):
        if stands == "returned" and decision.staff == staff:
            draft = decision.draft
            words = {name: str(getattr(draft, name)) for name in LONGEST}
            return words | {"tier": draft.tier, "basis": draft.basis, "instead": str(decision.number)}
    return {}


def shared(entries: Sequence[Entry]) -> list[tuple[Shared, Received | None]]:
    """What was given to whom, with its receipt where it is here, latest first."""
    receipts = {entry.of: entry for entry in entries if isinstance(entry, Received)}
    return [(entry, receipts.get(entry.number)) for entry in reversed(entries) if isinstance(entry, Shared)]


def _most_urgent(case: Case) -> Tier:
    return min((alert.tier for alert in case.alerts if alert.state != "resolved"), default="P3")


def _here(visit: Visit) -> str:
    return visit.link(PLACE, person=visit.ref("person"))


DOORS = (
    Door("GET", "/cases/{person}/decisions", PLACE, show, CASES),
    Door("POST", "/cases/{person}/decisions", PLACE, open_with_reason, CASES, "act"),
    Door("POST", "/cases/{person}/decisions/write", "decide", write, CASES, "act"),
    Door("POST", "/cases/{person}/decisions/sign", "sign_decision", sign, CASEWORK, "act"),
    Door("POST", "/cases/{person}/decisions/received", "receipt_of", received, CASES, "act"),
    Door("GET", "/decisions", "to_sign", to_sign, CASEWORK),
)
