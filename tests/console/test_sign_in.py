"""Signing in and out: what gets in, what does not, and that nobody can tell from outside why."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from argon2 import extract_parameters
from starlette.applications import Starlette

from escalation.console import codes, passwords
from escalation.console.passwords import Busy, PasswordCheck, hash_password, is_password
from escalation.console.sign_in import ADDRESS, NAME, PAIR
from storage.memory import Audited
from tests.console.conftest import PASSWORD, SAME_ORIGIN, SETTINGS, Visitor, a_client, built
from tests.console.examples import NOW, SEED, House, a_house

STATIC = Path(passwords.__file__).parent / "static"


def code(house: House, steps: int = 0) -> str:
    return codes.code_at(SEED, int(house.clock().timestamp()) // codes.STEP + steps)


async def sign_in(client: httpx.AsyncClient, house: House, **fields: str) -> httpx.Response:
    form = {"username": "sam", "password": PASSWORD, "code": code(house), **fields}
    return await client.post("/console/sign-in", data=form, headers=SAME_ORIGIN)


@pytest.fixture
async def client(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    async with a_client(app) as client:
        yield client


async def test_the_right_three_open_the_queue(client: httpx.AsyncClient, house: House) -> None:
    answer = await sign_in(client, house)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/console/"
    assert (await client.get("/console/queue")).status_code == 200
    assert Audited("s1", "signed_in", "s1", NOW) in house.memory.audit


async def test_the_cookie_is_host_bound_strict_and_out_of_reach_of_scripts(
    client: httpx.AsyncClient, house: House
) -> None:
    cookie = (await sign_in(client, house)).headers["set-cookie"]
    assert cookie.startswith("__Host-rowan=")
    for attribute in ("HttpOnly", "Secure", "SameSite=strict", "Path=/"):
        assert attribute in cookie
    assert "Domain" not in cookie
    token = re.match(r"__Host-rowan=([^;]+)", cookie)
    assert token is not None
    assert token[1].encode() not in b"".join(house.memory.sessions)


async def test_signing_in_again_gives_a_new_token_and_ends_the_old_session(
    client: httpx.AsyncClient, house: House
) -> None:
    await sign_in(client, house)
    first, planted = client.cookies["__Host-rowan"], dict(house.memory.sessions)
    house.clock.forward(seconds=60)
    await sign_in(client, house)
    assert client.cookies["__Host-rowan"] != first
    assert not set(planted) & set(house.memory.sessions)


async def test_a_token_set_by_somebody_else_before_signing_in_is_worth_nothing_after(
    client: httpx.AsyncClient, house: House, app: Starlette
) -> None:
    client.cookies.set("__Host-rowan", "planted")
    await sign_in(client, house)
    async with a_client(app, cookies={"__Host-rowan": "planted"}) as thief:
        assert (await thief.get("/console/queue")).status_code == 303


async def test_a_code_works_once(client: httpx.AsyncClient, house: House, app: Starlette) -> None:
    assert (await sign_in(client, house)).status_code == 303
    async with a_client(app) as other:
        assert (await sign_in(other, house)).status_code == 403
        house.clock.forward(seconds=codes.STEP)
        assert (await sign_in(other, house)).status_code == 303


async def test_a_wrong_password_does_not_use_up_the_code(client: httpx.AsyncClient, house: House) -> None:
    await sign_in(client, house, password="guess")
    assert house.memory.accounts["s1"].last_step == 0
    assert (await sign_in(client, house)).status_code == 303


@pytest.mark.usefixtures("quick_hash")
@pytest.mark.parametrize(("steps", "gets_in"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
async def test_a_phone_may_be_half_a_minute_off(
    steps: int, gets_in: bool, client: httpx.AsyncClient, house: House
) -> None:
    answer = await sign_in(client, house, code=code(house, steps))
    assert (answer.status_code == 303) is gets_in


async def test_a_code_may_be_written_with_spaces_and_in_other_digits(client: httpx.AsyncClient, house: House) -> None:
    arabic = code(house).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    assert (await sign_in(client, house, code=f"{arabic[:3]} {arabic[3:]}")).status_code == 303


WRONG = {
    "nobody of that name": {"username": "nemo"},
    "wrong password": {"password": "guess"},
    "wrong code": {"code": "000000"},
    "no code": {"code": ""},
    "no password": {"password": ""},
    "an endless password": {"password": "x" * 2000},
    "letters for a code": {"code": "abcdef"},
}


@pytest.mark.parametrize("fields", WRONG.values(), ids=WRONG)
async def test_whatever_is_wrong_the_answer_is_the_same(
    fields: dict[str, str], client: httpx.AsyncClient, house: House
) -> None:
    usual = await sign_in(client, house, password="the usual wrong one")
    answer = await sign_in(client, house, **fields)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert answer.text.replace("nemo", "sam") == usual.text
    assert set(answer.headers) == set(usual.headers)


async def test_one_who_left_does_not_get_in(client: httpx.AsyncClient, house: House) -> None:
    house.change("s1", active=False)
    assert (await sign_in(client, house)).status_code == 403


async def test_without_a_seed_there_is_no_way_in_but_in_the_demo(password_hash: str) -> None:
    house = a_house(password_hash, seed=None)
    async with a_client(built(house)) as client:
        assert (await sign_in(client, house, code="")).status_code == 403
    async with a_client(built(house, replace(SETTINGS, require_code=False))) as client:
        assert (await sign_in(client, house, code="")).status_code == 303


async def test_a_name_that_does_not_exist_costs_the_same_hash(
    client: httpx.AsyncClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []

    def counted(stored: str, password: str) -> bool:
        hashed.append(stored)
        return is_password(stored, password)

    monkeypatch.setattr(passwords, "is_password", counted)
    await sign_in(client, house, username="nemo")
    assert hashed == [passwords.NOBODY]


def test_the_hash_for_nobody_is_as_hard_as_a_real_one() -> None:
    assert extract_parameters(passwords.NOBODY) == extract_parameters(hash_password("x"))


def test_the_same_keys_give_the_same_password_on_every_device() -> None:
    assert is_password(hash_password("café"), "cafe\u0301")


@pytest.mark.parametrize("password", ["", "x" * (passwords.LONGEST + 1)])
def test_a_password_has_a_length(password: str) -> None:
    with pytest.raises(ValueError, match="characters"):
        hash_password(password)


@pytest.mark.usefixtures("no_hashing")
async def test_more_sign_ins_than_the_machine_can_hash_are_told_to_wait() -> None:
    check = PasswordCheck()
    tries = [check("a hash", "guess") for _ in range(passwords.WAITING + 1)]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(answer, Busy) for answer in answers) == 1
    assert sum(answer is False for answer in answers) == passwords.WAITING


@pytest.mark.usefixtures("no_hashing")
@pytest.mark.parametrize("name", ["sam", "nemo"])
async def test_guessing_from_one_address_is_slowed_whether_or_not_there_is_such_a_name(
    name: str, client: httpx.AsyncClient, house: House
) -> None:
    statuses = [(await sign_in(client, house, username=name)).status_code for _ in range(PAIR.most + 1)]
    assert statuses == [403] * PAIR.most + [429]
    house.clock.forward(seconds=PAIR.seconds)
    assert (await sign_in(client, house, username=name)).status_code == 403


@pytest.mark.usefixtures("no_hashing")
async def test_guessing_at_many_names_from_one_address_is_slowed(client: httpx.AsyncClient, house: House) -> None:
    statuses = [(await sign_in(client, house, username=f"n{i}")).status_code for i in range(ADDRESS.most + 1)]
    assert statuses == [403] * ADDRESS.most + [429]


def test_the_bound_on_a_name_is_too_wide_to_lock_a_worker_out_by_one_address() -> None:
    assert NAME.most >= 3 * ADDRESS.most


async def test_signing_out_ends_the_session_and_clears_the_browser(sam: Visitor, house: House) -> None:
    answer = await sam.post("/sign-out")
    assert answer.headers["location"] == "/console/sign-in?notice=signed_out"
    assert answer.headers["Clear-Site-Data"] == '"cache", "cookies"'
    assert house.memory.sessions == {}
    sam.client.cookies.set("__Host-rowan", "session of sam")
    assert (await sam.get("/queue")).status_code == 303


def test_no_script_keeps_anything_in_the_browser() -> None:
    """Signing out ends the notices of a browser where it clears more than cache and cookies."""
    scripts = {path.name: path.read_text(encoding="utf-8") for path in STATIC.glob("*.js")}
    assert scripts
    keeps = re.compile(r"localStorage|sessionStorage|indexedDB|caches|cookie|storage")
    assert [name for name, script in scripts.items() if keeps.search(script)] == []


async def test_an_idle_session_ends_and_live_updates_do_not_keep_it_alive(sam: Visitor, house: House) -> None:
    statuses = []
    for _ in range(3):
        house.clock.forward(minutes=6)
        statuses.append((await sam.get("/queue/list")).status_code)
    assert statuses == [200, 200, 401]


async def test_work_keeps_a_session_alive(sam: Visitor, house: House) -> None:
    for _ in range(3):
        house.clock.forward(minutes=10)
        assert (await sam.get("/queue")).status_code == 200


async def test_signing_in_leads_back_to_where_one_was_going(nobody: Visitor, house: House) -> None:
    turned = await nobody.get("/cases/P-K2A")
    assert turned.headers["location"] == "/console/sign-in?next=/cases/P-K2A"
    page = await nobody.client.get(turned.headers["location"])
    assert 'name="next" value="/cases/P-K2A"' in page.text
    answer = await sign_in(nobody.client, house, next="/cases/P-K2A")
    assert answer.headers["location"] == "/console/cases/P-K2A"


@pytest.mark.usefixtures("quick_hash")
@pytest.mark.parametrize(
    "elsewhere", ["//evil.example", "https://evil.example", "/\\evil.example", "/a?b=c", "javascript:x"]
)
async def test_signing_in_leads_nowhere_else(elsewhere: str, client: httpx.AsyncClient, house: House) -> None:
    answer = await sign_in(client, house, next=elsewhere)
    assert answer.headers["location"] == "/console/"
    page = await client.get("/console/sign-in", params={"next": elsewhere})
    assert "evil" not in page.text


async def test_a_change_of_role_counts_at_once(sam: Visitor, house: House) -> None:
    house.change("s1", role="auditor")
    assert (await sam.get("/queue")).status_code == 403


def test_the_app_address_and_the_code_belong_to_the_same_seed() -> None:
    seed = codes.new_seed()
    step = int(NOW.timestamp()) // codes.STEP
    assert codes.for_app(seed, "sam").startswith("otpauth://totp/Rowan:sam?")
    assert codes.step_of(seed, codes.code_at(seed, step), NOW) == step
    assert codes.step_of(None, codes.code_at(codes.NOBODY, step), NOW) is None


def test_the_code_is_the_one_of_the_standard() -> None:
    """RFC 6238, appendix B, cut to six digits."""
    assert codes.code_at(b"12345678901234567890", 59 // 30) == "287082"
    assert codes.code_at(b"12345678901234567890", 1111111109 // 30) == "081804"
