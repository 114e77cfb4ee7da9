"""`rowan staff`: accounts, phones, tokens."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import segno
import typer

from bot.cli.opening import opened_beside
from bot.settings import read_settings
from escalation.belongings import Phone
from escalation.console import codes
from escalation.console.passwords import LONGEST, SHORTEST, fits, hash_password
from escalation.ports import Refused, Staff
from storage import accounts, leaving, methods
from storage.beside import Beside
from storage.database import Database
from storage.team import team
from storage.vault import Vault

app = typer.Typer(help="Accounts of staff, the phones they are paged on, tokens of the API.", no_args_is_help=True)


class RoleName(StrEnum):
    worker = "worker"
    supervisor = "supervisor"
    partner_support = "partner_support"
    editor = "editor"
    auditor = "auditor"
    administrator = "administrator"


class DutyName(StrEnum):
    on_call = "on_call"
    backup = "backup"
    supervisor = "supervisor"
    off = "off"


Username = Annotated[str, typer.Argument(help="Their username.")]


@app.command()
def add(
    username: Username,
    name: Annotated[str, typer.Option(help="As colleagues see it.")],
    role: Annotated[RoleName, typer.Option(help="What they may do.")] = RoleName.worker,
) -> None:
    """Make an account; asks for a password twice, shows the TOTP seed once as text and QR code."""
    password = _password()
    seed = codes.new_seed()
    with opened_beside() as (database, vault):
        now = datetime.now(UTC)
        try:
            added = database.write_now(
                accounts.add, vault, username, name, role.value, hash_password(password), seed, now
            )
        except Refused as refused:
            print(refused.why, file=sys.stderr)
            raise typer.Exit(1) from None
    print(f"Scan this with an authenticator app, or type {codes.as_text(seed)}. It is not shown again.")
    segno.make(codes.for_app(seed, added.username)).terminal(compact=True)


def _password() -> str:
    """From the terminal, twice; from a pipe, once."""
    if not sys.stdin.isatty():
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = getpass.getpass("Password: ")
        if password != getpass.getpass("Again: "):
            raise typer.BadParameter("the two passwords differ")
    if not fits(password):
        raise typer.BadParameter(f"a password has {SHORTEST} to {LONGEST} characters")
    return password


@app.command()
def phone(
    username: Username,
    channel: Annotated[str, typer.Argument(help="sms, telegram, voice (a telephone that rings) or email.")],
    address: Annotated[str, typer.Argument(help="Number, numeric Telegram chat id, or e-mail address.")],
) -> None:
    """Add a way of paging somebody. A code goes there; pages do once it has come back."""
    settings = read_settings()
    with opened_beside(settings) as (database, vault):
        person, now = who(database, username), datetime.now(UTC)
        try:
            database.write_now(methods.add, vault, person.id, channel, address, settings.default_region, "", now)
        except Refused as refused:
            print(refused.why, file=sys.stderr)
            raise typer.Exit(1) from None
    print(
        f"The running service sends a code there. Pages for {username} go there once {username} has replied with it,"
        " or typed it in the console under How I am paged. Half an hour is left."
    )


@app.command()
def duty(username: Username, what: DutyName) -> None:
    """Put somebody on call, as backup or supervisor, or off."""
    with opened_beside() as (database, vault):
        database.write_now(accounts.duty, vault, who(database, username).id, what.value, datetime.now(UTC))
    print(f"{username}: {what.value}")


@app.command()
def token(username: Username, label: Annotated[str, typer.Option(help="What it is for.")]) -> None:
    """Make a bearer token for the API; shown once."""
    with opened_beside() as (database, vault):
        print(database.write_now(accounts.new_token, vault, who(database, username).id, label, datetime.now(UTC)))


@app.command("show")
def show(username: Username) -> None:
    """The phones, tokens and signed-in browsers that somebody has."""
    with opened_beside() as (database, vault):
        has = database.read_now(leaving.belongings, vault, who(database, username).id)
    for phone in has.phones:
        print(f"phone   {phone.channel:9} …{phone.ends}{_state(phone)}")
    for one in has.tokens:
        print(f"token   {one.id}  {one.created_at:%Y-%m-%d}  {one.label}")
    print(f"signed in with {has.browsers} browsers" if has.browsers != 1 else "signed in with 1 browser")


def _state(phone: Phone) -> str:
    if not phone.proven:
        return "  not proven: no page goes there"
    return "" if phone.open else "  shut: nothing reaches it"


@app.command("remove-phone")
def remove_phone(
    username: Username, ends: Annotated[str, typer.Argument(help="Its last digits, as `rowan staff show` has them.")]
) -> None:
    """Page that phone no more."""
    with opened_beside() as (database, vault):
        person = who(database, username)
        phones = database.read_now(leaving.belongings, vault, person.id).phones
        found = [phone for phone in phones if phone.ends.endswith(ends[-leaving.LAST :])]
        if len(found) != 1:
            print(f"{len(found)} phones of {username} end so. `rowan staff show {username}` has them.", file=sys.stderr)
            raise typer.Exit(1)
        _done(database, leaving.remove_phone, vault, person.id, found[0].id)
    print(f"That phone of {username} is paged no more.")


@app.command("revoke-token")
def revoke_token(
    username: Username, which: Annotated[str, typer.Argument(help="Its label, or its id of `rowan staff show`.")]
) -> None:
    """End a token of the API at once."""
    with opened_beside() as (database, vault):
        _done(database, leaving.revoke, vault, who(database, username).id, which)
    print("That token is no good any more.")


@app.command("sign-out")
def sign_out(username: Username) -> None:
    """Sign out every browser of somebody."""
    with opened_beside() as (database, vault):
        _done(database, leaving.end_sessions, vault, who(database, username).id)
    print(f"{username} is signed out everywhere.")


@app.command()
def deactivate(username: Username) -> None:
    """Take somebody off: phones, tokens and browsers are gone, what they held is paged on at once."""
    with opened_beside() as (database, vault):
        _done(database, leaving.deactivate, vault, who(database, username).id)
    print(f"{username} can do nothing any more. Look at `rowan staff list`: is somebody on call?")


@app.command()
def activate(username: Username) -> None:
    """Let somebody back in, off duty and without phones and tokens."""
    with opened_beside() as (database, vault):
        _done(database, leaving.activate, vault, who(database, username).id)
    print(f"{username} may sign in again. Give them their phones with `rowan staff phone`.")


def _done(database: Database | Beside, unit: Callable[..., object], vault: Vault, *what: str) -> None:
    """An act of the operator's. What is refused is said, and the command fails."""
    try:
        database.write_now(unit, vault, *what, "", datetime.now(UTC))
    except Refused as refused:
        print(refused.why, file=sys.stderr)
        raise typer.Exit(1) from None


@app.command("list")
def list_() -> None:
    """Everybody, with role and the duty of now, by the rota."""
    with opened_beside() as (database, vault):
        now_on = {one.id: one.duty for one in database.read_now(team, vault, datetime.now(UTC))}
        for one in database.read_now(accounts.everybody):
            duty = now_on.get(one.id, "deactivated")
            print(f"{one.username:20} {one.role:14} {duty:11} {one.name}")


def who(database: Database | Beside, username: str) -> Staff:
    """Says so and ends the command where there is nobody of that name."""
    found = next((s for s in database.read_now(accounts.everybody) if s.username == username.lower()), None)
    if found is None:
        print(f"There is no {username}. `rowan staff list` shows who there is.", file=sys.stderr)
        raise typer.Exit(1)
    return found
