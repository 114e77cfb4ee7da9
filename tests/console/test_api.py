"""The API: strict bodies, honest statuses, nothing of hers, and a description that is the truth."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from escalation.belongings import Phone
from escalation.console.api_views import CALLS, STRANGERS
from escalation.console.app import API
from escalation.console.headers import STRICT
from escalation.rota import Shift
from escalation.rota.port import Calendar, OffCover
from flows.text.canonical import canonical
from tests.console.conftest import a_client
from tests.console.examples import ASSESSMENTS, NOW, TOKEN, House, an_alert

PATHS = [(door.method, door.path.format(ref="K2A", instrument="orchard")) for door in API]


WHY_HERE = {"Rowan-Reason": "To fill a form in"}


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert body["detail"]
    return body


async def test_the_open_alerts_are_listed_the_most_urgent_first(caller: httpx.AsyncClient, house: House) -> None:
    house.put(an_alert("DURESS", "P-3", tier="P0"))
    house.put(an_alert("HELD", "P-4", state="claimed", holder="s2", claim_until=NOW + timedelta(minutes=5)))
    body = (await caller.get("/api/v1/alerts", params={"state": "open"})).json()
    assert [alert["ref"] for alert in body["alerts"]] == ["DURESS", "K2A"]
    alert = body["alerts"][1]
    assert alert["recipient"] == "P-K2A"
    assert alert["breach_at"] == "2026-11-20T20:45:42Z"
    held = (await caller.get("/api/v1/alerts", params={"state": "claimed"})).json()
    assert [alert["ref"] for alert in held["alerts"]] == ["HELD"]
    every = (await caller.get("/api/v1/alerts", params={"state": "all"})).json()
    assert len(every["alerts"]) == 3


@pytest.mark.parametrize("query", ["state=shut", "state=", "stat=open", "state=open&limit=5"])
async def test_a_question_that_is_not_one_of_ours(query: str, caller: httpx.AsyncClient) -> None:
    problem(await caller.get(f"/api/v1/alerts?{query}"), 422)


async def test_claim_release_claim_resolve(caller: httpx.AsyncClient, house: House) -> None:
    claimed = (await caller.post("/api/v1/alerts/K2A/claim")).json()
    assert (claimed["state"], claimed["holder_name"], claimed["claim"]) == ("claimed", "Sam Okafor", 1)
    released = (await caller.post("/api/v1/alerts/K2A/release", json={"claim": 1})).json()
    assert released["state"] == "open"
    await caller.post("/api/v1/alerts/K2A/claim", json={})
    body = {"outcome": "referred", "note": "With the refuge"}
    resolved = (await caller.post("/api/v1/alerts/K2A/resolve", json=body)).json()
    assert (resolved["state"], resolved["closed_at"]) == ("closing", NOW.isoformat().replace("+00:00", "Z"))
    assert ("referred", "K2A", "With the refuge") in [(line.message, line.state, line.text) for line in house.her.notes]


async def test_the_second_to_claim_is_told_who_was_first(caller: httpx.AsyncClient, house: House) -> None:
    await house.desk.claim("K2A", "s2", NOW)
    body = problem(await caller.post("/api/v1/alerts/K2A/claim"), 409)
    assert body["holder"] == "Inés Duarte"


async def test_take_over_from_me_asks_the_next_on_duty(caller: httpx.AsyncClient, house: House) -> None:
    problem(await caller.post("/api/v1/alerts/K2A/take-over"), 409)
    await caller.post("/api/v1/alerts/K2A/claim")
    house.memory.phones.clear()
    assert "Nobody else" in problem(await caller.post("/api/v1/alerts/K2A/take-over"), 409)["detail"]
    house.memory.phones["s2"] = [Phone("p2", "sms", "202", True)]
    problem(await caller.post("/api/v1/alerts/K2A/take-over", json={"claim": 7}), 409)
    offered = (await caller.post("/api/v1/alerts/K2A/take-over", json={"claim": 1})).json()
    assert (offered["holder"], offered["offered_to"]) == ("s1", "s2")


async def test_who_keeps_themselves_apart_is_out_of_the_case_until_a_supervisor_says_so(
    caller: httpx.AsyncClient, house: House
) -> None:
    await caller.post("/api/v1/alerts/K2A/claim")
    kept = await caller.post("/api/v1/recipients/P-K2A/apart", json={"reason": "My cousin"})
    assert kept.json() == {"recipient": "P-K2A", "staff": "s1", "apart": True}
    assert house.memory.alerts["K2A"].state == "open"
    problem(await caller.post("/api/v1/alerts/K2A/claim"), 409)
    problem(await caller.get("/api/v1/recipients/P-K2A/timeline", headers=WHY_HERE), 409)
    problem(await caller.post("/api/v1/recipients/P-K2A/apart", json={"staff": "s2"}), 409)
    problem(await caller.post("/api/v1/recipients/P-K2A/apart/end", json={"staff": "s1"}), 403)
    house.memory.tokens[TOKEN] = "s3"
    problem(await caller.post("/api/v1/recipients/P-K2A/apart/end", json={"staff": "s3"}), 409)
    back = await caller.post("/api/v1/recipients/P-K2A/apart/end", json={"staff": "s1"})
    assert back.json()["apart"] is False
    other = await caller.post("/api/v1/recipients/P-K2A/apart", json={"staff": "s2", "reason": "Her neighbour"})
    assert other.json()["staff"] == "s2"
    assert list(house.memory.apart["P-K2A"]) == ["s2"]


async def test_the_rota_says_who_is_on_now_who_is_next_and_where_nobody_is(
    caller: httpx.AsyncClient, house: House
) -> None:
    day = timedelta(days=1)
    house.memory.calendars.append(Calendar("c1", "Nights", 1, "on_call", "Europe/London", "", None, None, ()))
    for staff, start, end in (("s2", -1, 1), ("s1", 1, 2), ("s2", 3, 30)):
        house.memory.shifts.append(Shift(staff, "on_call", 1, NOW + start * day, NOW + end * day, "c1"))
    house.memory.off_cover["s3"] = OffCover(NOW, "shut")
    body = (await caller.get("/api/v1/rota")).json()
    (on,) = [one for one in body["now"] if one["duty"] == "on_call"]
    assert (on["name"], on["since"]) == ("Inés Duarte", api_time(NOW - day))
    assert on["until"] == api_time(NOW + day)
    coming = [(one["staff"], one["since"]) for one in body["next"] if one["duty"] == "on_call"]
    assert ("s1", api_time(NOW + day)) in coming
    assert [(hole["since"], hole["until"]) for hole in body["gaps"]] == [
        (api_time(NOW + 2 * day), api_time(NOW + 3 * day))
    ]
    assert body["off_cover"] == ["s3"]


def api_time(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


async def test_acts_under_an_old_number_or_without_a_claim_are_refused(caller: httpx.AsyncClient) -> None:
    problem(await caller.post("/api/v1/alerts/K2A/release"), 409)
    await caller.post("/api/v1/alerts/K2A/claim")
    problem(await caller.post("/api/v1/alerts/K2A/release", json={"claim": 7}), 409)


async def test_a_p1_is_not_resolved_without_a_note(caller: httpx.AsyncClient) -> None:
    await caller.post("/api/v1/alerts/K2A/claim")
    problem(await caller.post("/api/v1/alerts/K2A/resolve", json={"outcome": "referred"}), 409)


@pytest.mark.parametrize("act", ["claim", "release", "resolve"])
async def test_an_alert_that_does_not_exist(act: str, caller: httpx.AsyncClient) -> None:
    body = {"outcome": "other"} if act == "resolve" else {}
    problem(await caller.post(f"/api/v1/alerts/NONE/{act}", json=body), 404)


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b'{"outcome":"referred","note":"x","extra":1}', 422),
        (b'{"outcome":"went well"}', 422),
        (b'{"note":"x"}', 422),
        (b'{"outcome":"referred","claim":"1"}', 422),
        (b'{"outcome":"referred","claim":-1}', 422),
        (b'{"outcome":"referred","note":' + b'"' + b"x" * 4001 + b'"}', 422),
        (b"[]", 422),
        (b"null", 422),
        (b"{", 400),
        (b'{"outcome":"referred","note":"\\ud800"}', 400),
        (b"[" * 20_000, 422),
        (b"outcome=referred", 400),
        (b'{"note":"' + b"x" * 70_000 + b'"}', 413),
    ],
)
async def test_a_body_that_is_not_what_the_route_takes(
    content: bytes, status: int, caller: httpx.AsyncClient, house: House
) -> None:
    await caller.post("/api/v1/alerts/K2A/claim")
    headers = {"Content-Type": "application/json"}
    problem(await caller.post("/api/v1/alerts/K2A/resolve", content=content, headers=headers), status)
    assert house.memory.alerts["K2A"].state == "claimed"


async def test_a_refusal_never_repeats_what_was_sent(caller: httpx.AsyncClient) -> None:
    for body in ({"outcome": "Ana"}, {"outcome": "Ana - at `$.x`"}, {"Ana": 1}, {"outcome": "other", "note": ["Ana"]}):
        answer = await caller.post("/api/v1/alerts/K2A/resolve", json=body)
        problem(answer, 422)
        assert "Ana" not in answer.text


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", ""])
async def test_only_json_is_read(kind: str, caller: httpx.AsyncClient) -> None:
    answer = await caller.post("/api/v1/recipients", content=b"{}", headers={"Content-Type": kind})
    problem(answer, 415)


async def test_a_referral_in_a_joining_code_out(caller: httpx.AsyncClient, house: House) -> None:
    answer = await caller.post("/api/v1/recipients", json={"language": "es", "case": "DV-2210"})
    assert answer.status_code == 201
    ((code, invited),) = house.memory.codes.items()
    assert {name: canonical(value) for name, value in answer.json().items()} == {"joining_code": code}
    assert (invited.staff, invited.language, invited.case) == ("s1", "es", "DV-2210")


@pytest.mark.parametrize("body", [{"language": "xx"}, {"language": "<b>"}, {"case": "x" * 61}, {"name": "Ana"}])
async def test_a_referral_is_checked(body: dict[str, str], caller: httpx.AsyncClient, house: House) -> None:
    problem(await caller.post("/api/v1/recipients", json=body), 422)
    assert house.memory.codes == {}


async def test_the_timeline_has_no_word_of_hers(caller: httpx.AsyncClient) -> None:
    refused = problem(await caller.get("/api/v1/recipients/P-K2A/timeline"), 409)
    assert "Give a reason" in refused["detail"]
    answer = await caller.get("/api/v1/recipients/P-K2A/timeline", headers=WHY_HERE)
    entries = answer.json()["entries"]
    assert [entry["tier"] for entry in entries if entry["what"] == "alert"] == ["P1"]
    assert len(entries) == 1 + len(ASSESSMENTS)
    assert "mata" not in answer.text
    problem(await caller.get("/api/v1/recipients/P-NONE/timeline"), 404)


async def test_a_fact_is_put_on_record_and_taken_back(caller: httpx.AsyncClient, house: House) -> None:
    path = "/api/v1/recipients/P-K2A/records"
    problem(await caller.post(path, json={"fact": "no_contact_order", "value": "stands"}), 409)
    assert house.memory.audit == [], "without a reason nothing is put on record"
    caller.headers.update(WHY_HERE)
    done = await caller.post(path, json={"fact": "no_contact_order", "value": "stands"})
    assert (done.status_code, done.json()) == (
        200,
        {"recipient": "P-K2A", "fact": "no_contact_order", "value": "stands"},
    )
    refused = problem(await caller.post(path, json={"fact": "negotiated_exit", "value": "agreed"}), 409)
    assert "no-contact order stands" in refused["detail"]
    assert (await caller.post(path, json={"fact": "no_contact_order", "value": ""})).status_code == 200
    assert [row.action for row in house.memory.audit] == [
        "case.read.break_glass",
        "case.record.no_contact_order",
        "case.withdraw.no_contact_order",
    ]
    assert "left" not in str(house.memory.audit)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"fact": "programme_news", "value": "left"}, 409),
        ({"fact": "programme_news", "value": "stands"}, 409),
        ({"fact": "programme_news", "value": "he left on Monday"}, 422),
        ({"fact": "programme_news", "value": "left", "name": "Sam"}, 422),
        ({"fact": "mood", "value": ""}, 422),
        ({"fact": "negotiated_exit"}, 422),
    ],
)
async def test_nothing_else_can_be_put_on_record(
    body: dict[str, str], status: int, caller: httpx.AsyncClient, house: House
) -> None:
    problem(await caller.post("/api/v1/recipients/P-K2A/records", json=body, headers=WHY_HERE), status)
    assert house.her.recorded == {}
    assert not [row for row in house.memory.audit if row.action.startswith("case.record")]


@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", TOKEN, "Bearer " + "x" * 300])
async def test_without_a_token_nothing(method: str, path: str, header: str, app: Starlette, house: House) -> None:
    async with a_client(app, headers={"Authorization": header}) as client:
        answer = await client.request(method, f"/api/v1{path}")
    problem(answer, 401)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert house.memory.alerts["K2A"].state == "open"


@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize("staff", ["s4", "s5", "s6"])
async def test_roles_without_cases_reach_nothing(
    method: str, path: str, staff: str, caller: httpx.AsyncClient, house: House
) -> None:
    house.memory.tokens[TOKEN] = staff
    problem(await caller.request(method, f"/api/v1{path}"), 403)


@pytest.mark.parametrize(("method", "path"), PATHS)
async def test_a_method_that_is_not_there(method: str, path: str, caller: httpx.AsyncClient) -> None:
    other = "DELETE" if method == "POST" else "PUT"
    answer = await caller.request(other, f"/api/v1{path}")
    problem(answer, 405)
    assert method in answer.headers["allow"]


async def test_a_session_of_the_pages_is_no_token(app: Starlette, house: House) -> None:
    async with a_client(app, cookies={"__Host-rowan": "session of sam"}) as client:
        problem(await client.get("/api/v1/alerts"), 401)


async def test_too_many_calls_are_slowed(caller: httpx.AsyncClient, house: House) -> None:
    house.memory.buckets["api.calls", "s1"] = (CALLS - 1, NOW)
    assert (await caller.get("/api/v1/alerts")).status_code == 200
    answer = await caller.get("/api/v1/alerts")
    problem(answer, 429)
    assert answer.headers["Retry-After"] == "60"


async def test_guessing_tokens_is_slowed(app: Starlette) -> None:
    async with a_client(app, headers={"Authorization": "Bearer guess"}) as client:
        statuses = [(await client.get("/api/v1/alerts")).status_code for _ in range(STRANGERS + 1)]
    assert statuses == [401] * STRANGERS + [429]


@pytest.mark.parametrize("path", ["/api/v1/alerts/a%20b/claim", "/api/v1/alerts/%00/claim", "/api/v1/nothing"])
async def test_paths_that_name_nothing(path: str, caller: httpx.AsyncClient) -> None:
    problem(await caller.post(path), 404)


async def test_a_fault_of_ours_is_a_problem_that_shows_nothing(caller: httpx.AsyncClient, house: House) -> None:
    house.memory.alerts = None  # type: ignore[assignment]
    answer = await caller.get("/api/v1/alerts")
    problem(answer, 500)
    assert "NoneType" not in answer.text
    assert answer.headers["Content-Security-Policy"] == STRICT["Content-Security-Policy"]


async def test_the_strict_headers_stand_here_too(caller: httpx.AsyncClient) -> None:
    for answer in (await caller.get("/api/v1/alerts"), await caller.get("/api/v1/nothing")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def described(caller: httpx.AsyncClient) -> dict[str, Any]:
    answer = await caller.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body


async def test_the_description_names_every_route_and_no_other(caller: httpx.AsyncClient) -> None:
    paths = (await described(caller))["paths"]
    assert {(method.upper(), path) for path, operations in paths.items() for method in operations} == {
        (door.method, door.path) for door in API
    }


async def test_the_description_says_where_it_is_served(caller: httpx.AsyncClient) -> None:
    body = await described(caller)
    assert body["openapi"].startswith("3.1")
    assert body["servers"] == [{"url": "https://desk.example/api/v1"}]


async def test_every_reference_in_the_description_leads_somewhere(caller: httpx.AsyncClient) -> None:
    body = await described(caller)
    refs = set(re.findall(r"'\$ref': '#/components/schemas/(\w+)'", str(body)))
    assert refs
    assert refs == set(body["components"]["schemas"])


async def test_what_is_served_is_what_is_described(caller: httpx.AsyncClient) -> None:
    """Every answer of a walk through the API has the status and the fields that the description promises."""
    body = await described(caller)
    walk: list[tuple[str, str, dict[str, Any] | None]] = [
        ("GET", "/alerts", None),
        ("POST", "/alerts/{ref}/release", {}),
        ("POST", "/alerts/{ref}/claim", {}),
        ("POST", "/alerts/{ref}/release", {}),
        ("POST", "/alerts/{ref}/claim", None),
        ("POST", "/alerts/{ref}/take-over", None),
        ("POST", "/alerts/{ref}/resolve", {"outcome": "no"}),
        ("POST", "/alerts/{ref}/resolve", {"outcome": "other", "note": "n"}),
        ("GET", "/rota", None),
        ("GET", "/rota?days=3", None),
        ("POST", "/recipients", {}),
        ("POST", "/recipients/{ref}/apart/end", {"staff": "s2"}),
        ("POST", "/recipients", {"x": 1}),
        ("GET", "/recipients/{ref}/timeline", None),
        ("GET", "/recipients/{ref}/instruments", None),
        ("GET", "/recipients/{ref}/instruments/{instrument}", None),
        ("POST", "/recipients/{ref}/instruments/{instrument}/begin", None),
        ("GET", "/recipients/{ref}/instruments/{instrument}", None),
        ("POST", "/recipients/{ref}/instruments/{instrument}/answer", {"sheet": "x", "item": "m01", "value": None}),
        ("POST", "/recipients/{ref}/instruments/{instrument}/finish", {"sheet": "x"}),
        ("POST", "/recipients/{ref}/instruments/{instrument}/judge", {"tier": "P1"}),
        ("GET", "/recipients/{ref}/instruments/{instrument}/assessments", None),
        ("POST", "/recipients/{ref}/records", {"fact": "negotiated_exit", "value": "agreed"}),
        ("POST", "/recipients/{ref}/records", {"fact": "negotiated_exit", "value": "agreed"}),
        ("POST", "/recipients/{ref}/records", {"fact": "negotiated_exit", "value": "perhaps"}),
        ("GET", "/tasks", None),
        ("GET", "/recipients/{ref}/tasks", None),
        ("POST", "/recipients/{ref}/tasks", {"kind": "check", "words": "w", "due_at": "2026-11-21T09:00:00Z"}),
        ("POST", "/tasks/{ref}/done", None),
        ("GET", "/recipients/{ref}/file", None),
        ("POST", "/recipients/{ref}/orders", {"kind": "bail", "who": "He", "whom": "her", "until": "2027-01-01"}),
        ("POST", "/recipients/{ref}/agencies", {"name": "Housing", "consent": "yes"}),
        ("POST", "/recipients/{ref}/own-items", {"words": "w"}),
        ("POST", "/recipients/{ref}/file/end", {"entry": "none"}),
        ("POST", "/recipients/{ref}/apart", {}),
    ]
    for method, path, sent in walk:
        ref = "P-K2A" if "recipients" in path else "K2A"
        answer = await caller.request(
            method, "/api/v1" + path.format(ref=ref, instrument="meadow"), json=sent, headers=WHY_HERE
        )
        promised = body["paths"][path.partition("?")[0]][method.lower()]["responses"][str(answer.status_code)]
        kind = answer.headers["content-type"]
        name = promised["content"][kind]["schema"]["$ref"].rpartition("/")[2]
        schema = body["components"]["schemas"][name]
        assert set(schema["required"]) <= set(answer.json())
        assert set(answer.json()) <= set(schema["properties"])
