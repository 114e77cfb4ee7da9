"""The doors of the API: what each takes, gives and refuses. Routes and OpenAPI description both come from these."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from escalation.console import api_views
from escalation.console.doors import TurnedAway
from escalation.console.wiring import Wiring
from escalation.ports import Role

OF_A_CASE = (404, 409)  # statuses: nobody is there; refused, with why
OF_AN_ACT = (400, *OF_A_CASE, 413, 415, 422)  # and what a body may be refused for


@dataclass(frozen=True, slots=True)
class ApiDoor:
    """`takes` None: no body. `refuses` are the statuses beside 401, 403 and 429 that any door may give.

    `opens`: it opens a case, so the header REASON may say why a case is opened that the caller does not hold.
    """

    method: Literal["GET", "POST"]
    path: str
    name: str
    about: str
    answer: api_views.Answer
    roles: frozenset[Role]
    gives: type[msgspec.Struct]
    takes: type[msgspec.Struct] | None = None
    status: int = 200
    query: Mapping[str, tuple[str, ...]] | None = None
    refuses: tuple[int, ...] = ()
    opens: bool = False


def api_routes(doors: tuple[ApiDoor, ...], wiring: Wiring) -> list[Route]:
    """One route a path, so that a wrong method is told all the right ones."""
    by_path: dict[str, dict[str, ApiDoor]] = {}
    for door in doors:
        by_path.setdefault(door.path, {})[door.method] = door
    return [Route(path, _behind(choice, wiring), methods=list(choice)) for path, choice in by_path.items()]


def _behind(choice: Mapping[str, ApiDoor], wiring: Wiring) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        door = choice["GET" if request.method == "HEAD" else request.method]
        now = wiring.clock()
        staff = await api_views.caller(request, wiring, now)
        if staff is None:
            raise TurnedAway(401, "api.no_token", {"WWW-Authenticate": 'Bearer realm="rowan"'})
        if staff.role not in door.roles:
            raise TurnedAway(403, "problem.not_your_role")
        if not api_views.has_good_refs(request):
            raise TurnedAway(404, "problem.no_such_page")
        return await door.answer(api_views.Call(request, wiring, now, staff))

    return answer
