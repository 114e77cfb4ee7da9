"""The judge's rules about a worker in her chat are judged too: each sees what is broken, and lets be what is whole."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.faults.checker import ACTS, judge
from tests.faults.evidence import Claimed, Commit, Evidence, Person, Said, TurnRow, Wrote
from tests.faults.test_checker import NOW, PERSON, WHOLE, kinds
from tests.faults.there import GONE, HERE

JOINED = TurnRow(1, "WorkerJoined", None, NOW - 60, (HERE,), (("opened", ""), ("worker_joined", "ana")))
WENT = TurnRow(2, "WorkerGone", None, NOW - 40, (GONE,), (("worker_gone", "ana"),))
WRITES = TurnRow(2, "Heard", "are you there", NOW - 30)
EXIT = TurnRow(2, "Heard", "x", NOW - 30, (), (("exit", ""),))
TAKEN, GIVEN_BACK = Claimed("p2", "a2", "ana", NOW - 50), Claimed("p2", "a2", None, 0)
IS_THERE = replace(TAKEN, until=NOW + 900)


def in_chat(turns: tuple[TurnRow, ...], *commits: Commit, **fields: object) -> Evidence:
    """Another recipient, in whose chat a worker is, was or should be; what she wrote was said."""
    wrote = [turn for turn in turns if turn.event == "Heard"]
    hers = ("sms", "+447700900124")
    said = tuple(Said(hers, f"J{turn.seq}", turn.heard or "", True) for turn in wrote)
    acts = sum(turn.event in ACTS for turn in turns)
    whole = replace(
        WHOLE,
        people=(PERSON, Person("p2", hers, len(turns), turns)),
        said=(*WHOLE.said, *said),
        inbox=WHOLE.inbox | {one.provider_id for one in said},
        inbox_rows=3 + len(said) + acts,
        commits=commits,
    )
    return replace(whole, **fields)  # type: ignore[arg-type]


def turn(number: int) -> Commit:
    return Commit(turns=(("p2", number),))


@pytest.mark.parametrize(
    ("turns", "commits"),
    [
        ((JOINED,), (Commit((IS_THERE,)), turn(1))),
        ((JOINED, WRITES), (Commit((IS_THERE,)), turn(1), turn(2))),
        ((JOINED, WENT), (Commit((TAKEN,)), turn(1), Commit((GIVEN_BACK,)), turn(2))),
        ((JOINED, EXIT), (Commit((IS_THERE,)), turn(1), turn(2), Commit((GIVEN_BACK,)))),
        ((JOINED, WRITES), (Commit((IS_THERE,)), turn(1), Commit((GIVEN_BACK, IS_THERE), (("p2", 2),)))),
        ((JOINED, WENT), (Commit((IS_THERE,)), turn(1), Commit((GIVEN_BACK,), (("p2", 2),)))),
    ],
)
def test_a_worker_who_is_there_and_goes_as_she_is_told_is_no_fault(
    turns: tuple[TurnRow, ...], commits: tuple[Commit, ...]
) -> None:
    assert judge(in_chat(turns, *commits)).faults == ()


@pytest.mark.parametrize(
    ("turns", "commits"),
    [
        ((JOINED,), (turn(1),)),
        ((JOINED, WENT), (Commit((TAKEN,)), Commit((GIVEN_BACK,)), turn(1), turn(2))),
        ((JOINED, WENT), (Commit((replace(TAKEN, until=NOW - 61),)), turn(1), turn(2))),
        ((JOINED, WENT), (Commit((replace(TAKEN, holder="ben"),)), turn(1), turn(2))),
    ],
)
def test_a_worker_of_whom_she_is_told_untruly_is_seen(turns: tuple[TurnRow, ...], commits: tuple[Commit, ...]) -> None:
    assert kinds(in_chat(turns, *commits)) == {"presence"}


@pytest.mark.parametrize("sent", [(), (HERE, GONE)])
def test_a_record_that_is_not_what_she_was_told_is_seen(sent: tuple[str, ...]) -> None:
    silent, other = replace(JOINED, sent=sent), replace(WRITES, sent=sent)
    turns = (silent,) if not sent else (JOINED, other)
    commits = (Commit((IS_THERE,)), turn(1), turn(2))
    assert kinds(in_chat(turns, *commits[: len(turns) + 1])) == {"presence"}


@pytest.mark.parametrize("then", [WRITES, replace(WENT, sent=())])
def test_whoever_was_not_told_that_the_worker_is_gone_is_seen(then: TurnRow) -> None:
    commits = (Commit((TAKEN,)), turn(1), Commit((GIVEN_BACK,)), turn(2))
    assert kinds(in_chat((JOINED, then), *commits)) == {"presence"}


def test_a_claim_that_ran_out_by_itself_is_seen_in_the_next_turn() -> None:
    assert kinds(in_chat((JOINED, WRITES), Commit((TAKEN,)), turn(1), turn(2))) == {"presence"}


def test_a_worker_who_is_there_and_said_to_be_gone_is_seen() -> None:
    assert kinds(in_chat((JOINED, WENT), Commit((IS_THERE,)), turn(1), turn(2))) == {"presence"}


def test_whoever_is_left_with_nobody_at_the_end_is_seen_unless_she_is_about_to_be_told() -> None:
    left = in_chat((JOINED,), Commit((TAKEN,)), turn(1), Commit((GIVEN_BACK,)))
    assert kinds(left) == {"presence"}
    assert judge(replace(left, to_tell={("p2", "ana"): NOW - 1})).faults == ()
    for to_tell in ({("p2", "ana"): NOW - 60}, {("p2", "ben"): NOW - 1}):
        assert kinds(replace(left, to_tell=to_tell)) == {"presence"}


def test_a_worker_s_words_that_stand_twice_or_never_are_seen() -> None:
    says = TurnRow(2, "WorkerSaid", None, NOW - 50, ("I am with you",))
    commits = (Commit((IS_THERE,)), turn(1), turn(2))
    wrote = (Wrote("I am with you", True),)
    assert judge(in_chat((JOINED, says), *commits, wrote=wrote)).faults == ()
    twice = in_chat((JOINED, says, replace(says, seq=3)), *commits, turn(3), wrote=wrote)
    assert kinds(twice) == {"presence"}
    unsaid = replace(says, sent=())
    assert kinds(in_chat((JOINED, unsaid), *commits, wrote=wrote)) == {"presence"}
    late = replace(unsaid, notes=(("worker_unheard", "ana"),))
    assert judge(in_chat((JOINED, late), *commits, wrote=wrote)).faults == ()
    assert judge(in_chat((JOINED, unsaid), *commits, wrote=(Wrote("I am with you", False),))).faults == ()


def test_an_inbox_row_of_no_act_is_doubled() -> None:
    whole = in_chat((JOINED,), Commit((IS_THERE,)), turn(1))
    assert kinds(replace(whole, inbox_rows=whole.inbox_rows + 1)) == {"doubled"}
