"""SAFETY 4: no resend and no "did you get this?" unless she agreed. What was not delivered goes to a worker."""

from __future__ import annotations

from flows.engine.conversation import Contact
from storage import outbox, queue
from storage.outbox import Report
from tests.safety.phone import Phone
from tests.storage.store import Store

DAY = 86_400


def test_by_default_a_missed_check_in_is_a_workers_and_not_a_second_message() -> None:
    assert Contact().missed_rule == "worker"
    phone = Phone()
    assert len(phone.rings("checkin")) == 1
    assert phone.rings("missed", after=DAY) == []
    assert [raised.kind for raised in phone.raised] == ["missed"]


def test_where_she_agreed_one_there_is_one_and_then_a_worker() -> None:
    phone = Phone(missed_rule="retry_then_worker")
    phone.rings("checkin")
    assert len(phone.rings("missed", after=DAY)) == 1
    assert phone.shows_only_the_cover
    assert phone.rings("missed", after=DAY) == []
    assert [raised.kind for raised in phone.raised] == ["missed"]


def test_the_next_check_in_does_not_ask_while_the_last_one_is_unanswered() -> None:
    phone = Phone()
    phone.rings("checkin")
    assert phone.rings("checkin", after=7 * DAY) == []


def test_an_undelivered_answer_is_a_workers_task_and_nothing_more_goes_to_her(store: Store) -> None:
    person = store.recipient()
    store.hears("hello")
    (sending,) = store.deliver()
    store.write(outbox.report, store.vault, Report("sms", f"out-{sending.id}", "undelivered", "30005"), store.now)
    for _ in range(3):
        store.pass_time(days=1)
        assert [one for one in store.deliver() if one.owner == person] == []
    assert store.statuses(person) == ["failed"]
    (task,) = store.read(queue.queue, store.vault, store.now)
    assert (task.kind, task.title) == ("task", "A message did not arrive on her phone (code 30005).")
