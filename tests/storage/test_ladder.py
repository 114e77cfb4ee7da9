"""Who is paged, and when: the ladder, claims that run out, and alerts that rise while somebody holds them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
import sqlalchemy as sa

from escalation.console.queue_rows import is_silent
from escalation.ports import Refused
from storage import claims, closing, outbox, paging, queue, reach, timers
from storage.claims import renew_all
from storage.outbox import Report
from storage.schema import addresses, alerts, audit, pages
from storage.vault import Vault
from tests.storage.store import ANA_PHONE, BEN_PHONE, Store


def team(store: Store) -> tuple[str, str]:
    """Ana on call and Ben behind her: their ids."""
    return store.staff("ana", ANA_PHONE, "on_call"), store.staff("ben", BEN_PHONE, "backup")


def rises(store: Store, text: str = "risk P1") -> str:
    """What a recipient says is an alert, and the first page of it is written. Returns its ref."""
    store.recipient()
    store.hears(text)
    store.fire()
    (row,) = store.rows(sa.select(alerts))
    return str(row.ref)


def paged(store: Store) -> list[str]:
    """Who was paged, oldest first."""
    return [row.staff_id for row in store.rows(sa.select(pages).order_by(pages.c.at, pages.c.id))]


def test_the_ladder_climbs_and_never_ends(store: Store) -> None:
    ana, ben = team(store)
    rises(store)
    assert paged(store) == [ana]
    store.pass_time(minutes=5)
    store.fire()
    assert sorted(paged(store)[1:]) == sorted([ana, ben])
    for _ in range(48):
        store.pass_time(minutes=10)
        store.fire()
    assert len(paged(store)) == 3 + 48 * 2


def test_after_an_outage_the_ladder_goes_on_without_making_up_for_missed_pages(store: Store) -> None:
    store.staff("ana", ANA_PHONE, "on_call")
    store.recipient()
    store.hears("risk P1")
    store.pass_time(hours=6)
    assert store.fire() == 1
    store.pass_time(minutes=1)
    assert store.fire() == 0
    assert len(paged(store)) == 1


def test_a_p3_pages_nobody_in_the_night_it_is_raised(store: Store) -> None:
    store.staff("ana", ANA_PHONE, "on_call")
    store.recipient()
    store.hears("risk P3")
    store.pass_time(hours=19, minutes=59)
    assert store.fire() == 0
    store.pass_time(minutes=1)
    store.fire()
    assert len(paged(store)) == 1


def test_a_claim_that_ran_out_pages_its_holder_and_the_next_rung(store: Store) -> None:
    ana, ben = team(store)
    ref = rises(store)
    store.write(_claim, store.vault, ref, ana, store.now)
    store.pass_time(minutes=14)
    store.fire()
    assert paged(store) == [ana]
    store.pass_time(minutes=1)
    store.fire()
    assert sorted(paged(store)[1:]) == sorted([ana, ben])
    said = {s.page["message"] for s in store.deliver() if s.page}
    assert said == {"page/alert"}, "it is nobody's now: not 'you hold it'"
    (row,) = store.rows(sa.select(alerts))
    assert (row.state, row.holder) == ("open", None)


def _claim(conn: sa.Connection, vault: Vault, ref: str, worker: str, now: datetime) -> None:
    claims.claim(conn, vault, ref, worker, now)


def _risen(store: Store) -> tuple[str, str, str]:
    """Ana holds a P2 that has just become a P0; Ben is the backup. Their ids and the alert's ref."""
    ana, ben = team(store)
    ref = rises(store, "risk P2")
    store.write(_claim, store.vault, ref, ana, store.now)
    store.pass_time(minutes=1)
    store.hears("risk P0")
    store.fire()
    return ana, ben, ref


def test_a_rise_that_its_holder_lets_pass_goes_to_the_next_rung_who_may_take_it(store: Store) -> None:
    ana, ben, ref = _risen(store)
    assert paged(store) == [ana, ana], "the holder first"
    with pytest.raises(Refused, match="ana has it"):
        store.write(_claim, store.vault, ref, ben, store.now)
    store.pass_time(minutes=2)
    store.fire()
    assert sorted(paged(store)[2:]) == sorted([ana, ben])
    said = {(s.owner, s.page["message"]) for s in store.deliver() if s.page and s.page["params"]["tier"] == "P0"}
    assert said == {(ana, "page/lifted"), (ben, "page/alert")}
    shown = store.read(queue.one, store.vault, ref, store.now)
    assert shown is not None
    assert is_silent(shown, store.now), "the console offers it too"
    store.write(_claim, store.vault, ref, ben, store.now)
    (row,) = store.rows(sa.select(alerts))
    assert (row.state, row.holder) == ("claimed", ben)


def test_a_holder_who_answers_a_rise_keeps_it(store: Store) -> None:
    ana, ben, ref = _risen(store)
    store.pass_time(minutes=1)
    store.write(_claim, store.vault, ref, ana, store.now)
    for _ in range(14):
        store.pass_time(minutes=1)
        store.fire()
    assert paged(store) == [ana, ana]
    with pytest.raises(Refused, match="ana has it"):
        store.write(_claim, store.vault, ref, ben, store.now)


def test_a_case_page_that_refreshes_itself_does_not_answer_for_its_reader(store: Store) -> None:
    ana, ben, _ = _risen(store)
    (row,) = store.rows(sa.select(alerts))
    store.write(renew_all, store.vault, ana, row.person_id, store.now, False)
    store.pass_time(minutes=2)
    store.fire()
    assert ben in paged(store)
    store.write(renew_all, store.vault, ana, row.person_id, store.now)
    store.pass_time(minutes=2)
    store.fire()
    assert paged(store).count(ben) == 1


def test_a_rise_that_nobody_answers_is_open_again_when_the_shorter_claim_ends(store: Store) -> None:
    _risen(store)
    for _ in range(15):
        store.pass_time(minutes=1)
        store.fire()
    (row,) = store.rows(sa.select(alerts))
    assert (row.state, row.holder) == ("open", None)


def test_something_new_under_a_claim_reaches_the_holders_phone_once_a_minute(store: Store) -> None:
    ana = store.staff("ana", ANA_PHONE, "on_call")
    ref = rises(store, "risk P1 first")
    store.write(_claim, store.vault, ref, ana, store.now)
    store.hears("risk P1 first", "risk P1 second", "risk P1 third")
    assert paged(store) == [ana, ana]
    (more,) = [s.page for s in store.deliver() if s.page and s.page["message"] == "page/more"]
    assert more["params"] == {"ref": ref, "code": ref, "tier": "P1"}, "the code that she took it by"
    store.pass_time(minutes=1)
    store.hears("risk P1 third")
    assert len(paged(store)) == 2, "said before"
    store.hears("risk P1 fourth")
    assert len(paged(store)) == 3


def test_two_loops_take_one_step_of_the_ladder_once(store: Store) -> None:
    store.staff("ana", ANA_PHONE, "on_call")
    store.recipient()
    store.hears("risk P1")
    _, (page,) = store.read(timers.due, store.now)
    written = [store.write(paging.advance, store.vault, page.id, page.alert, store.now) for _ in range(2)]
    assert written == [1, 0]


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_two_replicas_take_one_step_of_the_ladder_once(opening: Callable[[], Store]) -> None:
    first, second = opening(), opening()
    first.staff("ana", ANA_PHONE, "on_call")
    people = [f"+4477009004{n:02d}" for n in range(10)]
    for address in people:
        first.recipient(address)
    first.take(*(first.text("risk P1", address) for address in people))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(Store.fire, (first, second)))
    assert len(paged(first)) == 10


# a page that is lost


def dies(store: Store, shut: bool = True) -> None:
    """Every page that is due, at its provider."""
    for sending in store.claim():
        if sending.page is not None:
            store.write(outbox.dead, store.vault, sending, "21610", "", store.now, shut)


def test_a_page_that_dies_brings_the_next_rung_at_once_and_its_phone_is_paged_no_more(store: Store) -> None:
    ana, ben = team(store)
    rises(store)
    dies(store)
    assert store.fire() == 1
    assert sorted(paged(store)) == sorted([ana, ben]), "not Ana again: her phone is shut"
    assert [row.state for row in store.rows(sa.select(addresses).where(addresses.c.owner_id == ana))] == ["shut"]
    assert "phone.shut" in [row.action for row in store.rows(sa.select(audit))]


@pytest.mark.parametrize("how", ["another phone", "already higher", "taken", "resolved"])
def test_a_dead_page_hurries_nothing_where_it_does_not_matter(store: Store, how: str) -> None:
    ana = store.staff("ana", ANA_PHONE, "on_call")
    store.staff("ben", BEN_PHONE, "backup" if how != "another phone" else "on_call")
    rises(store)
    sending = next(s for s in store.claim() if s.owner == ana)
    (row,) = store.rows(sa.select(alerts))
    if how == "already higher":
        store.pass_time(minutes=5)
        store.fire()
    elif how != "another phone":
        taken = store.write(claims.claim, store.vault, row.ref, ana, store.now)
        if how == "resolved":
            store.write(closing.resolve, store.vault, row.ref, ana, taken.claim, "other", "Done.", store.now)
    count = len(paged(store))
    store.write(outbox.dead, store.vault, sending, "500", "", store.now)
    store.fire()
    assert len(paged(store)) == count


def test_a_report_that_a_page_did_not_arrive_brings_the_next_rung(store: Store) -> None:
    ana, ben = team(store)
    rises(store)
    (sending,) = [s for s in store.deliver() if s.page]
    store.write(outbox.report, store.vault, Report("sms", f"out-{sending.id}", "undelivered", "30003"), store.now)
    store.fire()
    assert sorted(paged(store)) == sorted([ana, ana, ben])


def test_news_that_does_not_reach_the_holder_goes_to_the_rungs(store: Store) -> None:
    ana, ben = team(store)
    rises(store, "risk P1 first")
    store.deliver()
    (row,) = store.rows(sa.select(alerts))
    store.write(_claim, store.vault, row.ref, ana, store.now)
    store.hears("risk P1 second")
    dies(store)
    store.fire()
    assert sorted(paged(store)) == sorted([ana, ana, ben])
    store.write(_claim, store.vault, row.ref, ben, store.now)


def test_a_phone_that_shut_while_a_page_waited_for_it_brings_the_next_rung(store: Store) -> None:
    ana, ben = team(store)
    rises(store)
    store.write(reach.changed, store.vault, reach.Door("sms", ANA_PHONE, False), store.now)
    store.claim()
    store.fire()
    assert sorted(paged(store)) == sorted([ana, ben])


def test_a_worker_who_texts_stop_is_not_paged_until_they_write_again(store: Store) -> None:
    ana = store.staff("ana", ANA_PHONE, "on_call")
    store.hears("Stop", address=ANA_PHONE)
    rises(store)
    assert paged(store) == []
    store.hears("start", address=ANA_PHONE)
    store.pass_time(minutes=1)
    store.fire()
    assert paged(store) == [ana]


def shuts(store: Store, *phones: str) -> None:
    for phone in phones:
        store.write(reach.changed, store.vault, reach.Door("sms", phone, False), store.now)


def test_a_rung_that_nobody_can_be_reached_on_is_left_for_the_next_at_once(store: Store) -> None:
    _, ben = team(store)
    shuts(store, ANA_PHONE)
    rises(store, "risk P0")
    assert paged(store) == [ben]
    store.pass_time(minutes=1)
    assert store.fire() == 0, "Ben has the time that his rung has"


def test_where_nobody_on_duty_can_be_reached_whoever_can_be_is_paged_at_once(store: Store) -> None:
    team(store)
    eva = store.staff("eva", "+447700900203", "off")
    shuts(store, ANA_PHONE, BEN_PHONE)
    rises(store, "risk P0")
    assert paged(store) == [eva]


def test_where_no_phone_at_all_is_open_it_is_looked_again_each_minute(store: Store) -> None:
    ana, ben = team(store)
    shuts(store, ANA_PHONE, BEN_PHONE)
    rises(store, "risk P0")
    assert paged(store) == []
    store.pass_time(minutes=1)
    assert store.fire() == 1
    store.write(reach.changed, store.vault, reach.Door("sms", BEN_PHONE, True), store.now)
    store.pass_time(minutes=1)
    store.fire()
    assert paged(store) == [ben]
    assert ana not in paged(store)
