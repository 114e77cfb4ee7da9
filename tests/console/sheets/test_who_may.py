"""Who holds the case fills in, anybody else gives a reason first, and every act is on record."""

from __future__ import annotations

from tests.console.conftest import Visitor
from tests.console.examples import HER, House
from tests.console.sheets.filling import BASELINE, ORCHARD, REASON, answered, filled


async def test_who_does_not_hold_the_case_gives_a_reason_first_and_it_goes_with_every_act(
    ines: Visitor, house: House
) -> None:
    asked = await ines.get(ORCHARD)
    assert asked.status_code == 403
    assert f'action="/console{ORCHARD}"' in asked.text
    opened = await ines.post(ORCHARD, reason=REASON)
    assert opened.status_code == 200
    assert f'name="reason" value="{REASON}"' in opened.text
    begun = await ines.post(f"{ORCHARD}/begin", reason=REASON)
    assert begun.status_code == 200, "the reason must not stand in an address"
    assert (await answered(ines, house, "q01", "no", reason=REASON)).status_code == 200
    assert [(a.action, a.detail) for a in house.memory.audit if a.actor == "s2"] == [
        ("case.read.break_glass", REASON), ("sheet.begin", ""), ("sheet.answer", ""),
    ]  # fmt: skip


async def test_without_a_reason_nothing_is_done(ines: Visitor, claimed: Visitor, house: House) -> None:
    await claimed.post(f"{ORCHARD}/begin")
    before = len(house.memory.audit)
    for answer in (
        await ines.post(f"{ORCHARD}/begin"),
        await answered(ines, house, "q01", "no"),
        await ines.post(f"{ORCHARD}/finish", sheet=house.her.sheets["orchard"].id),
        await ines.post(f"{ORCHARD}/judge", tier="P0", why="because"),
        await ines.post(f"{ORCHARD}/live"),
    ):
        assert answer.status_code == 403
    assert (house.her.sheets["orchard"].answers, house.her.judgements, len(house.memory.audit)) == ({}, [], before)


async def test_every_act_is_on_record(claimed: Visitor, house: House) -> None:
    await filled(claimed, house, BASELINE, {"hurt": "yes"})
    acts = [a for a in house.memory.audit if a.action.startswith("sheet.")]
    assert [(a.actor, a.action, a.subject) for a in acts] == [
        ("s1", "sheet.begin", HER), ("s1", "sheet.answer", HER), ("s1", "sheet.finish", HER),
    ]  # fmt: skip
    assert not any(word in repr(acts) for word in ("yes", "hurt"))
