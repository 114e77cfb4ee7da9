"""Taking a group of arrivals: once each, in order, each person by herself."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from flows.engine.conversation import Conversation
from flows.engine.effects import Turn
from flows.engine.events import Event, WorkerJoined
from storage import claims, presence
from storage.arrivals import Act
from storage.schema import (
    alerts,
    events,
)
from tests.storage.little_engine import decide
from tests.storage.store import OTHER, Store


def test_a_message_delivered_twice_is_taken_once(store: Store) -> None:
    person = store.recipient()
    message = store.text("hello")
    assert [store.take(message)[0].outcome for _ in range(3)] == ["done", "duplicate", "duplicate"]
    assert store.state(person).turns == 1
    assert store.statuses(person) == ["due"]


def test_a_message_twice_in_one_group_is_taken_once(store: Store) -> None:
    person = store.recipient()
    message = store.text("hello")
    assert [t.outcome for t in store.take(message, message)] == ["done", "duplicate"]
    assert store.state(person).turns == 1


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_two_replicas_that_get_the_same_message_take_it_once(opening: Callable[[], Store]) -> None:
    one, two = opening(), opening()
    person = one.recipient()
    messages = [one.text("hello", provider_id=f"SM{n}") for n in range(20)]
    with ThreadPoolExecutor(2) as pool:
        both = [list(pool.map(lambda s, m=m: s.take(m)[0].outcome, (one, two))) for m in messages]
    assert all(sorted(pair) == ["done", "duplicate"] for pair in both)
    assert one.state(person).turns == 20


def test_two_messages_of_one_person_in_a_group_are_two_turns_in_order(store: Store) -> None:
    person = store.recipient()
    store.take(store.text("hello"), store.text("one"), store.text("plan a bag"), store.text("two"))
    state = store.state(person)
    assert (state.turns, [item.words for item in state.plan]) == (4, ["a bag"])
    seqs = [
        row.seq for row in store.rows(sa.select(events.c.seq).where(events.c.kind == "talk").order_by(events.c.seq))
    ]
    assert seqs == [1, 2, 3, 4]
    assert [sending.send.message for sending in store.deliver() if sending.send] == [
        "t/hello",
        "t/next",
        "t/next",
        "t/next",
    ]


def test_people_in_one_group_do_not_mix(store: Store) -> None:
    her, other = store.recipient(), store.recipient(OTHER)
    store.take(
        store.text("hello"), store.text("hello", OTHER), store.text("plan hers"), store.text("plan others", OTHER)
    )
    assert [item.words for item in store.state(her).plan] == ["hers"]
    assert [item.words for item in store.state(other).plan] == ["others"]


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_two_turns_of_one_person_at_two_replicas_follow_one_another(opening: Callable[[], Store]) -> None:
    one, two = opening(), opening()
    person = one.recipient()

    def slow(before: Conversation, event: Event) -> Turn:
        time.sleep(0.02)  # the other replica must come while this one holds her row
        return decide(before, event)

    with ThreadPoolExecutor(2) as pool:
        groups = [(s, s.text(f"plan {n}")) for n in range(5) for s in (one, two)]
        list(pool.map(lambda pair: pair[0].take(pair[1], deciding=slow), groups))
    state = one.state(person)
    assert (state.turns, len(state.plan)) == (10, 10)


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_what_postgresql_asks_to_be_done_again_is_done_a_bounded_number_of_times(store: Store) -> None:
    tries: list[int] = []

    def never(conn: sa.Connection) -> None:
        tries.append(1)
        conn.execute(sa.text("DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$"))

    def third_time(conn: sa.Connection) -> str:
        if len(tries) < 7:
            never(conn)
        return "done"

    with pytest.raises(sa.exc.OperationalError):
        store.write(never)
    assert len(tries) == 5
    assert store.write(third_time) == "done"


@pytest.mark.parametrize("closed", [False, True])
def test_a_worker_left_over_by_an_older_release_is_gone_at_her_next_message(store: Store, closed: bool) -> None:
    person, ana = store.recipient(), store.staff("ana", "+447700900201")
    store.hears("hello", "risk P1")
    (alert,) = store.rows(sa.select(alerts))
    store.write(claims.claim, store.vault, alert.ref, ana, store.now)
    store.take(Act(person, WorkerJoined(store.now, ana), "join"))
    if closed:
        store.hears("x")
    store.run(sa.update(alerts).values(state="resolved"))  # and nothing was written for her, as it was before
    before = presence.there(store.state(person))

    store.hears("hello")

    assert (before, presence.there(store.state(person))) == (ana, "")
    said = [sending.send.message for sending in store.deliver() if sending.send]
    assert ("engine/worker_left" in said) is not closed
