"""Her timers: each fires once, when due, as it was last set."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from storage import refusing
from storage.arrivals import DueTimer
from storage.schema import (
    alerts,
    stamp,
    timers,
)
from storage.timers import due
from tests.storage.store import Store


def test_a_timer_fires_once_and_only_when_due(store: Store) -> None:
    person = store.recipient()
    store.hears("later 60")
    store.pass_time(minutes=59)
    assert store.fire() == 0
    store.pass_time(minutes=1)
    assert store.fire() == 1
    assert store.fire() == 0
    assert store.state(person).turns == 2
    assert store.statuses(person) == ["due"]


def test_scheduling_again_moves_the_timer_and_the_old_row_fires_nothing(store: Store) -> None:
    store.recipient()
    store.hears("later 60")
    (old,) = store.rows(sa.select(timers))
    store.hears("later 120")
    (new,) = store.rows(sa.select(timers))
    assert new.due_at - old.due_at == 60 * 60 * 1000
    late = DueTimer(old.id, old.owner_id, old.kind, old.key, store.now)
    assert store.take(late)[0].outcome == "gone"


def test_a_cancelled_timer_is_gone(store: Store) -> None:
    store.recipient()
    store.hears("later 60", "never")
    assert store.counted(timers) == 0


def test_a_timer_set_and_cancelled_in_one_group_is_not_there(store: Store) -> None:
    store.recipient()
    store.take(store.text("later 60"), store.text("never"), store.text("later 90"))
    assert store.counted(timers) == 1


def test_a_poison_timer_is_taken_away_and_told(store: Store) -> None:
    store.recipient()
    store.hears("later 0")
    (row,) = store.rows(sa.select(timers))
    store.write(refusing.refuse, store.vault, DueTimer(row.id, row.owner_id, row.kind, row.key, store.now))
    assert store.counted(alerts) == 1
    assert [r.kind for r in store.rows(sa.select(timers))] == ["page"]


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_two_replicas_fire_each_timer_once(opening: Callable[[], Store]) -> None:
    one, two = opening(), opening()
    everybody = [f"+4477009004{n:02d}" for n in range(20)]
    ids = [one.recipient(address) for address in everybody]
    one.take(*(one.text("later 1", address) for address in everybody))
    one.pass_time(minutes=1)
    two.now = one.now
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(Store.fire, (one, two)))
    assert [one.state(person).turns for person in ids] == [2] * 20


def test_the_most_urgent_page_is_first_however_many_timers_are_due(store: Store) -> None:
    person = store.recipient()
    row = {"kind": "checkin", "owner_id": person, "due_at": stamp(store.now) - 1000}
    many = [row | {"id": f"timer-{n}", "key": str(n)} for n in range(1500)]
    store.write(lambda conn: conn.execute(sa.insert(timers), many).rowcount)
    for n, tier in enumerate(("P2", "P1", "P0")):
        address = f"+44770090050{n}"
        store.recipient(address)
        store.hears(f"risk {tier}", address=address)
        store.pass_time(seconds=1)
    people, pages = store.read(due, store.now)
    tiers = {row.id: row.tier for row in store.rows(sa.select(alerts))}
    assert [tiers[page.alert] for page in pages] == ["P0", "P1", "P2"]
    assert 0 < len(people) <= 128, "one group of turns: a page that comes meanwhile waits no longer"
