"""What she wrote goes after the programme's own days, also where it stands in what is kept for longer (SAFETY 29)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from bot.app import read_content
from flows.engine.conversation import Conversation, PlanItem
from flows.engine.effects import Answered, Effect, PlanChanged, Turn
from flows.engine.events import Event
from flows.engine.model import Ask
from flows.engine.programme import Keep, Programme, Rules
from storage import cases, expiring, notes, people, retention
from storage.crypto.place import Place
from storage.schema import alerts, codes, consents, events, metadata, persons, reasons
from storage.vault import decode
from tests.storage.little_engine import PROGRAMME
from tests.storage.store import HER, Store

CANARY = "heronsbill"


def sweep(store: Store, programme: Programme = PROGRAMME) -> None:
    """Till nothing is left to do."""
    keep = programme.rules.keep
    store.write(retention.sweep, store.vault, store.now, keep)
    while store.write(expiring.what_raised, store.vault, keep.words, store.now):
        pass
    after = ""
    while after := store.write(expiring.words, store.vault, programme, store.now, after):
        pass
    if keep.contact_history is not None:
        while after := store.write(expiring.contact_history, store.vault, keep.contact_history, store.now, after):
            pass


def opened(store: Store, table: str) -> Iterator[Any]:
    """Every value under a person's key in it, in the order of their writing."""
    keys = {row.id: bytes(row.wdek) for row in store.rows(sa.select(persons))}
    rows = metadata.tables[table]
    for row in store.rows(sa.select(rows).order_by(*rows.primary_key)):
        place = (row.kind, str(row.seq)) if table == "events" else ("sealed", row.id)
        sealer = store.vault.sealer(row.person_id, keys[row.person_id])
        yield decode(sealer.open(bytes(row.sealed), Place(table, *place, row.person_id, 0)))


def facts(store: Store) -> list[dict[str, Any]]:
    return [fact for value in opened(store, "events") for fact in value.get("facts", ())]


def did(store: Store, *effects: Effect) -> None:
    """A turn of hers with just these."""

    def deciding(before: Conversation, event: Event) -> Turn:
        return Turn(msgspec.structs.replace(before, turns=before.turns + 1), effects)

    store.take(store.text("anything"), deciding=deciding)


def test_words_that_raised_an_alert_go_and_the_reason_stays(store: Store) -> None:
    person = store.recipient()
    store.hears(f"risk P1 {CANARY}")
    store.pass_time(days=30)
    sweep(store)
    assert CANARY in str(list(opened(store, "reasons")))
    store.pass_time(days=1)
    for _ in range(2):
        sweep(store)
    (reason,) = opened(store, "reasons")
    assert (reason["rules"], reason["reasons"], reason["saw"]) == (["rule.P1"], ["It is P1"], [])
    assert CANARY not in str(facts(store)), "nor in the assessment that it made"
    store.here("ana")
    case = store.write(cases.open_case, store.vault, store.ref(person), "ana", "to look", store.now)
    assert [one.tier for one in case.assessments] == ["P1"]


def test_each_reason_is_reached_when_its_own_day_comes(store: Store) -> None:
    store.recipient()
    for number in range(3):
        store.hears(f"risk P{2 - number} {CANARY}{number}")
        store.pass_time(days=1)
    store.pass_time(days=28)
    left = []
    for _ in range(4):
        sweep(store)
        left.append([value["saw"] for value in opened(store, "reasons") if value["saw"]])
        store.pass_time(days=1)
    assert [len(each) for each in left] == [2, 1, 0, 0]


def test_answers_in_her_own_words_go_and_choices_stay(store: Store) -> None:
    programme = replace(PROGRAMME, flows=read_content().flows)
    asks = [(f.name, s) for f in programme.flows.values() for s in f.steps.values() if isinstance(s, Ask)]
    text = next((flow, step) for flow, step in asks if step.kind == "text" and step.choices)
    choice = next((flow, step) for flow, step in asks if step.kind == "choices")
    store.recipient()
    did(
        store,
        Answered(text[0], text[1].name, CANARY),
        Answered(text[0], text[1].name, text[1].choices[0].name),
        Answered(choice[0], choice[1].name, choice[1].choices[0].name),
        Answered("a_flow_that_is_gone", "a_step", CANARY),
        Answered("checkin", "fear", 9),
    )
    store.pass_time(days=31)
    sweep(store, programme)
    values = [fact["Answered"]["value"] for fact in facts(store)]
    assert values == ["", text[1].choices[0].name, choice[1].choices[0].name, "", 9]


def test_old_versions_of_the_plan_go_and_what_stands_stays(store: Store) -> None:
    store.recipient()
    did(store, PlanChanged(PlanItem("collect", "todo", f"{CANARY} one")))
    did(store, PlanChanged(PlanItem("collect", "todo", "my sister")))
    did(store, PlanChanged(PlanItem("keys", "todo", f"{CANARY} two")))
    did(store, PlanChanged(PlanItem("keys", "todo", "in the shed")))
    did(store, PlanChanged(PlanItem("keys", "worker", "")))
    store.pass_time(days=31)
    sweep(store)
    words = [(fact["PlanChanged"]["item"]["name"], fact["PlanChanged"]["item"]["words"]) for fact in facts(store)]
    assert words == [("collect", ""), ("collect", "my sister"), ("keys", ""), ("keys", "in the shed"), ("keys", "")]


def test_a_version_goes_too_when_it_is_replaced_after_its_days(store: Store) -> None:
    store.recipient()
    did(store, PlanChanged(PlanItem("collect", "todo", CANARY)))
    store.pass_time(days=40)
    sweep(store)
    assert CANARY in str(facts(store)), "it stands"
    did(store, PlanChanged(PlanItem("collect", "todo", "my sister")))
    store.pass_time(days=31)
    sweep(store)
    assert CANARY not in str(facts(store))
    assert "my sister" in str(facts(store))


def test_everybody_is_reached_in_batches_even_over_midnight(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expiring, "PEOPLE", 2)
    for number in range(5):
        address = f"+4477009003{number:02d}"
        store.recipient(address)
        store.hears("hello", CANARY, address=address)
    store.pass_time(days=31)
    after = store.write(expiring.words, store.vault, PROGRAMME, store.now)
    assert after
    store.hears(CANARY, address="+447700900300")
    store.pass_time(days=1)
    while after := store.write(expiring.words, store.vault, PROGRAMME, store.now, after):
        pass
    assert str(facts(store)).count(CANARY) == 1, "only what was written since"
    store.pass_time(days=30)
    sweep(store)
    assert CANARY not in str(facts(store))


def test_a_used_joining_code_goes_with_its_case_number(store: Store) -> None:
    code = store.write(people.invite, store.vault, "ana", store.now, "", "case 7")
    store.hears(code)
    store.pass_time(days=44)
    sweep(store)
    assert store.counted(codes) == 1
    store.pass_time(days=1)
    sweep(store)
    assert store.counted(codes) == 0
    assert store.hears("hello")[0].outcome == "done", "she stays"


def test_unless_the_programme_says_so_notes_alerts_and_contacts_stay_and_else_they_go(store: Store) -> None:
    person = store.recipient()
    ref = store.ref(person)
    store.here("ana")
    store.write(cases.note, store.vault, ref, "ana", "seen", store.now, "Weekly meeting")
    store.hears("harvest", address="+447700900555")  # with it a ContactChanged
    store.hears("risk P2")
    store.run(sa.update(alerts).values(state="resolved", resolved_at=sa.literal(round(store.now.timestamp() * 1000))))
    store.pass_time(days=91)
    sweep(store)
    sealer = store.vault.sealer(person, bytes(store.rows(sa.select(persons).where(persons.c.id == person))[0].wdek))
    noted = store.read(lambda conn: list(notes.of(conn, sealer, person)))
    assert ([line.text for line in noted], store.counted(alerts), store.counted(reasons)) == (["seen"], 1, 1)
    assert [fact for fact in facts(store) if "ContactChanged" in fact]
    sweep(store, replace(PROGRAMME, rules=Rules(keep=Keep(notes=90, alerts=90, contact_history=90))))
    noted = store.read(lambda conn: list(notes.of(conn, sealer, person)))
    assert (noted, store.counted(alerts), store.counted(reasons)) == ([], 0, 0)
    assert not [fact for fact in facts(store) if "ContactChanged" in fact]
    assert store.counted(persons) == 2


def test_talk_goes_after_the_programmes_own_days(store: Store) -> None:
    store.recipient()
    store.hears("hello")
    store.pass_time(days=8)
    sweep(store, replace(PROGRAMME, rules=Rules(keep=Keep(talk=7))))
    assert {row.kind for row in store.rows(sa.select(events.c.kind))} == {"record"}


def test_what_does_not_open_holds_up_nobody(store: Store) -> None:
    broken = store.recipient("+447700900301")
    store.recipient(HER)
    for address in ("+447700900301", HER):
        store.hears("hello", CANARY, f"risk P1 {CANARY}", address=address)
    store.run(sa.update(persons).where(persons.c.id == broken).values(wdek=b"spoilt"))
    store.pass_time(days=31)
    sweep(store)
    store.run(sa.delete(persons).where(persons.c.id == broken))
    for table in (events, reasons, consents):
        store.run(sa.delete(table).where(table.c.person_id == broken))
    assert CANARY not in str(facts(store)) + str(list(opened(store, "reasons")))
