"""The last door before the outbox: consent, a stop, her hours, and an exit that takes back what has not left."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from flows.safety.hours import PRESETS
from storage.schema import (
    alerts,
    outbox,
)
from tests.storage.store import OTHER, Store


def test_an_exit_in_the_same_group_takes_back_what_had_not_left(store: Store) -> None:
    person = store.recipient()
    store.take(store.text("hello"), store.text("one"), store.text("x"))
    assert [s.send.message for s in store.deliver() if s.send] == ["t/cover"]
    assert store.state(person).session is None


def test_without_consent_nothing_is_sent(store: Store) -> None:
    person = store.recipient(consent="")
    store.hears("hello", "x", "risk P1")
    assert store.statuses(person) == []
    assert store.counted(alerts) == 1, "what she says still counts"


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
