"""SAFETY 5 and 32, door by door: what each role is answered, and which of her fields it is shown.

`what_each_role_sees.txt` is the whole list, for a reviewer to read: a change there is a change of who sees what. Its
first table has the status of every door by role and by how somebody stands to her; below it is what was shown. No
door gives a file of hers, no role without cases sees anything of hers, and nobody sees anything of another's case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from escalation.access import TAKES_CASES, Assignment
from escalation.casefile import Agency, Kept, Order, OwnItem
from escalation.claims import Apart
from escalation.console import api, console, openapi
from escalation.console.app import API
from escalation.console.wiring import Wiring
from escalation.decisions import Decision, Draft
from escalation.ports import Assessment, Judgement, Line, PlanVersion, Recording, Why
from escalation.tasks import Task
from flows.engine.conversation import Goal, PlanItem
from flows.engine.forms import forms_of
from flows.engine.wording import page_text
from storage.auditing import StoredAuditing
from storage.keeping import StoredKeeping
from storage.meeting import StoredMeetings
from storage.memory.world import held
from storage.samples import StoredSamples
from storage.supervising import StoredSupervision
from storage.trying import StoredTrying
from tests.console.conftest import SETTINGS, built
from tests.console.examples import CONTACT, HER, NOW, House, a_house, an_alert, licensed
from tests.console.rounds import DOORS, Caller
from tests.storage.little_engine import PROGRAMME
from tests.storage.store import Store, World, stored_world

HERE = Path(__file__).parent
LIST = HERE / "what_each_role_sees.txt"
OTHER = "P-OTHER"
ANSWERS = "what each door answers"
FIELDS = (
    "may_read", "may_know", "to_try", "verify_question",
    "exit_word", "heard", "said_by_worker", "told_independent", "note", "plan_words",
    "plan_held", "goal", "answer", "saw", "judgement", "number", "decision",
    "task", "order", "agency", "own_item",
)  # fmt: skip
REFS = {"ref": "K2A", "person": HER, "staff": "s1", "instrument": "orchard", "token": "t", "sample": "nothing"}
# role and how they stand to the case: nothing, a reason, assigned to it, and her alert claimed; or kept apart
STANCES = [
    ("worker", "nothing"), ("worker", "a reason"), ("worker", "her case"), ("worker", "a claim"),
    ("worker", "kept apart"),
    ("supervisor", "nothing"), ("supervisor", "a reason"), ("supervisor", "her case"), ("supervisor", "a claim"),
    ("supervisor", "kept apart"),
    ("partner_support", "nothing"), ("partner_support", "a reason"), ("partner_support", "her case"),
    ("partner_support", "a claim"), ("partner_support", "kept apart"),
    ("editor", "a reason"), ("auditor", "a reason"), ("administrator", "a reason"),
]  # fmt: skip
STAFF = {
    "worker": "s1",
    "supervisor": "s3",
    "editor": "s4",
    "auditor": "s5",
    "administrator": "s6",
    "partner_support": "s7",
}


def canary(field: str, whose: str) -> str:
    return f"canary{field.replace('_', '')}of{whose}"


def filled(house: House, person: str, alert: str, whose: str) -> None:
    """Something to look for in every field of hers that anybody wrote."""
    c = {field: canary(field, whose) for field in FIELDS}
    her = house.put(an_alert(alert, person), Why(NOW, "P1", ("fear.high",), ("Fear 9 of 10",), (c["saw"],)))
    her.contact = msgspec.structs.replace(
        CONTACT,
        may_read=c["may_read"],
        may_know=c["may_know"],
        to_try=c["to_try"],
        verify_question=c["verify_question"],
        exit=c["exit_word"],
    )
    her.lines = [
        Line(NOW, "her", c["heard"]),
        Line(NOW, "worker", c["said_by_worker"], staff="s1"),
        Line(NOW, "her", c["told_independent"], apart=True),
    ]
    her.notes = [Line(NOW, "note", c["note"], staff="s1")]
    her.plan = [PlanItem("collect", "todo", c["plan_words"], NOW), PlanItem("money", "worker")]
    her.plan_versions = [PlanVersion(NOW, item) for item in her.plan]
    her.plan_versions.append(PlanVersion(NOW, PlanItem("money", "worker", c["plan_held"]), "s1"))
    her.goals = [Goal("one", c["goal"], NOW)]
    her.assessments = [Assessment(NOW, "P1", ("fear.high",), {"fear": 9, "changed": c["answer"]}, "first", "orchard")]
    her.judgements = [Judgement(NOW, "orchard", "1", "P2", "P1", c["judgement"], "s1")]
    her.recordings = [Recording(NOW, "no_contact_order", "stands", "s1")]
    her.number = c["number"]
    entries = (Order("bail", c["order"], c["order"]), Agency(c["agency"], "yes"), OwnItem(c["own_item"]))
    house.memory.casefile[person] = {str(n): Kept(str(n), entry, NOW, "s2") for n, entry in enumerate(entries)}
    house.memory.tasks[whose] = Task(whose, "general", NOW + timedelta(days=1), c["task"], person, "s1", "s2", NOW)
    her.entries = [Decision(1, NOW, "s1", Draft(c["decision"], "Two", "One", "none", "P1"))]


def stood(house: House, staff: str, stance: str) -> None:
    """How this member of staff stands to her."""
    if stance in ("her case", "a claim"):
        house.memory.assigned[HER] = [Assignment("a1", staff, "key_worker", NOW)]
    if stance == "a claim":
        alert, name = house.memory.alerts["K2A"], house.memory.accounts[staff].staff.name
        house.memory.alerts["K2A"] = held(alert, staff, name, 1, NOW)
    if stance == "kept apart":
        house.memory.apart[HER] = {staff: Apart(staff, NOW)}


async def seen(password: str, role: str, stance: str) -> tuple[list[str], dict[str, int]]:
    """One line for each door that shows something of hers, and what each answered. Each is tried in its own house."""
    lines, answers = [], {}
    hers = {canary(field, "hers"): field for field in FIELDS}
    for door in DOORS:
        house = a_house(password)
        filled(house, HER, "K2A", "hers")
        filled(house, OTHER, "OTH", "others")
        house.memory.people[OTHER].number = house.her.number  # of one programme case
        stood(house, STAFF[role], stance)
        staff = house.memory.accounts[STAFF[role]].staff
        reason = "Weekly meeting" if stance in ("a reason", "kept apart") else ""
        stop = await Caller(built(house), house.accounts, staff, REFS, reason, "N-1").tries(door)
        others = stop.shows(canary(field, "others") for field in FIELDS)
        assert others == [], f"{stop.door} shows another's case to {role} with {stance}"
        file = "content-disposition" in stop.said.lower()
        assert not file or (role, stop.door) == ("auditor", "POST /console/audit/export"), f"{stop.door} gives a file"
        fields = sorted(hers[word] for word in stop.shows(hers))
        lines += [f"{stop.door}: {', '.join(fields)}"] if fields else []
        answers[stop.door] = stop.status
    return lines, answers


def table(columns: Sequence[Mapping[str, int]]) -> list[str]:
    """A row a door: its answers in the order of STANCES."""
    heads = [f"{place:>3} {role}, with {stance}" for place, (role, stance) in enumerate(STANCES, 1)]
    numbers = " ".join(f"{place:>3}" for place in range(1, len(STANCES) + 1))
    rows = [" ".join(str(column[door]) for column in columns) + f"  {door}" for door in columns[0]]
    return [*heads, numbers, *rows]


def sections() -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in LIST.read_text().splitlines():
        if line.startswith("# "):
            found[line.removeprefix("# ")] = []
        elif line:
            found[list(found)[-1]].append(line)
    return found


@pytest.mark.parametrize(("role", "stance"), STANCES)
async def test_a_role_is_shown_just_what_the_list_says(role: str, stance: str, password_hash: str) -> None:
    shown, answers = await seen(password_hash, role, stance)
    assert shown == sections()[f"{role}, with {stance}"]
    rows = [row.split() for row in sections()[ANSWERS] if row.count("/")]
    place = STANCES.index((role, stance))
    assert answers == {" ".join(row[len(STANCES) :]): int(row[place]) for row in rows}
    if role not in TAKES_CASES or stance == "kept apart" or (role == "partner_support" and stance == "a reason"):
        assert shown == []


def described() -> list[str]:
    """Every field that the API describes, by its struct."""
    schemas = openapi.describe(API, "https://desk.example/api/v1")["components"]["schemas"]
    return [f"{name}: {', '.join(sorted(schema['properties']))}" for name, schema in sorted(schemas.items())]


def test_the_description_has_just_the_fields_that_the_list_has() -> None:
    assert described() == sections()["the description of the API"]
    assert {role for door in API for role in door.roles} == set(TAKES_CASES)


def test_the_list_has_a_section_for_each_way_to_stand_to_a_case_and_no_other() -> None:
    ways = {f"{role}, with {stance}" for role, stance in STANCES}
    assert set(sections()) == {*ways, ANSWERS, "the description of the API"}


HER_CHAT, OTHERS_PHONE = "880055512345", "+447700900124"


@pytest.mark.parametrize("stance", ["a reason", "a claim"])
async def test_no_door_of_the_service_shows_a_phone_a_chat_or_another_person(tmp_path: Path, stance: str) -> None:
    """The same doors over the encrypted database, where addresses stand."""
    store = Store(f"sqlite:///{tmp_path / 'rowan.db'}", now=NOW)
    world = stored_world(store)
    world.clock.now = NOW
    her = store.ref(store.recipient(HER_CHAT, "telegram"))
    store.hears("hello", "I am here", "risk P1 afraid", address=HER_CHAT, channel="telegram")
    store.recipient(OTHERS_PHONE)
    store.hears("hello", "canaryheard", "plan canaryplan", "want canarygoal", "risk P1 canarysaw", address=OTHERS_PHONE)
    looked_for = [OTHERS_PHONE[3:], HER_CHAT, "canary"]
    app = built_on(world)
    for role in STAFF if stance == "a reason" else ("worker", "supervisor"):
        made = await world.accounts.add(role, role.title(), role, "x", None, NOW)  # type: ignore[arg-type]
        for door in DOORS:
            alert = await world.alert(her)
            if stance == "a claim":
                await world.desk.claim(alert, made.id, NOW)
            refs = {
                "ref": alert,
                "person": her,
                "staff": "nobody",
                "instrument": "orchard",
                "token": "t",
                "sample": "nothing",
            }
            stop = await Caller(app, world.accounts, made, refs, "Weekly meeting").tries(door)
            assert stop.status < 500, (stop.door, role)
            assert stop.shows(looked_for) == [], (stop.door, role)
            if stance == "a claim":
                await let_go(world, alert, made.id)
    store.close()


def built_on(world: World) -> Starlette:
    """The console and the API over these ports."""
    people = (world.desk, world.chat, world.people, world.accounts)
    ports = (*people, world.sheets, world.contacts, world.claims, world.rotas, world.methods)
    assert world.store is not None
    auditing = StoredAuditing(world.store.database, world.store.vault)
    trying = StoredTrying(world.store.database, world.store.vault)
    beside: dict[str, Any] = {"trying": trying, "access": world.access, "auditing": auditing}
    beside["keeping"] = StoredKeeping(world.store.database, world.store.vault)
    beside["supervision"] = StoredSupervision(world.store.database, world.store.vault)
    beside |= {"shifts": world.shifts, "feed": a_house("").feed}
    beside["decisions"] = world.decisions
    beside["samples"] = StoredSamples(world.store.database, world.store.vault, PROGRAMME)
    beside |= {"tasks": world.tasks, "casefile": world.casefile, "pages": partial(page_text, licensed())}
    beside["meetings"] = StoredMeetings(world.store.database, world.store.vault, lambda word: None)
    wiring = Wiring(*ports, world.clock, SETTINGS, {"en": forms_of(licensed(), "en")}, **beside)
    return Starlette(routes=[Mount("/console", console(wiring)), Mount("/api/v1", api(wiring))])


async def let_go(world: World, ref: str, worker: str) -> None:
    alert = await world.desk.alert(ref, NOW)
    if alert is not None and alert.holder == worker and alert.state == "claimed":
        await world.desk.release(ref, worker, alert.claim, NOW)
