"""The drill as a trainer goes through it: somebody else has the phone, and the page says what they learned."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.demo.conftest import Browser, plain

SAFE_TO_SAY = "Are you safe right now?"


async def take_away(browser: Browser, slot: str = "one") -> str:
    return await act(browser, "begin", slot)


async def act(browser: Browser, do: str, slot: str = "one") -> str:
    assert (await browser.post("/demo/drill", slot=slot, do=do)).status_code == 303
    return await told(browser, slot)


async def told(browser: Browser, slot: str = "one") -> str:
    said = plain(await browser.region(f"{slot}-drill"))
    return said.replace("“ ", "“").replace(" ”", "”").replace(" .", ".")


async def test_whoever_tries_words_sees_a_harmless_service_and_a_worker_hears_of_it(browser: Browser) -> None:
    assert "Someone else has the phone" in await told(browser)
    await take_away(browser)
    await browser.say("one", "who is this", "menu", "12345", "call me")
    said = await told(browser)
    assert said.count("Saw: Home recipes, a harmless service. Learned nothing. Staff see nothing new.") == 4
    assert "Taken: nothing learned" in plain(await browser.region("one-state"))
    await browser.say("one", "five", "six", "seven", "eight")
    assert "Staff see: P3 Many wrong words in a short time" in await told(browser)
    ended = await act(browser, "end")
    assert "8 tries. Nothing was learned from the answers. Staff saw: P3 Many wrong words" in ended
    assert "Closed" in plain(await browser.region("one-state"))


@pytest.mark.parametrize(
    ("slot", "duress", "cover"), [("one", "marigold", "Home recipes"), ("two", "clavel", "Recetas de casa")]
)
async def test_the_duress_word_shows_the_cover_and_staff_see_it(
    browser: Browser, slot: str, duress: str, cover: str
) -> None:
    await take_away(browser, slot)
    await browser.say(slot, duress)
    said = await told(browser, slot)
    assert f"Saw: {cover}, a harmless service. Learned nothing." in said
    assert "Staff see: P0 Duress word: assume the aggressor is reading" in said
    assert (await browser.rows())[0].startswith("P0 now")


async def test_after_it_her_own_word_opens_a_calm_chat_with_nothing_of_hers(browser: Browser) -> None:
    await take_away(browser)
    await browser.say("one", "marigold", "sunflower", "1", "0")
    said = await told(browser)
    assert said.count("Saw: a calm chat. Learned that there is one, nothing of hers.") == 3
    assert "Leaked" not in said
    assert "A calm chat was seen: that there is one was learned, nothing of hers." in await act(browser, "end")


async def test_who_knows_her_word_reads_her_chat_and_the_page_says_so(browser: Browser) -> None:
    await take_away(browser)
    await browser.say("one", "sunflower")
    said = await told(browser)
    assert f"Leaked: “Hello. {SAFE_TO_SAY}”" in said
    assert "Taken: something learned" in plain(await browser.region("one-state"))
    assert "1 answer of her own chat was read." in await act(browser, "end")


async def test_what_stood_on_the_screen_and_an_open_chat_are_told_at_once(browser: Browser) -> None:
    await browser.say("one", "hello", "sunflower", "1")
    said = await take_away(browser)
    assert "The chat was open when the phone was taken" in said
    assert "On the screen stood 2 messages of her own chat and her word sunflower. Texts stay until she deletes" in said

    await browser.say("two", "girasol", "1", "x")
    await take_away(browser, "two")
    await browser.say("two", "hola")
    clean = await told(browser, "two")
    assert "stood" not in clean, "on Telegram the exit has deleted it"
    assert "Learned nothing" in clean


async def test_what_comes_by_itself_is_seen_too(browser: Browser) -> None:
    await take_away(browser)
    await browser.move("next")  # the first thing due is this phone's check-in
    said = await told(browser)
    assert "Came by itself Saw: Home recipes, a harmless service. Learned nothing." in said


async def test_a_worker_who_shows_on_the_phone_is_told_as_what_was_learned(browser: Browser) -> None:
    """After a duress word a worker has to confirm it first: the drill says what comes of that."""
    service, ana = browser.table.stage.service, browser.table.staff["ana"].id
    await take_away(browser)
    await browser.say("one", "marigold", "sunflower")
    (alert,) = await service.desk.queue(service.clock.now())
    await service.desk.claim(alert.ref, ana, service.clock.now())
    await service.chat.join(alert.person, ana, confirmed=True)
    said = await told(browser)
    assert "Came by itself Leaked: “A worker is here now" in said
    assert "1 answer of her own chat was read." in await act(browser, "end")


async def test_on_a_strangers_phone_nothing_answers(browser: Browser) -> None:
    await browser.post("/demo/phone", slot="one", show="stranger")
    await take_away(browser)
    await browser.say("one", "is this the refuge?")
    assert "Saw: no answer. Learned nothing. Staff see nothing new." in await told(browser)


async def test_it_is_of_one_phone_ends_once_and_is_put_away(browser: Browser) -> None:
    await take_away(browser)
    await browser.say("two", "hola")
    assert "Saw" not in await told(browser)
    assert "Nothing was tried." in await act(browser, "end")
    await browser.say("one", "hello")
    assert "Nothing was tried." in await told(browser), "she writes herself again"
    assert await act(browser, "away") == "Someone else has the phone"


async def test_a_press_a_press_too_old_and_a_wiped_chat(browser: Browser) -> None:
    await browser.say("two", "girasol")
    html = await browser.region("two-lines")
    token = html.partition('name="token" value="')[2].partition('"')[0]
    await browser.say("two", "x")
    await take_away(browser, "two")
    await browser.post("/demo/press", slot="two", token=token)
    said = await told(browser, "two")
    assert "Wrote “(a button)” Saw: Recetas de casa, a harmless service. Learned nothing." in said


@pytest.mark.parametrize(
    "fields", [{"slot": "worker", "do": "begin"}, {"slot": "one", "do": "leave"}, {"slot": "three", "do": "begin"}]
)
async def test_what_the_page_does_not_offer_is_refused(browser: Browser, fields: dict[str, str]) -> None:
    assert (await browser.post("/demo/drill", **fields)).status_code == 422


async def test_who_watches_over_days_reads_the_last_turns_and_counts_them_all(browser: Browser) -> None:
    await take_away(browser)
    for number in range(8):
        await browser.say("one", f"word number {number}")
        browser.table.stage.clock.move(timedelta(minutes=11))
    assert (await told(browser)).count("Wrote") == 4
    assert "8 tries." in await act(browser, "end")
