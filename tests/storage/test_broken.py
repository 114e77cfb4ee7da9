"""What breaks a turn (the engine, a record, a poison message) is kept, told to staff, and harms nobody else."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from storage import erasing, queue, refusing
from storage.schema import (
    addresses,
    alerts,
    inbox,
    persons,
    reasons,
)
from tests.storage.store import BEN_PHONE, OTHER, Store


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
    assert store.counted(reasons) == 2


def test_who_cannot_be_read_can_be_erased(store: Store) -> None:
    person = store.recipient()
    ref = store.ref(person)
    store.run(sa.update(persons).where(persons.c.id == person).values(state=b"spoilt"))
    assert store.write(erasing.erase, store.vault, ref, "ana", "in_person", "She asked.", store.now)
    assert (store.counted(persons), store.counted(addresses)) == (0, 0)


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
    assert (store.state(person).turns, store.counted(inbox)) == (0, 0), "rolled back whole"
    assert store.write(refusing.refuse, store.vault, poison).outcome == "failed"
    (alert,) = store.read(queue.queue, store.vault, store.now)
    assert (alert.tier, alert.person) == ("P1", store.ref(person))
    (kept,) = store.rows(sa.select(inbox))
    assert kept.state == "failed"
    assert store.take(poison)[0].outcome == "duplicate"


def test_a_poison_message_of_a_workers_phone_raises_no_alert_of_nobody(store: Store) -> None:
    store.staff("ben", BEN_PHONE)
    assert store.write(refusing.refuse, store.vault, store.text("poison", BEN_PHONE)).outcome == "failed"
    assert store.counted(alerts) == 0
