"""The judge of the kill harness is judged first: a history with something broken in it must not pass."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.faults.checker import judge
from tests.faults.evidence import Code, Evidence, Landed, Person, Row, Said, Stand, TurnRow

HERS = ("sms", "+447700900123")
ANAS = ("sms", "+447700900201")
NOW = 1_800_000_000.0


def row(number: int, text: str, provider_id: str | None, **fields: object) -> Row:
    whole = {
        "id": f"row-{number}", "phone": HERS, "line": "p1", "seq": number, "kind": "session", "policy": "reconcile",
        "status": "sent", "text": text, "expires_at": NOW + 600, "attempts": 1, "provider_id": provider_id,
    }  # fmt: skip
    return Row(**(whole | fields))  # type: ignore[arg-type]


def heard(seq: int, text: str) -> TurnRow:
    return TurnRow(seq, "Heard", text)


PERSON = Person(
    "p1", HERS, 3, (heard(1, "(signal word)"), heard(2, "3"), heard(3, "(duress word)")), 1, ("P0",), ("a1",)
)
ROWS = (
    row(1, "Safe?", "S1"),
    row(2, "Thank you.", "S2"),
    row(3, "Bye.", "S3"),
    row(4, "A K2A", "S4", phone=ANAS, line="ana", kind="page", policy="repeat", alert="a1"),
)
WHOLE = Evidence(
    said=(Said(HERS, "I1", "sunflower", True), Said(HERS, "I2", "3", True), Said(HERS, "I3", "marigold", True)),
    landed=(
        Landed(HERS, "S1", "Safe?"),
        Landed(ANAS, "S4", "A K2A"),
        Landed(HERS, "S2", "Thank you."),
        Landed(HERS, "S3", "Bye."),
    ),
    kills=2,
    inbox=frozenset({"I1", "I2", "I3"}),
    inbox_rows=3,
    people=(PERSON,),
    rows=ROWS,
    alerts=("a1",),
    ended_at=NOW,
    duress_word="marigold",
    hidden={"(signal word)": "sunflower", "(duress word)": "marigold"},
)


def kinds(evidence: Evidence) -> set[str]:
    return {fault.kind for fault in judge(evidence).faults}


def with_row(number: int, **fields: object) -> Evidence:
    rows = list(ROWS)
    rows[number] = replace(rows[number], **fields)  # type: ignore[arg-type]
    return replace(WHOLE, rows=tuple(rows))


def with_person(**fields: object) -> Evidence:
    return replace(WHOLE, people=(replace(PERSON, **fields),))  # type: ignore[arg-type]


def test_a_whole_history_has_no_fault() -> None:
    verdict = judge(WHOLE)
    assert verdict.faults == ()
    assert verdict.duplicates == 0


def test_an_acknowledged_message_without_an_inbox_row_is_lost() -> None:
    assert "lost" in kinds(replace(WHOLE, inbox=frozenset({"I1", "I3"}), inbox_rows=2))


def test_an_inbox_row_without_its_turn_is_lost() -> None:
    assert "lost" in kinds(with_person(ver=2, turns=PERSON.turns[:2]))


def test_a_missed_text_that_was_never_reconciled_is_lost() -> None:
    missed = Said(HERS, "I9", "3", acked=False, posted=False)
    assert "lost" in kinds(replace(WHOLE, said=(*WHOLE.said, missed)))


def test_a_message_with_two_turns_is_doubled() -> None:
    assert kinds(with_person(ver=4, turns=(*PERSON.turns, heard(4, "3")))) == {"doubled"}


def test_an_inbox_row_nobody_sent_is_doubled() -> None:
    assert kinds(replace(WHOLE, inbox_rows=4)) == {"doubled"}


def test_turns_in_another_order_than_said_are_seen() -> None:
    first, second, third = (turn.heard for turn in PERSON.turns)
    turned = (heard(1, str(second)), heard(2, str(first)), heard(3, str(third)))
    assert kinds(with_person(turns=turned)) == {"order"}


def test_a_text_whose_webhook_was_missed_may_come_late() -> None:
    late = Said(HERS, "I9", "hello", acked=False, posted=False)
    said = (late, *WHOLE.said)
    turns = (*PERSON.turns, heard(4, "hello"))
    whole = replace(WHOLE, said=said, inbox=WHOLE.inbox | {"I9"}, inbox_rows=4)
    assert judge(replace(whole, people=(replace(PERSON, ver=4, turns=turns),))).faults == ()


@pytest.mark.parametrize(("ver", "turns"), [(4, PERSON.turns), (3, (heard(1, "(signal word)"), heard(3, "3")))])
def test_a_version_that_does_not_count_the_turns_is_a_fault_of_the_database(
    ver: int, turns: tuple[TurnRow, ...]
) -> None:
    assert "database" in kinds(with_person(ver=ver, turns=turns))


@pytest.mark.parametrize("status", ["due", "sending", "checking"])
def test_a_row_that_never_came_to_an_end_is_seen(status: str) -> None:
    assert "outbox" in kinds(with_row(2, status=status))


def test_an_unknown_fate_is_allowed_to_what_may_be_dropped_only() -> None:
    cut = replace(WHOLE, landed=WHOLE.landed[:-1])
    dropped = [*ROWS[:2], replace(ROWS[2], status="unknown", provider_id=None, policy="drop"), ROWS[3]]
    assert judge(replace(cut, rows=tuple(dropped))).faults == ()
    asked = [*ROWS[:2], replace(ROWS[2], status="unknown", provider_id=None), ROWS[3]]
    assert kinds(replace(cut, rows=tuple(asked))) == {"outbox"}


def test_an_unknown_fate_that_a_worker_knows_of_is_allowed() -> None:
    cut = replace(WHOLE, landed=WHOLE.landed[:-1])
    told = replace(ROWS[2], status="unknown", provider_id=None, told=True)
    assert judge(replace(cut, rows=(*ROWS[:2], told, ROWS[3]))).faults == ()


def test_the_cover_of_an_exit_may_overtake_and_comes_once() -> None:
    first, page, second, third = WHOLE.landed
    leaves = with_row(2, kind="exit", line="exit:p1", policy="drop")
    overtaken = replace(leaves, landed=(third, first, page, second))
    assert judge(overtaken).faults == ()
    cut_off = replace(ROWS[2], kind="exit", line="exit:p1", policy="drop", status="unknown", provider_id=None)
    rows = (*ROWS[:2], cut_off, ROWS[3])
    assert judge(replace(overtaken, rows=rows)).faults == ()
    again = (*overtaken.landed, Landed(HERS, "S9", "Bye."))
    assert kinds(replace(overtaken, landed=again)) == {"order"}
    assert kinds(replace(overtaken, rows=rows, landed=again)) == {"order"}


def test_of_the_same_words_sent_twice_the_later_may_be_the_exits() -> None:
    """Both were cut off before their mark: that it was the first would put it out of order."""
    first, page, second, _ = WHOLE.landed
    cover = row(1, "Bye.", None, status="expired", expires_at=NOW - 1)
    cut_off = row(3, "Bye.", None, kind="exit", line="exit:p1", policy="drop", status="unknown")
    landed = (replace(first, text="Bye."), page, second, Landed(HERS, "S9", "Bye."))
    assert "order" not in kinds(replace(WHOLE, rows=(cover, ROWS[1], cut_off, ROWS[3]), landed=landed))
    thrice = (*landed, Landed(HERS, "S10", "Bye."))
    assert "order" in kinds(replace(WHOLE, rows=(cover, ROWS[1], cut_off, ROWS[3]), landed=thrice))


def test_a_row_may_expire_only_when_it_is_late() -> None:
    cut = replace(WHOLE, landed=WHOLE.landed[:-1])
    early = replace(ROWS[2], status="expired", provider_id=None)
    assert kinds(replace(cut, rows=(*ROWS[:2], early, ROWS[3]))) == {"outbox"}
    late = replace(early, expires_at=NOW - 1)
    assert judge(replace(cut, rows=(*ROWS[:2], late, ROWS[3]))).faults == ()


def test_a_message_that_did_not_arrive_needs_a_worker_who_knows() -> None:
    assert kinds(with_row(2, status="failed")) == {"outbox"}
    assert judge(with_row(2, status="failed", told=True)).faults == ()


def test_a_row_marked_as_sent_that_no_provider_has_is_lost() -> None:
    assert "lost" in kinds(replace(WHOLE, landed=WHOLE.landed[:-1]))


def test_first_deliveries_in_the_wrong_order_are_seen() -> None:
    first, page, second, third = WHOLE.landed
    assert "order" in kinds(replace(WHOLE, landed=(second, page, first, third)))


def test_a_send_that_no_row_asked_for_is_seen() -> None:
    assert kinds(replace(WHOLE, landed=(*WHOLE.landed, Landed(HERS, "S9", "What?")))) == {"order"}


def test_a_send_cut_off_by_a_kill_and_repeated_is_one_duplicate() -> None:
    repeated = judge(replace(WHOLE, landed=(WHOLE.landed[0], Landed(HERS, "S9", "Thank you."), *WHOLE.landed[1:])))
    assert repeated.duplicates == 1
    assert repeated.faults == ()


def test_more_duplicates_than_kills_are_too_many() -> None:
    again = tuple(Landed(HERS, f"T{n}", "Thank you.") for n in range(3))
    verdict = judge(replace(WHOLE, landed=(WHOLE.landed[0], *again, *WHOLE.landed[1:])))
    assert verdict.duplicates == 3
    assert {fault.kind for fault in verdict.faults} == {"duplicate"}


def test_what_may_be_sent_once_only_is_never_sent_twice() -> None:
    evidence = with_row(1, policy="drop")
    landed = (WHOLE.landed[0], Landed(HERS, "S9", "Thank you."), *WHOLE.landed[1:])
    assert kinds(replace(evidence, landed=landed)) == {"order"}


@pytest.mark.parametrize("count", [0, 2])
def test_a_duress_word_stands_with_a_worker_exactly_once(count: int) -> None:
    assert kinds(with_person(duress_reasons=count)) == {"alert"}


def test_a_weighed_risk_without_an_alert_is_seen() -> None:
    assert kinds(with_person(alerts=())) == {"alert"}


@pytest.mark.parametrize("fields", [{"alert": ""}, {"status": "cancelled"}])
def test_an_alert_that_paged_nobody_is_seen(fields: dict[str, object]) -> None:
    assert kinds(with_row(3, **fields)) == {"alert"}


def test_a_ladder_that_stopped_is_seen() -> None:
    assert kinds(replace(WHOLE, silent=("a1",))) == {"alert"}


def test_one_message_about_several_alerts_that_a_kill_cut_off_is_a_repeat_and_not_a_stranger() -> None:
    other = row(5, "A 7F3", "S5", phone=ANAS, line="ana", kind="page", policy="repeat", alert="a1")
    rows, both = (*ROWS, other), Landed(ANAS, "S5", "A 7F3")
    cut_off = Landed(ANAS, "S8", "2 waiting, the highest P1: K2A, 7F3. To take one, reply A and its code")
    verdict = judge(replace(WHOLE, rows=rows, landed=(*WHOLE.landed, cut_off, both)))
    assert (verdict.faults, verdict.duplicates) == ((), 1)
    unknown = replace(cut_off, text=cut_off.text.replace("7F3", "ZZZ"))
    assert kinds(replace(WHOLE, rows=rows, landed=(*WHOLE.landed, unknown, both))) == {"order"}


def test_a_page_of_a_p0_may_come_again_for_each_kill_that_cut_it_off_itself_and_for_nothing_else() -> None:
    tried = replace(ROWS[3], text="P0 K2A. To take it, reply A K2A", attempts=3)
    again = tuple(Landed(ANAS, f"S{n}", tried.text) for n in (8, 9))
    landed = [replace(one, text=tried.text) if one.phone == ANAS else one for one in WHOLE.landed]
    three = replace(WHOLE, rows=(*ROWS[:3], tried), landed=(*landed, *again), kills=1)
    for cut_off, duplicates in (({"row-4": 2}, 0), ({"row-4": 1}, 1), ({"row-3": 2}, 2), ({}, 2)):
        verdict = judge(replace(three, cut_off=cut_off))
        assert verdict.duplicates == duplicates
        assert {fault.kind for fault in verdict.faults} == ({"duplicate"} if duplicates > 1 else set())
    unmarked = replace(tried, provider_id=None, status="unknown", policy="drop")
    never_marked = replace(three, rows=(*ROWS[:3], unmarked), cut_off={"row-4": 3})
    assert judge(never_marked).duplicates == 0
    assert judge(replace(never_marked, cut_off={"row-4": 2})).duplicates == 1


# who has an alert

STAND = Stand("K2A", "P0", "claimed", "ana", 1, NOW + 900, NOW + 900, 240, ("ana",))
TOLD = row(6, "It is yours", "S6", phone=ANAS, line="ana", kind="page", message="page/yours", ref="K2A")
WROTE = Said(ANAS, "I8", "A K2A", True)


def taken(stand: Stand = STAND, **fields: object) -> Evidence:
    """Ana wrote that she takes it, and it is hers."""
    landed = (*WHOLE.landed, Landed(ANAS, "S6", TOLD.text))
    whole = replace(WHOLE, rows=(*ROWS, TOLD), landed=landed, said=(*WHOLE.said, WROTE), stands=(stand,))
    return replace(whole, inbox=WHOLE.inbox | {"I8"}, inbox_rows=4, **fields)  # type: ignore[arg-type]


def test_a_claim_that_stands_has_no_fault() -> None:
    assert judge(taken()).faults == ()


@pytest.mark.parametrize(
    "fields",
    [
        {"holder": None},
        {"claim_until": None},
        {"state": "open"},
        {"due": None},
        {"due": NOW + 901},
        {"due": NOW - 60},
        {"claim": 0},
        {"claim": 2},
        {"claimed_by": ("ana", "ben")},
        {"claimed_by": ()},
        {"state": "open", "holder": None, "claim_until": None, "due": NOW + 241},
    ],
)
def test_an_alert_that_two_have_or_nobody_is_asked_about_is_seen(fields: dict[str, object]) -> None:
    assert kinds(taken(replace(STAND, **fields))) == {"holding"}  # type: ignore[arg-type]


def test_a_worker_who_is_answered_twice_or_never_is_seen() -> None:
    again = replace(TOLD, id="row-9", seq=9, provider_id="S9", message="page/taken")
    twice = replace(taken(), rows=(*ROWS, TOLD, again))
    assert kinds(replace(twice, landed=(*twice.landed, Landed(ANAS, "S9", again.text)))) == {"holding"}
    silent = replace(taken(), rows=ROWS, landed=WHOLE.landed)
    stranger = Said(("sms", "+447700900500"), "I9", "harvest", True)
    heard = replace(taken(), said=(*taken().said, stranger), inbox=taken().inbox | {"I9"}, inbox_rows=5)
    assert judge(heard).faults == (), "who joins or does not is no worker"
    assert kinds(replace(silent, stands=())) == {"holding"}


def test_a_code_that_is_good_for_two_is_seen() -> None:
    codes = (Code("ana", "K2A", "a1", 0), Code("ben", "K2A", "a1", 0))
    assert judge(replace(WHOLE, codes=codes)).faults == ()
    for other in (Code("ana", "K2A", "a2", 0), Code("ana", "K2A", "a1", 1)):
        assert kinds(replace(WHOLE, codes=(*codes, other))) == {"holding"}


def test_a_broken_file_or_audit_chain_is_seen() -> None:
    assert kinds(replace(WHOLE, integrity="row 3 missing from index")) == {"database"}
    assert kinds(replace(WHOLE, broken_audit_row=7)) == {"database"}
