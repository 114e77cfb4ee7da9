"""Who is nobody's yet: kept as nothing, unless by a code or the keyword, and then once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
import sqlalchemy as sa

from storage import people, throttle
from storage.schema import (
    codes,
    consents,
    inbox,
    metadata,
    persons,
    phone_messages,
)
from tests.storage.store import HER, OTHER, Store

PAIR = (HER, OTHER)


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_strangers_joining_message_at_two_replicas_makes_one_person(opening: Callable[[], Store]) -> None:
    one, two = opening(), opening()
    for number in range(5):
        message = one.text("harvest", address=f"+44770090030{number}")
        with ThreadPoolExecutor(2) as pool:
            outcomes = list(pool.map(lambda s, m=message: s.take(m)[0].outcome, (one, two)))
        assert sorted(outcomes) == ["done", "duplicate"]
    assert one.counted(persons) == 5


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_one_code_at_two_replicas_enrols_one_of_two_strangers(opening: Callable[[], Store]) -> None:
    one, two = opening(), opening()
    code = one.write(people.invite, one.vault, "ana", one.now, "", "")
    pairs = ((one, one.text(code, HER)), (two, two.text(code, OTHER)))
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(lambda pair: pair[0].take(pair[1])[0].outcome, pairs))
    assert sorted(outcomes) == ["done", "stranger"]


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_two_replicas_count_the_same_two_strangers_in_one_order(
    opening: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each takes them in another order, and has counted one when the other has: without one order both would wait."""
    one, two = opening(), opening()
    both, count, counts = Barrier(2), throttle.stranger, []

    def counted(*args: Any) -> bool:
        counts.append(args)
        allowed = count(*args)
        with suppress(BrokenBarrierError):  # whoever comes first cannot be met: the other waits for its commit
            both.wait(timeout=0.5)
        return allowed

    monkeypatch.setattr(throttle, "stranger", counted)
    groups = [(s, [s.text("hello", address) for address in order]) for s, order in ((one, PAIR), (two, PAIR[::-1]))]
    with ThreadPoolExecutor(2) as pool:
        taken = list(pool.map(lambda group: group[0].take(*group[1]), groups))
    assert [[each.outcome for each in group] for group in taken] == [["stranger"] * 2] * 2
    assert len(counts) == 4, "no group was rolled back and taken again"


def test_a_stranger_without_a_code_leaves_nothing_but_that_she_came_once(store: Store) -> None:
    empty = {table.name: store.counted(table) for table in metadata.sorted_tables}
    (taken,) = store.hears("is anybody there? I am at 12 Canary Street")
    assert taken.outcome == "stranger"
    full = {table.name: store.counted(table) for table in metadata.sorted_tables}
    assert {name for name in full if full[name] != empty[name]} == {"inbox", "buckets"}, "that it was a try is counted"
    (row,) = store.rows(sa.select(inbox))
    assert (row.owner_id, row.sealed, row.state) == (None, None, "stranger")


def test_a_joining_code_enrols_once_and_is_no_consent_yet(store: Store) -> None:
    code = store.write(people.invite, store.vault, "ana", store.now, "es", "case 7")
    assert [t.outcome for t in store.hears(code)] == ["done"]
    assert [t.outcome for t in store.hears(code, address=OTHER)] == ["stranger"]
    assert (store.counted(persons), store.counted(consents)) == (1, 0)
    (person,) = store.rows(sa.select(persons.c.id))
    contact = store.state(person.id).contact
    assert (contact.language, contact.consent) == ("es", "code")
    assert [s.send.message for s in store.deliver() if s.send] == ["t/hello"]


def test_two_strangers_with_one_code_in_one_group_are_one_enrolment(store: Store) -> None:
    code = store.write(people.invite, store.vault, "ana", store.now, "", "")
    taken = store.take(store.text(code, HER), store.text(code, OTHER))
    assert [t.outcome for t in taken] == ["done", "stranger"]


def test_a_code_that_ran_out_or_never_was_enrols_nobody(store: Store) -> None:
    code = store.write(people.invite, store.vault, "ana", store.now, "", "")
    store.pass_time(days=14, seconds=1)
    assert [store.hears(text)[0].outcome for text in (code, "PAIRD-EFGH")] == ["stranger", "stranger"]
    assert store.counted(persons) == 0


def test_the_keyword_enrols_the_same_phone_once(store: Store) -> None:
    taken = store.take(store.text("harvest"), store.text("hello"))
    assert [t.outcome for t in taken] == ["done", "done"]
    assert taken[0].person == taken[1].person
    assert store.counted(persons) == 1


def test_an_address_that_is_none_of_ours_is_a_stranger(store: Store) -> None:
    assert [t.outcome for t in store.hears("harvest", address="60777")] == ["stranger"]


def test_a_code_is_stored_only_as_a_keyed_hash(store: Store) -> None:
    code: Any = store.write(people.invite, store.vault, "ana", store.now, "", "case 7")
    (row,) = store.rows(sa.select(codes))
    assert code.replace("-", "").encode() not in bytes(row.mac) + bytes(row.sealed)
    assert store.counted(phone_messages) == 0


def test_codes_are_guessed_no_faster_than_words_and_a_restart_forgets_no_try(opening: Callable[[], Store]) -> None:
    store = opening()
    code = store.write(people.invite, store.vault, "ana", store.now, "", "")
    assert {taken.outcome for taken in store.hears(*(f"PAIRD-EFG{number}" for number in range(8)))} == {"stranger"}
    store.close()
    store = opening()
    assert store.hears(code)[0].outcome == "stranger", "the ninth is not looked at, though it is the right one"
    assert store.hears("harvest")[0].outcome == "stranger"
    assert store.deliver() == [], "nothing tells the difference"
    assert store.hears(code, address=OTHER)[0].outcome == "done", "another phone is not held back by it"


def test_who_guesses_slowly_gets_no_further_than_twenty_in_a_day(store: Store) -> None:
    code = store.write(people.invite, store.vault, "ana", store.now, "", "")
    for number in range(22):
        store.pass_time(minutes=10)
        store.hears(f"PAIRD-EF{number:02}")
    store.pass_time(minutes=2)
    assert store.hears(code)[0].outcome == "stranger"
    store.pass_time(hours=3)
    assert store.hears(code)[0].outcome == "done", "her own patience is rewarded"


def test_a_call_or_an_empty_text_is_no_try(store: Store) -> None:
    code = store.write(people.invite, store.vault, "ana", store.now, "", "")
    store.hears(*[""] * 30)
    assert store.hears(code)[0].outcome == "done"
