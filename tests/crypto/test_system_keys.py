"""The service's own keys, and the canary that refuses a wrong ring before the first person is served."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime

import pytest

from storage.crypto.canary import canary, check_canary
from storage.crypto.errors import DestroyedEpoch, MissingEpoch, MissingSystemKey, WrongKey
from storage.crypto.ring import Ring, new_ring
from storage.crypto.system import (
    NAMES,
    PREVIOUS_INDEX,
    SystemKeys,
    key_values,
    new_system_keys,
    open_system_keys,
    renew_index_key,
    rewrap_system_keys,
)
from storage.crypto.wrap import kid_of

Rows = dict[str, bytes]


def impostor(ring: Ring) -> Ring:
    """A ring with the same epoch ids and other keys."""
    return Ring(tuple(replace(epoch, key=os.urandom(32)) for epoch in ring.epochs))


def test_each_key_is_its_own(system_rows: Rows, system_keys: SystemKeys) -> None:
    assert set(system_rows) == {"K_idx", "K_dedup", "K_audit", "K_staff", "K_sys", "K_words"}
    values = [key for _, key in key_values(system_keys)]
    assert len(set(values)) == len(NAMES) == len(values)
    assert {len(key) for key in values} == {32}


def test_they_open_the_same_each_time(ring: Ring, system_rows: Rows, system_keys: SystemKeys) -> None:
    assert open_system_keys(ring, system_rows) == system_keys


def test_a_wrong_ring_is_refused(ring: Ring, system_rows: Rows) -> None:
    with pytest.raises(WrongKey, match=r"not this database's.*start with the ring that belongs"):
        open_system_keys(impostor(ring), system_rows)


def test_another_services_ring_is_refused(system_rows: Rows, november: datetime) -> None:
    with pytest.raises(MissingEpoch, match="of another service"):
        open_system_keys(new_ring(november), system_rows)


def test_a_lost_row_is_named(ring: Ring, system_rows: Rows) -> None:
    del system_rows["K_audit"]
    with pytest.raises(MissingSystemKey, match="lacks its own key K_audit"):
        open_system_keys(ring, system_rows)


def test_two_rows_exchanged_are_refused(ring: Ring, system_rows: Rows) -> None:
    system_rows["K_idx"], system_rows["K_words"] = system_rows["K_words"], system_rows["K_idx"]
    with pytest.raises(WrongKey):
        open_system_keys(ring, system_rows)


def test_a_rotation_killed_half_way_can_be_taken_up(ring: Ring, system_rows: Rows, november: datetime) -> None:
    before = open_system_keys(ring, system_rows)
    ring = ring.add_epoch(november)
    half = dict(list(rewrap_system_keys(ring, system_rows).items())[:3])

    left_behind = system_rows | half
    assert open_system_keys(ring, left_behind) == before

    finished = left_behind | rewrap_system_keys(ring, left_behind)
    assert {kid_of(wrapped) for wrapped in finished.values()} == {ring.active.kid}
    assert rewrap_system_keys(ring, finished) == {}
    assert open_system_keys(ring.destroy(ring.epochs[0].kid), finished) == before


def test_the_canary_sings_with_its_own_ring(ring: Ring, system_keys: SystemKeys) -> None:
    check_canary(ring, system_keys, canary(ring, system_keys))


def test_the_canary_refuses_a_wrong_ring(ring: Ring, system_keys: SystemKeys) -> None:
    with pytest.raises(WrongKey, match="is not this database's"):
        check_canary(impostor(ring), system_keys, canary(ring, system_keys))


def test_the_canary_refuses_system_keys_made_anew(ring: Ring, system_keys: SystemKeys) -> None:
    stored = canary(ring, system_keys)
    others = open_system_keys(ring, new_system_keys(ring))
    with pytest.raises(WrongKey, match="own keys were replaced"):
        check_canary(ring, others, stored)


def test_the_canary_refuses_a_ring_that_is_too_old_or_has_expired(
    ring: Ring, system_keys: SystemKeys, november: datetime
) -> None:
    newer = ring.add_epoch(november)
    with pytest.raises(MissingEpoch):
        check_canary(ring, system_keys, canary(newer, system_keys))
    with pytest.raises(DestroyedEpoch):
        check_canary(newer.destroy(ring.active.kid), system_keys, canary(ring, system_keys))


def test_the_index_key_changes_while_both_are_looked_up(ring: Ring, system_rows: Rows) -> None:
    before = open_system_keys(ring, system_rows)

    changing = system_rows | renew_index_key(ring, system_rows)
    during = open_system_keys(ring, changing)
    assert during.previous_index == before.index
    assert during.index != before.index

    with pytest.raises(ValueError, match="being changed already"):
        renew_index_key(ring, changing)

    del changing[PREVIOUS_INDEX]
    assert open_system_keys(ring, changing) == replace(during, previous_index=None)


def test_the_canary_is_stored_anew_with_the_index_key_and_stays_good_when_the_old_one_goes(
    ring: Ring, system_rows: Rows
) -> None:
    during = open_system_keys(ring, system_rows | renew_index_key(ring, system_rows))
    stored = canary(ring, during)

    check_canary(ring, during, stored)
    check_canary(ring, replace(during, previous_index=None), stored)
