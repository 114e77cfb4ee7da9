"""The last door before the outbox: consent, a stop, her hours, and an exit that takes back what has not left."""

from __future__ import annotations

import sqlalchemy as sa

from storage.schema import (
    outbox,
)
from tests.storage.store import Store


def test_an_exit_in_the_same_group_takes_back_what_had_not_left(store: Store) -> None:
    person = store.recipient()
    store.take(store.text("hello"), store.text("one"), store.text("x"))
    assert [s.send.message for s in store.deliver() if s.send] == ["t/cover"]
    assert store.state(person).session is None


def test_who_opted_out_gets_nothing(store: Store) -> None:
    person = store.recipient(opted_out=True)
    store.hears("hello", "ping")
    assert store.statuses(person) == []


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
        ("exit", "due"),
    ]
