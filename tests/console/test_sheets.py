"""Instruments in the console: begun, answered item by item, gone on with by others, weighed, judged, seen over time."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import httpx
import pytest

from flows.engine.model import Licence
from storage.memory import Audited
from tests.console.conftest import Browser, Visitor
from tests.console.examples import HER, House
from tests.console.test_api import problem

ORCHARD = "/cases/P-K2A/instruments/orchard"
BASELINE = "/cases/P-K2A/instruments/baseline"
REASON = "Sam is ill, I go on with the form"
API = "/api/v1/recipients/P-K2A/instruments"


@pytest.fixture
async def claimed(sam: Visitor) -> Visitor:
    """Sam, who holds the alert of K2A."""
    await sam.post("/alerts/K2A/claim")
    return sam


async def holding(browser: Browser) -> Visitor:
    """Sam, signed in anew on another day, and on the case again."""
    sam = await browser("sam")
    await sam.post("/alerts/K2A/claim")
    return sam


async def answered(visitor: Visitor, house: House, item: str, answer: str, **more: str) -> httpx.Response:
    """As the form of that item sends it, with `more` in place of its fields."""
    path = more.pop("path", ORCHARD)
    sheet = house.her.sheets[path.rpartition("/")[2]]
    stands = sheet.answers.get(item)
    before = str(stands.number if stands else 0)
    fields = {"sheet": sheet.id, "item": item, "before": before, "answer": answer, "origin": "her"} | more
    return await visitor.post(f"{path}/answer", **fields)


async def filled(visitor: Visitor, house: House, path: str, answers: dict[str, str]) -> None:
    await visitor.post(f"{path}/begin")
    for item, answer in answers.items():
        assert (await answered(visitor, house, item, answer, path=path)).status_code == 303
    done = await visitor.post(f"{path}/finish", sheet=house.her.sheets[path.rpartition("/")[2]].id)
    assert done.status_code == 303


# the list on the case


async def test_the_case_lists_what_can_be_filled_in_with_version_source_and_licence(claimed: Visitor) -> None:
    page = (await claimed.get("/cases/P-K2A")).text
    card = page[page.index('id="instruments"') : page.index('id="agreed"')]
    assert re.findall(r'id="form-(\w+)"', card) == ["baseline", "harbour", "meadow", "orchard"]
    for words in ("Version 2026.1", "Invented for the tests of Rowan", "The Invented Institute, INV-2026-1"):
        assert words in card
    assert card.count(">Begin</button>") == 4


async def test_one_that_may_not_run_says_why_and_cannot_be_begun(claimed: Visitor, house: House) -> None:
    form = house.forms["orchard"]
    ended = replace(form.instrument, licence=Licence("The Invented Institute", "INV-1", date(2026, 11, 19)))
    house.forms = {**house.forms, "orchard": replace(form, instrument=ended)}
    house.sheets._instruments = {**house.sheets._instruments, "orchard": ended}
    from tests.console.conftest import a_client, built

    async with a_client(built(house)) as client:
        client.cookies = claimed.client.cookies
        visitor = Visitor(client, claimed.csrf)
        page = (await visitor.get("/cases/P-K2A")).text
        assert "May not be used: its permission ended on 2026-11-19." in page
        assert page.count(">Begin</button>") == 3
        assert "May not be used" in (await visitor.get(ORCHARD)).text
        refused = await visitor.post(f"{ORCHARD}/begin")
        assert refused.status_code == 409
        assert "its permission ended on 2026-11-19" in refused.text
    assert house.her.sheets == {}


async def test_what_has_been_begun_comes_first_and_says_how_far_it_is(claimed: Visitor, house: House) -> None:
    await claimed.post(f"{ORCHARD}/begin")
    await answered(claimed, house, "q01", "no")
    page = (await claimed.get("/cases/P-K2A")).text
    card = page[page.index('id="instruments"') : page.index('id="agreed"')]
    assert re.findall(r'id="form-(\w+)"', card)[0] == "orchard"
    assert "1 of 24 looked at" in card
    assert 'aria-label="Go on with Orchard"' in card


# item by item


async def test_a_page_has_the_item_at_hand_with_its_answers_and_where_they_come_from(claimed: Visitor) -> None:
    begun = await claimed.post(f"{ORCHARD}/begin")
    assert (begun.status_code, begun.headers["location"]) == (303, f"/console{ORCHARD}#at")
    page = (await claimed.get(ORCHARD)).text
    assert "Invented item 1: was the garden gate ever in your way?</legend>" in page
    assert re.findall(r'name="answer" value="([^"]+)"', page) == ["yes", "no", "unsure", "-"]
    assert [words.strip() for words in re.findall(r'id="answer-\w+"[^>]*>([^<]+)<', page)] == [
        "Yes", "No", "Not known", "Skip this one",
    ]  # fmt: skip
    assert re.findall(r'name="origin" value="(\w+)" required', page) == ["her", "seen", "service"]
    assert "checked" not in page[page.index('id="at"') : page.index('id="end"')]
    assert page.count('<li id="item-') == 24


async def test_each_answer_is_kept_and_the_next_item_comes(claimed: Visitor, house: House) -> None:
    await claimed.post(f"{ORCHARD}/begin")
    for item, answer, origin in (("q01", "no", "seen"), ("q02", "unsure", "service"), ("q03", "-", "")):
        assert (await answered(claimed, house, item, answer, origin=origin)).status_code == 303
    kept = house.her.sheets["orchard"].answers
    assert [(a.value, a.origin, a.staff) for a in kept.values()] == [
        ("no", "seen", "s1"), ("unsure", "service", "s1"), (None, "", "s1"),
    ]  # fmt: skip
    page = (await claimed.get(ORCHARD)).text
    assert "Invented item 4" in page[page.index("<legend") : page.index("</legend>")]
    assert 'value="service" required checked' in page, "the last origin is offered again"
    assert "3 of 24 looked at" in page
    row = page[page.index('id="item-q02"') : page.index('id="item-q03"')]
    for words in ("Not known", "Another service told us", "Sam Okafor"):
        assert words in row


async def test_an_item_can_be_gone_back_to_and_changed(claimed: Visitor, house: House) -> None:
    await claimed.post(f"{ORCHARD}/begin")
    await answered(claimed, house, "q01", "no")
    page = (await claimed.post(ORCHARD, item="q01")).text
    assert "Invented item 1:" in page[page.index("<legend") : page.index("</legend>")]
    assert re.search(r'value="no" id="answer-no" aria-pressed="true"', page)
    await answered(claimed, house, "q01", "unsure")
    assert house.her.sheets["orchard"].answers["q01"].value == "unsure"


async def test_without_an_origin_it_is_told_at_the_item_and_nothing_is_kept(claimed: Visitor, house: House) -> None:
    await claimed.post(f"{ORCHARD}/begin")
    refused = await answered(claimed, house, "q01", "no", origin="")
    assert refused.status_code == 422
    assert re.search(r'id="wrong" role="alert"[^>]*>Say where the answer comes from', refused.text)
    assert 'aria-describedby="stands wrong"' in refused.text
    assert house.her.sheets["orchard"].answers == {}


async def test_of_two_at_once_the_later_is_told_and_sees_what_stands(
    claimed: Visitor, ines: Visitor, house: House
) -> None:
    await claimed.post(f"{ORCHARD}/begin")
    await answered(ines, house, "q01", "no", reason=REASON)
    late = await answered(claimed, house, "q01", "yes", before="0")
    assert late.status_code == 409
    hand = late.text[late.text.index('id="at"') : late.text.index('id="end"')]
    assert "answered meanwhile" in hand
    assert re.search(r"So far: <b[^>]*>No</b>.*Inés Duarte", hand)
    assert 'name="before" value="1"' in hand
    assert house.her.sheets["orchard"].answers["q01"].value == "no"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"answer": ""}, 422),
        ({"answer": "perhaps"}, 409),
        ({"item": "q99"}, 409),
        ({"before": "x"}, 422),
        ({"before": "-1"}, 422),
        ({"sheet": "another"}, 409),
        ({"origin": "rumour"}, 422),
    ],
)
async def test_what_no_form_of_ours_sends(fields: dict[str, str], status: int, claimed: Visitor, house: House) -> None:
    await claimed.post(f"{ORCHARD}/begin")
    sent = {"item": "q01", "answer": "no"} | fields
    assert (await answered(claimed, house, sent.pop("item"), sent.pop("answer"), **sent)).status_code == status
    assert house.her.sheets["orchard"].answers == {}


async def test_an_instrument_that_there_is_not(claimed: Visitor) -> None:
    assert (await claimed.get("/cases/P-K2A/instruments/nothing")).status_code == 404
    assert (await claimed.get("/cases/P-NONE/instruments/orchard")).status_code == 404
    assert (await claimed.get("/cases/P-K2A/instruments/checkin")).status_code == 404, "it has no items"


async def test_an_answer_that_raises_is_in_the_queue_at_once(claimed: Visitor, house: House) -> None:
    house.memory.alerts["K2A"] = replace(house.memory.alerts["K2A"], state="resolved")
    await claimed.post(f"{ORCHARD}/begin", reason=REASON)
    await answered(claimed, house, "q07", "yes", reason=REASON)
    (alert,) = [a for a in house.memory.alerts.values() if a.state != "resolved"]
    assert (alert.tier, alert.title, alert.person) == ("P1", "Item 7, alone", HER)


# who may


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


# days later, and finished


async def test_days_later_a_colleague_goes_on_and_finishes(claimed: Visitor, house: House, browser: Browser) -> None:
    await claimed.post(f"{ORCHARD}/begin")
    for number in range(1, 15):
        await answered(claimed, house, f"q{number:02}", "yes")
    house.clock.forward(days=5)
    ines = await browser("ines")
    await ines.post("/alerts/K2A/claim")
    page = (await ines.get(ORCHARD)).text
    assert "14 of 24 looked at" in page
    assert "10 items are still open." in page
    done = await ines.post(f"{ORCHARD}/finish", sheet=house.her.sheets["orchard"].id)
    assert done.headers["location"] == f"/console{ORCHARD}?notice=finished"
    (found,) = [a for a in house.her.assessments if a.instrument == "orchard"]
    assert (found.tier, found.by, found.score) == ("P1", "s2", {"total": 14, "unanswered": 10})


async def test_when_all_is_looked_at_finishing_is_what_is_left(claimed: Visitor, house: House) -> None:
    await claimed.post(f"{BASELINE}/begin")
    for item in ("humiliated", "afraid", "forced", "hurt"):
        await answered(claimed, house, item, "no", path=BASELINE)
    page = (await claimed.get(BASELINE)).text
    assert "Every item has been looked at" in page
    assert "Nothing is open." in page
    assert '<button id="finish" class="do">' in page
    assert 'class="card ask" method' not in page


async def test_it_shows_tier_bands_what_fired_and_the_answers(claimed: Visitor, house: House) -> None:
    harbour = "/cases/P-K2A/instruments/harbour"
    await filled(claimed, house, harbour, {"h01": "yes", "h02": "yes", "h03": "no", "h20": "sometimes"})
    page = (await claimed.get(f"{harbour}?notice=finished")).text
    assert "Finished. It stands on her record." in page
    gave = page[page.index('id="gave"') : page.index("again-h")]
    assert "9 of 33 points" in gave
    assert re.search(r'class="inside" aria-current="true"><span class="figures">8–13</span>', gave)
    assert "Harbour: 9, from 8" in gave
    assert "<code>harbour.from_8</code>" in gave
    assert "16 items have no answer." in gave
    said = page[page.index('id="said"') :]
    assert said.count('class="fired"') == 3
    assert "4 points" in said
    assert "At times" in said
    assert "Not answered" in said
    assert 'id="judge"' not in page, "harbour leaves no room for judgement"


async def test_an_item_that_raises_alone_is_marked(claimed: Visitor, house: House) -> None:
    await filled(claimed, house, ORCHARD, {"q07": "yes", "q08": "yes"})
    said = (await claimed.get(ORCHARD)).text.partition('id="said"')[2]
    assert said.count("raises by itself") == 1


async def test_a_finished_one_is_never_changed_and_a_new_one_stands_beside_it(
    claimed: Visitor, house: House, browser: Browser
) -> None:
    await filled(claimed, house, BASELINE, {"afraid": "yes"})
    gone = await claimed.post(f"{BASELINE}/answer", sheet="old", item="hurt", before="0", answer="yes", origin="her")
    assert gone.status_code == 409
    assert "finished or set aside" in gone.text
    house.clock.forward(days=1)
    await filled(await holding(browser), house, BASELINE, {"afraid": "no"})
    found = [a.answers for a in house.her.assessments if a.instrument == "baseline"]
    assert found == [{"afraid": "yes"}, {"afraid": "no"}]


async def test_finishing_twice_finishes_once(claimed: Visitor, house: House) -> None:
    await claimed.post(f"{BASELINE}/begin")
    await answered(claimed, house, "hurt", "no", path=BASELINE)
    sheet = house.her.sheets["baseline"].id
    for _ in range(2):
        assert (await claimed.post(f"{BASELINE}/finish", sheet=sheet)).status_code == 303
    assert len([a for a in house.her.assessments if a.instrument == "baseline"]) == 1


async def test_an_empty_one_cannot_be_finished(claimed: Visitor, house: House) -> None:
    await claimed.post(f"{ORCHARD}/begin")
    refused = await claimed.post(f"{ORCHARD}/finish", sheet=house.her.sheets["orchard"].id)
    assert refused.status_code == 409
    assert "Nothing has been answered yet." in refused.text


async def test_one_begun_with_another_version_is_set_aside_by_a_new_one(claimed: Visitor, house: House) -> None:
    from msgspec.structs import replace as changed

    await claimed.post(f"{ORCHARD}/begin")
    old = house.her.sheets["orchard"]
    house.her.sheets["orchard"] = changed(old, version="2025.9")
    page = (await claimed.get(ORCHARD)).text
    assert "One was begun with version 2025.9, which is no longer in use." in page
    assert (await answered(claimed, house, "q01", "no")).status_code == 409
    await claimed.post(f"{ORCHARD}/begin")
    assert house.her.sheets["orchard"].version == "2026.1"
    assert house.her.sheets["orchard"].id != old.id


# judgement


async def test_a_judgement_is_asked_for_with_a_reason_and_stands_beside_the_rules(
    claimed: Visitor, house: House
) -> None:
    await filled(claimed, house, ORCHARD, {f"q{n:02}": "yes" for n in range(8, 14)})
    page = (await claimed.get(ORCHARD)).text
    form = page[page.index('id="judge"') : page.index("again-h")]
    assert re.findall(r'name="tier" value="(P\d)"', form) == ["P0", "P1", "P3"], "P2 is what stands"
    assert re.search(r'<textarea id="why"[^>]*required', form)
    judged = await claimed.post(f"{ORCHARD}/judge", tier="P1", why="Her voice on the phone")
    assert judged.headers["location"].endswith("?notice=judged")
    page = (await claimed.get(ORCHARD)).text
    assert "Her voice on the phone" in page
    assert [(j.found, j.tier, j.staff) for j in house.her.judgements] == [("P2", "P1", "s1")]
    assert house.memory.alerts["K2A"].tier == "P1"


async def test_a_lower_judgement_without_a_reason_is_refused_and_the_choice_stays(
    claimed: Visitor, house: House
) -> None:
    await filled(claimed, house, ORCHARD, {"q07": "yes"})
    refused = await claimed.post(f"{ORCHARD}/judge", tier="P3", why=" ")
    assert refused.status_code == 409
    assert "needs a reason" in refused.text
    assert re.search(r'value="P3" required checked', refused.text)
    assert (await claimed.post(f"{ORCHARD}/judge", tier="P9", why="x")).status_code == 422
    assert (await claimed.post(f"{ORCHARD}/judge", tier="P3", why="x" * 501)).status_code == 422
    assert house.her.judgements == []


# over time


async def test_over_time_it_says_what_rose_what_fell_and_who_asked(
    claimed: Visitor, house: House, browser: Browser
) -> None:
    await filled(claimed, house, ORCHARD, {"q07": "yes", "q08": "yes", "q09": "no", "q10": "yes"})
    await claimed.post(f"{ORCHARD}/judge", tier="P0", why="What the neighbour saw")
    house.clock.forward(days=30)
    sam = await holding(browser)
    await filled(sam, house, ORCHARD, {"q07": "no", "q08": "yes", "q09": "yes", "q10": "-"})
    page = (await sam.get("/cases/P-K2A")).text
    over = page[page.index('id="trend-orchard"') :].partition("</details>")[0]
    assert 'class="way way-unclear">fewer answers than before' in over, "what was skipped makes nothing better"
    rose, fell, unknown = (over.index(f"moved-{kind}") for kind in ("rose", "fell", "unknown"))
    assert rose < over.index("Invented item 9") < fell < over.index("Invented item 7") < unknown
    assert over.index("Invented item 10") > unknown, "skipped is not better"
    assert "Invented item 8" not in over
    assert "What the neighbour saw" in over
    assert over.count("Sam Okafor") >= 2
    assert '<svg class="chart"' in over
    assert over.count("<tr><td ") == 2


async def test_improvement_is_shown_as_such(claimed: Visitor, house: House, browser: Browser) -> None:
    await filled(claimed, house, BASELINE, {"afraid": "yes", "hurt": "yes", "forced": "no"})
    house.clock.forward(days=30)
    sam = await holding(browser)
    await filled(sam, house, BASELINE, {"afraid": "no", "hurt": "no", "forced": "no"})
    over = (await sam.get("/cases/P-K2A")).text.partition('id="trend-baseline"')[2].partition("</details>")[0]
    assert 'class="way way-down">fell' in over
    assert over.count("<li ") == 2
    assert "moved-rose" not in over
    assert "moved-unknown" not in over


async def test_what_the_chat_asked_stands_in_the_same_line(claimed: Visitor, house: House) -> None:
    first = house.her.assessments[-1]
    asked = replace(
        first, instrument="baseline", tier="P2", answers={"hurt": "yes"}, score={"total": 1}, rules=("baseline.hurt",)
    )
    house.her.assessments.append(replace(asked, at=first.at - timedelta(days=9)))
    await filled(claimed, house, BASELINE, {"hurt": "yes", "afraid": "no"})
    page = (await claimed.get("/cases/P-K2A")).text
    over = page[page.index('id="trend-baseline"') :].partition("</details>")[0]
    assert "the chat</td>" in over
    assert "Sam Okafor" in over
    assert "Nothing moved" in over


# for other programs


async def test_the_api_fills_in_weighs_and_judges(caller: httpx.AsyncClient, house: House) -> None:
    await caller.post("/api/v1/alerts/K2A/claim")
    every = (await caller.get(API)).json()["instruments"]
    assert [(one["name"], one["items"], one["refused"]) for one in every] == [
        ("baseline", 4, ""), ("harbour", 20, ""), ("meadow", 11, ""), ("orchard", 24, ""),
    ]  # fmt: skip
    problem(await caller.get(f"{API}/orchard"), 404)
    begun = await caller.post(f"{API}/orchard/begin")
    assert begun.status_code == 201
    sheet = begun.json()["sheet"]
    assert begun.json()["items"][6]["answers"] == {"yes": "Yes to this", "no": "No to this", "unsure": "Not sure"}
    body = {"sheet": sheet, "item": "q07", "value": "yes", "origin": "service"}
    kept = (await caller.post(f"{API}/orchard/answer", json=body)).json()
    assert kept["items"][6]["given"] == {
        "value": "yes", "origin": "service", "staff": "s1", "at": "2026-11-20T20:40:00Z", "number": 1,
    }  # fmt: skip
    problem(await caller.post(f"{API}/orchard/answer", json={**body, "value": "no"}), 409)
    done = (await caller.post(f"{API}/orchard/finish", json={"sheet": sheet})).json()
    (one,) = done["assessments"]
    assert (one["tier"], one["by"], one["origins"]) == ("P1", "s1", {"q07": "service"})
    judged = (await caller.post(f"{API}/orchard/judge", json={"tier": "P2", "reason": "Years ago"})).json()
    assert [(j["found"], j["tier"], j["reason"]) for j in judged["judgements"]] == [("P1", "P2", "Years ago")]
    assert (await caller.get(f"{API}/orchard/assessments")).json() == judged


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"sheet": "s", "item": "q07"},
        {"sheet": "s", "item": "q07", "value": "yes", "origin": "rumour"},
        {"sheet": "s", "item": "Q 7", "value": "yes"},
        {"sheet": "s", "item": "q07", "value": 1},
        {"sheet": "s", "item": "q07", "value": None, "before": -1},
        {"sheet": "s", "item": "q07", "value": None, "note": "x"},
    ],
)
async def test_the_api_takes_no_other_answer(body: dict[str, object], caller: httpx.AsyncClient) -> None:
    await caller.post("/api/v1/alerts/K2A/claim")
    problem(await caller.post(f"{API}/orchard/answer", json=body), 422)


async def test_the_api_opens_a_case_by_a_reason_in_a_header(caller: httpx.AsyncClient, house: House) -> None:
    problem(await caller.get(API), 409)
    problem(await caller.post(f"{API}/orchard/judge", json={"tier": "P1"}), 409)
    assert house.memory.audit == []
    headers = {"Rowan-Reason": "Für Inés, die krank ist".encode()}
    assert (await caller.get(API, headers=headers)).status_code == 200  # type: ignore[arg-type]
    (row,) = house.memory.audit
    assert row == Audited("s1", "case.read.break_glass", HER, row.at, "Für Inés, die krank ist")
    problem(await caller.get(f"{API}/nothing", headers={"Rowan-Reason": "x"}), 404)
