"""She leaves: the cover that answers an exit waits for nothing, and what nobody can know is told (SAFETY 18, 19)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from storage import cases, outbox, queue
from storage.schema import outbox as rows
from storage.sendings import Sending
from tests.storage.little_engine import PROGRAMME
from tests.storage.store import ANA_PHONE, HER, OTHER, Store

CHAT = "900123"


def one(store: Store) -> Sending:
    (sending,) = store.claim()
    return sending


def kinds(sendings: list[Sending]) -> list[str]:
    return [sending.kind for sending in sendings]


def status(store: Store, sending: Sending) -> str:
    return str(store.rows(sa.select(rows.c.status).where(rows.c.id == sending.id))[0].status)


def titles(store: Store) -> list[str]:
    return [alert.title for alert in store.read(queue.queue, store.vault, store.now)]


def test_her_cover_goes_while_a_message_of_the_session_is_in_the_air(store: Store) -> None:
    store.recipient()
    store.hears("hello")
    in_the_air = one(store)
    store.hears("x")
    cover = one(store)
    assert (cover.kind, cover.urgent, cover.policy) == ("exit", True, "drop")
    assert cover.asked_at == store.now
    assert store.sent(cover)
    assert store.sent(in_the_air)


def test_an_ordinary_cover_keeps_its_place_in_her_line(store: Store) -> None:
    store.recipient()
    store.hears("soup", "more soup")
    first = one(store)
    assert (first.kind, first.urgent) == ("cover", False)
    assert store.claim() == []


def test_two_exits_in_a_row_are_answered_once_if_the_first_cover_has_not_left(store: Store) -> None:
    person = store.recipient()
    store.hears("hello", "x", "x")
    assert kinds(store.deliver()) == ["exit"]
    assert sorted(store.statuses(person)) == ["cancelled", "cancelled", "sent"]


def test_and_so_in_one_group(store: Store) -> None:
    person = store.recipient()
    store.take(store.text("hello"), store.text("x"), store.text("x"))
    assert store.statuses(person) == ["due"]


def test_covers_of_exits_keep_an_order_among_themselves(store: Store) -> None:
    store.recipient()
    store.hears("x")
    first = one(store)
    store.hears("x")
    assert store.claim() == []
    store.sent(first)
    assert kinds(store.claim()) == ["exit"]


def test_a_cover_that_comes_too_late_is_told_like_any_answer(store: Store) -> None:
    person = store.recipient()
    store.hears("x")
    store.pass_time(minutes=2, seconds=1)
    assert store.claim() == []
    assert store.statuses(person) == ["expired"]
    assert titles(store) == ["An answer to her could not be sent in time and was dropped."]


def test_without_room_only_what_is_urgent_is_claimed(store: Store) -> None:
    store.recipient()
    store.recipient(OTHER)
    store.staff("ana", ANA_PHONE, "on_call")
    store.hears("hello", "x")
    store.hears("soup", "risk P0", address=OTHER)
    store.fire()
    assert sorted(kinds(store.write(outbox.claim, store.vault, store.now, True))) == ["exit", "page"]
    assert kinds(store.claim()) == ["cover"]


def test_the_transcript_shows_what_became_of_it(store: Store) -> None:
    person = store.recipient()
    store.hears("hello")
    store.deliver()
    store.hears("x")
    store.deliver()
    lines = store.write(
        cases.transcript, store.vault, PROGRAMME, store.ref(person), store.staff("ana", ANA_PHONE), "a look", store.now
    )
    assert [(line.by, line.state) for line in lines if line.by == "bot"] == [("bot", "sent"), ("bot", "sent")]


# what nobody can know


@pytest.mark.parametrize(("channel", "address", "told"), [("telegram", CHAT, True), ("sms", HER, False)])
def test_what_was_being_looked_up_when_she_left(store: Store, channel: str, address: str, told: bool) -> None:
    """On Telegram it would have been wiped, and it has no id: a worker knows. A text cannot be taken back anyway."""
    store.recipient(address, channel)
    store.hears("hello", address=address, channel=channel)
    sending = one(store)
    store.write(outbox.uncertain, sending, store.now, "timeout")
    store.hears("x", address=address, channel=channel)
    store.deliver()
    assert status(store, sending) == "expired"
    assert [title.startswith("She hid her chat while") for title in titles(store)] == [True] * told


@pytest.mark.parametrize("how", ["uncertain", "lease"])
@pytest.mark.parametrize(("channel", "address", "told"), [("telegram", CHAT, True), ("sms", HER, False)])
def test_what_was_in_the_air_when_she_left_and_is_not_heard_of(
    store: Store, how: str, channel: str, address: str, told: bool
) -> None:
    store.recipient(address, channel)
    store.hears("hello", address=address, channel=channel)
    sending = one(store)
    store.hears("x", address=address, channel=channel)
    if how == "uncertain":
        store.write(outbox.uncertain, sending, store.now + timedelta(seconds=2), "timeout")
    else:
        store.pass_time(seconds=46)
        store.write(outbox.expired_leases, store.now)
    store.pass_time(seconds=3)
    store.deliver()
    assert status(store, sending) == "expired"
    assert [title.startswith("She hid her chat while") for title in titles(store)] == [True] * told


def test_what_was_certainly_refused_is_no_doubt(store: Store) -> None:
    store.recipient(CHAT, "telegram")
    store.hears("hello", address=CHAT, channel="telegram")
    sending = one(store)
    store.hears("x", address=CHAT, channel="telegram")
    store.write(outbox.later, sending, store.now, "429")
    store.pass_time(seconds=1)
    store.deliver()
    assert status(store, sending) == "expired"
    assert titles(store) == []
