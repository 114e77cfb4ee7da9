"""The audit chain: whoever writes the database without the key is found out, at the first row touched."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from storage.crypto.chain import GENESIS, Head, Row, head, is_signed, next_mac, verify

KEY = os.urandom(32)
DAY = date(2026, 11, 20)

Chained = list[tuple[Row, bytes]]
values = st.none() | st.integers() | st.text(max_size=20)
rows = st.dictionaries(st.text(max_size=10), values, max_size=6)


def chained(written: list[Row], key: bytes = KEY) -> Chained:
    """The rows with the MACs that an honest service stores beside them."""
    chain: Chained = []
    previous = GENESIS
    for row in written:
        previous = next_mac(key, previous, row)
        chain.append((row, previous))
    return chain


def reading(number: int) -> Row:
    return {"id": number, "staff": "S1", "person": "P1", "what": "read", "reason": None}


@pytest.fixture
def chain() -> Chained:
    return chained([reading(number) for number in range(5)])


@given(st.lists(rows, max_size=8))
def test_an_untouched_chain_holds(written: list[Row]) -> None:
    assert verify(KEY, chained(written)) is None


@given(st.lists(rows, min_size=1, max_size=6), st.data())
def test_any_changed_row_is_found_at_its_place(written: list[Row], data: st.DataObject) -> None:
    chain = chained(written)
    number = data.draw(st.integers(min_value=0, max_value=len(chain) - 1))
    changed = data.draw(rows)
    assume(changed != written[number])
    chain[number] = (changed, chain[number][1])
    assert verify(KEY, chain) == number


@given(rows, rows)
def test_different_rows_have_different_macs(one: Row, other: Row) -> None:
    assert (next_mac(KEY, GENESIS, one) == next_mac(KEY, GENESIS, other)) == (one == other)


def test_one_type_is_not_another() -> None:
    macs = {next_mac(KEY, GENESIS, {"a": value}) for value in (None, "", "n", 1, "1", "i1", -1)}
    assert len(macs) == 7


def test_a_name_is_not_a_value() -> None:
    assert next_mac(KEY, GENESIS, {"a": "b", "c": "d"}) != next_mac(KEY, GENESIS, {"a": "d", "c": "b"})


def test_a_database_that_gives_true_back_as_1_breaks_nothing() -> None:
    assert next_mac(KEY, GENESIS, {"own": True}) == next_mac(KEY, GENESIS, {"own": 1})


def test_the_order_of_columns_does_not_matter() -> None:
    assert next_mac(KEY, GENESIS, {"a": 1, "b": 2}) == next_mac(KEY, GENESIS, {"b": 2, "a": 1})


def test_a_dropped_row_is_found(chain: Chained) -> None:
    del chain[2]
    assert verify(KEY, chain) == 2


def test_the_first_row_dropped_is_found(chain: Chained) -> None:
    assert verify(KEY, chain[1:]) == 0


def test_rows_exchanged_are_found(chain: Chained) -> None:
    chain[1], chain[3] = chain[3], chain[1]
    assert verify(KEY, chain) == 1


def test_a_row_put_in_is_found(chain: Chained) -> None:
    chain.insert(4, (reading(99), os.urandom(32)))
    assert verify(KEY, chain) == 4


def test_a_chain_written_anew_without_the_key_is_found() -> None:
    assert verify(KEY, chained([reading(0)], key=os.urandom(32))) == 0


def test_a_later_part_is_verified_from_where_it_begins(chain: Chained) -> None:
    assert verify(KEY, chain[3:], previous=chain[2][1]) is None
    assert verify(KEY, chain[3:], previous=chain[1][1]) == 0


def test_the_newest_rows_dropped_show_only_against_a_head_kept_elsewhere(chain: Chained) -> None:
    kept = head(KEY, DAY, len(chain), chain[-1][1])
    shorter = chain[:-2]

    assert verify(KEY, shorter) is None
    assert (len(shorter), shorter[-1][1]) != (kept.count, kept.mac)


def test_a_head_survives_being_written_down(chain: Chained) -> None:
    kept = head(KEY, DAY, len(chain), chain[-1][1])
    line = str(kept)

    assert line.startswith("rowan-audit-head v1 2026-11-20 5 ")
    assert Head.read(f"{line}\n") == kept
    assert is_signed(KEY, Head.read(line))


@pytest.mark.parametrize(
    "changed", [{"day": date(2026, 11, 21)}, {"count": 4}, {"mac": bytes(32)}, {"signature": bytes(32)}]
)
def test_a_head_somebody_else_wrote_is_not_signed(chain: Chained, changed: dict[str, object]) -> None:
    kept = head(KEY, DAY, len(chain), chain[-1][1])
    assert not is_signed(KEY, replace(kept, **changed))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "line", ["", "hello", "rowan-audit-head v1 2026-11-20 5 ab cd", "rowan-audit-head v1 2026-13-40"]
)
def test_a_line_that_is_no_head_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="not a line"):
        Head.read(line)
