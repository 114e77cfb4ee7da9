"""What a visitor sees when something is wrong: a page that says what, and what to do next; the API a JSON problem."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from escalation.console import doors, headers, pages
from escalation.console.tongue import spoken
from escalation.console.wiring import Wiring
from escalation.ports import Refused, Unknown

BY_STATUS = {
    400: "problem.no_form",
    403: "problem.not_your_role",
    404: "problem.no_such_page",
    405: "problem.wrong_method",
    413: "problem.too_large",
    422: "problem.not_valid",
    429: "problem.too_many",
    503: "problem.busy",
}


def wiring_of(request: Request) -> Wiring:
    """In the visitor's language, as the visit itself would have been; the API's is the operator's."""
    wiring: Wiring = request.app.state.wiring
    return wiring if getattr(request.app.state, "json", False) else spoken(wiring, request)


async def on_http(request: Request, error: Exception) -> Response:
    """Every refusal that is not a fault of ours."""
    if isinstance(error, doors.SignInFirst):
        return _sign_in_first(request, error)
    if isinstance(error, Refused):
        why = wiring_of(request).strings.told(error.why)
        return _told(request, 404 if isinstance(error, Unknown) else 409, "problem.refused", why, error.holder)
    status = error.status_code if isinstance(error, HTTPException) else 500
    message = error.detail if isinstance(error, doors.TurnedAway) else BY_STATUS.get(status, "problem.other")
    return _told(request, status, message, headers_=getattr(error, "headers", None))


def _sentence(wiring: Wiring, message: str) -> str:
    strings = wiring.strings
    return strings.say(message if strings.has(message) else f"{message}.title")


async def on_not_valid(request: Request, error: Exception) -> Response:
    """A body of the API that is JSON but not what the route takes; the error's text names the field."""
    return problem(422, str(error))


async def on_fault(request: Request, error: Exception) -> Response:
    """A fault of ours. Nothing of it is shown; the server logs it. The middleware does not reach this response."""
    return headers.hardened(_told(request, 500, "problem.fault"), wiring_of(request).settings.secure_cookies)


def _sign_in_first(request: Request, error: doors.SignInFirst) -> Response:
    if error.kind == "live":
        return Response(status_code=401)
    home = str(request.scope.get("root_path", ""))
    wanted = error.path.removeprefix(home)
    back = f"?next={quote(wanted)}" if error.kind == "page" and doors.RETURN.fullmatch(wanted) else "?notice=gone"
    return RedirectResponse(doors.link(request, "sign_in") + back, 303)


def _told(
    request: Request,
    status: int,
    message: str,
    why: str = "",
    holder: str = "",
    headers_: Mapping[str, str] | None = None,
) -> Response:
    wiring = wiring_of(request)
    if getattr(request.app.state, "json", False):
        return problem(status, why or _sentence(wiring, message), headers_, **({"holder": holder} if holder else {}))
    told = {"code": status, "message": message, "why": why}
    return pages.render(request, wiring, wiring.clock(), "problem.html", told, status, headers=headers_)


def problem(status: int, detail: str, headers_: Mapping[str, str] | None = None, **more: object) -> Response:
    """RFC 9457. `more` are further members, such as the holder of a claim."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **more}
    return JSONResponse(body, status, headers=headers_, media_type="application/problem+json")
