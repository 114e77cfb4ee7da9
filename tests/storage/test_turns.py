"""Taking a group of arrivals: once each, in order, each person by herself, nobody harmed by another's fault."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from flows.engine.conversation import Conversation
from flows.engine.effects import Turn
from flows.engine.events import Event
from flows.safety.hours import PRESETS
from storage import accounts, people, queue, refusing
from storage.arrivals import DueTimer
from storage.schema import (
    addresses,
    alerts,
    codes,
    consents,
    events,
    inbox,
    metadata,
    outbox,
    persons,
    phone_messages,
    reasons,
    timers,
)
from tests.storage.little_engine import decide
from tests.storage.store import HER, OTHER, Store

BEN = "+447700900201"


def counted(store: Store, table: sa.Table) -> int:
    return int(store.rows(sa.select(sa.func.count()).select_from(table))[0][0])


# once


def test_a_message_delivered_twice_is_taken_once(store: Store) -> None:
    person = store.recipient()
    message = store.text("hello")
    assert [store.take(message)[0].outcome for _ in range(3)] == ["done", "duplicate", "duplicate"]
    assert store.state(person).turns == 1
    assert store.statuses(person) == ["due"]


def test_a_message_twice_in_one_group_is_taken_once(store: Store) -> None:
    person = store.recipient()
    message = store.text("hello")
    assert [t.outcome for t in store.take(message, message)] == ["done", "duplicate"]
    assert store.state(person).turns == 1


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_two_replicas_that_get_the_same_message_take_it_once(opening: Callable[[], Store]) -> None:
    one, two = opening(), opening()
    person = one.recipient()
    messages = [one.text("hello", provider_id=f"SM{n}") for n in range(20)]
    with ThreadPoolExecutor(2) as pool:
        both = [list(pool.map(lambda s, m=m: s.take(m)[0].outcome, (one, two))) for m in messages]
    assert all(sorted(pair) == ["done", "duplicate"] for pair in both)
    assert one.state(person).turns == 20


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_strangers_joining_message_at_two_replicas_makes_one_person(opening: Callable[[], Store]) -> None:
    one, two = opening(), opening()
    for number in range(5):
        message = one.text("harvest", address=f"+44770090030{number}")
        with ThreadPoolExecutor(2) as pool:
            outcomes = list(pool.map(lambda s, m=message: s.take(m)[0].outcome, (one, two)))
        assert sorted(outcomes) == ["done", "duplicate"]
    assert counted(one, persons) == 5


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_one_code_at_two_replicas_enrols_one_of_two_strangers(opening: Callable[[], Store]) -> None:
    one, two = opening(), opening()
    code = one.write(people.invite, one.vault, "ana", one.now, "", "")
    pairs = ((one, one.text(code, HER)), (two, two.text(code, OTHER)))
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(lambda pair: pair[0].take(pair[1])[0].outcome, pairs))
    assert sorted(outcomes) == ["done", "stranger"]


# order


def test_two_messages_of_one_person_in_a_group_are_two_turns_in_order(store: Store) -> None:
    person = store.recipient()
    store.take(store.text("hello"), store.text("one"), store.text("plan a bag"), store.text("two"))
    state = store.state(person)
    assert (state.turns, [item.words for item in state.plan]) == (4, ["a bag"])
    seqs = [
        row.seq for row in store.rows(sa.select(events.c.seq).where(events.c.kind == "talk").order_by(events.c.seq))
    ]
    assert seqs == [1, 2, 3, 4]
    assert [sending.send.message for sending in store.deliver() if sending.send] == [
        "t/hello",
        "t/next",
        "t/next",
        "t/next",
    ]


def test_people_in_one_group_do_not_mix(store: Store) -> None:
    her, other = store.recipient(), store.recipient(OTHER)
    store.take(
        store.text("hello"), store.text("hello", OTHER), store.text("plan hers"), store.text("plan others", OTHER)
    )
    assert [item.words for item in store.state(her).plan] == ["hers"]
    assert [item.words for item in store.state(other).plan] == ["others"]


def test_an_exit_in_the_same_group_takes_back_what_had_not_left(store: Store) -> None:
    person = store.recipient()
    store.take(store.text("hello"), store.text("one"), store.text("x"))
    assert [s.send.message for s in store.deliver() if s.send] == ["t/cover"]
    assert store.state(person).session is None


# strangers


def test_a_stranger_without_a_code_leaves_nothing_but_that_she_came_once(store: Store) -> None:
    empty = {table.name: counted(store, table) for table in metadata.sorted_tables}
    (taken,) = store.hears("is anybody there? I am at 12 Canary Street")
    assert taken.outcome == "stranger"
    full = {table.name: counted(store, table) for table in metadata.sorted_tables}
    assert {name for name in full if full[name] != empty[name]} == {"inbox"}
    (row,) = store.rows(sa.select(inbox))
    assert (row.owner_id, row.sealed, row.state) == (None, None, "stranger")


def test_a_joining_code_enrols_once_with_consent(store: Store) -> None:
    code = store.write(people.invite, store.vault, "ana", store.now, "es", "case 7")
    assert [t.outcome for t in store.hears(code)] == ["done"]
    assert [t.outcome for t in store.hears(code, address=OTHER)] == ["stranger"]
    assert (counted(store, persons), counted(store, consents)) == (1, 1)
    (person,) = store.rows(sa.select(persons.c.id))
    contact = store.state(person.id).contact
    assert (contact.language, contact.consent) == ("es", "code")
    assert [s.send.message for s in store.deliver() if s.send] == ["t/hello"]


def test_two_strangers_with_one_code_in_one_group_are_one_enrolment(store: Store) -> None:
    code = store.write(people.invite, store.vault, "ana", store.now, "", "")
    taken = store.take(store.text(code, HER), store.text(code, OTHER))
    assert [t.outcome for t in taken] == ["done", "stranger"]


def test_a_code_that_ran_out_or_never_was_enrols_nobody(store: Store) -> None:
    code = store.write(people.invite, store.vault, "ana", store.now, "", "")
    store.pass_time(days=14, seconds=1)
    assert [store.hears(text)[0].outcome for text in (code, "ABCD-EFGH")] == ["stranger", "stranger"]
    assert counted(store, persons) == 0


def test_the_keyword_enrols_the_same_phone_once(store: Store) -> None:
    taken = store.take(store.text("harvest"), store.text("hello"))
    assert [t.outcome for t in taken] == ["done", "done"]
    assert taken[0].person == taken[1].person
    assert counted(store, persons) == 1


def test_an_address_that_is_none_of_ours_is_a_stranger(store: Store) -> None:
    assert [t.outcome for t in store.hears("harvest", address="60777")] == ["stranger"]


# the last door before the outbox


def test_without_consent_nothing_is_sent(store: Store) -> None:
    person = store.recipient(consent="")
    store.hears("hello", "x", "risk P1")
    assert store.statuses(person) == []
    assert counted(store, alerts) == 1, "what she says still counts"


def test_who_opted_out_gets_nothing(store: Store) -> None:
    person = store.recipient(opted_out=True)
    store.hears("hello", "ping")
    assert store.statuses(person) == []


def test_what_she_did_not_ask_for_is_refused_outside_her_hours_when_recorded(store: Store) -> None:
    night = store.recipient(windows=PRESETS["evenings"])  # it is noon
    day = store.recipient(OTHER, windows=PRESETS["daytime"])
    store.hears("ping")
    store.hears("ping", address=OTHER)
    assert (store.statuses(night), store.statuses(day)) == ([], ["due"])


def test_and_again_when_it_is_sent(store: Store) -> None:
    person = store.recipient(windows=PRESETS["mornings"])
    store.now -= timedelta(minutes=1)  # 11:59
    store.hears("ping")
    assert store.statuses(person) == ["due"]
    store.pass_time(minutes=2)
    assert store.claim() == []
    assert store.statuses(person) == ["expired"]


# exit


def test_exit_cancels_what_is_due_and_keeps_the_wipe(store: Store) -> None:
    person = store.recipient("900123", "telegram")
    store.hears("hello", "one", address="900123", channel="telegram")
    store.hears("x", address="900123", channel="telegram")
    rows = store.rows(
        sa.select(outbox.c.kind, outbox.c.status).where(outbox.c.owner_id == person).order_by(outbox.c.seq)
    )
    assert [tuple(row) for row in rows] == [
        ("session", "cancelled"),
        ("session", "cancelled"),
        ("wipe", "due"),
        ("cover", "due"),
    ]


# faults


def test_an_engine_error_is_kept_told_and_answered_and_harms_nobody_else(store: Store) -> None:
    person, other = store.recipient(), store.recipient(OTHER)
    store.hears("hello")
    store.hears("hello", address=OTHER)
    store.deliver()
    failed, fine = store.take(store.text("boom my canary words"), store.text("one", OTHER))
    assert (failed.outcome, type(failed.error).__name__, fine.outcome) == ("failed", "RuntimeError", "done")
    (alert,) = store.read(queue.queue, store.vault, store.now)
    assert (alert.tier, alert.kind, alert.person) == ("P1", "fault", store.ref(person))
    (kept,) = store.rows(sa.select(inbox).where(inbox.c.state == "failed"))
    assert (
        store.vault.open_system(bytes(kept.sealed), "inbox", bytes(kept.mac).hex()[:32])["text"]
        == "boom my canary words"
    )
    assert [s.send.message for s in store.deliver() if s.send and s.owner == person] == ["engine/holding"]
    assert store.hears("one")[0].outcome == "done", "the next message goes on"
    assert store.state(other).turns == 2


@pytest.mark.parametrize("column", ["state", "wdek"])
def test_a_record_that_was_tampered_with_is_reported_and_others_are_served(store: Store, column: str) -> None:
    person, other = store.recipient(), store.recipient(OTHER)
    store.take(store.text("risk P2", OTHER))
    (row,) = store.rows(sa.select(persons).where(persons.c.id == person))
    spoilt = bytearray(getattr(row, column))
    spoilt[-1] ^= 1
    store.run(sa.update(persons).where(persons.c.id == person).values(**{column: bytes(spoilt)}))
    store.vault.keys.forget(person)
    bad, good = store.take(store.text("help"), store.text("hello", OTHER))
    assert (bad.outcome, good.outcome) == ("failed", "done")
    assert bad.error is not None
    shown = {alert.person: alert for alert in store.read(queue.queue, store.vault, store.now)}
    assert set(shown) == {store.ref(person), store.ref(other)}, "one record that does not open hides no alert"
    assert (shown[store.ref(person)].tier, shown[store.ref(person)].kind) == ("P1", "fault")
    assert counted(store, reasons) == 2


def test_who_cannot_be_read_can_be_erased(store: Store) -> None:
    person = store.recipient()
    ref = store.ref(person)
    store.run(sa.update(persons).where(persons.c.id == person).values(state=b"spoilt"))
    assert store.write(people.erase, store.vault, ref, "ana", "", store.now)
    assert (counted(store, persons), counted(store, addresses)) == (0, 0)


def test_an_older_state_put_back_is_noticed(store: Store) -> None:
    person = store.recipient()
    (before,) = store.rows(sa.select(persons.c.state).where(persons.c.id == person))
    store.hears("hello")
    store.run(sa.update(persons).where(persons.c.id == person).values(state=before.state))
    assert store.hears("one")[0].outcome == "failed"


def test_a_poison_message_fails_its_group_and_is_then_refused_once_and_for_all(store: Store) -> None:
    person = store.recipient()
    poison = store.text("poison \ud800")
    with pytest.raises(UnicodeEncodeError):
        store.take(poison)
    assert (store.state(person).turns, counted(store, inbox)) == (0, 0), "rolled back whole"
    assert store.write(refusing.refuse, store.vault, poison).outcome == "failed"
    (alert,) = store.read(queue.queue, store.vault, store.now)
    assert (alert.tier, alert.person) == ("P1", store.ref(person))
    (kept,) = store.rows(sa.select(inbox))
    assert kept.state == "failed"
    assert store.take(poison)[0].outcome == "duplicate"


def test_a_poison_message_of_a_workers_phone_raises_no_alert_of_nobody(store: Store) -> None:
    worker = store.write(accounts.add, store.vault, "ben", "Ben", "worker", "x", None, store.now)
    store.write(accounts.add_phone, store.vault, worker.id, "sms", BEN, store.now)
    assert store.write(refusing.refuse, store.vault, store.text("poison", BEN)).outcome == "failed"
    assert counted(store, alerts) == 0


# timers


def test_a_timer_fires_once_and_only_when_due(store: Store) -> None:
    person = store.recipient()
    store.hears("later 60")
    store.pass_time(minutes=59)
    assert store.fire() == 0
    store.pass_time(minutes=1)
    assert store.fire() == 1
    assert store.fire() == 0
    assert store.state(person).turns == 2
    assert store.statuses(person) == ["due"]


def test_scheduling_again_moves_the_timer_and_the_old_row_fires_nothing(store: Store) -> None:
    store.recipient()
    store.hears("later 60")
    (old,) = store.rows(sa.select(timers))
    store.hears("later 120")
    (new,) = store.rows(sa.select(timers))
    assert new.due_at - old.due_at == 60 * 60 * 1000
    late = DueTimer(old.id, old.owner_id, old.kind, old.key, store.now)
    assert store.take(late)[0].outcome == "gone"


def test_a_cancelled_timer_is_gone(store: Store) -> None:
    store.recipient()
    store.hears("later 60", "never")
    assert counted(store, timers) == 0


def test_a_timer_set_and_cancelled_in_one_group_is_not_there(store: Store) -> None:
    store.recipient()
    store.take(store.text("later 60"), store.text("never"), store.text("later 90"))
    assert counted(store, timers) == 1


def test_a_poison_timer_is_taken_away_and_told(store: Store) -> None:
    store.recipient()
    store.hears("later 0")
    (row,) = store.rows(sa.select(timers))
    store.write(refusing.refuse, store.vault, DueTimer(row.id, row.owner_id, row.kind, row.key, store.now))
    assert counted(store, alerts) == 1
    assert [r.kind for r in store.rows(sa.select(timers))] == ["page"]


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_two_replicas_fire_each_timer_once(opening: Callable[[], Store]) -> None:
    one, two = opening(), opening()
    everybody = [f"+4477009004{n:02d}" for n in range(20)]
    ids = [one.recipient(address) for address in everybody]
    one.take(*(one.text("later 1", address) for address in everybody))
    one.pass_time(minutes=1)
    two.now = one.now
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(Store.fire, (one, two)))
    assert [one.state(person).turns for person in ids] == [2] * 20


# the database's own retries


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_two_turns_of_one_person_at_two_replicas_follow_one_another(opening: Callable[[], Store]) -> None:
    one, two = opening(), opening()
    person = one.recipient()

    def slow(before: Conversation, event: Event) -> Turn:
        time.sleep(0.02)  # the other replica must come while this one holds her row
        return decide(before, event)

    with ThreadPoolExecutor(2) as pool:
        groups = [(s, s.text(f"plan {n}")) for n in range(5) for s in (one, two)]
        list(pool.map(lambda pair: pair[0].take(pair[1], deciding=slow), groups))
    state = one.state(person)
    assert (state.turns, len(state.plan)) == (10, 10)


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_what_postgresql_asks_to_be_done_again_is_done_a_bounded_number_of_times(store: Store) -> None:
    tries: list[int] = []

    def never(conn: sa.Connection) -> None:
        tries.append(1)
        conn.execute(sa.text("DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$"))

    def third_time(conn: sa.Connection) -> str:
        if len(tries) < 7:
            never(conn)
        return "done"

    with pytest.raises(sa.exc.OperationalError):
        store.write(never)
    assert len(tries) == 5
    assert store.write(third_time) == "done"


def test_a_code_is_stored_only_as_a_keyed_hash(store: Store) -> None:
    code: Any = store.write(people.invite, store.vault, "ana", store.now, "", "case 7")
    (row,) = store.rows(sa.select(codes))
    assert code.replace("-", "").encode() not in bytes(row.mac) + bytes(row.sealed)
    assert counted(store, phone_messages) == 0
