"""What reaches workers' phones when an alert is offered, put off, closed and not signed, or kept from somebody."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from escalation.ports import Refused
from storage import accounts, cases, claims, closing, handing
from storage.schema import alerts, persons
from tests.storage.store import ANA_PHONE, BEN_PHONE, OTHER, Store

RUTH_PHONE = "+447700900203"


@pytest.fixture
def ana(store: Store) -> str:
    """On call, and holds the one P1 that there is."""
    ana = store.staff("Ana", ANA_PHONE, "on_call")
    store.recipient()
    store.hears("risk P1")
    store.fire()
    store.write(claims.claim, store.vault, the_alert(store).ref, ana, store.now)
    store.deliver()
    return ana


def the_alert(store: Store) -> sa.Row[tuple[object, ...]]:
    (row,) = store.rows(sa.select(alerts))
    return row


def supervisor(store: Store) -> str:
    ruth = store.write(accounts.add, store.vault, "ruth", "Ruth", "supervisor", "x", None, store.now).id
    store.write(accounts.add_phone, store.vault, ruth, "sms", RUTH_PHONE, store.now)
    return str(ruth)


def told(store: Store) -> list[tuple[str, str]]:
    """What went out to staff since the last look: (staff id, message)."""
    return [(sending.owner, sending.page["message"]) for sending in store.deliver() if sending.page]


def closes(store: Store, worker: str) -> None:
    row = the_alert(store)
    store.write(closing.resolve, store.vault, row.ref, worker, row.claim, "spoke_safe", "At her sister's.", store.now)


def test_an_offer_is_accepted_by_reply_and_who_made_it_is_told(store: Store, ana: str) -> None:
    ben, ref = store.staff("Ben", BEN_PHONE), the_alert(store).ref
    store.write(handing.offer, store.vault, ref, ana, ben, store.now)
    (sending,) = [one for one in store.deliver() if one.page]
    assert sending.page is not None
    assert (sending.owner, sending.page["message"]) == (ben, "page/offered")
    assert sending.page["params"] == {"ref": ref, "tier": "P1", "code": ref}, "content-free"
    store.hears(f"A {ref}", address=BEN_PHONE)
    assert sorted(told(store)) == sorted([(ana, "page/accepted"), (ben, "page/yours")])
    assert the_alert(store).holder == ben


def test_an_offer_is_declined_by_reply_and_nobody_else_is_paged(store: Store, ana: str) -> None:
    ben, ref = store.staff("Ben", BEN_PHONE, "backup"), the_alert(store).ref
    store.write(handing.offer, store.vault, ref, ana, ben, store.now)
    told(store)
    store.hears(f"P {ref}", address=BEN_PHONE)
    assert sorted(told(store)) == sorted([(ana, "page/declined"), (ben, "page/stays")])
    row = the_alert(store)
    assert (row.holder, row.offered_to) == (ana, None)
    store.hears(f"A {ref}", address=BEN_PHONE)
    assert told(store) == [(ben, "page/taken")]


def test_a_third_urgent_one_taken_by_reply_names_who_is_free(store: Store, ana: str) -> None:
    for address in (OTHER, "+447700900125"):
        store.recipient(address)
        store.hears("risk P1", address=address)
    store.fire()
    store.staff("Ben", BEN_PHONE, "backup")
    told(store)
    second, third = [row.ref for row in store.rows(sa.select(alerts).where(alerts.c.state == "open"))]
    store.hears(f"A {second}", address=ANA_PHONE)
    store.hears(f"A {third}", address=ANA_PHONE)
    answers = [one.page for one in store.deliver() if one.page]
    assert {(one["message"], one["params"].get("names", "")) for one in answers} == {
        ("page/yours", ""),
        ("page/full", "Ben"),
    }
    assert [row.ref for row in store.rows(sa.select(alerts).where(alerts.c.state == "open"))] == [third]
    store.hears(f"A {third}: I am in her chat already", address=ANA_PHONE)
    assert told(store) == [(ana, "page/yours")]
    (row,) = store.rows(sa.select(alerts).where(alerts.c.ref == third))
    assert row.holder == ana
    (her,) = store.rows(sa.select(persons.c.ref).where(persons.c.id == row.person_id))
    notes = store.write(cases.open_case, store.vault, her.ref, ana, "", store.now).notes
    assert [(line.message, line.text) for line in notes] == [("third", "I am in her chat already")]


@pytest.mark.parametrize("words", ["A bit late, on my way", "Please pass on this one", "I am ill", "A"])
def test_a_sentence_from_a_workers_phone_takes_nothing(store: Store, ana: str, words: str) -> None:
    before = the_alert(store).claim
    store.hears(words, address=ANA_PHONE)
    assert told(store)[-1][1] in ("page/how", "page/old", "page/refused", "page/now")
    assert the_alert(store).claim == before


def test_what_sleeps_pages_who_is_on_call_when_it_rises(store: Store, ana: str) -> None:
    row = the_alert(store)
    until = store.now + timedelta(hours=1)
    store.write(handing.snooze, store.vault, row.ref, ana, row.claim, until, "In court till two", store.now)
    store.pass_time(minutes=59)
    store.fire()
    assert told(store) == []
    store.pass_time(minutes=1)
    store.fire()
    assert told(store) == [(ana, "page/alert")]
    row = the_alert(store)
    assert (row.state, row.level) == ("open", 1)
    store.pass_time(minutes=5)
    store.fire()
    assert told(store) == [(ana, "page/alert")], "and the ladder climbs as it did"


@pytest.mark.parametrize("rests", ["asleep", "closed"])
def test_what_she_says_wakes_it_and_pages_at_once(store: Store, ana: str, rests: str) -> None:
    store.staff("Ben", BEN_PHONE)
    row = the_alert(store)
    until = store.now + timedelta(hours=2)
    if rests == "asleep":
        store.write(handing.snooze, store.vault, row.ref, ana, row.claim, until, "Later", store.now)
    else:
        closes(store, ana)
    store.pass_time(minutes=30)
    store.hears("risk P1")
    store.fire()
    assert told(store) == [(ana, "page/alert")]
    assert the_alert(store).state == "open"


def test_what_nobody_signs_is_told_after_a_day_and_each_day_again(store: Store, ana: str) -> None:
    ruth, _ = supervisor(store), store.staff("Ben", BEN_PHONE)
    closes(store, ana)
    assert told(store) == [], "a colleague signs when they come to it"
    store.pass_time(hours=23, minutes=59)
    store.fire()
    assert told(store) == []
    for _ in range(3):
        store.pass_time(days=1)
        store.fire()
        assert told(store) == [(ruth, "page/closing")]
    row = the_alert(store)
    assert row.state == "closing", "nothing closes itself"
    store.write(closing.sign, store.vault, row.ref, ruth, store.now)
    store.pass_time(days=2)
    assert store.fire() == 0


def test_where_there_is_no_other_worker_the_supervisor_is_told_at_once(store: Store, ana: str) -> None:
    ruth = supervisor(store)
    closes(store, ana)
    assert told(store) == [(ruth, "page/closing")]


def test_what_nobody_can_be_told_of_stays_and_is_tried_again(store: Store, ana: str) -> None:
    closes(store, ana)
    store.pass_time(days=1)
    store.fire()
    assert told(store) == [], "never who closed it"
    ben = store.staff("Ben", BEN_PHONE)
    store.pass_time(days=1)
    store.fire()
    assert told(store) == [(ben, "page/closing")], "no supervisor: the colleagues"


def test_what_is_given_back_and_not_taken_up_climbs_again(store: Store, ana: str) -> None:
    ben = store.staff("Ben", BEN_PHONE, "backup")
    closes(store, ana)
    store.write(closing.give_back, store.vault, the_alert(store).ref, ben, "Ask her again", store.now)
    assert told(store) == [(ana, "page/given_back")]
    store.pass_time(minutes=15)
    store.fire()
    assert sorted(told(store)) == sorted([(ana, "page/alert"), (ben, "page/alert")])


def test_who_is_kept_apart_is_not_paged_and_their_reply_takes_nothing(store: Store, ana: str) -> None:
    ben, row = store.staff("Ben", BEN_PHONE, "backup"), the_alert(store)
    her = store.rows(sa.text("SELECT ref FROM persons"))[0].ref
    store.write(handing.keep_apart, store.vault, her, ana, ana, "My sister", store.now)
    store.fire()
    assert told(store) == [(ben, "page/alert")], "given back at once, to whom may have it"
    for _ in range(4):
        store.pass_time(minutes=10)
        store.fire()
    assert {who for who, _ in told(store)} == {ben}
    store.hears(f"A {row.ref}", address=ANA_PHONE)
    assert told(store) == [(ana, "page/refused")]
    with pytest.raises(Refused):
        store.write(cases.open_case, store.vault, her, ana, "I must", store.now)
