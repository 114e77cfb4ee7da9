"""What a worker gives her: a code for another phone (SAFETY 15), and all that is kept about her, when she asks."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import httpx
import msgspec
import pytest

from escalation.export import exported
from escalation.people import Asking, Consent
from escalation.ports import Assessment, Line, PlanVersion
from flows.engine.conversation import PlanItem
from tests.console.conftest import SETTINGS, Visitor
from tests.console.examples import HER, NOW, House
from tests.console.test_shapes import a_case

CASE = f"/cases/{HER}"
TODAY = NOW.date().isoformat()
CODE = re.compile(r">([2-9A-Z]{4}-[2-9A-Z]{4})<")


@pytest.fixture(autouse=True)
def _hers(house: House) -> None:
    """Something of every kind that must not be given."""
    her = house.her
    her.contact = msgspec.structs.replace(her.contact, exit="quinceword", duress_opens=True, to_try="Ring the bell")
    her.plan_versions.append(PlanVersion(NOW, PlanItem("money", "worker", "With her aunt"), "s1"))
    her.lines += [Line(NOW, "her", "To somebody else", apart=True), Line(NOW, "her", "(duress word)")]
    her.number = "N-77"


def last(house: House) -> tuple[str, str, str, str]:
    row = house.memory.audit[-1]
    return row.actor, row.action, row.subject, row.detail


# a moving code


async def test_a_worker_who_holds_the_case_makes_a_code_and_sees_it_once(claimed: Visitor, house: House) -> None:
    page = (await claimed.get(f"{CASE}/moving-code")).text
    assert "The name of her first school" in page
    assert CODE.search(page) is None
    answer = await claimed.post(f"{CASE}/moving-code/make", sure="asked")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert CODE.search(answer.text)
    assert "+15550100" in answer.text, "where to send it from the new phone"
    assert last(house) == ("s1", "case.moving_code", HER, "asked")
    assert CODE.search((await claimed.get(f"{CASE}/moving-code")).text) is None
    assert all(line.by != "worker" for line in house.her.lines), "it is never sent by itself"


async def test_a_case_that_is_not_the_workers_wants_a_reason(sam: Visitor, house: House) -> None:
    assert (await sam.get(f"{CASE}/moving-code")).status_code == 403
    assert (await sam.post(f"{CASE}/moving-code")).status_code == 422
    refused = await sam.post(f"{CASE}/moving-code/make", sure="asked")
    assert (refused.status_code, CODE.search(refused.text)) == (403, None)
    assert (await sam.post(f"{CASE}/moving-code", reason="She is here")).status_code == 200
    answer = await sam.post(f"{CASE}/moving-code/make", sure="in_person", reason="She is here")
    assert CODE.search(answer.text)
    assert ("s1", "case.read.break_glass") in [(row.actor, row.action) for row in house.memory.audit]


async def test_without_knowing_that_it_is_her_there_is_no_code(claimed: Visitor, house: House) -> None:
    path = f"{CASE}/moving-code/make"
    assert (await claimed.post(path)).status_code == 422
    house.her.verify_first = True
    refused = await claimed.post(path, sure="in_person")
    assert (refused.status_code, CODE.search(refused.text)) == (409, None)
    assert "Nobody knows yet that it is her" in refused.text
    assert 'id="make-code"' not in (await claimed.get(f"{CASE}/moving-code")).text
    house.her.verify_first = False
    house.her.contact = msgspec.structs.replace(house.her.contact, verify_question="")
    assert "No question is agreed" in (await claimed.post(path, sure="asked")).text
    house.her.contact = msgspec.structs.replace(house.her.contact, consent="")
    assert "nothing to move" in (await claimed.post(path, sure="in_person")).text


async def test_the_api_makes_one_by_the_same_rules(caller: httpx.AsyncClient, house: House) -> None:
    url, reason = f"/api/v1/recipients/{HER}/moving-code", {"Rowan-Reason": "She is here"}
    assert (await caller.post(url, json={"sure": "in_person"})).status_code == 409
    assert (await caller.post(url, json={"sure": "hearsay"}, headers=reason)).status_code == 422
    made = await caller.post(url, json={"sure": "in_person"}, headers=reason)
    assert made.status_code == 201
    assert re.fullmatch(r"[2-9A-Z]{4}-[2-9A-Z]{4}", made.json()["moving_code"])
    house.her.watched = True
    assert (await caller.post(url, json={"sure": "in_person"}, headers=reason)).status_code == 409


# all that is hers


async def test_her_own_is_shown_once_it_is_recorded_how_and_when_she_asked(claimed: Visitor, house: House) -> None:
    ask = (await claimed.get(f"{CASE}/export")).text
    assert "Whoever finds it knows everything" in ask
    answer = await claimed.post(f"{CASE}/export/make", how="in_person", on=TODAY)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    for hers in (
        "Mi hermana Ana, con el coche", "With her aunt", "Dormir tranquila", "dice que me mata si me voy",
        "Her older son", "Ring the bell", "Gracias por contarlo",
    ):  # fmt: skip
        assert hers in answer.text, hers
    for not_to_be_given in (
        "She wants to be asked in the evening only", "To somebody else", "first school", "quinceword", "duress",
        "threat.kill", "N-77", "<form class=\"card",
    ):  # fmt: skip
        assert not_to_be_given not in answer.text, not_to_be_given
    assert ("s1", "case.hand_over", HER, f"in_person {TODAY}") in [
        (row.actor, row.action, row.subject, row.detail) for row in house.memory.audit
    ]


async def test_as_json_it_is_the_same_and_no_file(claimed: Visitor) -> None:
    answer = await claimed.post(f"{CASE}/export/make", **{"how": "by_phone", "on": TODAY, "as": "json"})
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("application/json", "no-store")
    assert "content-disposition" not in answer.headers
    given = answer.json()
    assert (given["recipient"], given["asked"], given["asked_on"]) == (HER, "by_phone", TODAY)
    assert {item["words"] for item in given["plan"]} >= {"Mi hermana Ana, con el coche", "With her aunt"}
    assert [line["text"] for line in given["messages"]][-1] == "(…)"
    assert given["agreed"] == [{"basis": "self", "since": (NOW - timedelta(days=48)).date().isoformat(), "ended": None}]
    assert {"duress_opens", "blank_signal", "verify_question", "programme_news"} & set(given["contact"]) == set()
    assert all(set(goal) == {"words", "since", "ended", "numbers"} for goal in given["goals"]), "no stage of change"


@pytest.mark.parametrize(
    ("how", "on", "status"),
    [
        ("", TODAY, 422),
        ("rule", TODAY, 422),
        ("in_person", "", 422),
        ("in_person", "yesterday", 422),
        ("in_person", (NOW + timedelta(days=3)).date().isoformat(), 409),
        ("in_person", (NOW - timedelta(days=400)).date().isoformat(), 409),
    ],
)
async def test_without_her_authority_nothing_is_shown(
    how: str, on: str, status: int, claimed: Visitor, house: House
) -> None:
    answer = await claimed.post(f"{CASE}/export/make", how=how, on=on)
    assert answer.status_code == status
    assert "Mi hermana" not in answer.text
    assert all(row.action != "case.hand_over" for row in house.memory.audit)


async def test_a_chat_that_may_not_be_hers_asks_for_nothing(claimed: Visitor, house: House) -> None:
    house.her.watched = True
    answer = await claimed.post(f"{CASE}/export/make", how="in_chat", on=TODAY)
    assert (answer.status_code, "Mi hermana" in answer.text) == (409, False)
    assert "Verify first that it is her" in answer.text


async def test_another_workers_case_wants_a_reason_for_it(sam: Visitor, house: House) -> None:
    assert (await sam.get(f"{CASE}/export")).status_code == 403
    assert (await sam.post(f"{CASE}/export/make", how="in_person", on=TODAY)).status_code == 403
    assert (await sam.post(f"{CASE}/export", reason="She asked me")).status_code == 200
    answer = await sam.post(f"{CASE}/export/make", how="in_person", on=TODAY, reason="She asked me")
    assert "Mi hermana" in answer.text
    assert "case.read.break_glass" in [row.action for row in house.memory.audit]


def test_what_she_was_asked_stands_in_her_language_or_in_english(house: House) -> None:
    names = {"en": {"t/fear": "How afraid?", "t/mood": "And you?"}, "es": {"t/fear": "¿Cuánto miedo?"}}
    said = house.wired(SETTINGS, names=names).hers("es")
    sitting = Assessment(NOW, None, (), {"fear": 4, "mood": "calm", "new_one": 2, "skipped": None}, "first", "t")
    (given,) = exported(a_case(assessments=(sitting,)), (), (), ASKING, NOW, said).answers
    assert [(one.question, one.answer) for one in given.answers] == [
        ("¿Cuánto miedo?", "4"),
        ("And you?", "calm"),
        ("New one", "2"),
    ]


ASKING = Asking("in_person", date(2026, 11, 20))


def said_in(names: dict[str, str]) -> Any:
    return lambda message: names.get(message, "")


def test_choices_are_given_in_words_and_what_a_worker_wrote_on_a_sheet_is_not() -> None:
    names = {"checkin/safe_now": "Are you safe?", "checkin/safe_now.no": "No"}
    hers = Assessment(NOW, "P0", ("unsafe_now",), {"safe_now": "no"}, "first", "checkin")
    case = a_case(assessments=(hers, replace(hers, by="s1", answers={"m01": "yes"}), replace(hers, answers={})))
    given = exported(case, (), [Consent("self", NOW)], ASKING, NOW, said_in(names))
    assert [[(one.question, one.answer) for one in each.answers] for each in given.answers] == [
        [("Are you safe?", "No")]
    ]
    assert "P0" not in msgspec.json.encode(given).decode()


def test_what_came_from_her_phone_after_a_duress_word_is_left_out_until_a_worker_has_cleared_it() -> None:
    at = [NOW + timedelta(minutes=n) for n in range(8)]
    talk = [
        Line(at[0], "her", "before"),
        Line(at[1], "her", "(duress word)"), Line(at[1], "bot", "That is fine."), Line(at[1], "note", "duress"),
        Line(at[2], "her", "by him"), Line(at[3], "note", "duress"), Line(at[4], "note", "verified"),
        Line(at[5], "her", "after"), Line(at[6], "note", "duress"), Line(at[7], "her", "by him again"),
    ]  # fmt: skip
    given = exported(a_case(), talk, (), ASKING, NOW, said_in({}))
    assert [line.text for line in given.messages] == ["before", "after"]


async def test_the_links_stand_on_the_case_page_and_carry_the_reason(sam: Visitor, house: House) -> None:
    page = (await sam.post(CASE, reason="to look")).text
    assert all(f'action="/console{CASE}/{door}"' in page for door in ("moving-code", "export"))
    await sam.post("/alerts/K2A/claim")
    page = (await sam.get(CASE)).text
    assert all(f'href="/console{CASE}/{door}"' in page for door in ("moving-code", "export"))
