"""Three shapes of licensed form, with invented items: thresholds and bands fire when they are passed, never before."""

from __future__ import annotations

from datetime import date

import pytest

from flows.authoring.load import SHIPPED, check
from flows.engine.programme import Programme
from tests.instruments.asking import DURESS, NO, SKIP, UNSURE, YES, Phone
from tests.instruments.conftest import LICENSED, LOCALES


def test_an_author_has_nothing_to_mend_in_them() -> None:
    found = check([SHIPPED, LICENSED], LOCALES, date(2026, 11, 20))
    assert [str(each) for each in found if "/licensed/" in each.file] == []


# a 24-item checklist: 14 or more, one item alone, professional judgement


def test_permission_first_one_item_a_message_a_rest_half_way(licensed: Programme) -> None:
    phone = Phone(licensed, "orchard")
    assert phone.says(YES) == ["orchard/q01"]
    assert phone.says(*[NO] * 12)[-2:] == ["orchard/q12", "orchard/rest"]
    assert phone.says(YES) == ["orchard/q13"]
    assert phone.says(*[NO] * 12)[-2:] == ["orchard/q24", "orchard/closing"]
    assert phone.raised() == []


def test_the_fourteenth_yes_raises_at_once_and_not_the_thirteenth(licensed: Programme) -> None:
    phone = Phone(licensed, "orchard")
    phone.says(YES, *[YES] * 6, NO, *[YES] * 5, YES, YES)  # 6, not item 7, 11 at the rest, go on, 12
    phone.says(YES)
    assert phone.raised() == []
    phone.says(YES)
    assert phone.raised() == [("P1", ("orchard.from_14",))]
    assert phone.assessed().score == {"total": 14}


def test_one_item_alone_raises_whatever_the_score(licensed: Programme) -> None:
    phone = Phone(licensed, "orchard")
    phone.says(YES, *[NO] * 6, YES)
    assert phone.raised() == [("P1", ("orchard.q07",))]


def test_skipped_adds_nothing_and_is_counted_at_the_end_only(licensed: Programme) -> None:
    phone = Phone(licensed, "orchard")
    phone.says(YES, *[SKIP] * 12, YES, *[NO] * 11)
    assert phone.raised() == []
    phone.says(NO)
    assert phone.raised() == [("P2", ("orchard.unanswered",))]
    assert phone.assessed().score == {"total": 0, "unanswered": 12}


def test_enough_at_the_rest_weighs_what_was_answered(licensed: Programme) -> None:
    phone = Phone(licensed, "orchard")
    assert phone.says(YES, *[NO] * 12, NO)[-1] == "orchard/closing"
    assert phone.assessed().score == {"total": 0, "unanswered": 12}


def test_not_now_asks_nothing_and_assesses_nothing(licensed: Programme) -> None:
    phone = Phone(licensed, "orchard")
    assert phone.says(NO) == ["menu/choose"]
    assert not [effect for effect in phone.effects if type(effect).__name__ == "Assessed"]


def test_a_worker_may_judge_this_one_and_not_the_others(licensed: Programme) -> None:
    assert [name for name, each in licensed.instruments.items() if each.judgement] == ["orchard"]


# a weighted 20-item form with four bands


@pytest.mark.parametrize(
    ("answers", "total", "rules"),
    [
        ("", 0, ("harbour.from_0",)),
        ("7 8 9 10 11 12 13", 7, ("harbour.from_0",)),
        ("1 2", 8, ("harbour.from_8",)),
        ("1 2 3 5", 13, ("harbour.from_8",)),
        ("1 2 3 4", 14, ("harbour.from_14",)),
        ("1 2 3 4 5 7", 17, ("harbour.from_14",)),
        ("1 2 3 4 5 6", 18, ("harbour.from_18",)),
        ("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20", 33, ("harbour.from_18",)),
    ],
)
def test_the_four_bands(licensed: Programme, answers: str, total: int, rules: tuple[str, ...]) -> None:
    said = {int(number) for number in answers.split()}
    phone = Phone(licensed, "harbour")
    phone.says(YES, *[YES if n in said else NO for n in range(1, 11)], YES)
    phone.says(*[YES if n in said else NO for n in range(11, 20)], YES if 20 in said else "3")
    assert phone.assessed().score == {"total": total, "unanswered": 0}
    assert phone.assessed().rules == rules


def test_each_band_is_told_once_as_it_is_come_to(licensed: Programme) -> None:
    phone = Phone(licensed, "harbour")
    phone.says(YES, *[YES] * 10, YES, *[NO] * 9, "3")
    assert phone.raised() == [
        ("P2", ("harbour.from_8",)),
        ("P1", ("harbour.from_14",)),
        ("P0", ("harbour.from_18",)),
    ]


def test_the_lowest_band_says_nothing_of_a_form_that_nobody_answered(licensed: Programme) -> None:
    phone = Phone(licensed, "harbour")
    phone.says(YES, *[SKIP] * 10, YES, *[SKIP] * 10)
    assert (phone.assessed().rules, phone.assessed().tier) == ((), None)
    assert phone.assessed().score == {"total": 0, "unanswered": 20}


def test_own_answers_have_their_own_points(licensed: Programme) -> None:
    phone = Phone(licensed, "harbour")
    phone.says(YES, *[NO] * 10, YES, *[NO] * 9)
    phone.says("at times")
    assert phone.assessed().score["total"] == 1


# an 11-item screen: any of the first three, or four of the rest


@pytest.mark.parametrize("number", [1, 2, 3])
def test_any_of_the_first_three_is_enough(licensed: Programme, number: int) -> None:
    phone = Phone(licensed, "meadow")
    phone.says(YES, *[NO] * (number - 1), YES)
    assert phone.raised() == [("P1", ("meadow.first",))]


def test_four_of_the_rest_are_enough_and_three_are_not(licensed: Programme) -> None:
    phone = Phone(licensed, "meadow")
    phone.says(YES, *[NO] * 3, *[YES] * 3)
    assert phone.raised() == []
    phone.says(YES, YES)  # the rest, then the fourth
    assert phone.raised() == [("P1", ("meadow.rest",))]


def test_not_sure_is_no_yes(licensed: Programme) -> None:
    phone = Phone(licensed, "meadow")
    phone.says(YES, *[UNSURE] * 6, YES, *[UNSURE] * 5)
    assert phone.raised() == []
    assert phone.assessed().score == {"total": 0, "first": 0, "rest_of_it": 0, "unanswered": 0}


# on her phone


@pytest.mark.parametrize("name", ["orchard", "harbour", "meadow", "baseline"])
def test_no_score_comes_near_her_phone_and_the_end_is_the_same_for_all(licensed: Programme, name: str) -> None:
    ends = []
    for answer in (YES, NO, SKIP):
        phone = Phone(licensed, name)
        sent = phone.says(YES)
        while sent[-1] != f"{name}/closing":
            sent = phone.says(YES if sent[-1] == f"{name}/rest" else answer)
        ends.append(sent)
        assert "score" not in phone.read_by_her()
        assert not any(tier in phone.read_by_her() for tier in ("P0", "P1", "P2"))
    assert ends == [[f"{name}/closing"]] * 3


def test_a_duress_word_answers_no_and_nothing_is_taken_as_true(licensed: Programme) -> None:
    by_duress, quiet = Phone(licensed, "meadow"), Phone(licensed, "meadow")
    by_duress.says(YES, NO, NO)
    quiet.says(YES, NO, NO)
    assert by_duress.says(DURESS) == quiet.says(NO)
    by_duress.says(YES, *[YES] * 7)
    assert not [effect for effect in by_duress.effects if type(effect).__name__ == "Assessed"]
    assert by_duress.raised()[0] == ("P0", ("duress",))


def test_a_duress_word_at_the_first_question_asks_no_more(licensed: Programme) -> None:
    assert Phone(licensed, "orchard").says(DURESS) == ["menu/choose"]
