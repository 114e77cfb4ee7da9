"""The key ring through its months: epochs begin, are retired and destroyed; a ring that cannot be right is refused."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storage.crypto.epoch import Epoch
from storage.crypto.errors import BadRing, DestroyedEpoch, EpochInUse, KeyProblem, MissingEpoch, MissingRing
from storage.crypto.ring import BACKUP_HORIZON, EPOCH_LIFE, Ring, new_ring
from storage.crypto.ring_source import RingSecret
from storage.crypto.ring_text import written

NOVEMBER = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
KEY = bytes(range(32))


def entry(**changes: Any) -> dict[str, Any]:
    """One right epoch as JSON, with some fields changed."""
    right = {
        "kid": "20261101-aaaaaa",
        "created": NOVEMBER.isoformat(),
        "state": "active",
        "retired": None,
        "key": base64.b64encode(KEY).decode(),
    }
    return {**right, **changes}


def ring_of(*entries: Any, **outside: Any) -> str:
    return json.dumps({"format": 1, "epochs": list(entries), **outside})


OTHER = {"kid": "20261201-bbbbbb", "key": base64.b64encode(bytes(range(1, 33))).decode()}
WHOLE = ring_of(entry())

BAD_RINGS = {
    "cut short": (WHOLE[: len(WHOLE) // 2], "cut short or is not JSON"),
    "cut in the key": (WHOLE[:-8], "cut short or is not JSON"),
    "not JSON": ("{hello}", "cut short or is not JSON"),
    "an endless number": ('{"format": ' + "1" * 5000 + "}", "an endless number or nesting"),
    "a field twice": ('{"format": 1, "format": 1, "epochs": []}', "names the same field twice"),
    "a list": ('{"epochs": []}', 'is not {"format": 1'),
    "another field": (ring_of(entry(), note="mine"), 'is not {"format": 1'),
    "another format": (ring_of(entry(), format=2), "of another format than 1"),
    "no epochs": (ring_of(), "No epoch of the key ring is active"),
    "none active": (ring_of(entry(state="decrypt")), "No epoch of the key ring is active"),
    "all destroyed": (ring_of(entry(state="destroyed", key=None)), "No epoch of the key ring is active"),
    "two active": (ring_of(entry(), entry(**OTHER)), "two active epochs or more: 20261101-aaaaaa, 20261201-bbbbbb"),
    "an id twice": (ring_of(entry(), entry(state="decrypt", key=OTHER["key"])), "share the id"),
    "a key twice": (ring_of(entry(), entry(kid=OTHER["kid"], state="decrypt")), "share the key"),
    "an epoch that is no object": (ring_of("hello"), "Epoch number 1 of the key ring does not have exactly"),
    "a field missing": (ring_of({"kid": "e1"}), "does not have exactly created, key, kid, retired, state"),
    "an id that is a number": (ring_of(entry(kid=1)), "an id that is not text"),
    "an id with capitals": (ring_of(entry(kid="Key One")), "1 to 32 small letters"),
    "a date that is none": (ring_of(entry(created="yesterday")), "a date that is not ISO 8601"),
    "a date without zone": (ring_of(entry(created="2026-11-01")), "a date without a time zone"),
    "an unknown state": (ring_of(entry(state="sleeping")), "a state that is none of active, decrypt, destroyed"),
    "a short key": (ring_of(entry(key=base64.b64encode(KEY[:16]).decode())), "a key of 16 bytes instead of 32"),
    "a long key": (ring_of(entry(key=base64.b64encode(KEY * 2).decode())), "a key of 64 bytes instead of 32"),
    "a key that is not base64": (ring_of(entry(key="hello!")), "a key that is not base64"),
    "a key with a stray sign": (ring_of(entry(key="*" + base64.b64encode(KEY).decode())), "a key that is not base64"),
    "a placeholder key": (ring_of(entry(key=base64.b64encode(bytes(32)).decode())), "a key that is not random"),
    "no key": (ring_of(entry(key=None)), "lost its key without being marked destroyed"),
    "destroyed but there": (ring_of(entry(), entry(**OTHER, state="destroyed")), "marked destroyed while its key"),
}


@pytest.mark.parametrize("bad", BAD_RINGS)
def test_each_kind_of_bad_ring_is_refused_with_its_own_sentence(bad: str) -> None:
    text, sentence = BAD_RINGS[bad]

    with pytest.raises(BadRing) as refused:
        Ring.read(RingSecret(text))

    assert sentence in str(refused.value)
    assert "The operator can mend this: " in str(refused.value)


def test_an_empty_secret_is_a_missing_ring() -> None:
    with pytest.raises(MissingRing, match="ROWAN_KEY_RING is empty"):
        Ring.read(RingSecret("  "))


def test_a_ring_reads_back_as_it_was_written() -> None:
    old = new_ring(NOVEMBER).add_epoch(DECEMBER).add_epoch(DECEMBER + EPOCH_LIFE)
    ring = old.destroy(old.epochs[0].kid)

    assert Ring.read(RingSecret(written(ring.epochs))) == ring


def test_a_new_epoch_takes_over_and_the_old_one_still_reads() -> None:
    first = new_ring(NOVEMBER)
    november = first.active

    ring = first.add_epoch(DECEMBER)

    assert ring.active.created == DECEMBER
    assert ring.active.key != november.key
    assert ring.key(november.kid) == november.key
    assert ring.epoch(november.kid).state == "decrypt"
    assert ring.epoch(november.kid).retired == DECEMBER


def test_a_destroyed_epoch_is_remembered_without_its_key() -> None:
    ring = new_ring(NOVEMBER).add_epoch(DECEMBER)
    november = ring.epochs[0].kid

    without = ring.destroy(november)

    assert without.epoch(november).key is None
    with pytest.raises(DestroyedEpoch, match="has expired and its key was destroyed"):
        without.key(november)


def test_an_epoch_nobody_has_heard_of_means_an_old_ring() -> None:
    with pytest.raises(MissingEpoch, match="older than the data, or of another service"):
        new_ring(NOVEMBER).key("20270101-ffffff")


def test_the_active_epoch_is_neither_destroyed_nor_retired_without_a_successor() -> None:
    ring = new_ring(NOVEMBER)

    with pytest.raises(EpochInUse, match="add an epoch and wrap all keys again"):
        ring.destroy(ring.active.kid)
    with pytest.raises(EpochInUse, match="none follows it"):
        ring.retire(ring.active.kid, DECEMBER)


def test_several_replicas_learn_a_staged_epoch_before_it_is_used() -> None:
    first = new_ring(NOVEMBER)
    november = first.active.kid

    staged = first.add_epoch(DECEMBER, staged=True)
    assert staged.active.kid == november

    ring = staged.retire(november, DECEMBER)
    assert ring.active.kid == staged.epochs[1].kid
    assert ring.epoch(november).retired == DECEMBER


def test_an_epoch_retired_before_is_never_made_active_again() -> None:
    ring = new_ring(NOVEMBER).add_epoch(DECEMBER)
    october, november = ring.epochs

    with pytest.raises(EpochInUse):
        ring.retire(november.kid, DECEMBER)
    assert ring.retire(october.kid, DECEMBER + EPOCH_LIFE) == ring


def test_a_staged_epoch_that_was_given_up_does_not_take_over() -> None:
    ring = new_ring(NOVEMBER).add_epoch(NOVEMBER, staged=True)
    given_up = ring.retire(ring.epochs[1].kid, DECEMBER)

    with pytest.raises(EpochInUse):
        given_up.retire(ring.active.kid, DECEMBER)


def test_a_destroyed_or_unknown_epoch_cannot_be_retired() -> None:
    ring = new_ring(NOVEMBER).add_epoch(DECEMBER)
    november = ring.epochs[0].kid

    with pytest.raises(DestroyedEpoch):
        ring.destroy(november).retire(november, DECEMBER)
    with pytest.raises(MissingEpoch):
        ring.retire("20270101-ffffff", DECEMBER)


def test_an_epoch_is_due_for_destruction_once_backups_have_outlived_it() -> None:
    ring = new_ring(NOVEMBER).add_epoch(DECEMBER)
    november = ring.epochs[0].kid

    assert ring.due_for_destruction(DECEMBER + BACKUP_HORIZON - timedelta(seconds=1)) == ()
    assert ring.due_for_destruction(DECEMBER + BACKUP_HORIZON) == (november,)
    assert ring.destroy(november).due_for_destruction(DECEMBER + BACKUP_HORIZON) == ()


def test_a_staged_epoch_is_never_due_for_destruction() -> None:
    ring = new_ring(NOVEMBER).add_epoch(NOVEMBER, staged=True)

    assert ring.due_for_destruction(NOVEMBER + timedelta(days=1000)) == ()


def test_a_late_rotation_is_told_and_stops_nothing() -> None:
    ring = new_ring(NOVEMBER)

    assert not ring.rotation_due(NOVEMBER + EPOCH_LIFE - timedelta(seconds=1))
    assert ring.rotation_due(NOVEMBER + EPOCH_LIFE)
    assert ring.key(ring.active.kid)


def test_two_epochs_of_one_day_have_different_ids() -> None:
    ring = new_ring(NOVEMBER).add_epoch(NOVEMBER).add_epoch(NOVEMBER)

    assert len({epoch.kid for epoch in ring.epochs}) == 3
    assert all(epoch.kid.startswith("20261101-") for epoch in ring.epochs)


def test_a_naive_date_is_refused() -> None:
    with pytest.raises(BadRing, match="a date without a time zone"):
        Epoch("e1", NOVEMBER.replace(tzinfo=None), "active", KEY)


def test_every_problem_of_a_ring_is_one_kind_of_error() -> None:
    for kind in (BadRing, MissingRing, MissingEpoch, DestroyedEpoch, EpochInUse):
        assert issubclass(kind, KeyProblem)
        assert kind.whose == "operator"
