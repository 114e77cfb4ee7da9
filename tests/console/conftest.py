"""A console over the memory, and visitors who are signed in to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from escalation.console import ConsoleSettings, api, console, passwords
from escalation.console.forgery import FIELD
from escalation.console.passwords import hash_password
from escalation.console.sessions import token_hash
from tests.console.examples import TOKEN, WHY, House, a_house, an_alert

ORIGIN = "https://desk.example"
SETTINGS = ConsoleSettings(ORIGIN, languages=("en", "es"), lines={"sms": "+15550100"}, heartbeat=0.01)
PASSWORD = "a long enough password"
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def no_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """For stories about how often: every password is wrong, and finding out costs nothing."""
    monkeypatch.setattr(passwords, "is_password", lambda stored, password: False)


@pytest.fixture
def quick_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    """For stories about anything else than the password: the right one is right, and it costs nothing."""
    monkeypatch.setattr(
        passwords, "is_password", lambda stored, password: stored != passwords.NOBODY and password == PASSWORD
    )


@pytest.fixture(scope="session")
def password_hash() -> str:
    return hash_password(PASSWORD)


@pytest.fixture
def house(password_hash: str) -> House:
    """The staff, and one P1: K2A, whose case and conversation are there."""
    house = a_house(password_hash)
    house.put(an_alert(), WHY)
    return house


def built(house: House, settings: ConsoleSettings = SETTINGS) -> Starlette:
    ports = (
        house.desk,
        house.chat,
        house.people,
        house.accounts,
        house.clock,
        settings,
        house.sheets,
        {"en": house.forms},
    )
    return Starlette(routes=[Mount("/console", console(*ports)), Mount("/api/v1", api(*ports))])


@pytest.fixture
def app(house: House) -> Starlette:
    return built(house)


@dataclass
class Visitor:
    """A browser. `csrf` is what its pages' forms hold."""

    client: httpx.AsyncClient
    csrf: str = ""

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.client.get(f"/console{path}", headers=headers)

    async def post(self, path: str, **fields: str) -> httpx.Response:
        """As a form of our own page sends it."""
        return await self.client.post(f"/console{path}", data={FIELD: self.csrf, **fields}, headers=SAME_ORIGIN)


def a_client(app: Starlette, **options: object) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=ORIGIN, **options)  # type: ignore[arg-type]


Browser = Callable[[str], Awaitable[Visitor]]


@pytest.fixture
async def browser(app: Starlette, house: House) -> AsyncIterator[Browser]:
    """`await browser("sam")`: signed in as that staff member; `await browser("")`: nobody."""
    opened: list[httpx.AsyncClient] = []

    async def sign_in(username: str) -> Visitor:
        client = a_client(app)
        opened.append(client)
        if not username:
            return Visitor(client)
        account = await house.accounts.account(username)
        assert account is not None
        token, csrf = f"session of {username}", f"csrf of {username}"
        await house.accounts.begin(account.staff.id, token_hash(token), csrf, house.clock())
        client.cookies.set("__Host-rowan", token)
        return Visitor(client, csrf)

    yield sign_in
    for client in opened:
        await client.aclose()


@pytest.fixture
async def sam(browser: Browser) -> Visitor:
    return await browser("sam")


@pytest.fixture
async def ines(browser: Browser) -> Visitor:
    return await browser("ines")


@pytest.fixture
async def ruth(browser: Browser) -> Visitor:
    return await browser("ruth")


@pytest.fixture
async def nobody(browser: Browser) -> Visitor:
    return await browser("")


@pytest.fixture
async def caller(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    """A programme's own system, with Sam's bearer token."""
    async with a_client(app, headers={"Authorization": f"Bearer {TOKEN}"}) as client:
        yield client
