"""A door: one method on one path, who may pass, and the view behind it. Nobody passes where no role is named.

The checks stand here in their order, once, for every door: the reference's shape, the session, the role, then for
unsafe methods where the request came from, the form and the session's token.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from escalation.console import forgery, sessions
from escalation.console.tongue import known, spoken
from escalation.console.wiring import Wiring
from escalation.ports import Role, Session, Staff

EVERYBODY: frozenset[Role] = frozenset(get_args(Role))
CASEWORK: frozenset[Role] = frozenset({"worker", "supervisor"})
CASES: frozenset[Role] = CASEWORK | {"partner_support"}  # who of them may open which: escalation.access
PEOPLE: frozenset[Role] = frozenset({"worker", "supervisor", "administrator"})
PAGED: frozenset[Role] = PEOPLE | CASES
SUPERVISION: frozenset[Role] = frozenset({"supervisor"})
AUDIT: frozenset[Role] = frozenset({"auditor"})
KEEPERS: frozenset[Role] = frozenset({"administrator"})
ACCOUNTS: frozenset[Role] = frozenset({"supervisor", "administrator"})
PUBLIC = None

RETURN = re.compile(r"/[A-Za-z0-9_/-]{0,200}")  # where an act may lead back to: a path of ours, nothing else
REF = re.compile(r"[A-Za-z0-9_-]{1,64}")  # references are ours: anything else names nothing
FIELDS = 200  # of the largest form: what another service is given is chosen answer by answer
FORM = "application/x-www-form-urlencoded"
WITH_FILE = "multipart/form-data"  # what a form with a file sends, to a door that takes one
UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")  # controls but tab and line end; lone surrogates

# 'page' sends a stranger to sign in; 'act' is a form's target; 'live' is what a page asks for by itself, and does not
# count as activity; 'api' is answered in JSON.
Kind = Literal["page", "act", "live", "api"]


class TurnedAway(HTTPException):
    """The visitor may not pass. `message` is an id of the console's strings."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, detail=message, headers=headers)


class SignInFirst(HTTPException):
    """Nobody is signed in. `path` is where the visitor wanted to go, without its query."""

    def __init__(self, path: str, kind: Kind) -> None:
        super().__init__(401, detail="problem.signed_out")
        self.path, self.kind = path, kind


@dataclass(frozen=True, slots=True)
class Visit:
    """One request that has passed its door."""

    request: Request
    wiring: Wiring
    now: datetime
    session: Session | None = None
    form: Mapping[str, str] = field(default_factory=dict)

    @property
    def staff(self) -> Staff:
        """Who is signed in. Only a public door has nobody, and its view does not ask."""
        if self.session is None:
            raise TurnedAway(401, "problem.signed_out")
        return self.session.staff

    def ref(self, name: str) -> str:
        return str(self.request.path_params[name])

    def link(self, door: str, **refs: str) -> str:
        return link(self.request, door, **refs)


View = Callable[[Visit], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Door:
    """`file`: its form may have one, which is a text."""

    method: Literal["GET", "POST"]
    path: str
    name: str
    view: View
    roles: frozenset[Role] | None
    kind: Kind = "page"
    file: bool = False


def link(request: Request, door: str, **refs: str) -> str:
    """The path of a door under wherever the console is mounted."""
    paths: Mapping[str, str] = request.app.state.paths
    return str(request.scope.get("root_path", "")) + paths[door].format_map(refs)


def routes(doors: tuple[Door, ...], wiring: Wiring) -> list[Route]:
    """One route a path, so that a wrong method is told all the right ones."""
    by_path: dict[str, dict[str, Door]] = {}
    for door in doors:
        by_path.setdefault(door.path, {})[door.method] = door
    return [
        Route(path, _behind(choice, wiring), methods=list(choice), include_in_schema=False)
        for path, choice in by_path.items()
    ]


def _behind(choice: Mapping[str, Door], wiring: Wiring) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        door = choice["GET" if request.method == "HEAD" else request.method]
        return await door.view(await enter(door, request, wiring))

    return answer


async def enter(door: Door, request: Request, wiring: Wiring) -> Visit:
    """Raises TurnedAway or SignInFirst. The visit's wiring speaks the visitor's language."""
    wiring = spoken(wiring, request)
    if not all(REF.fullmatch(str(value)) for value in request.path_params.values()):
        raise TurnedAway(404, "problem.no_such_page")
    now = wiring.clock()
    session = await sessions.current(wiring, request, now, touch=door.kind != "live")
    if session is not None:
        wiring = known(wiring, request, session.staff)
    if door.roles is not PUBLIC:
        _admit(door, session, request)
    if door.method == "GET":
        return Visit(request, wiring, now, session)
    if not forgery.came_from_here(request.headers, wiring.settings.origin):
        raise TurnedAway(403, "problem.from_elsewhere")
    form = await read_form(request, door.file)
    if door.roles is not PUBLIC and session is not None and not forgery.has_token(session, form):
        raise TurnedAway(403, "problem.from_elsewhere")
    return Visit(request, wiring, now, session, form)


def _admit(door: Door, session: Session | None, request: Request) -> None:
    if session is None:
        raise SignInFirst(request.url.path, door.kind)
    if door.roles is None or session.staff.role not in door.roles:
        raise TurnedAway(403, "problem.not_your_role")


async def read_form(request: Request, file: bool = False) -> dict[str, str]:
    """The form's fields, a file's text among them; of a field sent twice the last. Raises TurnedAway when it is no form
    of ours."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() not in (FORM, *[WITH_FILE] * file):
        raise TurnedAway(415, "problem.no_form")
    try:
        async with request.form(max_files=int(file), max_fields=FIELDS) as form:
            return {key: clean(await _text(value)) for key, value in form.items()}
    except ClientDisconnect as gone:
        raise TurnedAway(400, "problem.no_form") from gone


async def _text(value: str | UploadFile) -> str:
    return value if isinstance(value, str) else (await value.read()).decode("utf-8-sig", "replace")


def clean(text: str) -> str:
    """Without control characters (PostgreSQL takes no NUL, a terminal no escapes), with one kind of line end."""
    return UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
