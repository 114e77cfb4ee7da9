"""Pages from templates: autoescape always on, undefined names are errors, no string becomes markup by another way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache, partial

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from escalation.console import tongue
from escalation.console.doors import CASEWORK, RETURN, Visit, link
from escalation.console.wiring import Wiring
from escalation.ports import Refused, Session

NOTICES = frozenset(
    {
        "agency_told",
        "assigned",
        "role_changed",
        "unassigned",
        "claimed_none",
        "released",
        "resolved",
        "closing",
        "signed",
        "given_back",
        "offered",
        "declined",
        "reached",
        "snoozed",
        "kept_apart",
        "let_back",
        "signed_out",
        "noted",
        "meeting_said",
        "meeting_agreed",
        "planned",
        "staged",
        "recorded",
        "numbered",
        "finished",
        "judged",
        "contact_set",
        "contact_confirmed",
        "asked_right",
        "asked_wrong",
        "asked_not_asked",
        "waiting_for_her",
        "decided",
        "receipt_kept",
        "decision_signed",
        "decision_returned",
        "duty_changed",
        "taken",
        "deactivated",
        "rota_asked",
        "rota_set",
        "rota_changed",
        "calendar_taken",
        "calendar_gone",
        "code_sent",
        "proven",
        "way_removed",
        "password_changed",
        "test_sent",
        "test_nowhere",
        "shift_line",
        "shift_accepted",
        "shift_declined",
        "shift_ended",
        "gone",
        "filed",
        "file_ended",
        "task_made",
        "task_done",
        "talked",
        "kept",
        "sample_done",
    }
)


@cache
def _templates() -> Environment:
    """Compiled once a process. Words and settings come with each page, so that two consoles never share them."""
    return Environment(
        loader=PackageLoader("escalation.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(visit: Visit, template: str, status: int = 200, **context: object) -> Response:
    return render(visit.request, visit.wiring, visit.now, template, context, status, visit.session)


def render(
    request: Request,
    wiring: Wiring,
    now: datetime,
    template: str,
    context: Mapping[str, object],
    status: int = 200,
    session: Session | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    strings, settings = wiring.strings, wiring.settings
    text = (
        _templates()
        .get_template(template)
        .render(
            t=strings.say,
            tn=strings.count,
            why_told=strings.reason,
            as_told=strings.told,
            lang=strings.language,
            direction=strings.direction,
            demo=settings.demo,
            home_zone=settings.zone,
            link=partial(link, request),
            tongues=tongue.offered(wiring),
            here_again=_again(request),
            now=now,
            times=wiring.times(now),
            session=session,
            csrf=session.csrf if session else "",
            **context,
        )
    )
    return HTMLResponse(text, status, headers=dict(headers or {}))


def go(visit: Visit, door: str, notice: str = "", place: str = "", **refs: str) -> Response:
    """On to another page after an act, by GET. `notice` is the id of a sentence, never the sentence."""
    query = f"?notice={notice}" if notice else ""
    return RedirectResponse(visit.link(door, **refs) + query + place, 303)


def front(visit: Visit, notice: str = "") -> Response:
    """To the first page of who takes alerts: the queue, or of partner support their own cases."""
    return go(visit, "queue" if visit.staff.role in CASEWORK else "own", notice)


def back(visit: Visit) -> str:
    """Where the form's `next` leads, if that is a page of ours; else home."""
    wanted = visit.form.get("next", "")
    home = visit.request.scope.get("root_path", "")
    return f"{home}{wanted}" if RETURN.fullmatch(wanted) and not wanted.startswith("//") else visit.link("home")


def _again(request: Request) -> str:
    """The page that the visitor is on, for a form that leads back to it: an act on a case belongs to the case."""
    person = request.path_params.get("person")
    if person is not None:
        return f"/cases/{person}"
    path = request.url.path.removeprefix(str(request.scope.get("root_path", "")))
    return path if request.method == "GET" else ""


def notice_of(visit: Visit) -> str:
    """The sentence that the page before asked this one to say; an unknown id says nothing."""
    asked = visit.request.query_params.get("notice", "")
    return visit.wiring.strings.say(f"notice.{asked}") if asked in NOTICES else ""


def refusal(visit: Visit, refused: Refused) -> str:
    """Why it did not happen, in words for the worker, with who has it now."""
    why = visit.wiring.strings.told(refused.why)
    if refused.holder and refused.holder not in why:
        return visit.wiring.strings.say("refused.holder", why=why, holder=refused.holder)
    return why
