"""What a provider keeps of messages: deleted once nobody needs it, once, and not before (SAFETY 31)."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from storage import copies, watermarks
from storage.copies import Copy
from storage.outbox import Report
from storage.schema import copies as rows
from tests.storage.store import HER, Store


def sent(store: Store) -> str:
    """A message of ours that the provider took. Returns its id there."""
    store.recipient()
    store.hears("hello")
    (sending,) = store.claim()
    store.sent(sending)
    store.write(copies.sent, store.vault, [(sending, f"out-{sending.id}")], store.now)
    return f"out-{sending.id}"


def claimed(store: Store) -> list[Copy]:
    return store.write(copies.claim, store.vault, ["sms"], store.now)  # type: ignore[no-any-return]


def said(store: Store, provider_id: str, status: str) -> None:
    store.write(copies.final, store.vault, [Report("sms", provider_id, status)], store.now)


def test_a_copy_goes_when_its_status_is_final(store: Store) -> None:
    provider_id = sent(store)
    said(store, provider_id, "sent")
    store.pass_time(minutes=5)
    assert claimed(store) == [], "it may still fail"
    said(store, provider_id, "delivered")
    store.pass_time(minutes=1)
    (copy,) = claimed(store)
    assert (copy.channel, copy.provider_id, copy.attempts) == ("sms", provider_id, 1)
    assert claimed(store) == [], "leased"
    store.write(copies.deleted, copy)
    assert store.counted(rows) == 0


def test_without_any_report_it_goes_after_a_day(store: Store) -> None:
    provider_id = sent(store)
    store.pass_time(hours=23, minutes=59)
    assert claimed(store) == []
    store.pass_time(minutes=1)
    assert [copy.provider_id for copy in claimed(store)] == [provider_id]


def test_who_dies_with_it_leaves_it_to_the_next_round(store: Store) -> None:
    sent(store)
    store.pass_time(days=1)
    (first,) = claimed(store)
    store.pass_time(minutes=2)
    (second,) = claimed(store)
    assert (second.id, second.attempts) == (first.id, 2)
    store.write(copies.deleted, first)
    store.write(copies.deleted, second)


def test_what_the_provider_would_not_delete_is_asked_again_ever_later(store: Store) -> None:
    provider_id = sent(store)
    store.pass_time(days=1)
    for minutes in (1, 2, 4, 8):
        (copy,) = claimed(store)
        store.write(copies.later, copy, store.now)
        said(store, provider_id, "delivered")  # a report does not hurry what was tried
        store.pass_time(minutes=minutes, seconds=-1)
        assert claimed(store) == []
        store.pass_time(seconds=1)
    assert len(claimed(store)) == 1


def test_what_cannot_be_deleted_for_two_months_is_given_up(store: Store) -> None:
    sent(store)
    store.pass_time(days=60, seconds=1)
    assert claimed(store) == []
    assert store.counted(rows) == 0


def test_what_came_in_stays_until_the_look_for_missed_ones_has_passed_it(store: Store) -> None:
    inbound = store.text("hello", HER)
    store.write(copies.came_in, store.vault, [inbound])
    store.pass_time(minutes=3)
    assert claimed(store) == []
    store.write(watermarks.write, "inbound.sms", inbound.at)
    assert claimed(store) == []
    store.write(watermarks.write, "inbound.sms", inbound.at + timedelta(seconds=1))
    assert [copy.provider_id for copy in claimed(store)] == [inbound.provider_id]


def test_the_same_message_twice_is_one_copy_and_its_id_is_sealed(store: Store) -> None:
    inbound = store.text("hello", HER)
    for _ in range(2):
        store.write(copies.came_in, store.vault, [inbound, inbound])
    (row,) = store.rows(sa.select(rows))
    assert inbound.provider_id not in str(row)
    assert store.read(copies.waiting) == 1


def test_another_channels_copies_are_left_alone(store: Store) -> None:
    sent(store)
    store.pass_time(days=1)
    assert store.write(copies.claim, store.vault, ["telegram"], store.now) == []
