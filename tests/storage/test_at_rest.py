"""What stands on the disk: nothing personal in clear, nothing of who was erased, a log that shows tampering."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from escalation.casefile import Agency, Order, OwnItem
from escalation.decisions import Draft
from escalation.referral import Pack
from escalation.tasks import NewTask
from flows.engine.effects import Raise
from flows.engine.events import WorkerJudged
from storage import (
    accounts,
    assignments,
    audit,
    casefile,
    cases,
    claims,
    closing,
    conflicts,
    decisions,
    erasing,
    handing,
    retention,
    samples,
    to_do,
)
from storage.arrivals import Act
from storage.raising import Raised, raise_alerts
from storage.schema import alerts, metadata, outbox, persons, reasons
from storage.schema import audit as log
from tests.storage.little_engine import PROGRAMME
from tests.storage.store import Store

HER_CHAT = "987654321012"
CANARIES = ("heronsbill", "kestrel lane", "she fears kuckoo", "worker says plover", "note about the wren", HER_CHAT)


def whole_conversation(store: Store) -> str:
    """Everything a person can leave behind, each with a word to look for. Returns her case ref."""
    store.here("ana", "ben", "cleo")
    ref = store.ref(store.recipient(HER_CHAT, "telegram", may_read="kestrel lane", verify_question="kestrel lane"))
    in_session = {"address": HER_CHAT, "channel": "telegram"}
    store.take(store.text("hello", HER_CHAT, "telegram", phone_message="heronsbill-77"))
    store.hears("plan a bag at heronsbill", "risk P1 she fears kuckoo", "boom heronsbill", "later 90", **in_session)
    alert = store.rows(sa.select(alerts.c.ref))[0].ref

    def at_the_desk(conn: sa.Connection) -> None:
        held = claims.claim(conn, store.vault, alert, "ana", store.now)
        cases.note(conn, store.vault, ref, "ana", "note about the wren", store.now)
        cases.transcript(conn, store.vault, PROGRAMME, ref, "ben", "a reason with heronsbill", store.now)
        closing.resolve(conn, store.vault, alert, "ana", held.claim, "other", "note about the wren", store.now)
        closing.give_back(conn, store.vault, alert, "ben", "note about the wren", store.now)
        held = claims.claim(conn, store.vault, alert, "ana", store.now)
        later = store.now + timedelta(hours=1)
        assignments.assign(conn, store.vault, ref, "ben", "key_worker", "ana", store.now)
        handing.snooze(conn, store.vault, alert, "ana", held.claim, later, "note about the wren", store.now)
        why = Draft("note about the wren", "kestrel lane", "heronsbill", "none", "P3")
        number = decisions.decide(conn, store.vault, ref, "ana", why, store.now, "to write")
        said = (number, True, "note about the wren", store.now, "a reason with heronsbill")
        decisions.sign(conn, store.vault, ref, "ben", *said)
        pack = Pack("marac", "kestrel lane", "consent", ("goal.one",), {"ask": "note about the wren"})
        decisions.share(conn, store.vault, ref, "ben", pack, ("marac",), store.now, "a reason with heronsbill")
        sealer = cases.open_person(conn, store.vault, ref)[1]
        task = NewTask("contact", later, "note about the wren", "ana")
        to_do.keep(conn, store.vault, task, "ana", store.now, held.person_id, sealer)
        entries = (
            Order("bail", "note about the wren", "kestrel lane"),
            Agency("kestrel lane", "yes", news_to="heronsbill@kestrel.example"),
        )
        for entry in (*entries, OwnItem("note about the wren")):
            casefile.keep(conn, store.vault, ref, entry, "ana", store.now, "Planning", "GB")
        conflicts.keep(conn, sealer, held.person_id, "cleo", "a cousin of kestrel lane", store.now)

    store.write(at_the_desk)
    store.hears("worker says plover", **in_session)
    return ref


def in_clear(store: Store, words: tuple[str, ...]) -> list[str]:
    """Where a word stands readable: every column of every row, and on SQLite every byte of every file."""
    found = []
    for table in metadata.sorted_tables:
        for row in store.rows(sa.select(table)):
            for name, value in row._mapping.items():
                raw = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                found += [f"{table.name}.{name}: {word}" for word in words if word.encode() in raw.lower()]
    return found + _in_files(store, tuple(word.encode() for word in words))


def _in_files(store: Store, words: tuple[bytes, ...]) -> list[str]:
    if not store.database.sqlite:
        return []
    path = Path(store.url.removeprefix("sqlite:///"))
    files = [
        path.with_name(path.name + end) for end in ("", "-wal", "-shm") if path.with_name(path.name + end).exists()
    ]
    return [f"{file.name}: {word!r}" for file in files for word in words if word in file.read_bytes().lower()]


def test_after_a_whole_conversation_no_word_stands_in_clear(store: Store) -> None:
    whole_conversation(store)
    filled = {table.name for table in metadata.sorted_tables if store.rows(sa.select(table).limit(1))}
    assert {
        "persons",
        "addresses",
        "events",
        "outbox",
        "phone_messages",
        "alerts",
        "reasons",
        "notes",
        "decisions",
        "audit",
        "tasks",
        "casefile",
    } <= filled
    assert in_clear(store, CANARIES) == []


def test_no_word_about_her_is_under_a_key_that_outlives_hers(store: Store) -> None:
    """What a backup still holds of the erased must be of no use: the service's own key opens none of it."""
    whole_conversation(store)
    person = store.rows(sa.select(alerts.c.person_id))[0].person_id
    judged = WorkerJudged(store.now, "ana", "t", "P0", "note about the wren")
    store.take(Act(person, judged, "judged"))
    rows = [("alerts", row) for row in store.rows(sa.select(alerts))]
    rows += [("reasons", row) for row in store.rows(sa.select(reasons).where(~reasons.c.own))]
    opened = [store.vault.open_system(bytes(row.sealed), table, row.id) for table, row in rows]
    assert len(opened) >= 2
    assert [word for word in CANARIES if word in str(opened).lower()] == []


def test_what_a_supervisor_writes_of_a_sample_stands_in_clear_nowhere_and_goes_with_her(store: Store) -> None:
    ref, ana = whole_conversation(store), store.staff("Dora", "+447700900201")
    ruth = store.write(accounts.add, store.vault, "ruth", "Ruth", "supervisor", "x", None, store.now).id
    (person,) = store.rows(sa.select(persons.c.id, persons.c.wdek).where(persons.c.ref == ref))
    effect = Raise("P3", "talk", "later", ("rule.P3",), ("Asked to talk",))
    one = Raised(person.id, store.vault.sealer(person.id, bytes(person.wdek)), effect, store.now)
    store.write(raise_alerts, store.vault, [one])
    (alert,) = store.rows(sa.select(alerts.c.ref).where(alerts.c.tier == "P3"))
    held = store.write(claims.claim, store.vault, alert.ref, ana, store.now)
    store.write(closing.resolve, store.vault, alert.ref, ana, held.claim, "", "", store.now)
    sample = store.write(samples.draw, store.vault, ruth, store.now)
    answers = {"m1": "seen", "learning": "Ask after heronsbill sooner"}
    store.write(samples.answer, store.vault, sample, ruth, answers, store.now)
    assert in_clear(store, CANARIES) == []
    store.write(erasing.erase, store.vault, ref, ana, "in_person", "She asked.", store.now)
    assert store.rows(sa.select(metadata.tables["samples"])) == []


def test_a_look_through_the_files_would_find_a_word_in_clear(store: Store) -> None:
    store.run(sa.update(outbox).values(code="none"))
    whole_conversation(store)
    store.run(sa.update(outbox).values(code="heronsbill"))
    assert in_clear(store, CANARIES) != []


def test_erasing_leaves_nothing_of_hers(store: Store) -> None:
    other = store.ref(store.recipient())
    ref = whole_conversation(store)
    person = store.rows(sa.select(metadata.tables["persons"].c.id).where(metadata.tables["persons"].c.ref == ref))[0].id
    wrapped = store.rows(sa.select(metadata.tables["persons"].c.wdek).where(metadata.tables["persons"].c.ref == ref))[
        0
    ][0]
    sealed = [bytes(row.sealed) for row in store.rows(sa.select(metadata.tables["events"].c.sealed))]
    assert sealed
    receipt = store.write(erasing.erase, store.vault, ref, "ana", "in_person", "She asked, heronsbill", store.now)
    asyncio.run(store.database.empty_log())

    (tombstone,) = store.rows(sa.select(metadata.tables["tombstones"]))
    assert (tombstone.person_id, tombstone.receipt) == (person, receipt)
    store.run(sa.delete(metadata.tables["tombstones"]))
    asyncio.run(store.database.empty_log())
    assert in_clear(store, (person.lower(), *CANARIES)) == [], "no row names her, but for the tombstone"
    assert _in_files(store, (bytes(wrapped).lower(), *(value.lower() for value in sealed))) == [], "not even sealed"
    assert store.rows(sa.select(metadata.tables["persons"].c.ref))[0].ref == other
    assert store.hears("hello", address=HER_CHAT, channel="telegram")[0].outcome == "stranger"


def test_an_old_message_that_the_provider_brings_again_does_not_enrol_who_was_erased(store: Store) -> None:
    joining, broken = store.text("harvest"), store.text("boom")
    assert [one.outcome for one in store.take(joining, broken)] == ["done", "failed"]
    (her,) = store.rows(sa.select(metadata.tables["persons"]))
    store.write(erasing.erase, store.vault, her.ref, "ana", "in_person", "She asked.", store.now)

    assert [one.outcome for one in store.take(joining, broken)] == ["duplicate", "duplicate"]
    assert store.rows(sa.select(metadata.tables["persons"])) == []
    inbox = metadata.tables["inbox"]
    assert {(row.owner_id, row.state, row.sealed) for row in store.rows(sa.select(inbox))} == {(None, "stranger", None)}
    store.pass_time(days=15)
    store.write(retention.sweep, store.vault, store.now)
    assert store.rows(sa.select(inbox)) == [], "kept no longer than any other"
    assert store.take(joining)[0].outcome == "done", "where nothing is known any more the word is a new one"


def test_her_key_is_let_go_of_in_memory_too(store: Store) -> None:
    ref = whole_conversation(store)
    store.write(erasing.erase, store.vault, ref, "ana", "in_person", "She asked.", store.now)
    assert store.vault.keys.forget_expired(float("inf")) == 0


# the audit chain


@pytest.fixture
def logged(store: Store) -> Store:
    for number in range(5):
        store.write(
            audit.record, store.vault, "ana", "case.read", f"P{number}", store.now, "why" if number == 2 else ""
        )
    return store


def test_an_untouched_log_holds(logged: Store) -> None:
    assert logged.read(audit.verify, logged.vault) is None


@pytest.mark.parametrize(
    "values", [{"actor": "ben"}, {"action": "case.write"}, {"subject": "P9"}, {"at": 5}, {"detail": None}]
)
def test_a_changed_row_is_found(logged: Store, values: dict[str, object]) -> None:
    logged.run(sa.update(log).where(log.c.seq == 3).values(**values))
    assert logged.read(audit.verify, logged.vault) == 3


def test_a_row_taken_out_is_found(logged: Store) -> None:
    logged.run(sa.delete(log).where(log.c.seq == 2))
    assert logged.read(audit.verify, logged.vault) == 2


def test_two_rows_swapped_are_found(logged: Store) -> None:
    for old, new in ((2, 99), (3, 2), (99, 3)):
        logged.run(sa.update(log).where(log.c.seq == old).values(seq=new))
    assert logged.read(audit.verify, logged.vault) == 2


def test_the_reason_is_sealed(logged: Store) -> None:
    (row,) = logged.rows(sa.select(log).where(log.c.seq == 3))
    assert b"why" not in bytes(row.detail)


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_two_replicas_write_one_chain(opening: object) -> None:
    from concurrent.futures import ThreadPoolExecutor

    one, two = opening(), opening()  # type: ignore[operator]
    with ThreadPoolExecutor(4) as pool:
        list(
            pool.map(lambda n: (one, two)[n % 2].write(audit.record, one.vault, "ana", "a", str(n), one.now), range(40))
        )
    assert one.read(audit.verify, one.vault) is None
    assert len(one.rows(sa.select(log))) == 40
