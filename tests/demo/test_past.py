"""The made-up past: really lived through, so that all the console shows hangs together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx

from bot.demo.cast import PASSWORD, RECIPIENTS
from bot.demo.stage import person_at
from escalation.held_words import held_words
from escalation.ports import Case
from storage import audit
from storage.cases import open_case
from storage.queue import of_person
from tests.demo.conftest import PATIENCE, Browser


async def case_of(browser: Browser, who: str) -> Case:
    """The case as Ana, who once helped her or gives a reason, would see it."""
    table, phone = browser.table, RECIPIENTS[who].phone
    service, now = table.stage.service, table.stage.clock.now()
    person = await service.database.read(person_at, service.vault, phone.channel, phone.address)
    ref = await service.database.read(lambda conn: of_person(conn, service.vault, person, now)[0].person)
    return await service.database.write(open_case, service.vault, ref, table.staff["ana"].id, "a test", now)


async def test_the_demo_opens_on_weeks_of_contact(lived: Browser) -> None:
    """One demo for all of it: living through the past is what costs."""
    now = lived.table.stage.clock.now()
    assert abs(now - datetime.now(UTC)) < timedelta(minutes=1)

    (waiting,), (held,) = await lived.rows(), await lived.rows("held")
    assert waiting.startswith("P2 raised")
    assert "Arabic" in waiting
    assert "Ben Okoro has it" in held

    case = await case_of(lived, "english")
    by_day = {one.at.date(): one.answers.get("fear") for one in case.assessments if one.instrument == "checkin"}
    assert list(by_day.values()) == [5, 4, 6, 4, 4, 3]
    assert {item.name for item in case.plan} == {"collect", "keys_papers", "children_out"}
    assert {alert.state for alert in case.alerts} == {"resolved"}
    assert case.mode == "closed"

    await what_is_written_down_stands(lived, case)

    for slot in ("one", "two"):
        texts = await lived.read(slot)
        name = lived.table.shelf.on("one" if slot == "one" else "two").speech.cover
        assert texts
        assert all(text.startswith(name) for text in texts), "only the cover is on a closed phone"

    await everybody_has_something_to_see(lived)

    service = lived.table.stage.service
    assert await service.database.read(audit.verify, service.vault) is None
    assert "Nothing yet" in await lived.happened()


async def everybody_has_something_to_see(lived: Browser) -> None:
    """Who is not on call signs in by the same form, and their own page is not empty."""
    for name, home, *seen in (
        ("pia", "/console/own", "P2", 'aria-label="Open'),
        ("ann", "/console/audit", "Ann Voss", "audit.export"),
        ("pat", "/console/staff", "Ruth Hale", "/console/new-colleague"),
        ("ruth", "/console/queue", "P2"),
    ):
        async with httpx.AsyncClient(base_url=lived.http.base_url, timeout=PATIENCE, follow_redirects=True) as http:
            origin = str(lived.http.base_url).rstrip("/")
            form = {"username": name, "password": PASSWORD}
            page = await http.post("/console/sign-in", data=form, headers={"Origin": origin})
            assert page.url.path == home
            assert [words for words in seen if words not in page.text] == [], name
            if name == "pia":
                tasks = (await http.get("/console/tasks")).text
                assert "Ask how she is" in tasks
                assert "Say hello" not in tasks, "done"


async def what_is_written_down_stands(lived: Browser, english: Case) -> None:
    """Goals with numbers and stages, forms, records and a kept item, for three of the four."""
    sleep, account = english.goals
    assert ([one.value for one in sleep.scores], [one.stage for one in sleep.stages]) == (
        [2, 4, 6],
        ["contemplation", "preparation", "action"],
    )
    assert [one.value for one in account.scores] == [1, 2, 3]
    assert {(one.fact, one.value) for one in english.recorded} == {
        ("negotiated_exit", "agreed"),
        ("programme_news", "started"),
    }
    forms = [one.score["total"] for one in english.assessments if one.instrument == "baseline" and one.by]
    assert forms == [1, 3]
    assert english.plan[0].status == "worker"
    assert held_words(english.plan_versions)["collect"] == "My sister, at any hour"

    arabic, welsh = await case_of(lived, "arabic"), await case_of(lived, "welsh")
    assert [one.value for one in arabic.goals[0].scores] == [3, 5, 4]
    assert arabic.goals[0].stages[-1].stage == "relapse"
    assert [one.fact for one in arabic.recorded] == ["no_contact_order"]
    assert len([one for one in arabic.assessments if one.instrument == "baseline"]) == 2
    assert [one.stage for one in welsh.goals[0].stages] == ["contemplation", "action"]
    assert len(welsh.sheets["baseline"].answers) == 2, "half filled in, to go on with"


async def test_the_first_things_due_are_near(lived: Browser) -> None:
    """So that '+2 h' shows a check-in, and the next '+2 h' the one that nobody answered."""
    before = len(await lived.read("one"))
    await lived.move("2h")
    assert len(await lived.read("one")) == before + 1
    await lived.move("2h")
    assert any("No answer to the check-in" in row for row in await lived.rows())
