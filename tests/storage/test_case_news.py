"""Whose case it is hears of a P0 or P1, once an alert and without a word of it; the ladder pages whom it pages."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from escalation.ports import Role
from storage import accounts, assignments, claims, conflicts
from storage.case_news import NOTICE
from storage.inbox import Inbound
from storage.schema import alerts, pages, persons
from storage.sendings import Sending
from tests.storage.store import ANA_PHONE, BEN_PHONE, Store

PIA_PHONE = "+447700900203"


def one_of_staff(store: Store, name: str, role: Role) -> str:
    return str(store.write(accounts.add, store.vault, name, name, role, "x", None, store.now).id)


def of_the_case(store: Store) -> tuple[str, str, str]:
    """Ana on call; Ben, her key worker, off; Pia of partner support. Their ids."""
    ana, ben = store.staff("ana", ANA_PHONE, "on_call"), store.staff("ben", BEN_PHONE)
    pia, ruth = one_of_staff(store, "pia", "partner_support"), one_of_staff(store, "ruth", "supervisor")
    store.write(accounts.add_phone, store.vault, pia, "sms", PIA_PHONE, store.now)
    ref = store.ref(store.recipient())
    for worker, as_ in ((ben, "key_worker"), (pia, "partner_support")):
        store.write(assignments.assign, store.vault, ref, worker, as_, ruth, store.now, "Referred")
    return ana, ben, pia


def said(sendings: list[Sending]) -> list[tuple[str, str]]:
    """To whom, and what, in no order."""
    return sorted((one.owner, one.page["message"]) for one in sendings if one.page is not None)


def raised(store: Store, text: str) -> list[tuple[str, str]]:
    """What went to workers' phones at once, by what she said."""
    store.hears(text)
    store.fire()
    return said(store.deliver())


@pytest.mark.parametrize("tier", ["P0", "P1"])
def test_whose_case_it_is_hears_once_of_it_and_nothing_but_the_ref(store: Store, tier: str) -> None:
    ana, ben, pia = of_the_case(store)
    store.hears(f"risk {tier}")
    store.fire()
    sendings = store.deliver()
    assert said(sendings) == sorted([(ana, "page/alert"), (ben, NOTICE), (pia, NOTICE)])
    (alert,) = store.rows(sa.select(alerts))
    told = [one for one in sendings if one.page is not None and one.page["message"] == NOTICE]
    assert {one.page["params"]["ref"] for one in told if one.page} == {alert.ref}
    assert all("code" not in one.page["params"] for one in told if one.page)
    assert not any(one.alert for one in told), "it is no page of the alert: no receipt is awaited, no step taken"
    assert [row.staff_id for row in store.rows(sa.select(pages))] == [ana]
    store.pass_time(hours=2)
    assert {what for _, what in raised(store, f"risk {tier}")} == {"page/alert"}, "once an alert"


@pytest.mark.parametrize("tier", ["P2", "P3"])
def test_of_less_nobody_is_told_until_it_rises(store: Store, tier: str) -> None:
    ana, ben, pia = of_the_case(store)
    assert {what for _, what in raised(store, f"risk {tier}")} <= {"page/alert"}
    assert raised(store, "risk P1") == sorted([(ana, "page/alert"), (ben, NOTICE), (pia, NOTICE)])
    assert raised(store, "risk P0") == [(ana, "page/alert")], "it was told as a P1"


def test_who_is_paged_for_it_at_once_gets_no_notice_beside(store: Store) -> None:
    ana, ben, pia = of_the_case(store)
    store.write(accounts.duty, store.vault, ben, "on_call", store.now)
    assert raised(store, "risk P1") == sorted([(ana, "page/alert"), (ben, "page/alert"), (pia, NOTICE)])


def test_of_one_that_is_held_its_holder_is_paged_and_an_on_call_key_worker_told(store: Store) -> None:
    ana, ben, pia = of_the_case(store)
    store.write(accounts.duty, store.vault, ben, "on_call", store.now)
    raised(store, "risk P2")
    (alert,) = store.rows(sa.select(alerts))
    store.write(claims.claim, store.vault, alert.ref, ana, store.now)
    assert raised(store, "risk P1") == sorted([(ana, "page/lifted"), (ben, NOTICE), (pia, NOTICE)])


def test_who_is_kept_apart_is_not_told(store: Store) -> None:
    """Whatever still stands as theirs: the two are written by different hands."""
    ana, ben, pia = of_the_case(store)
    (hers,) = store.rows(sa.select(persons))
    sealer = store.vault.sealer(hers.id, bytes(hers.wdek))
    store.write(conflicts.keep, sealer, hers.id, ben, "A cousin", store.now)
    assert raised(store, "risk P0") == sorted([(ana, "page/alert"), (pia, NOTICE)])


def test_who_is_assigned_no_more_is_not_told(store: Store) -> None:
    ana, ben, pia = of_the_case(store)
    store.write(assignments.end_all, pia, store.now)
    assert raised(store, "risk P1") == sorted([(ana, "page/alert"), (ben, NOTICE)])


def test_it_goes_out_at_any_hour_and_behind_a_page(store: Store) -> None:
    """Ben, behind Ana, is told at three in the morning; a page that comes for him meanwhile goes before it."""
    _, ben, _ = of_the_case(store)
    store.write(accounts.duty, store.vault, ben, "backup", store.now)
    store.pass_time(hours=15)
    store.hears("risk P1")
    store.fire()
    store.pass_time(minutes=5)
    store.fire()
    first, *_ = [one for one in store.claim() if one.owner == ben]
    assert first.page is not None
    assert first.page["message"] == "page/alert"
    store.sent(first)
    assert (ben, NOTICE) in said(store.deliver())


def test_an_answer_to_it_takes_nothing(store: Store) -> None:
    _, _, pia = of_the_case(store)
    raised(store, "risk P1")
    (alert,) = store.rows(sa.select(alerts))
    store.take(Inbound("sms", "SM-reply", PIA_PHONE, store.now, f"A {alert.ref}"))
    assert [what for who, what in said(store.deliver()) if who == pia] == ["page/refused"]
    assert [row.state for row in store.rows(sa.select(alerts))] == ["open"]


def test_a_fault_of_the_service_is_no_news_of_hers(store: Store) -> None:
    of_the_case(store)
    store.hears("boom")
    store.fire()
    assert NOTICE not in {what for _, what in said(store.deliver())}
    assert store.counted(alerts) == 1
