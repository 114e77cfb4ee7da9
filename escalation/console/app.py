"""Every route of the console and of the API, in two lists on one page, and the two applications made of them.

Mount `console(wiring)` at /console and `api(wiring)` at /api/v1. Neither knows storage or bot: the wiring has ports.
"""

from __future__ import annotations

from collections.abc import Collection
from importlib import resources

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from escalation.console import (
    account_page,
    api_claims,
    api_contact,
    api_erase,
    api_file,
    api_moving,
    api_rota,
    api_sheets,
    api_tasks,
    api_views,
    assign_acts,
    audit_page,
    calendar_page,
    case_acts,
    case_page,
    claim_acts,
    colleague_page,
    contact_page,
    cues_page,
    decision_page,
    earlier_page,
    erase_page,
    export_page,
    file_acts,
    joining_page,
    keys_page,
    ladder_page,
    language_page,
    live,
    meeting_page,
    methods_page,
    moving_page,
    openapi,
    own_page,
    password_page,
    problems,
    queue_page,
    referral_page,
    rota_page,
    samples_page,
    sheet_page,
    shift_page,
    sign_in,
    staff_page,
    supervision_page,
    tasks_page,
)
from escalation.console.api_doors import OF_A_CASE, OF_AN_ACT, ApiDoor, api_routes
from escalation.console.body_limit import BodyLimit
from escalation.console.doors import ACCOUNTS, CASES, CASEWORK, EVERYBODY, PEOPLE, PUBLIC, SUPERVISION, Door, routes
from escalation.console.headers import StrictHeaders
from escalation.console.wiring import Wiring
from escalation.ports import Refused

STATIC = "/static"
OPENAPI = "/openapi.json"

PAGES: tuple[Door, ...] = (
    Door("GET", "/", "home", queue_page.home, EVERYBODY),
    Door("GET", "/sign-in", "sign_in", sign_in.show, PUBLIC),
    Door("POST", "/sign-in", "sign_in", sign_in.sign_in, PUBLIC, "act"),
    Door("POST", "/sign-out", "sign_out", sign_in.sign_out, EVERYBODY, "act"),
    Door("POST", "/language", "language", language_page.choose, EVERYBODY, "act"),
    Door("POST", "/cues", "cues", cues_page.switch, EVERYBODY, "act"),
    Door("GET", "/queue", "queue", queue_page.show, CASEWORK),
    Door("GET", "/queue/list", "queue_list", queue_page.fragment, CASEWORK, "live"),
    Door("POST", "/queue/look-up", "look_up", queue_page.look_up, CASEWORK, "act"),
    Door("POST", "/queue/next", "take_next", queue_page.take_next, CASEWORK, "act"),
    Door("GET", "/live", "live", live.stream, CASES, "live"),
    Door("POST", "/alerts/{ref}/claim", "claim", case_acts.claim, CASES, "act"),
    Door("POST", "/alerts/{ref}/renew", "renew", case_acts.renew, CASES, "act"),
    Door("POST", "/alerts/{ref}/release", "release", case_acts.release, CASES, "act"),
    Door("POST", "/alerts/{ref}/resolve", "resolve", case_acts.resolve, CASES, "act"),
    Door("POST", "/alerts/{ref}/offer", "offer", claim_acts.offer, CASES, "act"),
    Door("POST", "/alerts/{ref}/take-over", "ask_next", claim_acts.take_over, CASES, "act"),
    Door("POST", "/alerts/{ref}/reached", "reached", claim_acts.reached, CASES, "act"),
    Door("POST", "/alerts/{ref}/decline", "decline", claim_acts.decline, CASES, "act"),
    Door("POST", "/alerts/{ref}/snooze", "snooze", claim_acts.snooze, CASES, "act"),
    Door("GET", "/alerts/{ref}/sign", "sign", claim_acts.show, CASEWORK),
    Door("POST", "/alerts/{ref}/sign", "sign", claim_acts.sign, CASEWORK, "act"),
    Door("POST", "/alerts/{ref}/give-back", "give_back", claim_acts.give_back, CASEWORK, "act"),
    Door("GET", "/cases/{person}", "case", case_page.show, CASES),
    Door("POST", "/cases/{person}", "case", case_page.open_with_reason, CASES, "act"),
    Door("POST", "/cases/{person}/live", "case_live", case_page.live, CASES, "live"),
    Door("POST", "/cases/{person}/transcript", "transcript", case_page.open_talk, CASES, "act"),
    Door("POST", "/cases/{person}/notes", "note", case_acts.note, CASES, "act"),
    Door("POST", "/cases/{person}/plan", "plan", case_acts.plan, CASES, "act"),
    Door("POST", "/cases/{person}/stages", "stage", case_acts.stage, CASES, "act"),
    Door("POST", "/cases/{person}/records", "record", case_acts.record, CASES, "act"),
    Door("POST", "/cases/{person}/number", "case_number", case_acts.number, CASES, "act"),
    Door("POST", "/cases/{person}/chat", "join", case_acts.join, CASES, "act"),
    Door("POST", "/cases/{person}/say", "say", case_acts.say, CASES, "act"),
    Door("POST", "/cases/{person}/hand-back", "hand_back", case_acts.hand_back, CASES, "act"),
    Door("POST", "/cases/{person}/verified", "verified", case_acts.verified, CASES, "act"),
    Door("POST", "/cases/{person}/apart", "apart", claim_acts.keep_apart, CASES, "act"),
    Door("POST", "/cases/{person}/apart/end", "let_back", claim_acts.let_back, SUPERVISION, "act"),
    Door("POST", "/cases/{person}/assigned", "assign", assign_acts.assign, CASES, "act"),
    Door("POST", "/cases/{person}/assigned/end", "unassign", assign_acts.end, CASES, "act"),
    Door("GET", "/cases/{person}/erase", "erase", erase_page.show, CASEWORK),
    Door("POST", "/cases/{person}/erase", "erase", erase_page.erase, CASEWORK, "act"),
    Door("GET", "/erasures/{ref}", "receipt", erase_page.receipt, CASEWORK),
    *earlier_page.DOORS,
    Door("GET", "/cases/{person}/moving-code", "moving", moving_page.show, CASES),
    Door("POST", "/cases/{person}/moving-code", "moving", moving_page.open_with_reason, CASES, "act"),
    Door("POST", "/cases/{person}/moving-code/make", "moving_make", moving_page.make, CASES, "act"),
    Door("GET", "/cases/{person}/export", "export", export_page.show, CASES),
    Door("POST", "/cases/{person}/export", "export", export_page.open_with_reason, CASES, "act"),
    Door("POST", "/cases/{person}/export/make", "export_make", export_page.make, CASES, "act"),
    *decision_page.DOORS,
    *referral_page.DOORS,
    Door("GET", "/cases/{person}/contact", "contact", contact_page.show, CASES),
    Door("POST", "/cases/{person}/contact", "contact", contact_page.open_with_reason, CASES, "act"),
    Door("POST", "/cases/{person}/contact/set", "contact_set", contact_page.save, CASES, "act"),
    Door("POST", "/cases/{person}/contact/confirmed", "contact_confirmed", contact_page.confirm, CASES, "act"),
    Door("POST", "/cases/{person}/contact/asked", "contact_asked", contact_page.asked, CASES, "act"),
    Door("POST", "/cases/{person}/contact/new-words", "new_words", contact_page.new_words, CASES, "act"),
    Door("GET", "/cases/{person}/instruments/{instrument}", "sheet", sheet_page.show, CASES),
    Door("POST", "/cases/{person}/instruments/{instrument}", "sheet", sheet_page.open_with_reason, CASES, "act"),
    Door("POST", "/cases/{person}/instruments/{instrument}/live", "sheet_live", sheet_page.live, CASES, "live"),
    Door("POST", "/cases/{person}/instruments/{instrument}/begin", "sheet_begin", sheet_page.begin, CASES, "act"),
    Door("POST", "/cases/{person}/instruments/{instrument}/answer", "sheet_answer", sheet_page.answer, CASES, "act"),
    Door("POST", "/cases/{person}/instruments/{instrument}/finish", "sheet_finish", sheet_page.finish, CASES, "act"),
    Door("POST", "/cases/{person}/instruments/{instrument}/judge", "judge", sheet_page.judge, CASES, "act"),
    Door("GET", "/own", "own", own_page.show, CASES),
    Door("GET", "/joining-code", "joining", joining_page.show, CASES),
    Door("POST", "/joining-code", "joining", joining_page.invite, CASES, "act"),
    Door("POST", "/case-number", "find_case", joining_page.find, CASEWORK, "act"),
    Door("GET", "/rota", "rota", rota_page.show, PEOPLE),
    Door("POST", "/rota/ask", "rota_ask", rota_page.ask, CASEWORK, "act"),
    Door("POST", "/rota/accept", "rota_accept", rota_page.accept, CASEWORK, "act"),
    Door("POST", "/rota/end", "rota_end", rota_page.end, CASEWORK, "act"),
    Door("POST", "/rota/back", "rota_back", rota_page.back, CASEWORK, "act"),
    Door("POST", "/rota/link", "rota_link", rota_page.make_link, CASEWORK, "act"),
    Door("POST", "/rota/link/end", "rota_unlink", rota_page.revoke_link, CASEWORK, "act"),
    Door("GET", "/rota/{token}.ics", "rota_feed", rota_page.feed, PUBLIC),
    *calendar_page.DOORS,
    *meeting_page.DOORS,
    *methods_page.DOORS,
    *password_page.DOORS,
    *audit_page.DOORS,
    *colleague_page.DOORS,
    *keys_page.DOORS,
    *tasks_page.DOORS,
    *file_acts.DOORS,
    *shift_page.DOORS,
    *supervision_page.DOORS,
    *samples_page.DOORS,
    Door("GET", "/staff", "staff", staff_page.show, PEOPLE),
    Door("POST", "/staff/{staff}/duty", "duty", staff_page.change_duty, SUPERVISION, "act"),
    Door("GET", "/ladder", "ladder", ladder_page.show, SUPERVISION),
    Door("GET", "/staff/{staff}", "account", account_page.show, ACCOUNTS),
    Door("POST", "/staff/{staff}/phones/remove", "account_phone", account_page.remove_phone, ACCOUNTS, "act"),
    Door("POST", "/staff/{staff}/tokens/revoke", "account_token", account_page.revoke, ACCOUNTS, "act"),
    Door("POST", "/staff/{staff}/sign-out", "account_sign_out", account_page.sign_out, ACCOUNTS, "act"),
    Door("POST", "/staff/{staff}/deactivate", "account_deactivate", account_page.deactivate, ACCOUNTS, "act"),
)

CONTACT = "/recipients/{ref}/contact"
HERS = "/recipients/{ref}/instruments"
ONE = HERS + "/{instrument}"

API: tuple[ApiDoor, ...] = (
    ApiDoor(
        "GET", "/alerts", "alerts", "Alerts, the most urgent first", api_views.alerts, CASEWORK, api_views.Alerts,
        query={"state": tuple(api_views.STATES)}, refuses=(422,),
    ),
    ApiDoor(
        "POST", "/alerts/{ref}/claim", "claim", "Claim an alert; 409 names who was first", api_views.claim, CASEWORK,
        api_views.AlertShown, api_views.Take, refuses=OF_AN_ACT,
    ),
    ApiDoor(
        "POST", "/alerts/{ref}/release", "release", "Give an alert back to the queue", api_views.release, CASEWORK,
        api_views.AlertShown, api_views.Release, refuses=OF_AN_ACT,
    ),
    ApiDoor(
        "POST", "/alerts/{ref}/resolve", "resolve", "Resolve an alert with an outcome", api_views.resolve, CASEWORK,
        api_views.AlertShown, api_views.Resolve, refuses=OF_AN_ACT,
    ),
    ApiDoor(
        "POST", "/alerts/{ref}/offer", "offer", "Offer an alert to a colleague, who accepts by claiming it",
        api_claims.offer, CASEWORK, api_views.AlertShown, api_claims.Offer, refuses=OF_AN_ACT,
    ),
    ApiDoor(
        "POST", "/alerts/{ref}/take-over", "take_over", "Take over from me: offer it to who is next on duty",
        api_claims.take_over, CASEWORK, api_views.AlertShown, api_views.Release, refuses=OF_AN_ACT,
    ),
    ApiDoor(
        "POST", "/alerts/{ref}/decline", "decline", "Say no to an alert that is offered to you", api_claims.decline,
        CASEWORK, api_views.AlertShown, api_views.Empty, refuses=OF_AN_ACT,
    ),
    ApiDoor(
        "POST", "/alerts/{ref}/snooze", "snooze", "Put an alert off; it rises again by itself", api_claims.snooze,
        CASEWORK, api_views.AlertShown, api_claims.Snooze, refuses=OF_AN_ACT,
    ),
    ApiDoor(
        "GET", "/alerts/{ref}/closing", "closing", "How a P0 or P1 was closed, for who signs it", api_claims.closing,
        CASEWORK, api_claims.ClosingShown, refuses=OF_A_CASE,
    ),
    ApiDoor(
        "POST", "/alerts/{ref}/sign", "sign", "Sign how an alert was closed, by another than who closed it",
        api_claims.sign, CASEWORK, api_views.AlertShown, api_views.Empty, refuses=OF_AN_ACT,
    ),
    ApiDoor(
        "POST", "/alerts/{ref}/give-back", "give_back", "Do not sign, and say what is missing", api_claims.give_back,
        CASEWORK, api_views.AlertShown, api_claims.GiveBack, refuses=OF_AN_ACT,
    ),
    ApiDoor(
        "GET", "/rota", "rota", "Who is on duty now and next, and where nobody is on call", api_rota.rota, CASEWORK,
        api_rota.RotaShown, refuses=(422,),
    ),
    ApiDoor(
        "POST", "/recipients", "invite", "A referral in, a joining code out", api_views.invite, CASEWORK,
        api_views.JoiningCode, api_views.Referral, status=201, refuses=(400, 409, 413, 415, 422),
    ),
    ApiDoor(
        "POST", "/recipients/{ref}/records", "record", "Put a fact of the two of them on record, or take it back",
        api_views.record, CASEWORK, api_views.OnRecord, api_views.Recorded, refuses=OF_AN_ACT, opens=True,
    ),
    ApiDoor(
        "POST", "/recipients/{ref}/apart", "keep_apart", "Keep yourself apart from a case, or a colleague",
        api_claims.keep_apart, CASEWORK, api_claims.ApartShown, api_claims.KeepApart, refuses=OF_AN_ACT,
    ),
    ApiDoor(
        "POST", "/recipients/{ref}/apart/end", "let_back", "A colleague is no longer kept apart from a case",
        api_claims.let_back, SUPERVISION, api_claims.ApartShown, api_claims.LetBack, refuses=OF_AN_ACT,
    ),
    ApiDoor(
        "POST", "/recipients/{ref}/erase", "erase", "Destroy her key and all rows about her, for good", api_erase.erase,
        CASEWORK, api_erase.ReceiptShown, api_erase.Erase, status=201, refuses=OF_AN_ACT,
    ),
    ApiDoor(
        "POST", "/recipients/{ref}/moving-code", "moving_code", "A code that moves her chat to another phone",
        api_moving.moving_code, CASEWORK, api_moving.MovingCode, api_moving.Mover, 201, refuses=OF_AN_ACT, opens=True,
    ),
    ApiDoor(
        "GET", "/erasures/{ref}", "receipt", "What became of an erasure, by its receipt", api_erase.receipt, CASEWORK,
        api_erase.ReceiptShown, refuses=(404,),
    ),
    ApiDoor(
        "GET", "/recipients/{ref}/timeline", "timeline", "Alerts, assessments and contacts by time", api_views.timeline,
        CASEWORK, api_views.Timeline, refuses=OF_A_CASE, opens=True,
    ),
    ApiDoor(
        "GET", CONTACT, "contact", "Her safe-contact record, and who changed what of it when", api_contact.contact,
        CASEWORK, api_contact.ContactShown, refuses=OF_A_CASE, opens=True,
    ),
    ApiDoor(
        "POST", CONTACT, "set_contact", "Change her safe-contact record, or confirm it", api_contact.set_contact,
        CASEWORK, api_contact.ContactShown, api_contact.ContactSet, refuses=OF_AN_ACT, opens=True,
    ),
    ApiDoor(
        "GET", HERS, "instruments", "What a worker can fill in, and what has been begun", api_sheets.instruments,
        CASEWORK, api_sheets.Instruments, refuses=OF_A_CASE, opens=True,
    ),
    ApiDoor(
        "GET", ONE, "sheet", "The sheet that is being filled in; 404 without one", api_sheets.sheet,
        CASEWORK, api_sheets.SheetShown, refuses=OF_A_CASE, opens=True,
    ),
    ApiDoor(
        "POST", f"{ONE}/begin", "begin_sheet", "Begin to fill an instrument in", api_sheets.begin,
        CASEWORK, api_sheets.SheetShown, api_views.Empty, 201, refuses=OF_AN_ACT, opens=True,
    ),
    ApiDoor(
        "POST", f"{ONE}/answer", "answer_sheet", "Keep one answer; 409 when another came meanwhile", api_sheets.answer,
        CASEWORK, api_sheets.SheetShown, api_sheets.Given, refuses=OF_AN_ACT, opens=True,
    ),
    ApiDoor(
        "POST", f"{ONE}/finish", "finish_sheet", "Weigh it by the rules; never changed afterwards", api_sheets.finish,
        CASEWORK, api_sheets.Assessments, api_sheets.Finish, refuses=OF_AN_ACT, opens=True,
    ),
    ApiDoor(
        "POST", f"{ONE}/judge", "judge", "A worker's own tier beside what the rules gave", api_sheets.judge,
        CASEWORK, api_sheets.Assessments, api_sheets.Judge, refuses=OF_AN_ACT, opens=True,
    ),
    ApiDoor(
        "GET", f"{ONE}/assessments", "assessments", "All its assessments and judgements by time",
        api_sheets.assessments, CASEWORK, api_sheets.Assessments, refuses=OF_A_CASE, opens=True,
    ),
    *api_tasks.DOORS,
    *api_file.DOORS,
)  # fmt: skip


def console(wiring: Wiring) -> Starlette:
    """The pages, for /console."""
    static = StaticFiles(directory=str(resources.files(__package__).joinpath("static")))
    with_file = [door.path for door in PAGES if door.file]
    app = _application([*routes(PAGES, wiring), Mount(STATIC, static)], wiring, with_file)
    app.state.paths = {door.name: door.path for door in PAGES} | {"static": STATIC + "/{file}"}
    return app


def api(wiring: Wiring) -> Starlette:
    """The API, for /api/v1."""

    async def described(request: Request) -> Response:
        origin = wiring.settings.origin
        return JSONResponse(openapi.describe(API, origin + str(request.scope.get("root_path", ""))))

    app = _application([*api_routes(API, wiring), Route(OPENAPI, described)], wiring)
    app.state.json = True
    return app


def _application(doors: list[Route | Mount], wiring: Wiring, with_file: Collection[str] = ()) -> Starlette:
    """The headers are outermost: even a body that is too large is refused under them."""
    app = Starlette(
        routes=doors,
        middleware=[
            Middleware(StrictHeaders, secure=wiring.settings.secure_cookies, static=STATIC),
            Middleware(BodyLimit, with_file=with_file),
        ],
        exception_handlers={
            HTTPException: problems.on_http,
            Refused: problems.on_http,
            api_views.NotValid: problems.on_not_valid,
            Exception: problems.on_fault,
        },
    )
    app.state.wiring = wiring
    return app
