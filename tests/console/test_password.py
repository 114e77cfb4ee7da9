"""One's own password: what changes it, what does not, and that every other browser is signed out by it."""

from __future__ import annotations

import re
from dataclasses import replace

import httpx
import pytest
from starlette.applications import Starlette

from escalation.console import codes
from escalation.console.passwords import LONGEST, SHORTEST, is_password
from escalation.console.sessions import token_hash
from escalation.console.sign_in import PAIR
from storage.memory import Audited
from tests.console.conftest import PASSWORD, SAME_ORIGIN, Browser, Visitor, a_client
from tests.console.examples import NOW, SEED, House

NEW = "four other quiet words"


def code(house: House) -> str:
    return codes.code_at(SEED, int(house.clock().timestamp()) // codes.STEP)


async def changes(visitor: Visitor, house: House, **fields: str) -> httpx.Response:
    form = {"password": PASSWORD, "code": code(house), "new": NEW, "again": NEW, **fields}
    return await visitor.post("/password", **form)


def goes_on(visitor: Visitor, house: House, answer: httpx.Response) -> Visitor:
    """The same browser with the cookie that it was given, and what its next page's form holds."""
    token = re.match(r"__Host-rowan=([^;]+)", answer.headers["set-cookie"])
    assert token is not None
    visitor.client.cookies.clear()
    visitor.client.cookies.set("__Host-rowan", token[1])
    return replace(visitor, csrf=house.memory.sessions[token_hash(token[1])].csrf)


def stands(house: House, password: str, staff: str = "s1") -> bool:
    return is_password(house.memory.accounts[staff].password, password)


async def test_the_page_asks_for_the_old_one_a_code_and_the_new_one_twice(sam: Visitor) -> None:
    page = (await sam.get("/password")).text
    fields = [page.index(f'name="{name}"') for name in ("password", "code", "new", "again")]
    assert fields == sorted(fields)
    assert f"{SHORTEST} characters or more" in page
    assert 'href="/console/password" aria-current="page"' in page


async def test_it_is_changed_and_this_browser_goes_on_under_a_new_token(sam: Visitor, house: House) -> None:
    before = dict(house.memory.sessions)
    answer = await changes(sam, house)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/password?notice=password_changed")
    assert stands(house, NEW)
    assert not stands(house, PASSWORD)
    assert not set(before) & set(house.memory.sessions)
    sam = goes_on(sam, house, answer)
    assert "Your password is changed." in (await sam.get("/password?notice=password_changed")).text
    assert house.memory.audit[-1] == Audited("s1", "staff.password", "s1", NOW)


async def test_every_other_browser_is_signed_out_and_no_colleagues(
    sam: Visitor, browser: Browser, house: House
) -> None:
    ines, other = await browser("ines"), await browser("")
    await house.accounts.begin("s1", token_hash("another of Sam's"), "csrf", NOW)
    other.client.cookies.set("__Host-rowan", "another of Sam's")
    assert (await other.get("/queue")).status_code == 200
    await changes(sam, house)
    assert (await other.get("/queue")).status_code == 303
    assert (await ines.get("/queue")).status_code == 200


async def test_the_new_one_signs_in_and_the_old_one_does_not(sam: Visitor, house: House, app: Starlette) -> None:
    await changes(sam, house)
    house.clock.forward(seconds=codes.STEP)
    async with a_client(app) as client:
        for password, status in ((PASSWORD, 403), (NEW, 303)):
            form = {"username": "sam", "password": password, "code": code(house)}
            answer = await client.post("/console/sign-in", data=form, headers=SAME_ORIGIN)
            assert answer.status_code == status


@pytest.mark.parametrize(
    "fields", [{"password": "a guess"}, {"code": "000000"}, {"code": ""}, {"password": ""}, {"password": "x" * 2000}]
)
async def test_without_the_old_one_and_a_code_nothing_changes(
    sam: Visitor, house: House, fields: dict[str, str]
) -> None:
    usual = await changes(sam, house, password="the usual wrong one")
    answer = await changes(sam, house, **fields)
    assert (answer.status_code, answer.text) == (403, usual.text)
    assert stands(house, PASSWORD)
    assert (await sam.get("/queue")).status_code == 200, "and whoever mistypes stays signed in"


async def test_a_code_works_once(sam: Visitor, house: House) -> None:
    sam = goes_on(sam, house, await changes(sam, house))
    assert (await changes(sam, house, password=NEW)).status_code == 403
    house.clock.forward(seconds=codes.STEP)
    assert (await changes(sam, house, password=NEW)).status_code == 303


@pytest.mark.parametrize("new", ["", "x" * (SHORTEST - 1), "x" * (LONGEST + 1)])
async def test_the_new_one_has_the_length_that_a_password_has(sam: Visitor, house: House, new: str) -> None:
    answer = await changes(sam, house, new=new, again=new)
    assert answer.status_code == 422
    assert f"{SHORTEST} to {LONGEST} characters" in answer.text
    assert stands(house, PASSWORD)


async def test_a_mistyped_new_one_costs_no_code(sam: Visitor, house: House) -> None:
    answer = await changes(sam, house, again="four other quite words")
    assert answer.status_code == 422
    assert "differ" in answer.text
    assert (await changes(sam, house)).status_code == 303


async def test_no_password_comes_back_in_the_page(sam: Visitor, house: House) -> None:
    for answer in (await changes(sam, house, again="another"), await changes(sam, house, code="000000")):
        assert PASSWORD not in answer.text
        assert NEW not in answer.text


@pytest.mark.usefixtures("no_hashing")
async def test_guessing_here_and_at_the_sign_in_is_one_count(sam: Visitor, house: House, app: Starlette) -> None:
    for _ in range(PAIR.most):
        assert (await changes(sam, house)).status_code == 403
    answer = await changes(sam, house)
    assert answer.status_code == 429
    assert "Wait five minutes" in answer.text
    async with a_client(app) as client:
        form = {"username": "sam", "password": PASSWORD, "code": code(house)}
        assert (await client.post("/console/sign-in", data=form, headers=SAME_ORIGIN)).status_code == 429


@pytest.mark.parametrize("username", ["ruth", "ed", "ann", "adm", "pia"])
async def test_every_role_has_it(browser: Browser, username: str) -> None:
    visitor = await browser(username)
    assert (await visitor.get("/password")).status_code == 200
    assert 'href="/console/password"' in (await visitor.client.get("/console/", follow_redirects=True)).text


async def test_where_there_is_no_authenticator_no_code_is_asked_for(sam: Visitor, house: House) -> None:
    account = house.memory.accounts["s1"]
    house.memory.accounts["s1"] = replace(account, totp=None, staff=replace(account.staff, totp=False))
    assert 'name="code"' not in (await sam.get("/password")).text
