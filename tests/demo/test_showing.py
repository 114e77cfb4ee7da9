"""The demo told as it is shown: two phones, the queue, a worker's phone, a clock that can be moved."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from bot.demo.cast import PASSWORD, SPEECH
from escalation.console.headers import POLICY
from tests.demo.conftest import Browser, plain, ref_of

AFRAID = ("sunflower", "1", "afraid 9")
PAGE = re.compile(r"P[0-3] [2-9A-Z]{3}\. To take it, reply A [2-9A-Z]{3}")


async def changes(stream: httpx.Response) -> AsyncIterator[str]:
    """The words of each `changed` event, as they come."""
    event = ""
    async for line in stream.aiter_lines():
        if line.startswith("event: "):
            event = line.removeprefix("event: ")
        elif line.startswith("data:") and event == "changed":
            yield line.removeprefix("data:").strip()


async def test_an_alert_is_in_the_queue_with_the_next_event(browser: Browser) -> None:
    async with browser.http.stream("GET", "/demo/live") as stream:
        said = changes(stream)
        await browser.say("one", *AFRAID)
        while "queue" not in await anext(said):
            pass
        (row,) = await browser.rows()
    assert row.startswith("P1 high")
    assert "SMS · English" in row


async def test_the_workers_phone_says_that_somebody_waits_and_nothing_else(browser: Browser) -> None:
    await browser.say("one", *AFRAID)
    (page,) = await browser.read("worker")
    assert PAGE.fullmatch(page)
    assert not {"afraid", "fear", "9", "safe"} & set(re.findall(r"\w+", page.lower()))


async def test_she_takes_it_by_replying(browser: Browser) -> None:
    await browser.say("one", *AFRAID)
    ref = ref_of((await browser.rows())[0])
    await browser.say("worker", f"a {ref.lower()}")
    assert (await browser.read("worker"))[-1] == f"{ref} is yours (P1). Open the console."
    assert await browser.rows() == []
    assert "Ana Reyes has it" in (await browser.rows("held"))[0]


async def test_she_takes_it_by_the_button(browser: Browser) -> None:
    await browser.say("one", *AFRAID)
    token = re.findall(r'name="token" value="([^"]+)"', await browser.region("worker-lines"))[0]
    assert (await browser.post("/demo/press", slot="worker", token=token)).status_code == 303
    assert "Ana Reyes has it" in (await browser.rows("held"))[0]


async def sign_in(browser: Browser, username: str) -> None:
    """As the page's own form does."""
    answer = await browser.post("/console/sign-in", username=username, password=PASSWORD)
    assert answer.status_code == 303, plain(answer.text)


async def test_a_colleague_takes_it_in_the_console(browser: Browser) -> None:
    await browser.say("two", "girasol", "1", "miedo 9")
    ref = ref_of((await browser.rows())[0])
    await sign_in(browser, "ben")
    queue = (await browser.http.get("/console/queue")).text
    csrf = re.findall(r'name="csrf" value="([^"]+)"', queue)[0]
    assert (await browser.post(f"/console/alerts/{ref}/claim", csrf=csrf)).status_code == 303
    assert "Ben Okoro has it" in (await browser.rows("held"))[0]
    assert f"{ref} claimed by Ben Okoro" in await browser.happened()


async def test_a_button_of_a_question_is_an_answer(browser: Browser) -> None:
    await browser.say("two", "girasol")
    tokens = re.findall(r'name="token" value="([^"]+)"', await browser.region("two-lines"))
    await browser.post("/demo/press", slot="two", token=tokens[2])
    assert (await browser.rows())[0].startswith("P0 now")


async def test_the_exit_empties_the_telegram_phone_and_leaves_the_texts(browser: Browser) -> None:
    await browser.say("two", "girasol", "1", "x")
    await browser.say("one", "sunflower", "x")
    telegram, texts = await browser.read("two"), await browser.read("one")
    assert len(telegram) == 1
    assert telegram[0].startswith("Recetas de casa")
    assert texts[0] == "sunflower"
    assert "Closed" in await browser.region("two-state")


async def test_texts_go_when_she_deletes_them_herself(browser: Browser) -> None:
    await browser.say("one", "sunflower", "x")
    await browser.post("/demo/delete", slot="one")
    assert await browser.read("one") == []


async def test_the_clock_brings_a_check_in_and_then_the_one_that_was_missed(browser: Browser) -> None:
    """Everybody joined a moment ago: the first thing due is the first phone's check-in, in seven days."""
    assert "check-in · SMS · English" in plain(await browser.region("due"))
    await browser.move("next")
    (ping,) = await browser.read("one")
    assert ping.startswith("Home recipes this week")
    await browser.move("2h")
    (row,) = await browser.rows()
    assert row.startswith("P2 raised")
    assert "No answer to the check-in" in row
    assert "SMS · English: a check-in is due, so a recipe is sent" in await browser.happened()


async def test_an_open_chat_hides_itself_while_the_clock_runs(browser: Browser) -> None:
    await browser.say("one", "sunflower")
    assert await browser.region("one-state") != ""
    await browser.move("5m")
    assert "Closed" in await browser.region("one-state")
    assert "hid itself" in await browser.happened()


async def test_nobody_answers_so_the_backup_is_paged_too(browser: Browser) -> None:
    await browser.say("one", *AFRAID)
    await browser.post("/demo/phone", slot="worker", show="ben-sms")
    assert await browser.read("worker") == []
    await browser.move("5m")
    (page,) = await browser.read("worker")
    assert PAGE.fullmatch(page)
    assert "Ana Reyes, Ben Okoro" in await browser.happened()


async def test_whoever_is_signed_in_stays_so_when_the_clock_is_moved(browser: Browser) -> None:
    await sign_in(browser, "ana")
    await browser.move("1d")
    assert (await browser.http.get("/console/queue")).status_code == 200


async def test_who_writes_while_the_clock_moves_stops_it(browser: Browser) -> None:
    await browser.say("one", *AFRAID)
    began = browser.table.stage.clock.now()
    move = browser.table.behind(browser.table.hands.forward(timedelta(days=8)))
    await asyncio.sleep(0)
    assert browser.table.hands.moving
    await browser.say("two", "girasol")
    await move
    assert browser.table.stage.clock.now() - began < timedelta(days=8)
    assert len(await browser.read("two")) >= 2


async def test_a_strangers_phone_is_not_answered_until_it_has_the_code(browser: Browser) -> None:
    await browser.post("/demo/phone", slot="two", show="stranger")
    await browser.say("two", "hello?")
    assert await browser.read("two") == ["hello?"]
    assert "Unknown" in await browser.region("two-state")
    await browser.say("two", browser.table.shelf.on("two").code)
    assert (await browser.read("two"))[-1] == "Language?"


async def test_a_strangers_phone_joins_with_the_word(browser: Browser) -> None:
    await browser.post("/demo/phone", slot="one", show="stranger")
    keyword = browser.table.stage.service.programme.rules.keyword
    assert keyword in plain(await browser.region("one-crib"))
    await browser.say("one", keyword)
    assert (await browser.read("one"))[-1].startswith("Language?")


@pytest.mark.parametrize("language", SPEECH)
@pytest.mark.parametrize("slot", ["one", "two"])
async def test_what_the_page_says_to_try_works_in_each_language(browser: Browser, slot: str, language: str) -> None:
    await browser.post("/demo/phone", slot=slot, show=f"fresh:{language}")
    html = (await browser.http.get("/demo/parts")).text
    crib = html.partition(f'id="{slot}-crib"')[2].partition("</section>")[0]
    tries = re.findall(r'name="text" value="([^"]+)"', crib)
    await browser.say(slot, *tries)
    (row,) = await browser.rows()
    assert row.startswith("P1 high")
    device = html.partition(f'id="{slot}-device"')[2][:200]
    assert f'lang="{language}" dir="{SPEECH[language].direction}"' in device


async def test_all_eight_languages_are_offered_and_a_right_to_left_name_turns_no_number_round(browser: Browser) -> None:
    assert set(SPEECH) == set(browser.table.stage.service.programme.catalogues.languages)
    await browser.post("/demo/phone", slot="one", show="fresh:ur")
    html = (await browser.http.get("/demo/parts")).text
    for code, speech in SPEECH.items():
        assert f'value="fresh:{code}">New · &#8296;{speech.name}&#8297;</option>' in html
    number = browser.table.shelf.on("one").address[-3:]
    assert f"&#8296;اردو&#8297; · {number}</option>" in html


async def test_the_page_is_under_the_consoles_headers_and_has_no_code_inline(browser: Browser) -> None:
    for path in ("/", "/demo/parts", "/demo/static/demo.css", "/demo/static/demo.js"):
        answer = await browser.http.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-security-policy"] == POLICY
        assert answer.headers["x-frame-options"] == "DENY"
    page = (await browser.http.get("/")).text
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:", page)


async def test_without_scripts_the_answer_stands_on_the_page_that_comes_back(browser: Browser) -> None:
    answer = await browser.post("/demo/say", slot="one", text="sunflower")
    assert answer.headers["location"] == "/#one"
    assert "Are you safe right now?" in (await browser.http.get("/")).text


async def test_forms_of_other_pages_are_refused(browser: Browser) -> None:
    forged = await browser.http.post(
        "/demo/say", data={"slot": "one", "text": "x"}, headers={"Origin": "http://evil.test"}
    )
    assert forged.status_code == 403
    assert await browser.read("one") == []


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/demo/say", {"slot": "three", "text": "x"}),
        ("/demo/press", {"slot": "one", "token": "page:A 7F3"}),
        ("/demo/phone", {"slot": "one", "show": "ana-sms"}),
        ("/demo/phone", {"slot": "worker", "show": "stranger"}),
        ("/demo/phone", {"slot": "one", "show": "fresh:tlh"}),
        ("/demo/clock", {"by": "1y"}),
    ],
)
async def test_what_the_page_does_not_offer_is_refused(browser: Browser, path: str, fields: dict[str, str]) -> None:
    assert (await browser.post(path, **fields)).status_code == 422


async def test_the_sign_ins_and_the_token_that_are_shown_work(browser: Browser) -> None:
    page = (await browser.http.get("/")).text
    token = re.findall(r'<code class="token">([^<]+)</code>', page)[0]
    answer = await browser.http.get("/api/v1/alerts", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    for username in re.findall(r"<td><code>(\w+)</code></td>", page):
        await sign_in(browser, username)
