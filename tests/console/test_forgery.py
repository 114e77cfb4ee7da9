"""Forged requests: from elsewhere, without the token, in another form."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.types import Message

from escalation.console.doors import FIELDS, FORM
from tests.console.conftest import ORIGIN, SAME_ORIGIN, Visitor
from tests.console.examples import House


async def claim(sam: Visitor, headers: dict[str, str], **fields: str) -> httpx.Response:
    return await sam.client.post("/console/alerts/K2A/claim", data=fields, headers=headers)


@pytest.mark.parametrize("site", ["cross-site", "same-site", ""])
async def test_a_form_on_another_site_does_nothing(site: str, sam: Visitor, house: House) -> None:
    answer = await claim(sam, {"Sec-Fetch-Site": site, "Origin": ORIGIN}, csrf=sam.csrf)
    assert answer.status_code == 403
    assert "did not come from our own page" in answer.text
    assert house.memory.alerts["K2A"].state == "open"


@pytest.mark.parametrize("headers", [{}, {"Origin": "null"}, {"Origin": "https://evil.example"}])
async def test_an_old_browser_must_say_that_it_comes_from_us(headers: dict[str, str], sam: Visitor) -> None:
    assert (await claim(sam, headers, csrf=sam.csrf)).status_code == 403
    assert (await claim(sam, {"Origin": ORIGIN}, csrf=sam.csrf)).status_code == 303


@pytest.mark.parametrize("token", ["", "csrf of ines", "csrf of sam "])
async def test_the_token_must_be_this_sessions_own(token: str, sam: Visitor, ines: Visitor, house: House) -> None:
    assert (await claim(sam, SAME_ORIGIN, csrf=token)).status_code == 403
    assert house.memory.alerts["K2A"].state == "open"


async def test_the_sign_in_form_too_must_come_from_us(nobody: Visitor, house: House) -> None:
    form = {"username": "sam", "password": "x"}
    answer = await nobody.client.post("/console/sign-in", data=form, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert house.memory.buckets == {}


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data; boundary=x", ""])
async def test_only_plain_forms_are_read(kind: str, sam: Visitor) -> None:
    headers = {**SAME_ORIGIN, "Content-Type": kind}
    answer = await sam.client.post("/console/queue/next", content=b"csrf=csrf+of+sam", headers=headers)
    assert answer.status_code == 415


async def test_a_form_with_too_many_fields_is_not_read(sam: Visitor) -> None:
    answer = await sam.client.post(
        "/console/queue/next", data={f"f{i}": "x" for i in range(FIELDS + 1)}, headers=SAME_ORIGIN
    )
    assert answer.status_code == 400


async def test_a_form_that_is_too_large_is_not_read(sam: Visitor) -> None:
    answer = await sam.post("/cases/P-K2A/notes", note="x" * 100_000)
    assert answer.status_code == 413
    assert "That is too long" in answer.text


async def test_a_body_that_does_not_say_how_long_it_is_is_read_no_further(sam: Visitor) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 1
            yield b"x=" + b"1" * 8000 + b"&"

    headers = {**SAME_ORIGIN, "Content-Type": "application/x-www-form-urlencoded"}
    answer = await sam.client.post("/console/queue/next", content=endless(), headers=headers)
    assert answer.status_code == 413
    assert read < 12


async def test_the_longest_note_in_the_longest_letters_is_read(sam: Visitor, house: House) -> None:
    await sam.post("/alerts/K2A/claim")
    assert (await sam.post("/cases/P-K2A/notes", note="\U0001f600" * 4000)).status_code == 303
    assert house.her.notes[-1].text == "\U0001f600" * 4000


async def test_no_form_of_a_page_goes_without_the_token(sam: Visitor, house: House) -> None:
    """Every form that posts holds the session's token, on every page."""
    await sam.post("/alerts/K2A/claim")
    pages = [await sam.get(path) for path in ("/queue", "/cases/P-K2A", "/joining-code", "/staff")]
    pages.append(await sam.post("/cases/P-K2A/chat"))
    for page in pages:
        forms = page.text.split("<form ")[1:]
        assert forms
        for form in forms:
            assert f'name="csrf" value="{sam.csrf}"' in form.split("</form>")[0]


async def test_a_browser_that_goes_while_it_sends_is_no_fault_of_ours(sam: Visitor, app: Starlette) -> None:
    """A page left while it asked for its live part: an answer of ours would reach nobody, and no error is raised."""
    sent: list[Message] = []
    said: list[Message] = [{"type": "http.request", "body": b"csrf=", "more_body": True}, {"type": "http.disconnect"}]

    async def receive() -> Message:
        return said.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    cookie = f"__Host-rowan={sam.client.cookies['__Host-rowan']}".encode()
    headers = [(b"cookie", cookie), (b"sec-fetch-site", b"same-origin"), (b"content-type", FORM.encode())]
    path = "/console/cases/P-K2A/live"
    scope = {"type": "http", "method": "POST", "path": path, "root_path": "", "query_string": b"", "headers": headers}
    await app(scope, receive, send)
    assert sent[0]["status"] == 400
