"""What an administrator makes of accounts: a new colleague, another role, a new sign-in. Secrets are shown once."""

from __future__ import annotations

import re
import secrets

from markupsafe import Markup
from starlette.responses import Response

from escalation.console import codes
from escalation.console.account_page import ROLES, colleague, of_account
from escalation.console.doors import KEEPERS, Door, TurnedAway, Visit
from escalation.console.pages import go, page
from escalation.ports import Refused, Role

USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
LONGEST_NAME = 80
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another when it is read out
GROUPS, EACH = 4, 5  # 99 bits


async def show(visit: Visit) -> Response:
    return _page(visit)


async def add(visit: Visit) -> Response:
    """The password and the authenticator's seed are shown once, here and now, to be handed over face to face."""
    username, name = visit.form.get("username", "").strip().lower(), visit.form.get("name", "").strip()
    role = _role(visit)
    if not USERNAME.fullmatch(username) or not 0 < len(name) <= LONGEST_NAME:
        return _page(visit, 422, visit.wiring.strings.say("colleague.wrong"))
    password, seed = new_password(), codes.new_seed()
    hashed = await visit.wiring.passwords.hashed(password)
    try:
        await visit.wiring.accounts.add(username, name, role, hashed, seed, visit.now, visit.staff.id)
    except Refused as refused:
        return _page(visit, 409, visit.wiring.strings.told(refused.why))
    return _once(visit, name, username, password, seed)


async def change_role(visit: Visit) -> Response:
    person, role = await colleague(visit), _role(visit)
    try:
        await visit.wiring.accounts.change_role(person.id, role, visit.staff.id, visit.now)
    except Refused as refused:
        return await of_account(visit, person, visit.wiring.strings.told(refused.why), 409)
    return go(visit, "account", "role_changed", staff=person.id)


async def new_sign_in(visit: Visit) -> Response:
    """For a lost authenticator or a forgotten password: both are new, and every browser is signed out."""
    person, password, seed = await colleague(visit), new_password(), codes.new_seed()
    hashed = await visit.wiring.passwords.hashed(password)
    try:
        await visit.wiring.accounts.new_sign_in(person.id, hashed, seed, visit.staff.id, visit.now)
    except Refused as refused:
        return await of_account(visit, person, visit.wiring.strings.told(refused.why), 409)
    return _once(visit, person.name, person.username, password, seed)


def new_password() -> str:
    """Letters and digits in groups, to be read out or copied by hand."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(EACH)) for _ in range(GROUPS))


def _role(visit: Visit) -> Role:
    role = next((each for each in ROLES if each == visit.form.get("role")), None)
    if role is None:
        raise TurnedAway(422, "problem.not_valid")
    return role


def _page(visit: Visit, status: int = 200, refused: str = "") -> Response:
    kept = visit.form
    return page(visit, "colleague.html", status, roles=ROLES, kept=kept, refused=refused, here="staff")


def _once(visit: Visit, name: str, username: str, password: str, seed: bytes) -> Response:
    import segno  # only where a code is drawn, which is seldom

    drawn = segno.make(codes.for_app(seed, username)).svg_inline(scale=5, border=2, dark="#000", light="#fff")
    picture = Markup(drawn)  # noqa: S704 - drawn here, of a seed and a username that has a shape
    shown = {"name": name, "username": username, "password": password, "seed": codes.as_text(seed)}
    return page(visit, "sign_in_once.html", picture=picture, here="staff", shown=shown)


DOORS: tuple[Door, ...] = (
    Door("GET", "/new-colleague", "new_colleague", show, KEEPERS),
    Door("POST", "/new-colleague", "new_colleague", add, KEEPERS, "act"),
    Door("POST", "/staff/{staff}/role", "account_role", change_role, KEEPERS, "act"),
    Door("POST", "/staff/{staff}/new-sign-in", "account_sign_in", new_sign_in, KEEPERS, "act"),
)
