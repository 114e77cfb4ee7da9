"""Erasure takes from her phone what can still be taken, and the receipt tells honestly what stays (SAFETY 19, 29)."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from escalation.people import Receipt
from escalation.ports import Refused
from storage import copies, erasing, farewells, verifying
from storage.farewells import Farewell
from storage.schema import farewells as rows
from storage.schema import metadata, outbox, persons, tombstones
from tests.storage.store import HER, OTHER, Store

CHAT = "900123"


def chatted(store: Store, at_hours: float = 0) -> str:
    """She wrote two messages on Telegram and got two. Returns her case ref."""
    ref = store.ref(store.recipient(CHAT, "telegram"))
    for number, text in enumerate(("hello", "one")):
        store.take(store.text(text, CHAT, "telegram", phone_message=str(70 + number)))
        store.deliver()
    store.pass_time(hours=at_hours)
    return ref


def erase(store: Store, ref: str, authority: str = "in_person") -> str:
    return str(store.write(erasing.erase, store.vault, ref, "ana", authority, "She asked.", store.now))


def claimed(store: Store) -> list[Farewell]:
    return store.write(farewells.claim, store.vault, ["sms", "telegram"], store.now)  # type: ignore[no-any-return]


def receipt(store: Store, number: str) -> Receipt:
    return store.read(erasing.receipt_of, store.vault, number)  # type: ignore[no-any-return]


def test_her_chat_is_wiped_after_her_key_is_gone(store: Store) -> None:
    number = erase(store, chatted(store))
    assert (receipt(store, number).waiting, receipt(store, number).stays) == (4, 0)
    (farewell,) = claimed(store)
    assert (farewell.channel, farewell.address, len(farewell.messages)) == ("telegram", CHAT, 4)
    assert {"70", "71"} <= set(farewell.messages)
    assert claimed(store) == [], "leased"
    store.write(farewells.done, farewell, 0)
    assert (receipt(store, number).waiting, receipt(store, number).stays, store.counted(rows)) == (0, 0, 0)


def test_what_telegram_refuses_is_counted_once(store: Store) -> None:
    number = erase(store, chatted(store))
    (farewell,) = claimed(store)
    for _ in range(2):  # a second replica, late
        store.write(farewells.done, farewell, 3)
    assert (receipt(store, number).waiting, receipt(store, number).stays) == (0, 3)


def test_what_is_too_old_stays_and_is_said_at_once(store: Store) -> None:
    number = erase(store, chatted(store, at_hours=48))
    assert (receipt(store, number).waiting, receipt(store, number).stays) == (0, 4)
    assert store.counted(rows) == 0


def test_who_cannot_reach_telegram_till_it_is_too_late_says_so_and_keeps_nothing(store: Store) -> None:
    number = erase(store, chatted(store, at_hours=47))
    (farewell,) = claimed(store)
    store.write(farewells.later, farewell, store.now)
    assert claimed(store) == []
    store.pass_time(minutes=29)
    assert [one.attempts for one in claimed(store)] == [2], "tried again, under the same row"
    store.pass_time(minutes=2)
    assert claimed(store) == []
    assert (receipt(store, number).waiting, receipt(store, number).stays, store.counted(rows)) == (0, 4, 0)


def test_what_is_in_the_air_may_stand_there(store: Store) -> None:
    ref = store.ref(store.recipient(CHAT, "telegram"))
    store.hears("hello", address=CHAT, channel="telegram")
    (sending,) = store.claim()
    number = erase(store, ref)
    assert receipt(store, number).stays == 1
    assert not store.sent(sending), "its row is gone: nothing is remembered of it"


def test_texts_are_neither_wiped_nor_counted(store: Store) -> None:
    ref = store.ref(store.recipient())
    store.hears("hello")
    store.deliver()
    number = erase(store, ref)
    left = receipt(store, number)
    assert (left.waiting, left.stays, left.copies, store.counted(rows)) == (0, 0, 0, 0)


def test_a_record_that_does_not_open_leaves_her_chat_as_it_is_and_says_so(store: Store) -> None:
    ref = chatted(store)
    store.run(sa.update(persons).values(wdek=b"spoilt"))
    assert receipt(store, erase(store, ref)).stays == 4


def test_the_providers_copies_of_hers_go_at_once_and_of_nobody_else(store: Store) -> None:
    store.recipient(OTHER)
    ref = store.ref(store.recipient(HER))
    for address in (HER, OTHER):
        message = store.text("hello", address)
        store.take(message)
        store.write(copies.came_in, store.vault, [message])
        (sending,) = store.deliver()
        store.write(copies.sent, store.vault, [(sending, f"out-{sending.id}")], store.now)
    number = erase(store, ref)
    assert receipt(store, number).copies == 2
    due = store.write(copies.claim, store.vault, ["sms"], store.now)
    assert [one.provider_id for one in due if one.provider_id.startswith("out-")] != []
    assert len(due) == 1, "what came in waits for the look for missed webhooks, another's for its status"


def test_nothing_of_hers_is_sent_or_fired_afterwards(store: Store) -> None:
    store.staff("ana", "+447700900201", "on_call")
    ref = store.ref(store.recipient())
    store.hears("hello", "later 60", "risk P0")
    erase(store, ref)
    store.pass_time(hours=2)
    store.fire()
    assert [one for one in store.claim() if one.page is None] == []
    hers = sa.select(sa.func.count()).select_from(outbox).where(outbox.c.owner_kind == "person")
    assert store.rows(hers)[0][0] == 0
    for name in ("alerts", "reasons", "timers", "pages"):
        assert store.counted(metadata.tables[name]) == 0, name


def test_a_supervisor_is_told_the_receipt_and_not_the_case(store: Store) -> None:
    ruth = store.staff("ruth", "+447700900203", "supervisor")
    ref = store.ref(store.recipient())
    number = erase(store, ref)
    (page,) = [one for one in store.claim() if one.page is not None]
    assert page.page is not None
    assert (page.owner, page.page["message"], page.page["params"]) == (ruth, "page/erased", {"ref": number})


def test_asked_in_a_chat_that_may_not_be_hers_it_is_not_done(store: Store) -> None:
    ref = chatted(store)
    store.hears("duress", address=CHAT, channel="telegram")
    with pytest.raises(Refused, match="Verify first"):
        erase(store, ref, "in_chat")
    assert (store.counted(persons), store.counted(tombstones)) == (1, 0)
    assert erase(store, ref, "in_person"), "she can be met"


def test_the_database_still_verifies(store: Store) -> None:
    erase(store, chatted(store))
    assert store.read(lambda conn: list(verifying.verify(conn, store.vault))) == []
