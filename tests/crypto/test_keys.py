"""People's keys at work: opened once, held a short while, forgotten on erasure."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from storage.crypto.errors import BadPlace, DamagedKey, DestroyedEpoch, MissingEpoch, Tampered
from storage.crypto.keys import Keys
from storage.crypto.place import Place
from storage.crypto.ring import Ring
from storage.crypto.seal import Algorithm
from storage.crypto.system import SystemKeys
from storage.crypto.wrap import kid_of


def test_a_persons_values_come_back_in_the_next_process(
    ring: Ring, system_keys: SystemKeys, person: str, place: Place
) -> None:
    before, after = Keys(ring, system_keys), Keys(ring, system_keys)
    wrapped = before.new_person_key(person)
    sealed = before.person(person, wrapped, 0).seal(b"a plan", place)

    assert after.person(person, wrapped, 0).open(sealed, place) == b"a plan"


def test_a_key_is_opened_once_while_it_is_held(keys: Keys, person: str) -> None:
    wrapped = keys.new_person_key(person)
    assert keys.person(person, wrapped, 0) is keys.person(person, wrapped, 299.9)


def test_it_is_held_for_its_time_counted_from_the_opening(keys: Keys, person: str) -> None:
    wrapped = keys.new_person_key(person)
    first = keys.person(person, wrapped, 0)
    keys.person(person, wrapped, 200)
    assert keys.person(person, wrapped, 300) is not first


def test_it_is_opened_again_after_so_many_uses(ring: Ring, system_keys: SystemKeys, person: str) -> None:
    keys = Keys(ring, system_keys, most_uses=3)
    wrapped = keys.new_person_key(person)
    served = [keys.person(person, wrapped, 0) for _ in range(4)]
    assert served[0] is served[1] is served[2]
    assert served[3] is not served[0]


def test_the_person_met_longest_ago_is_let_go_first(ring: Ring, system_keys: SystemKeys) -> None:
    keys = Keys(ring, system_keys, most_people=2)
    wrapped = {name: keys.new_person_key(name) for name in ("ana", "ben", "cai")}
    first = {name: keys.person(name, wrapped[name], 0) for name in ("ana", "ben")}
    keys.person("ana", wrapped["ana"], 1)

    keys.person("cai", wrapped["cai"], 2)

    assert keys.person("ana", wrapped["ana"], 3) is first["ana"]
    assert keys.person("ben", wrapped["ben"], 3) is not first["ben"]


def test_forgotten_means_opened_again_from_the_database(keys: Keys, person: str) -> None:
    wrapped = keys.new_person_key(person)
    first = keys.person(person, wrapped, 0)
    keys.forget(person)
    keys.forget("nobody")
    assert keys.person(person, wrapped, 0) is not first


def test_keys_whose_time_is_over_are_let_go_without_anyone_asking_for_them(keys: Keys) -> None:
    for moment, name in enumerate(("ana", "ben")):
        keys.person(name, keys.new_person_key(name), moment * 100)
    assert keys.forget_expired(299) == 0
    assert keys.forget_expired(300) == 1
    assert keys.forget_expired(400) == 1


def test_a_key_changed_in_the_database_is_never_served_from_memory(keys: Keys, person: str, place: Place) -> None:
    old, new = keys.new_person_key(person), keys.new_person_key(person)
    sealed = keys.person(person, old, 0).seal(b"text", place)
    with pytest.raises(Tampered):
        keys.person(person, new, 0).open(sealed, place)


def test_a_wrapped_key_put_into_another_persons_row_does_not_open(keys: Keys, person: str) -> None:
    keys.person(person, keys.new_person_key(person), 0)
    with pytest.raises(DamagedKey):
        keys.person(person, keys.new_person_key("ben"), 0)


def test_one_damaged_key_leaves_the_others_served(keys: Keys, person: str, place: Place) -> None:
    hers, damaged = keys.new_person_key(person), bytearray(keys.new_person_key("ben"))
    damaged[-1] ^= 1
    with pytest.raises(DamagedKey, match="ben"):
        keys.person("ben", bytes(damaged), 0)
    sealer = keys.person(person, hers, 0)
    assert sealer.open(sealer.seal(b"text", place), place) == b"text"


def test_a_new_month_changes_the_wrapping_and_no_value(
    ring: Ring, system_keys: SystemKeys, november: datetime, person: str, place: Place
) -> None:
    wrapped = Keys(ring, system_keys).new_person_key(person)
    sealed = Keys(ring, system_keys).person(person, wrapped, 0).seal(b"text", place)
    december = ring.add_epoch(november)
    keys = Keys(december, system_keys)

    again = keys.rewrap_person(person, wrapped)

    assert again is not None
    assert kid_of(again) == december.active.kid
    assert keys.rewrap_person(person, again) is None
    assert keys.person(person, wrapped, 0).open(sealed, place) == b"text"
    only_new = Keys(december.destroy(ring.active.kid), system_keys)
    assert only_new.person(person, again, 0).open(sealed, place) == b"text"


def test_an_erased_person_is_unreadable_here_at_once_and_in_old_backups_after_the_horizon(
    ring: Ring, system_keys: SystemKeys, november: datetime, person: str, place: Place
) -> None:
    keys = Keys(ring, system_keys)
    wrapped = keys.new_person_key(person)
    sealed = keys.person(person, wrapped, 0).seal(b"text", place)
    backup = (wrapped, sealed)

    keys.forget(person)  # erased: her row, and with it `wrapped`, is gone; a new key does not open what is left
    with pytest.raises(Tampered):
        keys.person(person, keys.new_person_key(person), 0).open(sealed, place)

    december = ring.add_epoch(november)  # all who are left are wrapped again; she is not among them
    still_readable = Keys(december, system_keys).person(person, backup[0], 0)
    assert still_readable.open(backup[1], place) == b"text"

    after_horizon = Keys(december.destroy(ring.active.kid), system_keys)
    with pytest.raises(DestroyedEpoch, match="gone, as promised"):
        after_horizon.person(person, backup[0], 0)


def test_a_ring_that_is_too_old_is_told_so(
    ring: Ring, system_keys: SystemKeys, november: datetime, person: str
) -> None:
    newer = Keys(ring.add_epoch(november), system_keys).new_person_key(person)
    with pytest.raises(MissingEpoch):
        Keys(ring, system_keys).person(person, newer, 0)


def test_after_a_suspicion_every_value_is_sealed_again_under_a_fresh_key(keys: Keys, person: str, place: Place) -> None:
    wrapped = keys.new_person_key(person)
    sealed = keys.person(person, wrapped, 0).seal(b"text", place)

    renewed = keys.renew_person_key(person, wrapped)
    sealer = keys.person(person, renewed, 0)
    assert sealer.stale(sealed)
    anew = sealer.seal(sealer.open(sealed, place), place)
    finished = keys.person(person, keys.without_older_generations(person, renewed), 0)

    assert finished.open(anew, place) == b"text"
    with pytest.raises(Tampered):
        finished.open(sealed, place)


def test_rows_of_nobody_and_rows_of_staff_have_keys_of_their_own(keys: Keys, person: str) -> None:
    nobodys, of_staff = Place("inbox", "raw", "I1", "", 1), Place("staff", "totp", "S1", "S1", 1)
    assert keys.system.open(keys.system.seal(b"raw", nobodys), nobodys) == b"raw"
    assert keys.staff.open(keys.staff.seal(b"seed", of_staff), of_staff) == b"seed"
    with pytest.raises(Tampered):
        keys.staff.open(keys.system.seal(b"raw", nobodys), nobodys)


def test_a_persons_row_is_never_sealed_where_erasing_her_would_not_reach_it(keys: Keys, place: Place) -> None:
    with pytest.raises(BadPlace):
        keys.system.seal(b"text", place)


def test_the_operator_may_choose_the_algorithm_that_survives_a_repeated_nonce(
    ring: Ring, system_keys: SystemKeys, person: str, place: Place
) -> None:
    usual, careful = Keys(ring, system_keys), Keys(ring, system_keys, algorithm=Algorithm.GCM_SIV)
    wrapped = usual.new_person_key(person)
    sealed = usual.person(person, wrapped, 0).seal(b"text", place)

    assert careful.person(person, wrapped, 0).open(sealed, place) == b"text"
    assert careful.person(person, wrapped, 0).seal(b"text", place)[1] == 2


def test_several_threads_share_the_keys(ring: Ring, system_keys: SystemKeys) -> None:
    keys = Keys(ring, system_keys, most_people=3, most_uses=5)
    wrapped = {f"person {number}": keys.new_person_key(f"person {number}") for number in range(8)}

    def turn(number: int) -> bool:
        name = f"person {number % 8}"
        here = Place("event", "body", str(number), name, 1)
        sealer = keys.person(name, wrapped[name], number / 10)
        return sealer.open(sealer.seal(b"text", here), here) == b"text"

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(turn, range(800)))
