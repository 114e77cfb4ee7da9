"""SAFETY 5 and 32, door by door: which of her fields each role is shown, in pages, API and description.

`what_each_role_sees.txt` is the whole list, for a reviewer to read: a change there is a change of who sees what. No
door gives a file, no role beside casework sees anything of hers, and nobody sees anything of another's case.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from escalation.console import api, console, openapi
from escalation.console.app import API
from escalation.console.wiring import Wiring
from escalation.ports import Assessment, Judgement, Line, PlanVersion, Recording, Why
from flows.engine.conversation import Goal, PlanItem
from flows.engine.forms import forms_of
from storage.trying import StoredTrying
from tests.console.conftest import SETTINGS, built
from tests.console.examples import CONTACT, HER, NOW, House, a_house, an_alert, licensed
from tests.console.rounds import DOORS, Caller
from tests.storage.store import Store, World, stored_world

HERE = Path(__file__).parent
LIST = HERE / "what_each_role_sees.txt"
OTHER = "P-OTHER"
FIELDS = (
    "may_read", "may_know", "to_try", "verify_question",
    "exit_word", "heard", "said_by_worker", "told_independent", "note", "plan_words",
    "plan_held", "goal", "answer", "saw", "judgement", "number",
)  # fmt: skip
REFS = {"ref": "K2A", "person": HER, "staff": "s1", "instrument": "orchard", "token": "t"}
# role and how they stand to the case: nothing, a reason, or her alert claimed
STANCES = [
    ("worker", "nothing"), ("worker", "a reason"), ("worker", "a claim"),
    ("supervisor", "nothing"), ("supervisor", "a reason"), ("supervisor", "a claim"),
    ("editor", "a reason"), ("auditor", "a reason"), ("administrator", "a reason"),
]  # fmt: skip
STAFF = {"worker": "s1", "supervisor": "s3", "editor": "s4", "auditor": "s5", "administrator": "s6"}


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


async def seen(password: str, role: str, stance: str) -> list[str]:
    """One line for each door that shows something of hers. Each door is tried in a house of its own."""
    lines = []
    hers = {canary(field, "hers"): field for field in FIELDS}
    for door in DOORS:
        house = a_house(password)
        filled(house, HER, "K2A", "hers")
        filled(house, OTHER, "OTH", "others")
        house.memory.people[OTHER].number = house.her.number  # of one programme case
        if stance == "a claim":
            await house.desk.claim("K2A", STAFF[role], NOW)
        staff = house.memory.accounts[STAFF[role]].staff
        reason = "Weekly meeting" if stance == "a reason" else ""
        stop = await Caller(built(house), house.accounts, staff, REFS, reason, "N-1").tries(door)
        others = stop.shows(canary(field, "others") for field in FIELDS)
        assert others == [], f"{stop.door} shows another's case to {role} with {stance}"
        assert "content-disposition" not in stop.said.lower(), f"{stop.door} gives a file"
        fields = sorted(hers[word] for word in stop.shows(hers))
        lines += [f"{stop.door}: {', '.join(fields)}"] if fields else []
    return lines


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
    shown = await seen(password_hash, role, stance)
    assert shown == sections()[f"{role}, with {stance}"]
    if role not in ("worker", "supervisor"):
        assert shown == []


def described() -> list[str]:
    """Every field that the API describes, by its struct."""
    schemas = openapi.describe(API, "https://desk.example/api/v1")["components"]["schemas"]
    return [f"{name}: {', '.join(sorted(schema['properties']))}" for name, schema in sorted(schemas.items())]


def test_the_description_has_just_the_fields_that_the_list_has() -> None:
    assert described() == sections()["the description of the API"]
    assert {role for door in API for role in door.roles} == {"worker", "supervisor"}


def test_the_list_has_a_section_for_each_way_to_stand_to_a_case_and_no_other() -> None:
    ways = {f"{role}, with {stance}" for role, stance in STANCES}
    assert set(sections()) == {*ways, "the description of the API"}


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
            refs = {"ref": alert, "person": her, "staff": "nobody", "instrument": "orchard", "token": "t"}
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
    trying = StoredTrying(world.store.database, world.store.vault)
    wiring = Wiring(*ports, world.clock, SETTINGS, {"en": forms_of(licensed(), "en")}, trying=trying)
    return Starlette(routes=[Mount("/console", console(wiring)), Mount("/api/v1", api(wiring))])


async def let_go(world: World, ref: str, worker: str) -> None:
    alert = await world.desk.alert(ref, NOW)
    if alert is not None and alert.holder == worker and alert.state == "claimed":
        await world.desk.release(ref, worker, alert.claim, NOW)
