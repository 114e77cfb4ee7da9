"""SAFETY 29: as little as possible, sealed under her own key, free text for thirty days, erased with her key."""

from __future__ import annotations

import sqlalchemy as sa

from storage import erasing, retention
from storage.schema import events, inbox, metadata, persons, tombstones
from tests.storage.store import Store
from tests.storage.test_at_rest import CANARIES, in_clear, whole_conversation


def test_words_are_deleted_after_thirty_days_and_the_record_stays(store: Store) -> None:
    store.recipient()
    store.hears("risk P2", "boom canary")
    store.pass_time(days=30)
    store.write(retention.sweep, store.vault, store.now)
    kinds = {row.kind for row in store.rows(sa.select(events.c.kind))}
    assert kinds == {"talk", "record"}
    assert [row.state for row in store.rows(sa.select(inbox.c.state))] == ["failed"]
    store.pass_time(days=1)
    store.write(retention.sweep, store.vault, store.now)
    assert {row.kind for row in store.rows(sa.select(events.c.kind))} == {"record"}
    assert store.rows(sa.select(inbox)) == []


def test_nothing_that_she_can_leave_behind_stands_readable(store: Store) -> None:
    """Every field with a canary; also that the look for them would find one, or this would say nothing."""
    whole_conversation(store)
    assert in_clear(store, CANARIES) == []
    store.run(sa.update(metadata.tables["outbox"]).values(code="none heronsbill"))
    assert in_clear(store, CANARIES) != []


def test_erasing_takes_every_row_of_hers_and_what_stood_sealed_opens_no_more(store: Store) -> None:
    person = store.recipient()
    store.hears("hello", "risk P2", "plan a bag")
    (row,) = store.rows(sa.select(persons))
    store.write(erasing.erase, store.vault, row.ref, "ana", "in_person", "She asked", store.now)
    for table in (table for table in metadata.sorted_tables if table is not tombstones):
        for left in store.rows(sa.select(table)):
            assert person not in map(str, left), table.name
    assert store.rows(sa.select(tombstones.c.person_id))[0].person_id == person
