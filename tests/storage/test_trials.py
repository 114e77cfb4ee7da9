"""What an operator reads of test pages as time goes by: `rowan doctor --page`, its waiting moves the clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.doctor import Diagnosis
from bot.trial import LOOK, paged
from storage import accounts, answers_of_staff, calls, carriers, leaving, methods, outbox, watermarks
from storage.sendings import Sending
from tests.storage.store import ANA_PHONE, Store

SILENT = ("bad", "…201: taken, and no receipt came in 60 seconds.")


def read(store: Store, ana: str, meanwhile: Callable[[], object]) -> list[tuple[str, str]]:
    """Grade and words of each way, while the service does this again and again."""
    person = next(one for one in store.read(accounts.everybody) if one.id == ana)

    def wait(seconds: float) -> None:
        assert seconds == LOOK
        meanwhile()
        store.pass_time(seconds=5)

    found: list[Diagnosis] = list(paged(store.database, store.vault, person, lambda: store.now, wait))
    return [(one.grade, one.says) for one in found]


def refuses(store: Store, sending: Sending) -> None:
    store.write(outbox.later, sending, store.now + timedelta(seconds=5), "503")


def statuses(store: Store) -> list[str]:
    return [row.status for row in store.rows(sa.select(outbox.outbox.c.status))]


def test_a_text_without_a_receipt_is_waited_for_a_minute(store: Store) -> None:
    ana, began = store.staff("ana", ANA_PHONE), store.now
    assert read(store, ana, store.deliver) == [SILENT]
    assert store.now - began == timedelta(seconds=60)


def test_where_no_carrier_ever_speaks_that_is_said_and_is_no_fault(store: Store) -> None:
    ana = store.staff("ana", ANA_PHONE)
    store.write(watermarks.write, carriers.MUTE, store.now)
    ((grade, says),) = read(store, ana, store.deliver)
    assert grade == "look"
    assert "No carrier says here whether a text arrives" in says


def test_what_nothing_sends_is_taken_back(store: Store) -> None:
    ana, began = store.staff("ana", ANA_PHONE), store.now
    ((grade, says),) = read(store, ana, lambda: None)
    assert (grade, says) == ("bad", "…201: not sent. Is rowan serve running? Start it, then ask again.")
    assert store.now - began == timedelta(seconds=15)
    assert statuses(store) == ["cancelled"]


def test_what_its_provider_goes_on_refusing_is_taken_back(store: Store) -> None:
    ana = store.staff("ana", ANA_PHONE)
    said = read(store, ana, lambda: [refuses(store, one) for one in store.claim()])
    assert said == [("bad", "…201: not taken by its provider in 60 seconds (code 503).")]
    assert statuses(store) == ["cancelled"]


def test_what_is_taken_after_a_refusal_is_taken(store: Store) -> None:
    ana = store.staff("ana", ANA_PHONE)
    (first,) = [True]

    def refuses_once() -> None:
        nonlocal first
        for one in store.claim():
            refuses(store, one) if first else store.write(outbox.sent, store.vault, one, "SM1", store.now, "delivered")
            first = False

    assert read(store, ana, refuses_once) == [("good", "…201: delivered.")]


def test_a_way_that_is_removed_meanwhile_is_waited_for_no_longer(store: Store) -> None:
    ana = store.staff("ana", ANA_PHONE)
    (phone,) = store.read(leaving.belongings, store.vault, ana).phones

    def removes() -> None:
        if store.read(leaving.belongings, store.vault, ana).phones:
            store.write(leaving.remove_phone, store.vault, ana, phone.id, "", store.now)

    assert read(store, ana, removes) == []


def test_an_operator_who_gives_up_leaves_nothing_to_be_sent(store: Store) -> None:
    ana = store.staff("ana", ANA_PHONE)

    def gives_up() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read(store, ana, gives_up)
    assert statuses(store) == ["cancelled"]


def test_a_call_that_is_picked_up_before_it_is_marked_as_made_has_arrived(store: Store) -> None:
    ana = store.staff("ana", "+447700900208")
    store.write(accounts.add_phone, store.vault, ana, "voice", ANA_PHONE, store.now)
    store.write(methods.test, store.vault, ana, store.now)
    (call,) = [one for one in store.claim() if one.channel == "voice"]
    assert call.page is not None
    picked_up = store.read(calls.of_token, store.vault, call.page["token"], store.now)
    store.write(answers_of_staff.listened, picked_up)
    assert store.sent(call)
    store.write(answers_of_staff.not_answered, store.vault, picked_up, store.now)
    query = sa.select(outbox.outbox.c.status).where(outbox.outbox.c.id == call.id)
    assert [row.status for row in store.rows(query)] == ["delivered"]
