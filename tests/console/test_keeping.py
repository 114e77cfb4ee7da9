"""The administrator's pages: accounts made and changed, secrets shown once, keys by id and age."""

from __future__ import annotations

import base64
import re

import pytest

from escalation.console.passwords import is_password
from tests.console.conftest import Browser, Visitor
from tests.console.examples import House


@pytest.fixture
async def pat(browser: Browser) -> Visitor:
    return await browser("adm")


def shown(page: str, name: str) -> str:
    found = re.search(rf'id="{name}">([^<]+)<', page)
    assert found is not None
    return found[1]


async def test_an_account_is_made_with_a_sign_in_that_works_and_is_shown_once(pat: Visitor, house: House) -> None:
    page = (await pat.post("/new-colleague", username="Noor", name="Noor Aziz", role="partner_support")).text
    account = await house.accounts.account("noor")
    assert account is not None
    assert is_password(account.password, shown(page, "password"))
    assert account.totp is not None
    assert base64.b32encode(account.totp).decode().rstrip("=") == shown(page, "seed")
    assert "<svg" in page
    assert account.staff.role == "partner_support"
    assert house.memory.audit[-1].actor == "s6"
    assert shown(page, "password") not in (await pat.get(f"/staff/{account.staff.id}")).text


@pytest.mark.parametrize("form", [{"username": "a b"}, {"username": "x"}, {"name": " "}, {"username": "<b>"}])
async def test_a_username_of_another_shape_is_refused_and_the_form_kept(pat: Visitor, form: dict[str, str]) -> None:
    answer = await pat.post("/new-colleague", **{"username": "noor", "name": "Noor Aziz", "role": "worker", **form})
    assert answer.status_code == 422
    assert "<b>" not in answer.text.split("<h1>")[1].split("<label", 2)[2]


async def test_a_role_is_changed_and_what_was_held_waits_again(pat: Visitor, house: House) -> None:
    await house.desk.claim("K2A", "s1", house.clock())
    answer = await pat.post("/staff/s1/role", role="partner_support")
    assert answer.headers["location"] == "/console/staff/s1?notice=role_changed"
    assert house.memory.accounts["s1"].staff.role == "partner_support"
    assert house.memory.alerts["K2A"].state == "open"
    assert (await pat.post("/staff/s1/role", role="owner")).status_code == 422


async def test_the_only_supervisor_and_oneself_stay_as_they_are(pat: Visitor, house: House) -> None:
    for staff, why in (("s3", "only supervisor"), ("s6", "their own role")):
        answer = await pat.post(f"/staff/{staff}/role", role="worker")
        assert answer.status_code == 409
        assert why in answer.text
    assert "only supervisor" in (await pat.post("/staff/s3/deactivate")).text
    assert 'id="change-role"' not in (await pat.get("/staff/s6")).text
    assert house.memory.accounts["s3"].staff.active


async def test_a_new_sign_in_is_shown_once_and_ends_the_old(pat: Visitor, house: House) -> None:
    before = house.memory.accounts["s1"]
    page = (await pat.post("/staff/s1/new-sign-in")).text
    after = house.memory.accounts["s1"]
    assert is_password(after.password, shown(page, "password"))
    assert (after.totp, after.staff.version) != (before.totp, before.staff.version)


async def test_keys_are_shown_by_id_and_age_and_what_is_not_on_record_is_said(pat: Visitor) -> None:
    page = (await pat.get("/keys")).text
    assert "20261101-0a1b2c" in page
    assert "in use" in page
    assert "not on record" in page


@pytest.mark.parametrize("username", ["sam", "ruth", "pia", "ed", "ann"])
async def test_accounts_and_keys_are_kept_by_administrators_alone(
    browser: Browser, house: House, username: str
) -> None:
    visitor = await browser(username)
    for answer in (
        await visitor.get("/keys"),
        await visitor.get("/new-colleague"),
        await visitor.post("/new-colleague", username="noor", name="Noor", role="administrator"),
        await visitor.post("/staff/s1/role", role="administrator"),
        await visitor.post("/staff/s1/new-sign-in"),
    ):
        assert answer.status_code == 403
    assert len(house.memory.accounts) == 7
