"""Every door, every method, every role: nobody passes whom the list does not name; strict headers stand everywhere."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import httpx
import pytest

from escalation.console.app import API, PAGES
from escalation.console.doors import AUDIT, CASES, CASEWORK, EVERYBODY, KEEPERS, PAGED, PEOPLE, PUBLIC, Door
from escalation.console.headers import NOTICES, POLICY, POLICY_OF_NOTICES, STRICT
from escalation.ports import Role
from tests.console.conftest import SAME_ORIGIN, SETTINGS, Browser, Visitor, a_client, built
from tests.console.examples import House

ROLES: dict[Role, str] = {
    "worker": "sam",
    "supervisor": "ruth",
    "editor": "ed",
    "auditor": "ann",
    "administrator": "adm",
    "partner_support": "pia",
}
DOORS = [pytest.param(door, id=f"{door.method} {door.path}") for door in PAGES]
KEPT = [pytest.param(door, id=f"{door.method} {door.path}") for door in PAGES if door.roles is not PUBLIC]
REFS = {"ref": "K2A", "person": "P-K2A", "staff": "s1", "instrument": "orchard", "token": "t", "sample": "nothing"}


def path(door: Door) -> str:
    return "/console" + door.path.format_map(REFS)


async def knock(door: Door, visitor: Visitor, **fields: str) -> httpx.Response:
    if door.name == "live":  # an endless stream: asking for a case that cannot be passes every check but the last
        return await visitor.get("/live?case=no!such")
    if door.method == "GET":
        return await visitor.client.get(path(door))
    return await visitor.client.post(path(door), data={"csrf": visitor.csrf, **fields}, headers=SAME_ORIGIN)


def test_every_role_is_in_the_matrix() -> None:
    assert set(ROLES) == set(get_args(Role))


def test_who_may_pass_which_door() -> None:
    """The whole list, read as one: a change here is a change of who may see what."""
    groups = {EVERYBODY: "everybody", CASEWORK: "casework", PEOPLE: "people", frozenset({"supervisor"}): "supervisor"}
    groups |= {CASES: "cases", PAGED: "paged", AUDIT: "auditor", KEEPERS: "keepers"}
    groups |= {frozenset({"supervisor", "administrator"}): "accounts"}
    written = sorted(f"{groups[d.roles] if d.roles else 'public':<10} {d.method:<4} {d.path}" for d in PAGES)
    assert written == [
        "accounts   GET  /staff/{staff}",
        "accounts   POST /staff/{staff}/deactivate",
        "accounts   POST /staff/{staff}/phones/remove",
        "accounts   POST /staff/{staff}/sign-out",
        "accounts   POST /staff/{staff}/tokens/revoke",
        "auditor    GET  /audit",
        "auditor    POST /audit/check",
        "auditor    POST /audit/export",
        "cases      GET  /cases/{person}",
        "cases      GET  /cases/{person}/contact",
        "cases      GET  /cases/{person}/decisions",
        "cases      GET  /cases/{person}/earlier",
        "cases      GET  /cases/{person}/export",
        "cases      GET  /cases/{person}/instruments/{instrument}",
        "cases      GET  /cases/{person}/moving-code",
        "cases      GET  /cases/{person}/referral",
        "cases      GET  /joining-code",
        "cases      GET  /live",
        "cases      GET  /my-load",
        "cases      GET  /own",
        "cases      GET  /tasks",
        "cases      POST /alerts/{ref}/claim",
        "cases      POST /alerts/{ref}/decline",
        "cases      POST /alerts/{ref}/offer",
        "cases      POST /alerts/{ref}/reached",
        "cases      POST /alerts/{ref}/release",
        "cases      POST /alerts/{ref}/renew",
        "cases      POST /alerts/{ref}/resolve",
        "cases      POST /alerts/{ref}/snooze",
        "cases      POST /alerts/{ref}/take-over",
        "cases      POST /cases/{person}",
        "cases      POST /cases/{person}/agencies",
        "cases      POST /cases/{person}/agencies/tell",
        "cases      POST /cases/{person}/apart",
        "cases      POST /cases/{person}/assigned",
        "cases      POST /cases/{person}/assigned/end",
        "cases      POST /cases/{person}/chat",
        "cases      POST /cases/{person}/contact",
        "cases      POST /cases/{person}/contact/asked",
        "cases      POST /cases/{person}/contact/confirmed",
        "cases      POST /cases/{person}/contact/new-words",
        "cases      POST /cases/{person}/contact/set",
        "cases      POST /cases/{person}/decisions",
        "cases      POST /cases/{person}/decisions/received",
        "cases      POST /cases/{person}/decisions/write",
        "cases      POST /cases/{person}/earlier",
        "cases      POST /cases/{person}/export",
        "cases      POST /cases/{person}/export/make",
        "cases      POST /cases/{person}/file/end",
        "cases      POST /cases/{person}/hand-back",
        "cases      POST /cases/{person}/instruments/{instrument}",
        "cases      POST /cases/{person}/instruments/{instrument}/answer",
        "cases      POST /cases/{person}/instruments/{instrument}/begin",
        "cases      POST /cases/{person}/instruments/{instrument}/finish",
        "cases      POST /cases/{person}/instruments/{instrument}/judge",
        "cases      POST /cases/{person}/instruments/{instrument}/live",
        "cases      POST /cases/{person}/live",
        "cases      POST /cases/{person}/moving-code",
        "cases      POST /cases/{person}/moving-code/make",
        "cases      POST /cases/{person}/notes",
        "cases      POST /cases/{person}/number",
        "cases      POST /cases/{person}/orders",
        "cases      POST /cases/{person}/own-items",
        "cases      POST /cases/{person}/plan",
        "cases      POST /cases/{person}/records",
        "cases      POST /cases/{person}/referral",
        "cases      POST /cases/{person}/referral/choose",
        "cases      POST /cases/{person}/referral/give",
        "cases      POST /cases/{person}/referral/preview",
        "cases      POST /cases/{person}/say",
        "cases      POST /cases/{person}/stages",
        "cases      POST /cases/{person}/tasks",
        "cases      POST /cases/{person}/tasks/done",
        "cases      POST /cases/{person}/transcript",
        "cases      POST /cases/{person}/verified",
        "cases      POST /debriefs/{ref}",
        "cases      POST /joining-code",
        "cases      POST /tasks/done",
        "casework   GET  /alerts/{ref}/sign",
        "casework   GET  /cases/{person}/erase",
        "casework   GET  /decisions",
        "casework   GET  /erasures/{ref}",
        "casework   GET  /queue",
        "casework   GET  /queue/list",
        "casework   GET  /shift",
        "casework   POST /alerts/{ref}/give-back",
        "casework   POST /alerts/{ref}/sign",
        "casework   POST /case-number",
        "casework   POST /cases/{person}/decisions/sign",
        "casework   POST /cases/{person}/erase",
        "casework   POST /queue/look-up",
        "casework   POST /queue/next",
        "casework   POST /rota/accept",
        "casework   POST /rota/ask",
        "casework   POST /rota/back",
        "casework   POST /rota/end",
        "casework   POST /rota/link",
        "casework   POST /rota/link/end",
        "casework   POST /shift/alerts/{ref}/accept",
        "casework   POST /shift/alerts/{ref}/decline",
        "casework   POST /shift/alerts/{ref}/line",
        "casework   POST /shift/end",
        "everybody  GET  /",
        "everybody  GET  /password",
        "everybody  POST /cues",
        "everybody  POST /language",
        "everybody  POST /password",
        "everybody  POST /sign-out",
        "keepers    GET  /keys",
        "keepers    GET  /new-colleague",
        "keepers    POST /new-colleague",
        "keepers    POST /staff/{staff}/new-sign-in",
        "keepers    POST /staff/{staff}/role",
        "paged      GET  /paged",
        "paged      POST /paged/add",
        "paged      POST /paged/code",
        "paged      POST /paged/prove",
        "paged      POST /paged/remove",
        "paged      POST /paged/test",
        "people     GET  /rota",
        "people     GET  /staff",
        "public     GET  /rota/{token}.ics",
        "public     GET  /sign-in",
        "public     POST /sign-in",
        "supervisor GET  /ladder",
        "supervisor GET  /meeting",
        "supervisor GET  /samples/{sample}",
        "supervisor GET  /supervision",
        "supervisor POST /cases/{person}/apart/end",
        "supervisor POST /meeting/{person}/agree",
        "supervisor POST /meeting/{person}/say",
        "supervisor POST /rota/calendar",
        "supervisor POST /rota/calendar/remove",
        "supervisor POST /rota/calendar/take",
        "supervisor POST /rota/calendar/without",
        "supervisor POST /samples",
        "supervisor POST /samples/{sample}",
        "supervisor POST /samples/{sample}/finish",
        "supervisor POST /shift/{staff}/end",
        "supervisor POST /staff/{staff}/duty",
    ]


@pytest.mark.parametrize("door", KEPT)
async def test_a_stranger_passes_no_door(door: Door, nobody: Visitor, house: House) -> None:
    answer = await knock(door, nobody)
    assert answer.status_code == (401 if door.kind == "live" else 303)
    assert answer.headers.get("location", "/console/sign-in").startswith("/console/sign-in")
    assert house.memory.audit == []


@pytest.mark.parametrize("door", KEPT)
@pytest.mark.parametrize("role", ROLES)
async def test_a_role_passes_the_doors_that_name_it_and_no_other(
    door: Door, role: Role, browser: Browser, house: House
) -> None:
    answer = await knock(door, await browser(ROLES[role]))
    refused = answer.status_code == 403 and "Your role does not open this" in answer.text
    assert refused == (role not in (door.roles or ()))


METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}


@pytest.mark.parametrize("door", DOORS)
async def test_a_method_that_the_list_does_not_name_is_refused_and_told_the_right_ones(
    door: Door, sam: Visitor
) -> None:
    named: set[str] = {d.method for d in PAGES if d.path == door.path}
    if "GET" in named:
        named.add("HEAD")
    for method in METHODS - named:
        answer = await sam.client.request(method, path(door), headers=SAME_ORIGIN)
        assert answer.status_code == 405
        assert set(answer.headers["allow"].split(", ")) == named


@pytest.mark.parametrize("ref", ["a b", "x" * 65, "%00", "K2A'--", "<b>"])
async def test_a_reference_that_is_not_one_of_ours_names_nothing(ref: str, sam: Visitor, house: House) -> None:
    answer = await sam.get(f"/cases/{ref}")
    assert answer.status_code == 404
    assert house.memory.audit == []


def assert_strict(answer: httpx.Response, policy: str = POLICY) -> None:
    for name, value in (STRICT | {"Content-Security-Policy": policy}).items():
        assert answer.headers[name] == value
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=63072000")
    assert "no-" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("door", DOORS)
async def test_the_strict_headers_stand_on_every_door_for_friend_and_stranger(
    door: Door, sam: Visitor, nobody: Visitor
) -> None:
    for visitor in (sam, nobody):
        answer = await knock(door, visitor)
        assert_strict(answer, POLICY_OF_NOTICES if door.path.startswith(NOTICES) else POLICY)
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.usefixtures("no_hashing")
async def test_the_strict_headers_stand_on_every_status(sam: Visitor) -> None:
    seen = set()
    big = {"Content-Length": str(10**8), "Content-Type": "application/x-www-form-urlencoded", **SAME_ORIGIN}
    sam_post = sam.client.post
    answers = [
        await sam.get("/queue"),
        await sam.get("/"),
        await sam.get("/nowhere"),
        await sam.get("/static/nothing.css"),
        await sam.client.delete("/console/queue"),
        await sam_post("/console/queue/next"),
        await sam_post("/console/queue/next", headers=SAME_ORIGIN, content=b"{}"),
        await sam_post("/console/queue/next", headers=big, content=b"x=1"),
        await sam.post("/alerts/K2A/release", claim="x"),
        await sam.post("/alerts/K2A/release", claim="7"),
        await sam.get("/live?case=!"),
        *[await sam.client.post("/console/sign-in", data={"username": "x"}, headers=SAME_ORIGIN) for _ in range(9)],
    ]
    for answer in answers:
        seen.add(answer.status_code)
        assert_strict(answer)
    assert {200, 303, 403, 404, 405, 409, 413, 415, 422, 429} <= seen


async def test_a_fault_of_ours_shows_nothing_of_itself_and_has_the_headers(house: House, sam: Visitor) -> None:
    house.memory.alerts = None  # type: ignore[assignment]
    answer = await sam.get("/queue")
    assert answer.status_code == 500
    assert "Something broke on our side" in answer.text
    assert "NoneType" not in answer.text
    assert_strict(answer)


async def test_without_https_there_is_no_hsts_and_the_cookie_has_a_plain_name(house: House) -> None:
    settings = replace(SETTINGS, origin="http://127.0.0.1:8000", secure_cookies=False)
    async with a_client(built(house, settings)) as client:
        answer = await client.get("/console/sign-in")
    assert "Strict-Transport-Security" not in answer.headers
    assert answer.headers["Content-Security-Policy"] == POLICY


@pytest.mark.parametrize(
    "file", ["tokens.css", "console.css", "talk.css", "live.js", "case.js", "notices.js", "paged.js", "mark.svg"]
)
async def test_what_pages_load_is_there_and_asked_for_again(file: str, nobody: Visitor) -> None:
    answer = await nobody.get(f"/static/{file}")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-cache"
    assert_strict(answer)
    again = await nobody.get(f"/static/{file}", **{"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    assert_strict(again)


@pytest.mark.parametrize("file", ["../app.py", "..%2fapp.py", "%2e%2e/messages.yaml"])
async def test_nothing_else_of_the_package_can_be_fetched(file: str, nobody: Visitor) -> None:
    assert (await nobody.get(f"/static/{file}")).status_code in (303, 404)


def test_the_policy_allows_no_inline_code_and_no_frame() -> None:
    rules = dict(rule.split(" ", 1) for rule in POLICY.split("; "))
    assert rules["default-src"] == rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert "unsafe" not in POLICY


def test_the_page_that_starts_the_worker_of_notices_may_only_name_its_address() -> None:
    rules, there = POLICY.split("; "), POLICY_OF_NOTICES.split("; ")
    assert set(rules) ^ set(there) == {"trusted-types 'none'", "trusted-types notices", "manifest-src 'self'"}
    assert {door.path for door in PAGES if door.path.startswith(NOTICES)} == {
        door.path for door in PAGES if door.name.startswith("paged")
    }


def test_no_name_leads_to_two_doors_of_the_api() -> None:
    assert len({door.name for door in API}) == len(API)
