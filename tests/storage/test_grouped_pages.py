"""Many alerts at once for one phone: one message, each alert in it claimed by its code, and a P0 in none of them."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from storage import outbox, reach
from storage.outbox import Report
from storage.schema import alerts
from storage.schema import outbox as rows
from storage.sendings import Sending
from tests.storage.store import ANA_PHONE, Store


def wait(store: Store, *tiers: str) -> list[str]:
    """As many alerts are paged to Ana before anything is sent. Their refs."""
    store.staff("ana", ANA_PHONE, "on_call")
    more(store, *tiers)
    return [row.ref for row in store.rows(sa.select(alerts).order_by(alerts.c.raised_at, alerts.c.id))]


def more(store: Store, *tiers: str) -> None:
    for tier in tiers:
        number = store.counted(alerts)
        address = f"+447700900{500 + number}"
        store.recipient(address)
        store.pass_time(milliseconds=1)
        store.hears(f"risk {tier}", address=address)
    store.pass_time(hours=20 if "P3" in tiers else 0)
    while store.fire():
        pass


def pages(sent: list[Sending]) -> list[tuple[str, str]]:
    """What each message says: its id and its code or codes."""
    found = [one.page for one in sent if one.page is not None]
    return [(page["message"], page["params"].get("codes") or page["params"]["ref"]) for page in found]


def statuses(store: Store) -> list[str]:
    return [row.status for row in store.rows(sa.select(rows).where(rows.c.kind == "page").order_by(rows.c.seq))]


def test_what_waits_for_one_phone_is_one_message_and_all_of_it_is_sent(store: Store) -> None:
    refs = wait(store, "P2", "P2", "P2")
    (sent,) = store.deliver()
    assert sent.page is not None
    params = sent.page["params"]
    assert (sent.page["message"], params["count"], params["tier"]) == ("page/several", "3", "P2")
    assert sorted(params["codes"].split(", ")) == sorted(refs)
    assert statuses(store) == ["sent"] * 3
    assert store.claim() == []


def test_each_alert_of_it_is_claimed_by_its_own_code(store: Store) -> None:
    refs = wait(store, "P1", "P1")
    store.deliver()
    for ref in refs:
        store.hears(f"A {ref}", address=ANA_PHONE)
    assert {row.state for row in store.rows(sa.select(alerts))} == {"claimed"}


def test_a_p0_is_a_message_of_its_own_and_waits_for_none_on_its_way_to_the_same_phone(store: Store) -> None:
    wait(store, "P1", "P1")
    (group,) = store.claim()
    more(store, "P0")
    (p0,) = store.claim()
    assert p0.at_once
    assert not group.at_once
    assert pages([p0])[0][0] == "page/alert"
    assert pages([group])[0][0] == "page/several"


def test_what_comes_while_one_is_on_its_way_is_the_next_message(store: Store) -> None:
    wait(store, "P1")
    (first,) = store.claim()
    more(store, "P1", "P2")
    assert store.claim() == []
    store.sent(first)
    (second,) = store.deliver()
    assert pages([first, second])[1][0] == "page/several"


def test_more_than_fit_into_one_message_go_in_two(store: Store) -> None:
    refs = wait(store, *["P1"] * 8)
    first, second = store.deliver()
    assert sorted(", ".join(codes for _, codes in pages([first, second])).split(", ")) == sorted(refs)


def test_a_message_whose_outcome_is_looked_up_says_the_same_again(store: Store) -> None:
    wait(store, "P1", "P1")
    (first,) = store.claim()
    store.write(outbox.uncertain, first, store.now, "timeout")
    more(store, "P1")
    (again,) = store.claim()
    assert again.checking
    assert again.page == first.page
    store.sent(again)
    (third,) = store.deliver()
    assert pages([third])[0][0] == "page/alert"


def test_one_that_certainly_did_not_go_takes_up_what_came_meanwhile(store: Store) -> None:
    wait(store, "P1", "P1")
    (first,) = store.claim()
    store.write(outbox.later, first, store.now, "503")
    more(store, "P2")
    (again,) = store.claim()
    assert again.page is not None
    assert again.page["params"]["count"] == "3"


def test_a_process_that_dies_with_it_leaves_none_behind(store: Store) -> None:
    wait(store, "P1", "P1", "P1")
    store.claim()
    store.pass_time(minutes=1)
    store.write(outbox.expired_leases, store.now)
    (again,) = store.claim()
    assert again.page is not None
    assert again.page["params"]["count"] == "3"
    store.sent(again)
    assert statuses(store)[:3] == ["sent"] * 3


def test_where_its_first_is_given_up_the_others_wait_on_their_own_again(store: Store) -> None:
    wait(store, "P1", "P1", "P1")
    (first,) = store.claim()
    store.write(outbox.unwanted, first)
    (again,) = store.claim()
    assert again.page is not None
    assert again.page["params"]["count"] == "2"


def test_a_phone_that_is_shut_loses_them_all_and_the_ladder_hears_of_each(store: Store) -> None:
    wait(store, "P1", "P1")
    (first,) = store.claim()
    store.write(outbox.dead, store.vault, first, "21610", "", store.now, True)
    assert store.claim() == []
    assert statuses(store)[:2] == ["dead", "dead"]
    assert {row.next_page_at for row in store.rows(sa.select(alerts))} == {round(store.now.timestamp() * 1000)}


def test_a_report_about_it_is_about_every_alert_in_it(store: Store) -> None:
    wait(store, "P1", "P1")
    (sent,) = store.deliver()
    assert store.write(outbox.report, store.vault, Report("sms", f"out-{sent.id}", "undelivered", "30003"), store.now)
    assert statuses(store)[:2] == ["failed", "failed"]
    now = round(store.now.timestamp() * 1000)
    assert [row.next_page_at for row in store.rows(sa.select(alerts))] == [now, now]


def test_the_same_alert_paged_again_before_the_first_page_left_is_one_plain_page(store: Store) -> None:
    wait(store, "P1")
    store.pass_time(minutes=5)
    store.fire()
    (sent,) = store.deliver()
    assert pages([sent])[0][0] == "page/alert"
    assert statuses(store) == ["sent", "sent"]


def test_pages_to_two_phones_are_two_messages(store: Store) -> None:
    wait(store, "P1", "P1")
    store.staff("ben", "+447700900202", "backup")
    store.now += timedelta(minutes=5)
    store.fire()
    sent = store.deliver()
    assert sorted(one.address for one in sent) == [ANA_PHONE, "+447700900202"]
    assert {message for message, _ in pages(sent)} == {"page/several"}


def test_who_texts_stop_while_they_wait_gets_none_of_them(store: Store) -> None:
    wait(store, "P1", "P1")
    store.write(reach.changed, store.vault, reach.Door("sms", ANA_PHONE, False), store.now)
    assert store.claim() == []
    store.fire()
    assert store.claim() == []
