"""A sealed value opens at its own place, unchanged, with its own key; in every other case it is Tampered."""

from __future__ import annotations

import os
from dataclasses import dataclass

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from storage.crypto.data_key import DataKey
from storage.crypto.errors import BadPlace, NonceRepeated, Tampered
from storage.crypto.nonces import NonceWatch
from storage.crypto.padding import bucket
from storage.crypto.place import Place, associated
from storage.crypto.seal import OVERHEAD, Algorithm, Sealer

PLACE = Place("event", "body", "E1", "ana", 3)
KEY = DataKey.new()
SEALERS = {algorithm: Sealer(KEY, None, algorithm=algorithm) for algorithm in Algorithm}
SEALED = {algorithm: sealer.seal(b"he is home early", PLACE) for algorithm, sealer in SEALERS.items()}

algorithms = st.sampled_from(Algorithm)
names = st.text(max_size=30)
places = st.builds(Place, names, names, names, names, st.integers(min_value=0, max_value=2**64 - 1))


@given(st.binary(max_size=9000), places, algorithms)
def test_any_bytes_at_any_place_come_back(plain: bytes, place: Place, algorithm: Algorithm) -> None:
    sealer = SEALERS[algorithm]
    assert sealer.open(sealer.seal(plain, place), place) == plain


@given(places, places, algorithms)
def test_a_value_opens_at_no_other_place(here: Place, there: Place, algorithm: Algorithm) -> None:
    assume(here != there)
    sealer = SEALERS[algorithm]
    with pytest.raises(Tampered):
        sealer.open(sealer.seal(b"hers", here), there)


@given(places, places)
def test_no_two_places_are_encoded_alike(here: Place, there: Place) -> None:
    assert (associated(here) == associated(there)) == (here == there)


@pytest.mark.parametrize(
    "elsewhere",
    [
        PLACE._replace(table="answer"),
        PLACE._replace(column="note"),
        PLACE._replace(row_id="E2"),
        PLACE._replace(person="ben"),
        PLACE._replace(version=2),
        PLACE._replace(version=4),
        Place("even", "tbody", "E1", "ana", 3),
        Place("event", "body", "E1a", "na", 3),
    ],
)
def test_moved_exchanged_or_rolled_back_it_does_not_open(elsewhere: Place) -> None:
    sealer = SEALERS[Algorithm.GCM]
    with pytest.raises(Tampered):
        sealer.open(SEALED[Algorithm.GCM], elsewhere)


def test_an_older_version_put_back_does_not_open() -> None:
    sealer = SEALERS[Algorithm.GCM]
    first = sealer.seal(b"safe", PLACE._replace(version=1))
    sealer.seal(b"afraid", PLACE._replace(version=2))
    with pytest.raises(Tampered):
        sealer.open(first, PLACE._replace(version=2))


def test_rows_exchanged_between_two_people_do_not_open() -> None:
    ana, ben = Sealer(DataKey.new(), "ana"), Sealer(DataKey.new(), "ben")
    of_ana = ana.seal(b"hers", Place("event", "body", "E1", "ana", 1))
    with pytest.raises(Tampered):
        ben.open(of_ana, Place("event", "body", "E1", "ben", 1))


@given(algorithms, st.data())
def test_any_flipped_bit_is_noticed(algorithm: Algorithm, data: st.DataObject) -> None:
    sealed = bytearray(SEALED[algorithm])
    bit = data.draw(st.integers(min_value=0, max_value=len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Tampered):
        SEALERS[algorithm].open(bytes(sealed), PLACE)


def test_every_single_flipped_bit_of_one_value_is_noticed() -> None:
    sealer, sealed = SEALERS[Algorithm.GCM], SEALED[Algorithm.GCM]
    for bit in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(Tampered):
            sealer.open(bytes(changed), PLACE)


@given(algorithms, st.data())
def test_any_cut_or_addition_is_noticed(algorithm: Algorithm, data: st.DataObject) -> None:
    sealed = SEALED[algorithm]
    cut = sealed[: data.draw(st.integers(min_value=0, max_value=len(sealed) - 1))]
    longer = sealed + data.draw(st.binary(min_size=1, max_size=40))
    for changed in (cut, longer):
        with pytest.raises(Tampered):
            SEALERS[algorithm].open(changed, PLACE)


@given(st.binary(max_size=200), algorithms)
def test_noise_is_tampered_with(noise: bytes, algorithm: Algorithm) -> None:
    with pytest.raises(Tampered):
        SEALERS[algorithm].open(noise, PLACE)


def test_another_key_opens_nothing() -> None:
    with pytest.raises(Tampered):
        Sealer(DataKey.new(), None).open(SEALED[Algorithm.GCM], PLACE)


def test_the_error_names_the_cell_and_nothing_else() -> None:
    with pytest.raises(Tampered) as found:
        SEALERS[Algorithm.GCM].open(SEALED[Algorithm.GCM][:-1], PLACE)

    error = found.value
    assert (error.table, error.column, error.row_id) == ("event", "body", "E1")
    assert "event.body of row E1" in str(error)
    assert "ana" not in str(error)
    assert "early" not in str(error)
    assert error.__cause__ is None
    assert error.__context__ is None


@given(st.integers(min_value=0, max_value=9000), algorithms)
def test_the_length_tells_the_bucket_only(length: int, algorithm: Algorithm) -> None:
    assert len(SEALERS[algorithm].seal(b"y" * length, PLACE)) == OVERHEAD + bucket(length)


def test_the_same_value_sealed_twice_looks_different() -> None:
    sealer = SEALERS[Algorithm.GCM]
    assert sealer.seal(b"yes", PLACE) != sealer.seal(b"yes", PLACE)


def test_a_change_of_algorithm_leaves_older_values_readable() -> None:
    gcm, siv = SEALERS[Algorithm.GCM], SEALERS[Algorithm.GCM_SIV]
    assert siv.open(SEALED[Algorithm.GCM], PLACE) == gcm.open(SEALED[Algorithm.GCM_SIV], PLACE) == b"he is home early"
    assert siv.stale(SEALED[Algorithm.GCM])
    assert not siv.stale(SEALED[Algorithm.GCM_SIV])


def test_a_value_cannot_be_passed_off_as_one_of_the_other_algorithm() -> None:
    changed = bytearray(SEALED[Algorithm.GCM])
    changed[1] = Algorithm.GCM_SIV
    with pytest.raises(Tampered):
        SEALERS[Algorithm.GCM].open(bytes(changed), PLACE)


def test_a_renewed_key_reads_what_the_older_one_sealed_until_that_is_dropped() -> None:
    old = Sealer(KEY, "ana")
    renewed = KEY.renewed()
    new = Sealer(renewed, "ana")
    before, after = old.seal(b"before", PLACE), new.seal(b"after", PLACE)

    assert new.open(before, PLACE) == b"before"
    assert new.stale(before)
    assert not new.stale(after)
    with pytest.raises(Tampered):
        old.open(after, PLACE)
    with pytest.raises(Tampered):
        Sealer(renewed.newest_only(), "ana").open(before, PLACE)
    assert Sealer(renewed.newest_only(), "ana").open(after, PLACE) == b"after"


def test_under_a_persons_key_no_one_elses_row_is_sealed() -> None:
    ana = Sealer(KEY, "ana")
    for place in (PLACE._replace(person="ben"), PLACE._replace(person="")):
        with pytest.raises(BadPlace, match="erasing that person would not erase this value") as refused:
            ana.seal(b"text", place)
        assert refused.value.whose == "programmer"
        with pytest.raises(BadPlace):
            ana.open(ana.seal(b"text", PLACE), place)


@pytest.mark.parametrize("wrong", [{"version": -1}, {"version": 2**64}, {"row_id": "x" * 65_536}])
def test_a_place_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(BadPlace, match=r"event\.body cannot be"):
        SEALERS[Algorithm.GCM].seal(b"text", PLACE._replace(**wrong))  # type: ignore[arg-type]


@dataclass
class Stuck:
    """A broken source of randomness: it says the same, over and over, after `good` honest answers."""

    good: int

    def __call__(self, length: int) -> bytes:
        self.good -= 1
        return os.urandom(length) if self.good >= 0 else b"\x07" * length


def test_a_repeated_nonce_is_noticed_before_anything_is_sealed_with_it() -> None:
    sealer = Sealer(KEY, None, nonces=NonceWatch(Stuck(good=3)))
    for _ in range(4):
        sealer.seal(b"text", PLACE)
    with pytest.raises(NonceRepeated, match="nothing was sealed"):
        sealer.seal(b"text", PLACE)


def test_two_clones_of_one_machine_are_noticed_by_a_shared_watch() -> None:
    def replayed(draws: list[bytes]) -> NonceWatch:
        return NonceWatch(lambda _: draws.pop(0))

    first = [os.urandom(12) for _ in range(5)]
    watch = replayed(first + first)
    for _ in range(5):
        watch(12)
    with pytest.raises(NonceRepeated):
        watch(12)


def test_the_watch_remembers_only_as_much_as_it_may() -> None:
    draws = [bytes([number]) * 12 for number in (1, 2, 3, 1)]
    watch = NonceWatch(lambda _: draws.pop(0), watched=2)
    assert [watch(12)[0] for _ in range(4)] == [1, 2, 3, 1]


def test_honest_randomness_passes_the_watch() -> None:
    watch = NonceWatch(os.urandom)
    assert len({watch(12) for _ in range(2000)}) == 2000
