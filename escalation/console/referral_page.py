"""A page about a case for another service: chosen field by field, seen as it prints, recorded, and printed by hand.

Nothing is sent and no file is made. Until it is recorded to whom it goes, what is printed says that it is a draft.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from starlette.responses import Response

from escalation.basis import BASES
from escalation.console.banner import banner
from escalation.console.case_page import Opening, ask_reason
from escalation.console.doors import CASES, Door, TurnedAway, Visit
from escalation.console.pages import page, refusal
from escalation.console.referral_rows import Words, fields
from escalation.ports import Case, Refused, Unknown
from escalation.referral import HANDED, KINDS, LONGEST, WRITTEN, Field, Pack, Receiver, at_first, given

PLACE = "referral"
TICK = "f."  # before a field's id, in the form in which it is chosen
SHARED_BASES = tuple(basis for basis in BASES if basis != "none")


@dataclass(frozen=True, slots=True)
class Choice:
    """What has been chosen so far. `ids`: of fields; `words`: by keys of WRITTEN."""

    receiver: Receiver
    ids: frozenset[str]
    words: Mapping[str, str]


async def show(visit: Visit) -> Response:
    return await _receivers(visit, Opening())


async def open_with_reason(visit: Visit) -> Response:
    opening, person = Opening.of(visit.form), visit.ref("person")
    if not opening.reason:
        return ask_reason(visit, person, visit.wiring.strings.say("reason.missing"), 422, _here(visit))
    return await _receivers(visit, opening)


async def choose(visit: Visit) -> Response:
    """What goes to this receiver to begin with, or what was chosen before, to be chosen from."""
    receiver = _receiver(visit)
    opened = await _opened(visit)
    if isinstance(opened, Response):
        return opened
    case, known = opened
    ids = _chosen(visit) if "chosen" in visit.form else at_first(receiver, known)
    return _page(visit, "referral.html", case, known, Choice(receiver, ids, _words(visit)))


async def preview(visit: Visit) -> Response:
    """The page as it prints, but for the line that says it is a draft."""
    receiver = _receiver(visit)
    opened = await _opened(visit)
    if isinstance(opened, Response):
        return opened
    case, known = opened
    return _paper(visit, case, known, Choice(receiver, _ticked(visit), _words(visit)))


async def give(visit: Visit) -> Response:
    """Recorded first; then the page to print, with its number. What was written stays in its boxes when refused."""
    receiver, opening = _receiver(visit), Opening.of(visit.form)
    opened = await _opened(visit)
    if isinstance(opened, Response):
        return opened
    case, known = opened
    choice = Choice(receiver, _chosen(visit), _words(visit))
    pack = _pack(visit, choice, known)
    try:
        made = await visit.wiring.decisions.share(case.ref, visit.staff.id, pack, visit.now, opening.reason)
    except Unknown:
        raise
    except Refused as refused:
        return _paper(visit, case, known, choice, refused=refusal(visit, refused))
    return _paper(visit, case, known, choice, pack, made)


# what was sent


def _receiver(visit: Visit) -> Receiver:
    receiver = visit.wiring.receivers.get(visit.form.get("receiver", ""))
    if receiver is None:
        raise TurnedAway(422, "problem.not_valid")
    return receiver


def _ticked(visit: Visit) -> frozenset[str]:
    return frozenset(name.removeprefix(TICK) for name in visit.form if name.startswith(TICK))


def _chosen(visit: Visit) -> frozenset[str]:
    return frozenset(visit.form.get("chosen", "").split())


def _words(visit: Visit) -> Mapping[str, str]:
    found = {name: visit.form.get(name, "").strip() for name in WRITTEN}
    return {name: words for name, words in found.items() if words}


def _pack(visit: Visit, choice: Choice, known: tuple[Field, ...]) -> Pack:
    """Ids of what is there to be given, so that nothing else is recorded as given."""
    form, receipt = visit.form, visit.form.get("receipt", "")
    try:
        asked = date.fromisoformat(receipt) if receipt else None
    except ValueError:
        raise TurnedAway(422, "problem.not_valid") from None
    return Pack(
        choice.receiver.id,
        form.get("to", ""),
        next((basis for basis in BASES if basis == form.get("basis")), ""),  # type: ignore[arg-type]
        tuple(field.id for field in given(known, choice.ids)),
        choice.words,
        form.get("why_shared", ""),
        next((way for way in HANDED if way == form.get("handed")), ""),  # type: ignore[arg-type]
        asked,
        form.get("checked") == "1",
    )


# the pages


async def _opened(visit: Visit) -> tuple[Case, tuple[Field, ...]] | Response:
    """The case and what of it can be given; else the question for a reason. Raises Unknown."""
    opening, wiring = Opening.of(visit.form), visit.wiring
    try:
        case = await wiring.desk.case(visit.ref("person"), visit.staff.id, opening.reason, visit.now)
    except Unknown:
        raise
    except Refused as closed:
        return ask_reason(visit, visit.ref("person"), refusal(visit, closed), 403, _here(visit))
    words = Words(wiring.times(visit.now), wiring.name, wiring.title, wiring.forms)
    return case, fields(case, await wiring.casefile.of_person(case.ref), words)


async def _receivers(visit: Visit, opening: Opening) -> Response:
    opened = await _opened(visit)
    if isinstance(opened, Response):
        return opened
    case, _ = opened
    names = {one.id: called(visit, one.id) for one in visit.wiring.receivers.values()}
    notices = banner(case, visit.wiring.times(visit.now)).notices
    return page(visit, "receivers.html", case=case, opening=opening, receivers=names, notices=notices, here="case")


def _paper(
    visit: Visit,
    case: Case,
    known: tuple[Field, ...],
    choice: Choice,
    pack: Pack | None = None,
    made: int = 0,
    refused: str = "",
) -> Response:
    more = {"pack": pack, "made": made, "refused": refused, "bases": SHARED_BASES, "ways": HANDED, "most": LONGEST}
    return _page(visit, "paper.html", case, known, choice, 409 if refused else 200, **more)


def _page(
    visit: Visit,
    template: str,
    case: Case,
    known: tuple[Field, ...],
    choice: Choice,
    status: int = 200,
    **more: object,
) -> Response:
    shown = known if template == "referral.html" else given(known, choice.ids)
    context: dict[str, object] = {
        "case": case,
        "opening": Opening.of(visit.form),
        "choice": choice,
        "called": called(visit, choice.receiver.id),
        "groups": [(kind, [one for one in shown if one.kind == kind]) for kind in KINDS],
        "chosen": " ".join(one.id for one in given(known, choice.ids)),
        "written": WRITTEN,
        "kept": visit.form,
    }
    return page(visit, template, status, here="case", **context, **more)


def called(visit: Visit, receiver: str) -> str:
    """What staff call a receiver: a programme's own word, ours for those that ship, or its id where it is gone."""
    known, strings = visit.wiring.receivers.get(receiver), visit.wiring.strings
    if known is not None and known.name:
        return known.name
    return strings.say(f"receiver.{receiver}") if strings.has(f"receiver.{receiver}") else receiver


def _here(visit: Visit) -> str:
    return visit.link(PLACE, person=visit.ref("person"))


DOORS = (
    Door("GET", "/cases/{person}/referral", PLACE, show, CASES),
    Door("POST", "/cases/{person}/referral", PLACE, open_with_reason, CASES, "act"),
    Door("POST", "/cases/{person}/referral/choose", "referral_choose", choose, CASES, "act"),
    Door("POST", "/cases/{person}/referral/preview", "referral_preview", preview, CASES, "act"),
    Door("POST", "/cases/{person}/referral/give", "referral_give", give, CASES, "act"),
)
