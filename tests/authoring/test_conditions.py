"""Conditions: what they read, what not knowing means, what is refused before anybody can be harmed by it."""

from __future__ import annotations

import cel
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.engine.conditions import MOST_CHARACTERS, BadCondition, ConditionFailed, compile_condition, holds


def true(source: str, **names: object) -> bool:
    return holds(compile_condition(source), names)


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("fear >= 8 && safe_now != 'yes'", {"fear", "safe_now"}),
        ("fear - previous.fear >= 3 && fear >= 5", {"fear", "previous.fear"}),
        ("risk.tier in ['P0', 'P1', 'P2']", {"risk.tier"}),
        ("days . joined\n > 3", {"days.joined"}),
        ("word == 'fear.high' || word == \"it's\"  // previous.fear", {"word"}),
        (r"word == 'he said \'no\''", {"word"}),
        ("word.contains('knife') && size(word) > 3", {"word"}),
        ("!(mood == 'calm') && -fear < 2", {"mood", "fear"}),
        ("true", set()),
    ],
)
def test_the_names_that_are_read_are_known_before_it_runs(source: str, names: set[str]) -> None:
    assert compile_condition(source).names == names


def test_dotted_names_are_found_in_nested_maps() -> None:
    assert true("fear - previous.fear >= 3", fear=9, previous={"fear": 5})
    assert not true("fear - previous.fear >= 3", fear=9, previous={"fear": 7})
    assert true("risk.tier in ['P0', 'P1']", risk={"tier": "P1"})


@pytest.mark.parametrize("previous", [{}, {"fear": None}, None, "nothing"])
def test_a_name_nobody_knows_makes_any_condition_false(previous: object) -> None:
    assert not true("previous.fear < 3", previous=previous)
    assert not true("!(previous.fear >= 3)", previous=previous)
    assert not true("fear >= 8 || previous.fear >= 8", fear=9, previous=previous)


def test_skipped_is_not_no() -> None:
    assert not true("safe_now != 'yes'", safe_now=None)
    assert not true("safe_now == 'no' || safe_now != 'no'")


def test_a_step_and_a_dotted_name_that_look_alike_are_two_names() -> None:
    assert true("previous_of_fear == 1 && previous.of_fear == 2", previous_of_fear=1, previous={"of_fear": 2})


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("fear >= 8", {"fear": "much"}),
        ("fear + 1", {"fear": 1}),
        ("10 / fear > 1", {"fear": 0}),
        ("word", {"word": "x"}),
    ],
)
def test_what_cannot_be_computed_says_so_and_is_never_taken_for_false(source: str, names: dict[str, object]) -> None:
    with pytest.raises(ConditionFailed, match=source[:4]):
        holds(compile_condition(source), names)


@pytest.mark.parametrize(
    ("source", "offset", "problem"),
    [
        ("fear >= ", 8, "<EOF>"),
        ("fear = 3", 5, "= "),
        ("fear >= 3 &&\nsafe_now == 'no", 25, "'no"),
        ("yes and no", 4, "and"),
        ("", 0, "<EOF>"),
        ("fear > 1 && Fear > 2", 12, "`Fear` is no name"),
        ("fear > 1 && has(previous.fear)", 12, "`has`"),
        ("[1, 2].exists(x, x == fear)", 7, "`exists` cannot be used"),
        ("previous['fear'] > 1", 0, "cannot be used"),
        ("matches(word, '(a+)+$')", 0, "`matches`"),
        ("x == 1 && {'a': 1} == 1", 10, "braces"),
        ("fear == 1 ? true : false", 0, "cannot be used"),
        ("false.positive == 1", 0, "no name"),
    ],
)
def test_what_is_no_condition_is_refused_at_its_place(source: str, offset: int, problem: str) -> None:
    with pytest.raises(BadCondition) as refused:
        compile_condition(source)
    assert problem in refused.value.problem
    assert refused.value.offset == offset
    assert refused.value.hint


def test_a_condition_too_long_to_review_is_refused() -> None:
    with pytest.raises(BadCondition, match="longer"):
        compile_condition("fear > 1 && " * (MOST_CHARACTERS // 10) + "true")


values = st.one_of(st.integers(-20, 20), st.sampled_from(["yes", "no", "unsure", ""]))
texts = st.sampled_from(["'yes'", "'no'", "''"])
comparisons = st.one_of(
    st.builds(
        "{} {} {}".format, st.sampled_from(["a", "b.c"]), st.sampled_from(["==", "!="]), texts | st.integers(-20, 20)
    ),
    st.builds(
        "{} {} {}".format, st.sampled_from(["a", "b.c"]), st.sampled_from(["<", "<=", ">", ">="]), st.integers(-20, 20)
    ),
)
sources = st.recursive(
    comparisons,
    lambda inner: (
        st.builds("({} {} {})".format, inner, st.sampled_from(["&&", "||"]), inner) | inner.map("!({})".format)
    ),
    max_leaves=5,
)


@given(sources, values, values)
def test_with_every_name_known_it_says_what_cel_says(source: str, a: object, c: object) -> None:
    names = {"a": a, "b": {"c": c}}
    condition = compile_condition(f"{source} && a == a && b.c == b.c")
    try:
        expected = cel.compile(source).execute(names)
    except TypeError:
        with pytest.raises(ConditionFailed):
            holds(condition, names)
    else:
        assert holds(condition, names) is expected


@given(st.text(max_size=60))
def test_no_text_at_all_breaks_the_compiler(source: str) -> None:
    assert _outcome(source) == "compiled" or 0 <= int(_outcome(source)) <= len(source)


def _outcome(source: str) -> str:
    """Where it was refused, or that it was not."""
    try:
        compile_condition(source)
    except BadCondition as refused:
        return str(refused.offset)
    return "compiled"
