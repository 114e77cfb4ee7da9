"""Sieves find exactly the phrases of which each part is met: told by asking every phrase, one by one."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from flows.authoring.signals import read_signals
from flows.safety.danger_sieve import members

READER = read_signals()  # hypothesis runs a test many times: the fixture would be the same object
BOOK, SIEVES = READER._index.book, READER._index.sieves
HEADS = [BOOK.heads(choice) for choice in range(len(BOOK.choices))]
PHRASES = [(shelf, number) for shelf in BOOK.shelves for number in range(len(shelf.phrases))]


@st.composite
def kin_of_a_message(draw: st.DrawFn) -> set[int]:
    """Words that nearly say some phrases, and any others: chance alone would hardly ever make one whole."""
    known = set(draw(st.lists(st.integers(0, len(BOOK.ends) - 1), max_size=12)))
    for shelf, number in draw(st.lists(st.sampled_from(PHRASES), max_size=6)):
        for choice in shelf.choices(number):
            if draw(st.integers(0, 3)):
                known.add(draw(st.sampled_from(HEADS[choice])))
    return known


@given(kin_of_a_message())
@settings(max_examples=30)
def test_a_phrase_is_possible_where_each_of_its_parts_is_met_and_nowhere_else(known: set[int]) -> None:
    met = [not known.isdisjoint(heads) for heads in HEADS]
    possible = {(sieve.shelf.language, number) for sieve, here in SIEVES.possible(known) for number in members(here)}
    assert possible == {
        (shelf.language, number) for shelf, number in PHRASES if all(met[choice] for choice in shelf.choices(number))
    }


@given(st.sets(st.integers(0, 300)))
def test_members_are_the_numbers_in_order(numbers: set[int]) -> None:
    assert members(sum(1 << number for number in numbers)) == sorted(numbers)
