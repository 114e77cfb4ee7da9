"""No key leaves the process by accident: not printed, not pickled, not in an error, not in its frames."""

from __future__ import annotations

import base64
import copy
import json
import pickle
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pytest

from storage.crypto.canary import canary, check_canary
from storage.crypto.data_key import DataKey
from storage.crypto.epoch import Epoch
from storage.crypto.errors import CryptoProblem
from storage.crypto.keys import Keys
from storage.crypto.place import Place
from storage.crypto.ring import Ring
from storage.crypto.ring_source import RingSecret
from storage.crypto.ring_text import written
from storage.crypto.seal import Sealer
from storage.crypto.system import NAMES, open_system_keys
from storage.crypto.wrap import KeyWrap

NOVEMBER = datetime(2026, 11, 1, tzinfo=UTC)
EPOCH_KEY = b"EPOCH-KEY-that-must-never-appear"
DATA_KEY = b"DATA-KEY--that-must-never-appear"
SYSTEM_KEY = b"SYSTEMKEY-that-must-never-appear"
CANARIES = ("must-never-appear", EPOCH_KEY.hex(), DATA_KEY.hex(), base64.b64encode(EPOCH_KEY).decode()[:40])

EPOCH = Epoch("e1", NOVEMBER, "active", EPOCH_KEY)
RING = Ring((EPOCH,))
WRAP = KeyWrap(RING)
NAMED = {name: WRAP.wrap("system", name, SYSTEM_KEY) for name in NAMES.values()}
SYSTEM = open_system_keys(RING, NAMED)
KEYS = Keys(RING, SYSTEM)
HERS = WRAP.wrap("dek", "ana", DataKey.of(DATA_KEY).packed())
SEALER = KEYS.person("ana", HERS, 0)
PLACE = Place("event", "body", "E1", "ana", 1)

HOLDERS = {
    "epoch": EPOCH,
    "ring": RING,
    "secret setting": RingSecret(written(RING.epochs)),
    "key wrap": WRAP,
    "data key": DataKey.of(DATA_KEY),
    "sealer": Sealer(DataKey.of(DATA_KEY), "ana"),
    "system keys": SYSTEM,
    "keys": KEYS,
}


def shown(text: str) -> list[str]:
    return [secret for secret in CANARIES if secret in text]


@pytest.mark.parametrize("name", HOLDERS)
def test_what_holds_a_key_does_not_show_it(name: str) -> None:
    holder = HOLDERS[name]
    for text in (repr(holder), str(holder), f"{holder}", f"{[holder]}"):
        assert not shown(text)


@pytest.mark.parametrize("name", HOLDERS)
def test_what_holds_a_key_cannot_be_pickled_or_copied(name: str) -> None:
    for leak in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="holds a key and cannot be pickled"):
            leak(HOLDERS[name])


def test_a_ring_shows_what_an_operator_needs() -> None:
    assert repr(RING) == "Ring(e1 active)"


def bad_ring(**changes: object) -> Callable[[], object]:
    ring = json.loads(written(RING.epochs))
    ring["epochs"][0].update(changes)
    return partial(Ring.read, RingSecret(json.dumps(ring)))


def truncated() -> object:
    return Ring.read(RingSecret(written(RING.epochs)[:-12]))


def other_ring() -> Ring:
    return Ring((replace(EPOCH, key=EPOCH_KEY[::-1]),))


FAILURES: dict[str, Callable[[], object]] = {
    "truncated ring": truncated,
    "truncated base64": lambda: Ring.read(RingSecret(base64.b64encode(written(RING.epochs).encode()).decode()[:-3])),
    "two active": lambda: Ring.read(RingSecret(written((EPOCH, replace(EPOCH, kid="e2", key=EPOCH_KEY[::-1]))))),
    "key too long": bad_ring(key=base64.b64encode(EPOCH_KEY + b"x").decode()),
    "key in the wrong state": bad_ring(state="destroyed"),
    "naive date": bad_ring(created="2026-11-01"),
    "unknown field": bad_ring(note="x"),
    "missing epoch": lambda: RING.key("e2"),
    "wrong ring for the system keys": lambda: open_system_keys(other_ring(), NAMED),
    "wrong ring for the canary": lambda: check_canary(other_ring(), SYSTEM, canary(RING, SYSTEM)),
    "damaged data key": lambda: KEYS.person("ana", HERS[:-1] + bytes([HERS[-1] ^ 1]), 0),
    "data key of a wrong size": lambda: KEYS.person("ana", WRAP.wrap("dek", "ana", DATA_KEY), 0),
    "tampered value": lambda: SEALER.open(SEALER.seal(b"text", PLACE)[:-1], PLACE),
    "wrong place": lambda: SEALER.seal(b"text", PLACE._replace(person="ben")),
    "impossible place": lambda: SEALER.seal(b"text", PLACE._replace(version=-1)),
}


@pytest.mark.parametrize("name", FAILURES)
def test_no_error_carries_a_key_not_even_in_the_variables_of_its_frames(name: str) -> None:
    with pytest.raises(CryptoProblem) as refused:
        FAILURES[name]()

    problem = refused.value
    everything = traceback.TracebackException.from_exception(problem, capture_locals=True)
    assert not shown("".join(everything.format()) + repr(problem.args) + repr(vars(problem)))
    assert problem.__context__ is None
    assert problem.__cause__ is None


def test_the_check_above_would_see_a_key() -> None:
    key = EPOCH_KEY
    try:
        raise CryptoProblem("a frame with a key", "look at its variables.")
    except CryptoProblem as problem:
        everything = traceback.TracebackException.from_exception(problem, capture_locals=True)
    assert shown("".join(everything.format())) == ["must-never-appear"], key
