"""A worker reads the console in her language: chosen in the menu or on the sign-in page, else as her browser asks."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from escalation.console import console
from flows.authoring.catalogues import CONSOLE
from flows.authoring.locales import read
from tests.console.conftest import SETTINGS, Browser, Visitor, a_client
from tests.console.examples import House, an_alert

WORDS = read(Path(__file__).parents[2] / "locales", CONSOLE)
NAMES = {"en": {"plan/collect": "Who fetches her"}, "cy": {"plan/collect": "Pwy sy'n ei nôl"}}


@pytest.fixture
def app(house: House) -> Starlette:
    return Starlette(routes=[Mount("/console", console(house.wired(SETTINGS, WORDS, NAMES)))])


async def sign_in_page(app: Starlette, asks: str) -> str:
    async with a_client(app) as client:
        page = await client.get("/console/sign-in", headers={"Accept-Language": asks} if asks else {})
    assert page.status_code == 200
    return page.text


@pytest.mark.parametrize(
    ("asks", "language", "title"),
    [
        ("cy-GB,cy;q=0.9,en;q=0.8", "cy", "Mewngofnodi"),
        ("es-MX", "es", "Iniciar sesión"),
        ("de, en;q=0.5, es;q=0.7", "es", "Iniciar sesión"),
        ("es;q=0, cy;q=0.1", "cy", "Mewngofnodi"),
        ("de-AT", "en", "Sign in"),
        ("", "en", "Sign in"),
        ("cy;q=high,;;,*", "en", "Sign in"),
    ],
)
async def test_the_sign_in_page_speaks_as_the_browser_asks(
    app: Starlette, asks: str, language: str, title: str
) -> None:
    page = await sign_in_page(app, asks)
    assert f'<html lang="{language}" dir="ltr">' in page
    assert f"<h1>{title}</h1>" in page


async def test_a_language_can_be_chosen_before_signing_in_and_lasts(app: Starlette) -> None:
    async with a_client(app) as client:
        page = await client.get("/console/sign-in?next=/queue")
        assert 'href="/console/sign-in?language=cy&amp;next=/queue" lang="cy"' in page.text
        chosen = await client.get("/console/sign-in?language=cy&next=/queue")
        assert "<h1>Mewngofnodi</h1>" in chosen.text
        assert "<h1>Mewngofnodi</h1>" in (await client.get("/console/sign-in")).text


async def test_what_nobody_offers_cannot_be_chosen(app: Starlette, sam: Visitor) -> None:
    refused = await sam.post("/language", language="tlh")
    assert refused.status_code == 422
    asked = await sam.get("/sign-in?language=tlh")
    assert "<h1>Sign in</h1>" in asked.text
    assert "set-cookie" not in asked.headers


async def test_a_worker_changes_the_language_where_she_is(sam: Visitor) -> None:
    page = await sam.get("/queue")
    assert 'name="language" value="cy" lang="cy" aria-pressed="false"' in page.text
    assert 'name="next" value="/queue"' in page.text
    changed = await sam.post("/language", language="cy", next="/queue")
    assert changed.headers["location"] == "/console/queue"
    assert "HttpOnly" in changed.headers["set-cookie"]
    assert "Secure" in changed.headers["set-cookie"]
    after = (await sam.get("/queue", **{"Accept-Language": "es"})).text
    assert '<html lang="cy"' in after
    assert "Yn aros am rywun" in after


async def test_the_choice_is_the_accounts_on_every_browser_of_hers_and_nobody_elses(
    sam: Visitor, ines: Visitor, browser: Browser, app: Starlette
) -> None:
    await sam.post("/language", language="cy")
    elsewhere = await browser("sam")
    queue = await elsewhere.get("/queue", **{"Accept-Language": "es"})
    assert '<html lang="cy"' in queue.text
    refused = await elsewhere.post("/alerts/K2A/release")
    assert refused.status_code == 422
    assert '<html lang="cy"' in refused.text, "what goes wrong is told in it too"
    assert '<html lang="en"' in (await ines.get("/queue")).text
    assert "<h1>Iniciar sesión</h1>" in await sign_in_page(app, "es"), "before signing in it is the browser's"


async def test_on_an_act_of_a_case_the_menu_leads_back_to_the_case(sam: Visitor, house: House) -> None:
    await sam.post("/alerts/K2A/claim")
    talk = await sam.post("/cases/P-K2A/transcript")
    assert 'name="next" value="/cases/P-K2A"' in talk.text
    assert (await sam.post("/language", language="es", next="//evil.example")).headers["location"] == "/console/"


async def test_a_case_is_read_in_the_workers_language(sam: Visitor) -> None:
    await sam.post("/alerts/K2A/claim")
    await sam.post("/language", language="cy")
    case = (await sam.get("/cases/P-K2A")).text
    assert "Diogel ysgrifennu tan" in case
    assert "Sbaeneg" in case, "her language by its Welsh name"
    assert re.search(r">(Llun|Maw|Mer|Iau|Gwen|Sad|Sul) \d+ [A-Z]", case), "and days in Welsh"


async def test_an_instrument_is_filled_in_and_refused_in_the_workers_language(sam: Visitor) -> None:
    await sam.post("/language", language="es")
    await sam.post("/alerts/K2A/claim")
    await sam.post("/cases/P-K2A/instruments/orchard/begin")
    page = (await sam.get("/cases/P-K2A/instruments/orchard")).text
    assert "Nos lo dijo otro servicio" in page
    again = await sam.post("/cases/P-K2A/instruments/orchard/begin")
    assert "orchard ya se ha empezado. Sigue con ello." in again.text


async def test_who_was_first_is_told_in_the_workers_language(sam: Visitor, ines: Visitor) -> None:
    await ines.post("/alerts/K2A/claim")
    await sam.post("/language", language="es")
    refused = await sam.post("/alerts/K2A/claim")
    assert refused.status_code == 409
    assert "Ya lo tiene Inés Duarte." in refused.text


async def test_signing_out_keeps_the_language_for_the_next_time(sam: Visitor) -> None:
    await sam.post("/language", language="cy")
    left = await sam.post("/sign-out")
    assert left.headers["location"] == "/console/sign-in?notice=signed_out&language=cy"
    page = await httpx_get(sam, left.headers["location"])
    assert "Rydych wedi allgofnodi." in page.text
    assert "rowan-language=cy" in page.headers["set-cookie"]


async def httpx_get(visitor: Visitor, address: str) -> httpx.Response:
    return await visitor.client.get(address)


async def test_a_page_that_is_not_there_speaks_it_too(sam: Visitor) -> None:
    await sam.post("/language", language="es")
    lost = await sam.get("/nowhere")
    assert lost.status_code == 404
    assert "Esa página no existe" in lost.text


async def test_with_one_language_there_is_nothing_to_choose(browser: object, house: House) -> None:
    alone = Starlette(routes=[Mount("/console", console(house.wired(SETTINGS)))])
    assert "language=" not in await sign_in_page(alone, "cy")
    house.put(an_alert("LAST"))
