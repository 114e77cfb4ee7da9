"""Keys under keys: a wrapped key opens with its ring, as its owner's, for its purpose, and in no other way."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.crypto.errors import DamagedKey, DestroyedEpoch, KeyProblem, MissingEpoch
from storage.crypto.ring import Ring, new_ring
from storage.crypto.wrap import PERSON, SYSTEM, KeyWrap, kid_of

NOVEMBER = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
RING = new_ring(NOVEMBER)
WRAP = KeyWrap(RING)
SECRET = bytes(range(32))
WRAPPED = WRAP.wrap(PERSON, "ana", SECRET)


@given(st.binary(max_size=200), st.text(max_size=40))
def test_any_secret_of_any_owner_comes_back(secret: bytes, owner: str) -> None:
    assert WRAP.unwrap(PERSON, owner, WRAP.wrap(PERSON, owner, secret)) == secret


@given(st.integers(min_value=0, max_value=len(WRAPPED) * 8 - 1))
def test_any_flipped_bit_is_refused(bit: int) -> None:
    changed = bytearray(WRAPPED)
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(KeyProblem):
        WRAP.unwrap(PERSON, "ana", bytes(changed))


@given(st.integers(min_value=0, max_value=len(WRAPPED) - 1))
def test_any_cut_is_refused(length: int) -> None:
    with pytest.raises(DamagedKey):
        WRAP.unwrap(PERSON, "ana", WRAPPED[:length])


@given(st.binary(max_size=120))
def test_noise_is_refused(noise: bytes) -> None:
    with pytest.raises(KeyProblem):
        WRAP.unwrap(PERSON, "ana", noise)


@pytest.mark.parametrize(("purpose", "owner"), [(PERSON, "ben"), (SYSTEM, "ana"), (PERSON, ""), ("de", "kana")])
def test_a_wrapped_key_moved_elsewhere_is_refused(purpose: str, owner: str) -> None:
    with pytest.raises(DamagedKey, match="changed, cut or moved here"):
        WRAP.unwrap(purpose, owner, WRAPPED)


def test_the_same_key_wrapped_twice_looks_different() -> None:
    assert WRAP.wrap(PERSON, "ana", SECRET) != WRAPPED


def test_the_epoch_can_be_read_without_a_key() -> None:
    assert kid_of(WRAPPED) == RING.active.kid


def test_a_new_month_wraps_again_and_both_forms_stay_readable() -> None:
    december = KeyWrap(RING.add_epoch(NOVEMBER))

    again = december.rewrap(PERSON, "ana", WRAPPED)

    assert again is not None
    assert kid_of(again) != kid_of(WRAPPED)
    assert december.unwrap(PERSON, "ana", again) == december.unwrap(PERSON, "ana", WRAPPED) == SECRET


def test_what_stands_under_the_active_epoch_is_left_alone() -> None:
    assert WRAP.rewrap(PERSON, "ana", WRAPPED) is None


def test_a_moved_key_is_not_made_good_by_wrapping_it_again() -> None:
    with pytest.raises(DamagedKey):
        KeyWrap(RING.add_epoch(NOVEMBER)).rewrap(PERSON, "ben", WRAPPED)


def test_a_ring_older_than_the_data_is_told_from_a_wrong_one() -> None:
    newer = KeyWrap(RING.add_epoch(NOVEMBER)).wrap(PERSON, "ana", SECRET)
    with pytest.raises(MissingEpoch, match="older than the data"):
        WRAP.unwrap(PERSON, "ana", newer)


def test_after_the_epoch_is_destroyed_nothing_under_it_opens() -> None:
    ring = RING.add_epoch(NOVEMBER).destroy(RING.active.kid)
    with pytest.raises(DestroyedEpoch):
        KeyWrap(ring).unwrap(PERSON, "ana", WRAPPED)


def test_an_epoch_of_the_same_id_with_another_key_opens_nothing() -> None:
    true = RING.active
    false = Ring((type(true)(true.kid, true.created, "active", os.urandom(32)),))
    with pytest.raises(DamagedKey):
        KeyWrap(false).unwrap(PERSON, "ana", WRAPPED)
