"""A provider's list of a whole day against what was taken: only what is new goes through a turn again."""

from __future__ import annotations

from storage.turns import ASKED_AT_ONCE, untaken
from tests.storage.store import OTHER, Store


def test_what_was_taken_is_sorted_out_whosever_it_was_and_the_order_stays(store: Store) -> None:
    store.recipient()
    hers, missed, strangers, latest = (store.text(words, phone) for words, phone in WORDS)
    store.take(hers, strangers)
    assert store.read(untaken, store.vault, [hers, missed, strangers, latest]) == [missed, latest]


def test_a_list_longer_than_one_query(store: Store) -> None:
    person = store.recipient()
    day = [store.text(f"text {n}") for n in range(ASKED_AT_ONCE * 2 + 3)]
    store.take(*day[:ASKED_AT_ONCE], *day[ASKED_AT_ONCE + 1 : -1])
    assert store.read(untaken, store.vault, day) == [day[ASKED_AT_ONCE], day[-1]]
    assert store.state(person).turns == len(day) - 2


def test_nothing_came(store: Store) -> None:
    assert store.read(untaken, store.vault, []) == []


HERS, STRANGER = "+447700900123", OTHER
WORDS = (("hello", HERS), ("are you there", HERS), ("wrong number", STRANGER), ("hello again", HERS))
