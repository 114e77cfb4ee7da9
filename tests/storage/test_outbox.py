"""What waits to be sent: leased, sent outside any transaction, marked under a number, and never twice by our doing."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import outbox, queue, telling
from storage.outbox import Report
from storage.schema import addresses, alerts, phone_messages
from storage.schema import outbox as rows
from storage.sendings import Sending
from tests.storage.store import ANA_PHONE, HER, OTHER, Store

CHAT = "900123"
ANA_CHAT = "900201"


def status(store: Store, sending: Sending) -> str:
    return str(store.rows(sa.select(rows.c.status).where(rows.c.id == sending.id))[0].status)


def one(store: Store) -> Sending:
    (sending,) = store.claim()
    return sending


def claimed(store: Store, policy: str) -> Sending:
    """A recipient's first message, in the air under this policy."""
    store.recipient()
    store.hears("hello")
    store.run(sa.update(rows).values(policy=policy))
    return one(store)


# claim


def test_a_row_is_claimed_once(store: Store) -> None:
    store.recipient()
    store.hears("hello")
    sending = one(store)
    assert (sending.channel, sending.address, sending.attempts, sending.claim) == ("sms", HER, 1, 1)
    assert store.claim() == []
    assert store.sent(sending)
    assert status(store, sending) == "sent"


def test_one_message_of_a_person_is_in_the_air_at_a_time_and_in_order(store: Store) -> None:
    store.recipient()
    store.recipient(OTHER)
    store.take(store.text("hello"), store.text("one"), store.text("hello", OTHER))
    first = store.claim()
    assert sorted(s.address for s in first) == [HER, OTHER]
    assert store.claim() == []
    for sending in first:
        store.sent(sending)
    assert [s.send.message for s in store.claim() if s.send] == ["t/next"]


def test_the_database_itself_refuses_a_second_message_in_the_air(store: Store) -> None:
    store.recipient()
    store.take(store.text("hello"), store.text("one"))
    one(store)
    with pytest.raises(sa.exc.IntegrityError):
        store.run(sa.update(rows).values(status="sending"))


def test_a_message_that_waits_too_long_expires_instead_of_coming_late(store: Store) -> None:
    person = store.recipient()
    store.hears("hello")
    store.pass_time(minutes=11)
    assert store.claim() == []
    assert store.statuses(person) == ["expired"]


def test_a_worker_is_paged_before_a_recipients_idle_message(store: Store) -> None:
    store.recipient()
    store.staff("ana", ANA_PHONE, "on_call")
    store.hears("ping", "risk P0")
    store.fire()
    assert [s.kind for s in store.claim()] == ["page", "cover"]


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_two_replicas_never_claim_the_same_row(opening: Callable[[], Store]) -> None:
    first, second = opening(), opening()
    people = [f"+4477009004{n:02d}" for n in range(30)]
    for address in people:
        first.recipient(address)
    for _ in range(3):
        first.take(*(first.text("hello", address) for address in people))
    claimed: list[Sending] = []

    def drain(store: Store) -> list[Sending]:
        return store.deliver()

    with ThreadPoolExecutor(2) as pool:
        for part in pool.map(drain, (first, second)):
            claimed += part
    claimed += first.deliver()
    assert len(claimed) == 90
    assert len({s.id for s in claimed}) == 90
    assert {s.claim for s in claimed} == {1}


# leases


@pytest.mark.parametrize(("policy", "then"), [("repeat", "due"), ("reconcile", "checking"), ("drop", "unknown")])
def test_a_sender_that_died_leaves_its_row_to_the_messages_policy(store: Store, policy: str, then: str) -> None:
    sending = claimed(store, policy)
    store.pass_time(seconds=44)
    assert store.write(outbox.expired_leases, store.now) == 0
    store.pass_time(seconds=2)
    assert store.write(outbox.expired_leases, store.now) == 1
    assert store.write(outbox.expired_leases, store.now) == 0
    assert status(store, sending) == then
    again = store.claim()
    assert [s.checking for s in again] == {"repeat": [False], "reconcile": [True], "drop": []}[policy]
    assert [s.claim for s in again] == ([2] if again else [])


@pytest.mark.parametrize(("policy", "then"), [("repeat", "due"), ("reconcile", "checking"), ("drop", "unknown")])
def test_an_uncertain_answer_follows_the_same_policy(store: Store, policy: str, then: str) -> None:
    sending = claimed(store, policy)
    store.write(outbox.uncertain, Sending(**_with(sending, policy=policy)), store.now, "timeout")
    assert status(store, sending) == then


def test_a_refusal_does_not_make_an_uncertain_message_a_new_one(store: Store) -> None:
    store.write(outbox.uncertain, claimed(store, "reconcile"), store.now, "timeout")
    again = one(store)
    assert again.checking
    store.write(outbox.later, again, store.now, "429")
    assert one(store).checking, "it is still looked up before it is sent"


def _with(sending: Sending, **changed: Any) -> dict[str, Any]:
    return {name: getattr(sending, name) for name in Sending.__dataclass_fields__} | changed


def lapsed(store: Store) -> Sending:
    """Claimed, and not heard of until its lease ran out: it may be claimed again."""
    old = claimed(store, "repeat")
    store.pass_time(seconds=46)
    store.write(outbox.expired_leases, store.now)
    return old


def test_what_an_older_claim_did_is_not_undone(store: Store) -> None:
    old = lapsed(store)
    new = one(store)
    assert not store.sent(old), "a late mark under an old number is refused"
    store.write(outbox.later, old, store.now, "429")
    store.write(outbox.uncertain, old, store.now, "timeout")
    store.write(outbox.dead, store.vault, old, "21610", "blocked", store.now)
    assert status(store, new) == "sending"
    assert store.sent(new)


def test_a_late_mark_before_anybody_claimed_again_saves_a_second_sending(store: Store) -> None:
    old = lapsed(store)
    assert store.sent(old)
    assert store.claim() == []


# exit while something is in the air


@pytest.mark.parametrize("how", ["later", "uncertain", "lease"])
@pytest.mark.parametrize("policy", ["repeat", "reconcile"])
def test_what_was_in_the_air_when_she_left_is_not_tried_again(store: Store, how: str, policy: str) -> None:
    sending = Sending(**_with(claimed(store, policy), policy=policy))
    store.hears("x")
    if how == "lease":
        store.pass_time(seconds=46)
        store.write(outbox.expired_leases, store.now)
    else:
        store.write(getattr(outbox, how), sending, store.now, "429")
    store.pass_time(seconds=1)
    sent = [s.send.message for s in store.deliver() if s.send]
    assert sent == ["t/cover"], "her chat is closed: nothing of the session may follow"
    assert status(store, sending) == "expired"


def test_what_was_being_checked_when_she_left_is_not_sent_either(store: Store) -> None:
    store.recipient()
    store.hears("hello")
    store.write(outbox.uncertain, one(store), store.now, "timeout")
    store.hears("x")
    assert [s.send.message for s in store.deliver() if s.send] == ["t/cover"]


def test_a_message_that_arrived_after_she_left_is_wiped_once_more(store: Store) -> None:
    person = store.recipient(CHAT, "telegram")
    store.hears("hello", address=CHAT, channel="telegram")
    in_the_air = one(store)
    store.hears("x", address=CHAT, channel="telegram")
    (wipe,) = (s for s in store.claim() if s.wipe is not None)
    store.sent(wipe)
    assert store.sent(in_the_air), "the provider took it after all"
    (again,) = (s for s in store.claim() if s.wipe is not None)
    assert [message for _, message in again.wipe or ()] == [f"out-{in_the_air.id}"]
    store.sent(again)
    assert store.rows(sa.select(phone_messages).where(phone_messages.c.person_id == person)) == []


@pytest.mark.parametrize("how", ["checked_before", "checked_after", "lease"])
def test_what_may_stand_on_her_phone_after_she_left_is_told_to_a_worker(store: Store, how: str) -> None:
    """Its outcome is unknown, so it has no id to be wiped by (SAFETY 19)."""
    store.recipient(CHAT, "telegram")
    store.hears("hello", address=CHAT, channel="telegram")
    in_the_air = one(store)
    if how == "checked_before":
        store.write(outbox.uncertain, in_the_air, store.now, "timeout")
    store.hears("x", address=CHAT, channel="telegram")
    if how == "checked_after":
        store.write(outbox.uncertain, in_the_air, store.now, "timeout")
    if how == "lease":
        store.pass_time(seconds=46)
        store.write(outbox.expired_leases, store.now)
    store.pass_time(seconds=1)
    assert [s.send.message for s in store.deliver() if s.send] == ["t/cover"]
    (alert,) = store.read(queue.queue, store.vault, store.now)
    assert (alert.tier, alert.kind) == ("P2", "task")
    assert "may stand on her phone" in alert.title


def test_what_certainly_was_not_sent_when_she_left_is_no_news(store: Store) -> None:
    store.recipient(CHAT, "telegram")
    store.hears("hello", address=CHAT, channel="telegram")
    refused = one(store)
    store.hears("x", address=CHAT, channel="telegram")
    store.write(outbox.later, refused, store.now, "429")
    store.pass_time(seconds=1)
    store.deliver()
    assert store.read(queue.queue, store.vault, store.now) == []


def test_what_cannot_be_deleted_is_told_to_a_worker(store: Store) -> None:
    person = store.recipient(CHAT, "telegram")
    message = store.text("hello", CHAT, "telegram", phone_message="77")
    store.take(message)
    store.deliver()
    store.hears("x", address=CHAT, channel="telegram")
    (wipe,) = (s for s in store.claim() if s.wipe is not None)
    assert {m for _, m in wipe.wipe or ()} >= {"77"}
    store.write(outbox.wiped, store.vault, wipe, ("77",), store.now)
    left = store.rows(sa.select(phone_messages.c.state).where(phone_messages.c.person_id == person))
    assert [row.state for row in left] == ["stuck"]
    (alert,) = store.read(queue.queue, store.vault, store.now)
    assert (alert.tier, alert.kind) == ("P2", "task")


# faults of a row


def test_a_row_that_does_not_open_is_set_aside_and_the_next_is_sent(store: Store) -> None:
    person = store.recipient()
    store.recipient(OTHER)
    store.take(store.text("hello"), store.text("hello", OTHER))
    store.run(sa.update(rows).where(rows.c.owner_id == person).values(sealed=b"spoilt"))
    assert [s.address for s in store.claim()] == [OTHER]
    assert store.statuses(person) == ["dead"]
    (alert,) = store.read(queue.queue, store.vault, store.now)
    assert alert.person == store.ref(person)


def test_a_page_that_does_not_open_raises_no_alert_about_a_worker(store: Store) -> None:
    ana = store.staff("ana", ANA_PHONE)
    store.write(telling.tell, store.vault, ana, "page/how", {}, store.now)
    store.run(sa.update(rows).values(sealed=b"spoilt"))
    assert store.claim() == []
    assert store.rows(sa.select(alerts)) == []


def test_a_phone_that_is_shut_makes_the_message_a_workers_task(store: Store) -> None:
    person = store.recipient()
    store.hears("hello")
    store.run(sa.update(addresses).values(state="shut"))
    assert store.claim() == []
    assert store.statuses(person) == ["dead"]
    assert len(store.read(queue.queue, store.vault, store.now)) == 1


def test_dead_is_told_to_a_worker_with_the_code(store: Store) -> None:
    store.recipient()
    store.hears("hello")
    sending = one(store)
    store.write(outbox.dead, store.vault, sending, "30004", "She blocked us (code 30004).", store.now)
    (alert,) = store.read(queue.queue, store.vault, store.now)
    assert (alert.title, status(store, sending)) == ("She blocked us (code 30004).", "dead")


# reports of the provider

REPORTS = st.lists(st.sampled_from(["queued", "sent", "delivered", "read", "undelivered", "failed"]), max_size=8)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(reports=REPORTS)
def test_reports_in_any_order_end_in_the_same_place(store: Store, reports: list[str]) -> None:
    _fresh(store)
    sending = one(store)
    store.sent(sending)
    for report in reports:
        store.write(outbox.report, store.vault, Report("sms", f"out-{sending.id}", report, "30005"), store.now)
    good, bad = {"delivered", "read"} & set(reports), {"undelivered", "failed"} & set(reports)
    assert status(store, sending) == ("delivered" if good else "failed" if bad else "sent")


def _fresh(store: Store) -> None:
    """The same person and one message; what earlier examples left is taken away."""
    store.run(sa.delete(rows))
    if not store.rows(sa.select(addresses)):
        store.recipient()
    store.hears("hello")


def test_a_report_that_comes_before_the_mark_is_not_known_yet(store: Store) -> None:
    store.recipient()
    store.hears("hello")
    sending = one(store)

    def report() -> bool:
        return store.write(outbox.report, store.vault, Report("sms", f"out-{sending.id}", "delivered"), store.now)

    assert not report()
    store.sent(sending)
    assert report()
    assert status(store, sending) == "delivered"


def test_a_failed_report_is_a_workers_task_once(store: Store) -> None:
    store.recipient()
    store.hears("hello")
    sending = one(store)
    store.sent(sending)
    for _ in range(3):
        store.write(outbox.report, store.vault, Report("sms", f"out-{sending.id}", "undelivered", "30005"), store.now)
    assert len(store.read(queue.queue, store.vault, store.now)) == 1
