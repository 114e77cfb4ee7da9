"""The contract of filling an instrument in: the fake, SQLite and PostgreSQL keep it alike."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from escalation.ports import Refused, Unknown
from flows.engine.conversation import Sheet
from storage.schema import events, outbox
from tests.storage.store import World

WHY = "Ana is away, I go on with the form"


async def begun(world: World) -> tuple[str, str, Sheet]:
    """Ana, who holds an alert of hers and has begun the pond; her ref and the sheet."""
    ana, person = await world.worker(), world.recipient()
    await world.desk.claim(await world.alert(person, "P3", "old"), ana, world.now)
    await world.sheets.begin(person, ana, "pond", "")
    return ana, person, await sheet(world, person, ana)


async def sheet(world: World, person: str, worker: str) -> Sheet:
    return (await world.desk.case(person, worker, WHY, world.now)).sheets["pond"]


async def answer(world: World, person: str, worker: str, item: str, value: str | None, before: int = 0) -> None:
    one = await sheet(world, person, worker)
    await world.sheets.answer(person, worker, "pond", one.id, item, value, "her", before, WHY)


async def test_begun_answered_days_later_by_another_and_weighed(world: World) -> None:
    ana, person, one = await begun(world)
    assert (one.instrument, one.version, one.begun_by, one.answers) == ("pond", "1", ana, {})
    await world.sheets.answer(person, ana, "pond", one.id, "wide", "hardly", "service", 0, "")
    world.pass_time(days=6)
    ben = await world.worker("Ben")
    await world.sheets.answer(person, ben, "pond", one.id, "deep", "unsure", "her", 0, WHY)
    kept = (await sheet(world, person, ben)).answers
    assert [(i, a.value, a.origin, a.staff, a.number) for i, a in sorted(kept.items())] == [
        ("deep", "unsure", "her", ben, 1),
        ("wide", "hardly", "service", ana, 1),
    ]
    await world.sheets.finish(person, ben, "pond", one.id, WHY)
    case = await world.desk.case(person, ben, WHY, world.now)
    assert case.sheets == {}
    (found,) = case.assessments
    assert (found.instrument, found.version, found.tier, found.by, found.sheet) == ("pond", "1", None, ben, one.id)
    assert found.answers == {"deep": "unsure", "wide": "hardly"}
    assert found.origins == {"deep": "her", "wide": "service"}
    assert found.score == {"total": 0, "unanswered": 0}
    assert found.change == "first"
    assert [a for who, a in world.audited() if a.startswith("sheet.") and who in (ana, ben)] == [
        "sheet.begin", "sheet.answer", "sheet.answer", "sheet.finish",
    ]  # fmt: skip


async def test_an_answer_raises_at_once_as_hers_would_and_taking_it_back_lowers_nothing(world: World) -> None:
    ana, person, _ = await begun(world)
    await answer(world, person, ana, "deep", "yes")
    (first, _) = [a for a in await world.desk.queue(world.now) if a.person == person]
    assert (first.tier, first.kind, first.title, first.state) == ("P1", "risk", "It is pond.deep", "open")
    await answer(world, person, ana, "deep", "no", before=1)
    await answer(world, person, ana, "wide", "very")
    assert [a.tier for a in await world.desk.queue(world.now)] == ["P1", "P3"]
    one = await sheet(world, person, ana)
    await world.sheets.finish(person, ana, "pond", one.id, "")
    case = await world.desk.case(person, ana, "", world.now)
    (found,) = case.assessments
    assert (found.tier, found.rules, found.says) == ("P2", ("pond.from_2",), ("It is pond.from_2",))
    assert next(a.tier for a in case.alerts if a.kind == "risk" and a.ref == first.ref) == "P1"


async def test_skipped_and_not_known_are_no_answers_but_are_kept_as_what_they_are(world: World) -> None:
    ana, person, one = await begun(world)
    await world.sheets.answer(person, ana, "pond", one.id, "deep", None, "her", 0, "")
    await world.sheets.answer(person, ana, "pond", one.id, "wide", "unsure", "seen", 0, "")
    await world.sheets.finish(person, ana, "pond", one.id, "")
    (found,) = (await world.desk.case(person, ana, "", world.now)).assessments
    assert found.answers == {"deep": None, "wide": "unsure"}
    assert found.origins == {"wide": "seen"}, "what was skipped came from nowhere"
    assert found.score == {"total": 0, "unanswered": 2}
    assert found.rules == ("pond.gaps",)


async def test_of_two_workers_at_once_the_later_is_told_and_the_first_answer_stands(world: World) -> None:
    ana, person, one = await begun(world)
    ben = await world.worker("Ben")
    await world.sheets.answer(person, ana, "pond", one.id, "deep", "no", "her", 0, "")
    with pytest.raises(Refused, match="answered meanwhile"):
        await world.sheets.answer(person, ben, "pond", one.id, "deep", "yes", "her", 0, WHY)
    kept = (await sheet(world, person, ana)).answers["deep"]
    assert (kept.value, kept.staff) == ("no", ana)
    await world.sheets.answer(person, ben, "pond", one.id, "deep", "yes", "seen", 1, WHY)
    kept = (await sheet(world, person, ana)).answers["deep"]
    assert (kept.value, kept.staff, kept.number) == ("yes", ben, 2)


async def test_a_double_click_answers_once_and_finishes_once(world: World) -> None:
    ana, person, one = await begun(world)
    for _ in range(2):
        await world.sheets.answer(person, ana, "pond", one.id, "deep", "no", "her", 0, "")
    assert (await sheet(world, person, ana)).answers["deep"].number == 1
    for _ in range(2):
        await world.sheets.finish(person, ana, "pond", one.id, "")
    case = await world.desk.case(person, ana, "", world.now)
    assert len(case.assessments) == 1
    assert [a for _, a in world.audited()].count("sheet.finish") == 1


async def test_what_is_finished_is_never_changed_and_a_new_one_stands_beside_it(world: World) -> None:
    ana, person, one = await begun(world)
    await answer(world, person, ana, "wide", "very")
    await world.sheets.finish(person, ana, "pond", one.id, "")
    with pytest.raises(Refused, match="finished or set aside"):
        await world.sheets.answer(person, ana, "pond", one.id, "deep", "yes", "her", 0, "")
    world.pass_time(minutes=10)
    await world.sheets.begin(person, ana, "pond", WHY)
    again = await sheet(world, person, ana)
    assert again.id != one.id
    await answer(world, person, ana, "wide", "very")
    await answer(world, person, ana, "deep", "no")
    await world.sheets.finish(person, ana, "pond", again.id, WHY)
    first, second = (await world.desk.case(person, ana, WHY, world.now)).assessments
    assert (first.answers, second.answers) == ({"wide": "very"}, {"wide": "very", "deep": "no"})
    assert (first.change, second.change) == ("first", "same")


async def test_only_who_may_open_the_case(world: World) -> None:
    _, person, one = await begun(world)
    ben = await world.worker("Ben")
    for act in (
        world.sheets.begin(person, ben, "pond", " "),
        world.sheets.answer(person, ben, "pond", one.id, "deep", "no", "her", 0, ""),
        world.sheets.finish(person, ben, "pond", one.id, ""),
    ):
        with pytest.raises(Refused, match="You hold no alert"):
            await act
    assert [a for who, a in world.audited() if who == ben and a.startswith("sheet.")] == []
    await world.sheets.answer(person, ben, "pond", one.id, "deep", "no", "her", 0, WHY)
    assert (ben, "case.read.break_glass") in world.audited()
    with pytest.raises(Unknown):
        await world.sheets.begin("NOBODY", ben, "pond", WHY)


async def test_what_cannot_be_done_says_why_and_leaves_nothing(world: World) -> None:
    ana, person, one = await begun(world)
    for act, said in (
        (world.sheets.begin(person, ana, "pond", ""), "has been begun already"),
        (world.sheets.begin(person, ana, "locked", ""), "no permission reference of The Invented Institute"),
        (world.sheets.begin(person, ana, "t", ""), "no such instrument"),
        (world.sheets.begin(person, ana, "none", ""), "no such instrument"),
        (world.sheets.finish(person, ana, "pond", one.id, ""), "Nothing has been answered"),
        (world.sheets.finish(person, ana, "pond", "other", ""), "finished or set aside"),
        (world.sheets.answer(person, ana, "pond", one.id, "tall", "no", "her", 0, ""), "no such item"),
        (world.sheets.answer(person, ana, "pond", one.id, "wide", "yes", "her", 0, ""), "no such item or answer"),
        (world.sheets.answer(person, ana, "pond", one.id, "deep", "yes", "", 0, ""), "where the answer came from"),
    ):
        with pytest.raises(Refused, match=said):
            await act
    assert (await sheet(world, person, ana)).answers == {}
    assert [a for _, a in world.audited() if a.startswith("sheet.")] == ["sheet.begin"]


async def test_after_the_last_day_of_its_licence_nothing_is_answered_but_what_was_is_weighed(world: World) -> None:
    ana, person, one = await begun(world)
    await world.sheets.answer(person, ana, "pond", one.id, "wide", "very", "her", 0, "")
    world.pass_time(days=12)
    with pytest.raises(Refused, match="its permission ended on 2026-12-01"):
        await world.sheets.answer(person, ana, "pond", one.id, "deep", "yes", "her", 0, WHY)
    await world.sheets.finish(person, ana, "pond", one.id, WHY)
    case = await world.desk.case(person, ana, WHY, world.now)
    assert [found.tier for found in case.assessments] == ["P2"]
    with pytest.raises(Refused, match="does not run"):
        await world.sheets.begin(person, ana, "pond", WHY)


async def test_a_judgement_stands_beside_what_a_worker_filled_in(world: World) -> None:
    ana, person, one = await begun(world)
    with pytest.raises(Refused, match="not been answered yet"):
        await world.chat.judge(person, ana, "pond", "P1", "because")
    await world.sheets.answer(person, ana, "pond", one.id, "wide", "very", "her", 0, "")
    await world.sheets.finish(person, ana, "pond", one.id, "")
    world.pass_time(minutes=1)
    await world.chat.judge(person, ana, "pond", "P1", "Her voice")
    case = await world.desk.case(person, ana, WHY, world.now)
    assert [(j.found, j.tier) for j in case.judgements] == [("P2", "P1")]
    assert [a.tier for a in case.assessments] == ["P2"]


async def test_nothing_of_it_reaches_her_phone_and_all_of_it_is_sealed(world: World) -> None:
    ana, person, one = await begun(world)
    await world.sheets.answer(person, ana, "pond", one.id, "wide", "hardly", "seen", 0, "")
    await world.sheets.finish(person, ana, "pond", one.id, "")
    case = await world.desk.case(person, ana, "", world.now)
    assert case.mode == "closed"
    assert await world.desk.transcript(person, ana, "", world.now) == []
    if world.store is not None:
        assert world.store.rows(sa.select(outbox).where(outbox.c.owner_kind == "person")) == []
        rows = world.store.rows(sa.select(events))
        assert rows
        assert not any(b"hardly" in bytes(row.sealed) or b"pond" in bytes(row.sealed) for row in rows)
