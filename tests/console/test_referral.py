"""A page about a case for another service: what can be on it, what is, and what never is."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from escalation.casefile import Agency, Kept, Order, OwnItem
from escalation.console.referral_rows import Words as Called
from escalation.console.referral_rows import fields
from escalation.decisions import Shared
from escalation.ports import Assessment, Case, Line, PlanVersion
from escalation.receivers import check_receivers, read_receivers, shipped
from escalation.referral import KINDS, Field, at_first
from flows.authoring.findings import AuthorError
from flows.engine.conversation import PlanItem, Standing
from tests.console.conftest import SETTINGS, Visitor
from tests.console.examples import HER, NOW, House

CASE = f"/cases/{HER}"
TICKS = re.compile(r'name="f\.([^"]+)" value="1"( checked)?')
GIVE = {"to": "Desk B", "basis": "consent", "handed": "post"}
NEVER = (
    "canaryquestion", "canaryexit", "canarycover", "canarykept", "canarynote", "canaryapart", "canaryway", "07700",
    "canaryknow", "canarynews", "N-77", "canaryorder", "canaryended", "canaryref", "canaryagency", "canarynotasked",
    "canaryitem",
)  # fmt: skip


UNTIL = datetime(2026, 12, 24, tzinfo=UTC)
ON_FILE = {
    "o1": Order("bail", "Mr. <i>R.</i>", "her", None, UNTIL, "Not within the town"),
    "o2": Order("children", "He", "the child at 07700 900123"),
    "o3": Order("another", "He", "her", words="canaryorder 07700 900123"),
    "o4": Order("bail", "canaryended", "her", None, NOW - timedelta(days=3)),
    "a1": Agency("Housing desk", "yes", "duty officer", "H-canaryref"),
    "a2": Agency("canaryagency", "no"),
    "a3": Agency("canarynotasked", "not_asked"),
    "i1": OwnItem("canaryitem"),
}


@pytest.fixture(autouse=True)
def _hers(house: House) -> None:
    """Something of every kind: what may be given, and what never is."""
    her = house.her
    her.contact = msgspec.structs.replace(
        her.contact, verify_question="canaryquestion", exit="canaryexit", cover="canarycover", to_try="canaryway",
        other_whose="canaryway", may_know="canaryknow", may_read="Her older son",
    )  # fmt: skip
    her.plan.append(PlanItem("bag", "todo", "Call him at 07700 900123", NOW))
    her.plan_versions.append(PlanVersion(NOW, PlanItem("money", "worker", "canarykept"), "s1"))
    her.notes.append(Line(NOW, "note", "canarynote", staff="s2"))
    her.number = "N-77"
    house.memory.casefile[HER] = {id: Kept(id, entry, NOW, "s2") for id, entry in ON_FILE.items()}
    her.recorded["no_contact_order"] = Standing("stands", "s1", NOW)
    asked = {"safe_now": "no", "changed": "He found the bag", "skipped": None}
    says = ("Fear 9 of 10",)
    her.assessments += [
        Assessment(NOW, "P1", ("fear.high",), asked, "up", "checkin", "1", says=says),
        Assessment(NOW, "P0", ("x",), {"m01": "yes"}, "up", "orchard", "1", {"total": 1}, "s2", {"m01": "service"}),
        Assessment(NOW, "P2", ("y",), {"how": "canaryapart"}, "up", "adherence", "1", apart=True),
        Assessment(NOW - timedelta(days=9), None, (), {"calm": "canarynews 0800 1111"}, "first", "weekly", "1"),
    ]


async def choosing(visitor: Visitor, receiver: str = "marac", **more: str) -> str:
    answer = await visitor.post(f"{CASE}/referral/choose", receiver=receiver, **more)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    return answer.text


async def seen(visitor: Visitor, ids: list[str], **more: str) -> str:
    ticks = {f"f.{one}": "1" for one in ids}
    return (await visitor.post(f"{CASE}/referral/preview", receiver="marac", **ticks, **more)).text


async def known(house: House) -> tuple[Field, ...]:
    case: Case = await house.desk.case(HER, "s1", "to look", NOW)
    wiring = house.wired(SETTINGS)
    file = await house.casefile.of_person(HER)
    return fields(case, file, Called(wiring.times(NOW), wiring.name, wiring.title, wiring.forms))


async def test_each_thing_that_can_be_given_is_there_with_where_it_came_from_and_nothing_else(
    claimed: Visitor, house: House
) -> None:
    page = await choosing(claimed)
    offered = [one for one, _ in TICKS.findall(page)]
    assert {one.split(".")[0] for one in offered} == set(KINDS)
    for shown in ("He found the bag", "Her older son", "Mi hermana Ana, con el coche", "Dormir tranquila"):
        assert shown in page, shown
    for said in ("she said it", "told by another service", "from our record"):
        assert said in page, said
    for never in NEVER:
        assert never not in page, never


async def test_orders_and_agencies_that_she_agrees_to_are_given_in_words_and_no_number_with_them(house: House) -> None:
    filed = {one.id: one.value for one in await known(house) if one.kind in ("order", "agency")}
    assert filed == {
        "order.o1": "Mr. <i>R.</i> may not contact her (until 2026-12-24)",
        "order.o1.words": "Not within the town",
        "order.o3": "He may not contact her (no end is known)",
        "agency.a1": "Housing desk, duty officer",
    }


async def test_a_field_that_is_left_out_stands_in_no_byte_of_the_page(claimed: Visitor, house: House) -> None:
    """For each field alone: everything is given but that one."""
    found = await known(house)
    marked = [replace(one, value=f"canary{n}end") for n, one in enumerate(found)]
    everything = [one.id for one in found]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("escalation.console.referral_page.fields", lambda case, file, words: tuple(marked))
        for left_out in marked:
            page = await seen(claimed, [one for one in everything if one != left_out.id])
            assert left_out.value not in page, left_out.id
            assert f'"{left_out.id}"' not in page
            assert all(one.value in page for one in marked if one is not left_out)


async def test_each_receiver_is_given_less_to_begin_with_than_there_is(claimed: Visitor, house: House) -> None:
    found = await known(house)
    for receiver in shipped().values():
        first = at_first(receiver, found)
        assert first < {one.id for one in found}, receiver.id
        assert not any(one.startswith("plan.") for one in first), "how she leaves is never given unasked"
    page = await choosing(claimed, "police")
    assert {one for one, on in TICKS.findall(page) if on} == at_first(shipped()["police"], found)


async def test_it_is_a_draft_until_it_is_recorded_and_then_the_same_page_with_its_number(
    claimed: Visitor, house: House
) -> None:
    words = {"grounds": "He found the bag <today>", "reach": "Through us"}
    draft = await seen(claimed, ["goal.one", "safe.hours"], **words)
    assert "Not recorded, not to be given away" in draft
    assert "He found the bag &lt;today&gt;" in draft
    assert re.search(r"cover|chat|telegram|duress|signal", paper(draft), re.IGNORECASE) is None, "nothing of how"
    chosen = re.search(r'name="chosen" value="([^"]*)"', draft)
    assert chosen is not None
    answer = await claimed.post(
        f"{CASE}/referral/give", receiver="marac", chosen=chosen[1], **words, **GIVE, receipt="2026-11-25"
    )
    assert answer.status_code == 200
    assert "Not recorded" not in answer.text
    assert paper(answer.text).count("Dormir tranquila") == paper(draft).count("Dormir tranquila") == 1
    (entry,) = house.her.entries
    assert isinstance(entry, Shared)
    assert set(entry.pack.fields) == {"goal.one", "safe.hours"}
    assert "Dormir" not in str(entry), "what stood in the fields is not kept a second time"
    log = (await claimed.get(f"{CASE}/decisions")).text
    assert "Desk B" in log
    assert "Receipt asked for by 2026-11-25: not here yet." in log
    await claimed.post(f"{CASE}/decisions/received", number="1", word="Their desk, by phone")
    assert "Their desk, by phone" in (await claimed.get(f"{CASE}/decisions?notice=receipt_kept")).text


def paper(page: str) -> str:
    return page[page.index('id="paper"') : page.index("</article>")]


async def test_what_is_refused_keeps_what_was_chosen_and_written(claimed: Visitor, house: House) -> None:
    wrong = GIVE | {"basis": "life"}
    answer = await claimed.post(
        f"{CASE}/referral/give", receiver="marac", chosen="goal.one no.such", ask="Hear it", **wrong
    )
    assert answer.status_code == 409
    assert "Say why it is shared without her consent." in answer.text
    assert 'name="chosen" value="goal.one"' in answer.text
    assert 'name="ask" value="Hear it"' in answer.text
    again = await choosing(claimed, chosen="goal.one", ask="Hear it")
    assert {one for one, on in TICKS.findall(again) if on} == {"goal.one"}
    for odd in ({"receiver": "nobody"}, {"receiver": "marac", "receipt": "soon"}):
        assert (await claimed.post(f"{CASE}/referral/give", chosen="", **GIVE, **odd)).status_code == 422
    assert house.her.entries == []


async def test_a_case_that_is_not_the_workers_wants_a_reason_at_each_step(sam: Visitor, house: House) -> None:
    assert (await sam.get(f"{CASE}/referral")).status_code == 403
    assert (await sam.post(f"{CASE}/referral")).status_code == 422
    for step in ("choose", "preview", "give"):
        refused = await sam.post(f"{CASE}/referral/{step}", receiver="marac", chosen="goal.one", **GIVE)
        assert (refused.status_code, "Dormir" in refused.text) == (403, False), step
    page = await choosing(sam, reason="Meeting today")
    assert 'name="reason" value="Meeting today"' in page
    assert house.her.entries == []


# receivers.yaml


def test_what_ships_fits_and_a_programmes_own_lies_over_it(tmp_path: Path) -> None:
    assert check_receivers(None) == ()
    own = "police:\n  gives: [safe.hours]\nprobation:\n  name: Probation\n  gives: [result]\n"
    (tmp_path / "receivers.yaml").write_text(own)
    found = read_receivers(tmp_path)
    assert list(found)[: len(shipped())] == list(shipped())
    assert (found["probation"].name, found["police"].gives) == ("Probation", {"safe.hours"})


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        ("probation:\n  gives: [safe]\n", (1, 1), "`probation` has no name."),
        ("police:\n  gives: [safe, notes]\n", (2, 17), "There are no fields `notes`."),
        ("police:\n  gives:\n    - safe\n    - safe\n", (4, 7), "`safe` stands here twice."),
        ("police:\n  give: [safe]\n  gives: []\n", (2, 3), "`give` is no key that is known here."),
        ("The police:\n  gives: [safe]\n", (1, 1), "`The police` is no name that can be used here."),
    ],
)
def test_what_does_not_fit_is_refused_where_it_stands(
    tmp_path: Path, text: str, place: tuple[int, int], problem: str
) -> None:
    (tmp_path / "receivers.yaml").write_text(text)
    with pytest.raises(AuthorError) as refused:
        read_receivers(tmp_path)
    (finding,) = refused.value.findings
    assert ((finding.line, finding.column), finding.problem) == (place, problem)
    assert check_receivers(tmp_path) == (finding,)
